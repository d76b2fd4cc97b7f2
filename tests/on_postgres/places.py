"""Which database of the test server stands for a SQLite file that a test would have used.

Read by pytest's process and, at its start, by every program that a test runs: standard library
only, and psycopg once a database is to be made.
"""

import fcntl
import hashlib
import os
from pathlib import Path

SERVER = "TEST_CATALOGUES"  # folder of the server's socket, told to the programs that tests run
TEMPLATE = "template_entendu"  # a database at this program's schema


def database_of(file: Path) -> str:
    """Return the address of the database that stands for this file; made if it is not there."""
    folder = Path(os.environ[SERVER])
    name = "f_" + hashlib.sha256(str(file.resolve()).encode()).hexdigest()[:40]
    made = folder / name
    if not made.exists():
        with (folder / "making.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not made.exists():
                _make(folder, name)
                made.touch()
    return address(folder, name)


def address(folder: Path, name: str) -> str:
    """Write the address of a database of the server whose socket lies in this folder."""
    return f"postgresql+psycopg://entendu@/{name}?host={folder}"


def _make(folder: Path, name: str) -> None:
    import psycopg

    with psycopg.connect(f"host={folder} user=entendu dbname=postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{TEMPLATE}"')

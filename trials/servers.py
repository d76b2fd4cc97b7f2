"""A PostgreSQL server on the hub of the trial's network, asked over TCP by the stations."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from trials.networks import HUB_ADDRESS, SUBNET, Net

USER = "postgres"


def why_not() -> str | None:
    """Say why there can be no server here; None where there can."""
    return None if _find("initdb") and shutil.which("setpriv") else "PostgreSQL is not installed: no initdb"


@contextmanager
def serve(net: Net, folder: Path) -> Iterator[str]:
    """Serve from a folder of its own; gives the address for stations, but for a database's name."""
    folder.mkdir()
    _open_to(folder)
    data = folder / "data"
    own = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups"]
    made = [_find("initdb"), "-D", str(data), "-A", "trust", "-U", "entendu", "-E", "UTF8", "--no-sync"]
    _run([*own, *made])
    with (data / "pg_hba.conf").open("a") as rules:
        rules.write(f"host all all {SUBNET} trust\n")
    options = f"-k {folder} -c listen_addresses={HUB_ADDRESS} -c fsync=off"
    control = [*own, _find("pg_ctl"), "-D", str(data)]
    start = [*control, "-o", options, "-w", "-l", str(folder / "log"), "start"]
    _run(["ip", "netns", "exec", net.hub, *start])
    try:
        yield f"postgresql+psycopg://entendu@{HUB_ADDRESS}/"
    finally:
        _run([*control, "-m", "immediate", "stop"])


def create_database(folder: Path, name: str) -> str:
    """Create an empty database, and return its address for us, by the server's folder."""
    asked = ["-h", str(folder), "-U", "entendu", "-c", f'CREATE DATABASE "{name}"', "postgres"]
    _run([_find("psql"), *asked])
    return f"postgresql+psycopg://entendu@/{name}?host={folder}"


def _find(name: str) -> str:
    found = shutil.which(name) or next(iter(sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))), "")
    return str(found)


def _open_to(folder: Path) -> None:
    shutil.chown(folder, USER, USER)
    for parent in folder.parents:
        if parent.stat().st_uid == os.getuid() and parent != Path("/"):
            parent.chmod(parent.stat().st_mode | 0o011)


def _run(command: Sequence[str]) -> None:
    nowhere = subprocess.DEVNULL  # pipes would outlive pg_ctl
    subprocess.run(command, check=True, stdout=nowhere, stderr=nowhere)

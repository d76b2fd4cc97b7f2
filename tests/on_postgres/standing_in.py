"""Have PostgreSQL stand in for every SQLite catalogue of a run of the tests.

`ENTENDU_TEST_DATABASE=postgresql pytest` runs the tests that open a catalogue once more, on a
server started for them: whatever opens a SQLite file in this process or in a program that it
starts gets a database of that server instead, at this program's schema.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from media.database import Database
from media.settings import Settings
from tests.on_postgres.places import SERVER, TEMPLATE, address, database_of

HERE = Path(__file__).parent


@contextmanager
def postgres_standing_in(server_url: str) -> Iterator[None]:
    """Serve every catalogue from this server until left."""
    folder = Path(str(make_url(server_url).query["host"]))
    _make_template(server_url, folder)
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv(SERVER, str(folder))
        paths = [str(HERE), *filter(None, [os.environ.get("PYTHONPATH")])]
        patched.setenv("PYTHONPATH", os.pathsep.join(paths))
        patched.setattr(Settings, "__init__", _naming_server(Settings.__init__))
        patched.setattr(Database, "__init__", _opening_on_server(Database.__init__))
        yield


def _make_template(server_url: str, folder: Path) -> None:
    engine = create_engine(server_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{TEMPLATE}"'))
    engine.dispose()
    database = Database(address(folder, TEMPLATE))
    database.upgrade()
    database.close()


def _naming_server(read_as_told):
    def name_server(settings: Settings, **given: object) -> None:
        read_as_told(settings, **given)
        if not settings.database_url:
            settings.__dict__["database_url"] = database_of(settings.data / "catalogue.sqlite")

    return name_server


def _opening_on_server(open_as_told):
    def open_on_server(database: Database, url: str) -> None:
        parts = make_url(url)
        is_file = parts.get_backend_name() == "sqlite" and parts.database
        open_as_told(database, database_of(Path(parts.database)) if is_file else url)

    return open_on_server

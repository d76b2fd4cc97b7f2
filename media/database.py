"""Open the catalogue, bring its schema up to date, and hand out transactions.

SQLite in WAL mode with full synchronisation, or PostgreSQL by its URL. On SQLite a writing
transaction begins IMMEDIATE: a deferred one that turns to writing meets "database is locked"
without waiting (FAULTS 13). SQLAlchemy's exceptions do not leave this room.
"""

import json
import sqlite3
import threading
import zlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from media.errors import N_, DatabaseError
from media.reach import bound_waits, bound_writer
from media.settings import Settings

BUSY_TIMEOUT_S = 10
MIGRATIONS = Path(__file__).parent / "migrations"
MOVED = "entendu_moved"  # what refuses writes to a catalogue that was moved: `media.keeping.moving`
UNREADABLE = (json.JSONDecodeError, zlib.error)  # what a damaged row is when it is unpacked
WRITES = "entendu_writes"  # execution option of a transaction that will write


class CatalogueMovedError(DatabaseError):
    """The archive is in another database now."""

    msgid = N_(
        "The archive is no longer in %(path)s: it was moved. Say in ENTENDU_DATABASE_URL where it is now, "
        "and start again."
    )
    transient = False


class CatalogueNewerError(DatabaseError):
    """A later version of the program has changed the catalogue's schema."""

    msgid = N_(
        "The catalogue %(path)s is of a later version of Entendu (schema %(revision)s). Install that "
        "version, or restore a backup made before it."
    )
    transient = False


class Database:
    """The catalogue, open: `read()` and `write()` give transactions; safe to share by threads."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        sqlite_file = self.url.database if self.url.get_backend_name() == "sqlite" else None
        self.name = sqlite_file or self.url.render_as_string(hide_password=True)
        with self._named_errors():
            if sqlite_file:
                Path(sqlite_file).parent.mkdir(parents=True, exist_ok=True)
            self.engine = _create_engine(url, is_sqlite=bool(sqlite_file))
        # SQLite's own waiting sleeps ever longer, in no order, then fails: our threads queue here instead.
        self._turn_to_write: AbstractContextManager[object] = (
            threading.Lock() if sqlite_file else nullcontext()
        )

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a transaction that only reads: one consistent view, blocked by no writer."""
        with self._named_errors(), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """Open a transaction that reads everything as it is now, however long that takes."""
        with self._named_errors(), self.engine.connect() as connection:
            if connection.dialect.name == "postgresql":  # where each query of a plain one sees newer rows
                frozen: dict[str, Any] = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
                connection = connection.execution_options(**frozen)
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Open a transaction that writes: committed at the end, undone by any exception."""
        with self._named_errors(), self._turn_to_write, self.engine.connect() as connection:
            connection = connection.execution_options(**{WRITES: True})
            with connection.begin():
                yield connection

    def upgrade(self) -> None:
        """Run the migrations that this catalogue has not had yet: all of them, or none (FAULTS 21)."""
        with self._named_errors():
            command.upgrade(_alembic_config(self.engine), "head")

    def find_revision(self) -> str | None:
        """Find the revision of the catalogue's schema; None where it is empty."""
        with self.read() as connection:
            return MigrationContext.configure(connection).get_current_revision()

    def is_current(self) -> bool:
        """Tell whether the catalogue has this program's schema; CatalogueNewerError for a later one's."""
        have = self.find_revision()
        known = ScriptDirectory.from_config(_alembic_config(self.engine))
        if have is not None and have not in {script.revision for script in known.walk_revisions()}:
            raise CatalogueNewerError(f"{self.name} is of {have}", path=str(self.name), revision=have)
        return have == known.get_current_head()

    def is_moved(self) -> bool:
        """Tell whether the archive was moved from here to another database."""
        with self.read() as connection:
            return (
                connection.execute(_FIND_MOVED[connection.dialect.name], {"like": MOVED + "%"}).first()
                is not None
            )

    def check(self) -> str:
        """Say in a few words that the catalogue is sound; DatabaseError says what is not."""
        if self.engine.dialect.name != "sqlite":
            self.is_current()
            return self.name
        with self.read() as connection:
            verdict = connection.execute(text("PRAGMA quick_check(1)")).scalar()
        if verdict != "ok":
            raise DatabaseError(f"{self.name}: {verdict}", path=self.name, reason=str(verdict))
        return self.name

    def close(self) -> None:
        """Let go of every connection."""
        self.engine.dispose()

    @contextmanager
    def _named_errors(self) -> Iterator[None]:
        try:
            yield
        except (SQLAlchemyError, sqlite3.Error, OSError, *UNREADABLE) as error:
            cause = getattr(error, "orig", None) or error
            raise DatabaseError(
                f"{self.name}: {error}", path=str(self.name), reason=str(cause).splitlines()[0]
            ) from error


def open_database(settings: Settings) -> Database:
    """Open the catalogue of these settings at this program's schema; DatabaseError if it cannot be."""
    database = Database(settings.catalogue_url)
    try:
        if database.is_moved():
            raise CatalogueMovedError(f"{database.name} was moved", path=str(database.name))
        if not database.is_current():
            database.upgrade()
    except BaseException:
        database.close()
        raise
    return database


_FIND_MOVED = {
    "sqlite": text("SELECT 1 FROM sqlite_master WHERE type = 'trigger' AND name LIKE :like"),
    "postgresql": text("SELECT 1 FROM pg_trigger WHERE tgname LIKE :like"),
}


def _create_engine(url: str, *, is_sqlite: bool) -> Engine:
    # What a statement was given (passwords, tokens, what people wrote) stays out of errors, and so of logs.
    if not is_sqlite:
        engine = create_engine(bound_waits(url), pool_pre_ping=True, hide_parameters=True)
        event.listen(engine, "begin", _begin_postgres)
        return engine
    engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_S}, hide_parameters=True)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # we begin transactions ourselves, in _begin_sqlite
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_postgres(connection: Connection) -> None:
    if connection.get_execution_options().get(WRITES):
        bound_writer(connection)


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _alembic_config(engine: Engine) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["engine"] = engine
    return config

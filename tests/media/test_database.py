"""The catalogue opens, migrates, and keeps writers in line."""

import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

import media.correction.tables
import media.people.tables
import media.quotes.tables
import media.texts.alignment
import media.texts.tables
import media.volunteering.tables  # noqa: F401 -- every table is to be compared
from media import schema, shows
from media.database import Database, open_database
from media.errors import DatabaseError
from media.settings import Settings
from tests.media.conftest import NOW


def test_migrations_lead_to_the_declared_schema(database: Database):
    with database.read() as connection:
        difference = compare_metadata(MigrationContext.configure(connection), schema.metadata)
    assert difference == []
    assert database.is_current()


def test_upgrading_twice_changes_nothing(database: Database):
    database.upgrade()
    assert database.is_current()


def test_sqlite_is_durable_and_holds_its_references(tmp_path: Path):
    database = Database(f"sqlite:///{tmp_path / 'c.sqlite'}")
    with database.read() as connection:
        pragmas = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_a_failed_write_leaves_nothing(database: Database):
    with pytest.raises(RuntimeError), database.write() as connection:
        shows.add_show(connection, "Perdue", NOW)
        raise RuntimeError("stop")
    with database.read() as connection:
        assert shows.list_shows(connection) == []


def test_writers_at_once_wait_for_each_other_and_lose_nothing(database: Database):
    """FAULTS 12, 13: read-then-write transactions of many threads all commit."""
    with database.write() as connection:
        show = shows.add_show(connection, "Compteur", NOW, speakers=0)

    def add_one() -> None:
        for _ in range(5):
            with database.write() as connection:
                if database.url.get_backend_name() == "postgresql":
                    connection.execute(text("SELECT 1 FROM show FOR UPDATE"))
                held = shows.get_show(connection, show.id).speakers or 0
                shows.update_show(connection, show.id, {"speakers": held + 1})

    threads = [threading.Thread(target=add_one) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as connection:
        assert shows.get_show(connection, show.id).speakers == 30


def test_a_writer_of_this_process_is_never_refused_for_having_waited(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("media.database.BUSY_TIMEOUT_S", 0)
    database = open_database(Settings(data=tmp_path))
    arrived = threading.Event()
    refused: list[DatabaseError] = []

    def write() -> None:
        arrived.set()
        try:
            with database.write() as connection:
                shows.add_show(connection, "Second", NOW)
        except DatabaseError as error:
            refused.append(error)

    waiting = threading.Thread(target=write)
    with database.write() as connection:
        shows.add_show(connection, "First", NOW)
        waiting.start()
        arrived.wait()
        waiting.join(0.5)  # what refuses does so meanwhile
    waiting.join()
    with database.read() as connection:
        assert [show.title for show in shows.list_shows(connection)] == ["First", "Second"]
    assert refused == []
    database.close()


def test_an_unreadable_catalogue_is_named_with_its_reason(tmp_path: Path):
    (tmp_path / "catalogue.sqlite").write_bytes(b"not a catalogue at all" * 100)
    with pytest.raises(DatabaseError) as caught:
        open_database(Settings(data=tmp_path))
    assert "catalogue.sqlite" in str(caught.value.message.values["path"])


def test_a_database_url_with_a_password_never_shows_it():
    name = Database("postgresql+psycopg://anne:s3cret@example.invalid/x").name
    assert "s3cret" not in name


@pytest.mark.sqlite("PostgreSQL keeps no JSON that is none")
def test_a_row_that_was_damaged_on_the_disk_is_a_catalogue_that_cannot_be_used(tmp_path: Path):
    """A flipped bit inside a row is found by no check of the engine's, but by whoever unpacks it."""
    database = Database(f"sqlite:///{tmp_path / 'catalogue.sqlite'}")
    database.upgrade()
    with database.write() as connection:
        shows.add_show(connection, "Là-haut", NOW)
        connection.execute(text("""UPDATE show SET terms = '["a' """))
    with pytest.raises(DatabaseError), database.read() as connection:
        shows.list_shows(connection)
    database.close()

"""A living archive moves to the other kind of database and back, equal; the old one takes no more writes."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text, update

from media import schema, shows
from media.changes import last_change
from media.correction.authors import Author
from media.correction.saving import save_text
from media.database import CatalogueMovedError, Database, open_database
from media.errors import DatabaseError
from media.keeping import moving
from media.keeping.copying import read_counters, tally_rows
from media.keeping.errors import CopyDiffersError, TakenError
from media.keeping.moving import move_catalogue
from media.keeping.verifying import verify_catalogue
from media.settings import Settings
from media.transcripts import list_turns
from tests.media.archive.test_archive import fill
from tests.media.conftest import NOW


def silently(_table: str, _rows: int) -> None:
    """Say nothing of how far it is."""


@pytest.fixture
def living(tmp_path: Path) -> Iterator[Database]:
    """A catalogue on SQLite that people have worked on, in the data folder `tmp_path`."""
    database = open_database(Settings(data=tmp_path))
    fill(database, tmp_path / "audio", withdrawn=True)
    with database.write() as connection:  # rows and identities that are gone, and work under way
        show = shows.add_show(connection, "Passagère", NOW)
        connection.execute(schema.show.delete().where(schema.show.c.id == show.id))
        connection.execute(schema.change.delete())
        connection.execute(update(schema.show).values(failure=None))
    yield database
    database.close()


def facts(database: Database) -> tuple[object, ...]:
    with database.read() as connection:
        return tally_rows(connection), read_counters(connection)


def test_it_goes_to_postgresql_and_back_with_every_count_hash_and_identity(
    living: Database, fresh_postgres: str, tmp_path: Path
):
    with living.read() as connection:
        before = tally_rows(connection), read_counters(connection)
    moved = move_catalogue(living, fresh_postgres, silently)
    assert moved == before[0]
    there = open_database(Settings(data=tmp_path, database_url=fresh_postgres))
    assert facts(there)[0] == before[0] and verify_catalogue(there) == []
    with there.write() as connection:
        counters = read_counters(connection)
        assert all(counters[name] >= given for name, given in before[1].items())
        turn = list_turns(connection, 1)[0]
        save_text(connection, turn.id, turn.version, "Dit là-bas.", Author(1, "Zoé"), NOW)
        assert last_change(connection) > before[1]["change"]  # an index that followed goes on
    back = f"sqlite:///{tmp_path / 'back' / 'catalogue.sqlite'}"
    after = facts(there)
    move_catalogue(there, back, silently)
    returned = open_database(Settings(data=tmp_path / "back"))
    assert facts(returned) == after and verify_catalogue(returned) == []
    for left, settings in (
        (living, Settings(data=tmp_path)),
        (there, Settings(data=tmp_path, database_url=fresh_postgres)),
    ):
        with pytest.raises(DatabaseError, match="moved to"), left.write() as connection:
            shows.add_show(connection, "Trop tard", NOW)
        with left.read() as connection:
            assert shows.list_shows(connection)
        with pytest.raises(CatalogueMovedError):
            open_database(settings)
    returned.close()
    there.close()


def test_who_writes_meanwhile_waits_and_loses_nothing_unsaid(living: Database, tmp_path: Path):
    """I1: a save is in the new catalogue, or was refused."""
    target = f"sqlite:///{tmp_path / 'other.sqlite'}"
    begun, outcomes, stop = threading.Event(), dict[str, bool](), threading.Event()

    def write_on() -> None:
        other = Database(str(living.url))
        number = 0
        while not stop.is_set():
            number += 1
            try:
                with other.write() as connection:
                    shows.add_show(connection, f"Écrite {number}", NOW)
                outcomes[f"Écrite {number}"] = True
            except DatabaseError:
                outcomes[f"Écrite {number}"] = False
                return
            begun.set()
        other.close()

    writer = threading.Thread(target=write_on)
    writer.start()
    begun.wait()
    move_catalogue(living, target, silently)
    writer.join()
    stop.set()
    moved = Database(target)
    with moved.read() as connection:
        held = {show.title for show in shows.list_shows(connection)}
    kept = {title for title, saved in outcomes.items() if saved}
    assert kept and kept <= held and not (set(outcomes) - kept) & held
    moved.close()


def test_a_copy_that_differs_moves_nothing(living: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def copy_badly(there, here, on_progress):
        read = copy_rows(there, here, on_progress)
        here.execute(text("UPDATE turn SET words = '[]'"))
        return read

    copy_rows = moving.copy_rows
    monkeypatch.setattr(moving, "copy_rows", copy_badly)
    with pytest.raises(CopyDiffersError):
        move_catalogue(living, f"sqlite:///{tmp_path / 'other.sqlite'}", silently)
    with living.write() as connection:
        shows.add_show(connection, "Toujours là", NOW)
    open_database(Settings(data=tmp_path)).close()


def test_a_place_that_is_taken_is_left_alone(living: Database, fresh_postgres: str, tmp_path: Path):
    taken = tmp_path / "taken.sqlite"
    taken.write_bytes(b"mine")
    with pytest.raises(TakenError):
        move_catalogue(living, f"sqlite:///{taken}", silently)
    assert taken.read_bytes() == b"mine"
    other = Database(fresh_postgres)
    with other.write() as connection:
        connection.execute(text("CREATE TABLE theirs (id integer)"))
    with pytest.raises(TakenError):
        move_catalogue(living, fresh_postgres, silently)
    other.close()


def test_episodes_under_way_are_begun_again(living: Database, tmp_path: Path):
    with living.write() as connection:
        connection.execute(update(schema.episode).values(status="working"))
    target = f"sqlite:///{tmp_path / 'other.sqlite'}"
    move_catalogue(living, target, silently)
    moved = Database(target)
    with moved.read() as connection:
        statuses = set(connection.execute(text("SELECT status FROM episode")).scalars())
    assert statuses == {"waiting"} and verify_catalogue(moved) == []
    moved.close()

"""A catalogue of the version before takes the volunteers' tables, and is surveyed as any other."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import select, text

from media.database import MIGRATIONS, Database
from media.volunteering import tables
from media.volunteering.queue import count_doubts
from media.volunteering.survey import follow_changes
from tests.media.conftest import NOW
from tests.media.volunteering.conftest import Archive


def migrate(database: Database, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["engine"] = database.engine
    command.upgrade(config, revision)


def test_what_is_drawn_from_transcripts_comes_back_when_it_is_lost(archive: Archive):
    """As for a catalogue of before, whose tables are new and empty while its change log is long."""
    while follow_changes(archive.database, NOW):
        pass
    with archive.database.write() as connection:
        asked = count_doubts(connection)
        for table in (tables.doubt, tables.survey, tables.followed, tables.word_spread):
            connection.execute(table.delete())
    assert follow_changes(archive.database, NOW) == 3
    with archive.database.read() as connection:
        assert count_doubts(connection) == asked


def test_a_catalogue_of_the_version_before_is_brought_here(tmp_path: Path):
    database = Database(f"sqlite:///{tmp_path / 'catalogue.sqlite'}")
    migrate(database, "0003")
    with database.write() as connection:
        connection.execute(
            text(
                "INSERT INTO show (slug, title, description, author, terms, created_at, poll_failures)"
                " VALUES ('s', 'S', '', '', '[\"Valbrune\"]', '2026-03-01 12:00:00', 0)"
            )
        )
    database.upgrade()
    assert database.is_current()
    with database.read() as connection:
        assert connection.execute(select(tables.doubt.c.id)).all() == []
        assert connection.execute(text("SELECT terms FROM show")).scalar() == '["Valbrune"]'
    assert follow_changes(database, NOW) == 0
    database.close()

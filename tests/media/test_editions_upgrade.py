"""A catalogue of the version before keeps its turns, as what was said, with room for what was published."""

import re
from pathlib import Path

from alembic import command
from sqlalchemy import select, text

from media import episodes, schema, shows, transcripts
from media.correction import claims
from media.correction.authors import Author
from media.database import Database, _alembic_config
from media.transcript import Chapter, Edition, Turn, Word, pack_words, speech_turn
from tests.media.conftest import NOW

BEFORE = "0004"
SAID = (Word("Bonjour", 0, 400, 0.9), Word("à", 400, 450, 0.8), Word("tous.", 450, 900, 0.7))
ROWS = (
    "INSERT INTO show (slug, title, description, author, terms, created_at, poll_failures)"
    " VALUES ('s', 'S', '', '', '[]', :now, 0)",
    "INSERT INTO episode (show_id, guid, title, description, first_seen_at, people, partial, private,"
    " status, revision) VALUES (1, 'g', 'Premier', '', :now, '[]', :no, :no, 'ready', 1)",
    "INSERT INTO voice (episode_id, number, attribution) VALUES (1, 1, 'none')",
    "INSERT INTO chapter (episode_id, start_ms, title) VALUES (1, 450, 'Tous')",
    "INSERT INTO turn (episode_id, position, kind, voice_id, start_ms, end_ms, words, doubts, state,"
    " version) VALUES (1, 0, 'speech', 1, 0, 900, :words, '[]', 'machine', 0)",
    "INSERT INTO turn (episode_id, position, kind, words, doubts, state, version)"
    " VALUES (1, 1, 'event', '[]', '[]', 'machine', 0)",
    "DELETE FROM turn WHERE position = 1",  # the highest identity is gone, and in history
    "INSERT INTO claim (episode_id, passage, author, made_at, expires_at) VALUES (1, 0, 'Zoé', :now, :now)",
)


def open_before(url: str) -> Database:
    database = Database(url)
    command.upgrade(_alembic_config(database.engine), BEFORE)
    with database.write() as connection:
        for statement in ROWS:
            values = {"now": NOW, "no": False, "words": pack_words(SAID)}
            named = {name: held for name, held in values.items() if re.search(rf":{name}\b", statement)}
            connection.execute(text(statement).bindparams(**named))
    return database


def check(database: Database) -> None:
    database.upgrade()
    assert database.is_current()
    with database.write() as connection:
        episode, show = episodes.get_episode(connection, 1), shows.get_show(connection, 1)
        assert (episode.edition, episode.licence, show.notice) == (Edition.SPOKEN, None, None)
        assert (show.clips, show.prefer_offered) == (True, False)
        assert episodes.list_chapters(connection, 1) == [Chapter(450, "Tous")]
        (held,) = transcripts.list_turns(connection, 1)
        assert (held.edition, held.turn.words) == (Edition.SPOKEN, SAID)
        assert transcripts.list_editions(connection, 1) == (Edition.SPOKEN,)
        transcripts.replace_turns(connection, 1, Edition.PUBLISHED, [speech_turn([Word("Salut.")])], {})
        assert transcripts.list_turns(connection, 1) == [held]
        new = connection.execute(select(schema.turn.c.id).order_by(schema.turn.c.id.desc())).scalars().first()
        assert new == 3, "an identity is never given twice"
        assert claims.claim_passage(connection, 1, 0, Author(None, "Luc"), NOW).author.name == "Luc"
        transcripts.replace_turns(connection, 1, Edition.PUBLISHED, [Turn()], {})
    database.close()


def test_a_sqlite_catalogue_of_the_version_before_is_brought_here(tmp_path: Path):
    check(open_before(f"sqlite:///{tmp_path / 'catalogue.sqlite'}"))


def test_a_postgresql_catalogue_of_the_version_before_is_brought_here(fresh_postgres: str):
    check(open_before(fresh_postgres))

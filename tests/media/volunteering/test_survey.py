"""A survey stands in nobody's way: it looks before it writes, and waits for those who are correcting."""

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import Connection, event, func, select

from media.correction.acts import save_text, set_state
from media.database import WRITES, Database
from media.transcript import TurnState
from media.transcripts import list_turns
from media.volunteering import glossary, survey, tables
from media.volunteering.rarity import count_surveyed, read_spread
from media.volunteering.survey import AT_ONCE, QUIET, follow_changes, survey_episode, survey_turns
from tests.media.volunteering.conftest import NOW, Archive

WAIT_S = 60


def follow(archive: Archive, now: datetime = NOW, quiet: timedelta = AT_ONCE) -> int:
    """Follow to the end; returns how many episodes were surveyed."""
    count = 0
    while surveyed := follow_changes(archive.database, now, quiet=quiet):
        count += surveyed
    return count


def correct(archive: Archive, episode_id: int, added: str, now: datetime = NOW) -> None:
    """Add a word to an episode's first turn."""
    with archive.database.write() as connection:
        held = list_turns(connection, episode_id)[0]
        save_text(connection, held.id, held.version, f"{held.turn.text} {added}", archive.anne, now)


def list_stale(database: Database) -> list[int]:
    with database.read() as connection:
        return survey.list_stale(connection, 100)


def read_all(database: Database) -> list[Any]:
    """Read all that a survey writes, but identities."""
    kept = (tables.survey, tables.accuracy, tables.replacement, tables.word_spread, tables.month_done)
    doubt = tables.doubt.c
    with database.read() as connection:
        rows = [sorted(map(tuple, connection.execute(select(table)))) for table in kept]
        found = select(doubt.episode_id, doubt.fingerprint, doubt.kind, doubt.gain, doubt.priority)
        return [*rows, sorted(map(tuple, connection.execute(found)))]


def meanwhile(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Have something done by another thread, to its end, while the next survey is worked out."""
    find = survey.find

    def find_meanwhile(material: Any) -> Any:
        monkeypatch.setattr(survey, "find", find)
        other = Thread(target=act, daemon=True)
        other.start()
        other.join(WAIT_S)
        assert not other.is_alive(), "it waits for the survey"
        return find(material)

    monkeypatch.setattr(survey, "find", find_meanwhile)


def test_a_save_is_committed_while_a_survey_is_worked_out(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    meanwhile(monkeypatch, lambda: correct(archive, archive.second, "Valbrune"))
    assert survey.survey_episode(archive.database, archive.talk, NOW) is False  # not marked yet
    assert follow_changes(archive.database, NOW) == 3
    with archive.database.read() as connection:
        assert list_turns(connection, archive.second)[0].turn.text.endswith("Valbrune")
    assert follow(archive) == 1
    assert list_stale(archive.database) == []


def test_an_episode_that_changes_meanwhile_stays_stale_and_is_surveyed_later(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    follow(archive)
    correct(archive, archive.far, "zanzibar")
    before = read_all(archive.database)
    meanwhile(monkeypatch, lambda: correct(archive, archive.far, "kilimandjaro"))
    assert follow_changes(archive.database, NOW) == 0
    assert list_stale(archive.database) == [archive.far]
    assert read_all(archive.database)[1:] == before[1:]
    assert follow(archive) == 1
    assert list_stale(archive.database) == []
    with archive.database.read() as connection:
        assert read_spread(connection, ["zanzibar", "kilimandjaro"]) == {"zanzibar": 1, "kilimandjaro": 1}


def test_a_glossary_that_changes_meanwhile_has_the_episode_surveyed_again(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    follow(archive)
    correct(archive, archive.far, "zanzibar")

    def add() -> None:
        with archive.database.write() as connection:
            glossary.add_term(connection, archive.river, "MoveFlow", archive.anne, NOW, ["mooflow"])

    meanwhile(monkeypatch, add)
    assert follow_changes(archive.database, NOW) == 0
    assert follow(archive) == 1
    with archive.database.read() as connection:
        here = tables.doubt.c.episode_id == archive.far
        assert "MoveFlow" in set(connection.execute(select(tables.doubt.c.hint).where(here)).scalars())


def test_two_workers_at_once_count_an_episode_once(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    follow(archive)
    correct(archive, archive.far, "zanzibar")
    meanwhile(monkeypatch, lambda: follow(archive))
    assert follow_changes(archive.database, NOW) == 0  # the other one has done it
    assert list_stale(archive.database) == []
    with archive.database.read() as connection:
        assert read_spread(connection, ["zanzibar", "mooflow"]) == {"zanzibar": 1, "mooflow": 3}
        assert count_surveyed(connection) == 3


def test_many_workers_at_once_leave_what_one_leaves(archive: Archive) -> None:
    follow(archive)
    alone = read_all(archive.database)
    with archive.database.write() as connection:
        for table in (tables.doubt, tables.survey, tables.followed, tables.word_spread):
            connection.execute(table.delete())
    workers = [Thread(target=follow, args=(archive,)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(WAIT_S)
    follow(archive)
    assert read_all(archive.database)[:-1] == alone[:-1]  # how rare a word is, is by what was read before


def test_nothing_is_written_when_nothing_changed(archive: Archive) -> None:
    follow(archive)
    writing: list[object] = []

    def note(held: Connection) -> None:
        if held.get_execution_options().get(WRITES):
            writing.append(held)

    event.listen(archive.database.engine, "begin", note)
    assert follow(archive) == 0
    assert follow(archive, quiet=QUIET) == 0
    assert not survey_episode(archive.database, archive.talk, NOW)
    assert writing == []
    correct(archive, archive.talk, "encore")
    assert follow(archive) == 1
    assert len(writing) == 3  # the save, the mark, what was found


def test_only_rows_that_changed_are_written(archive: Archive) -> None:
    follow(archive)
    correct(archive, archive.talk, "encore")
    follow(archive)
    with archive.database.write() as connection:
        held = list_turns(connection, archive.talk)[1]
        set_state(connection, held.id, held.version, TurnState.READ, archive.anne, NOW)
    written: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.lstrip().startswith(("SELECT", "BEGIN", "PRAGMA")):
            written.append(statement)

    event.listen(archive.database.engine, "before_cursor_execute", note)
    assert follow(archive) == 1
    assert not [statement for statement in written if "word_spread" in statement]
    assert not [statement for statement in written if "INSERT INTO doubt" in statement]
    assert not [statement for statement in written if "INSERT INTO replacement" in statement]


def test_an_episode_that_is_being_corrected_is_left_until_people_pause(archive: Archive) -> None:
    follow(archive)
    later = NOW + timedelta(hours=1)
    for second in range(3):
        correct(archive, archive.talk, "encore", later + timedelta(seconds=second))
        assert follow(archive, later + timedelta(seconds=second), QUIET) == 0
    correct(archive, archive.far, "aussi", later - QUIET)
    assert follow(archive, later + timedelta(seconds=2), QUIET) == 1  # what is quiet is not kept waiting
    assert list_stale(archive.database) == [archive.talk]
    assert follow(archive, later + timedelta(seconds=2) + QUIET, QUIET) == 1
    correct(archive, archive.talk, "encore", later)
    assert follow(archive, later) == 1  # at once, where asked to


def test_a_long_log_is_followed_to_its_end(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    follow(archive)
    monkeypatch.setattr(survey, "CHANGES_AT_ONCE", 2)
    for episode_id in (archive.talk, archive.talk, archive.talk, archive.second, archive.far):
        correct(archive, episode_id, "encore")
    assert follow_changes(archive.database, NOW) == 3


def test_a_word_that_was_in_no_episode_any_more_can_be_written_again(archive: Archive) -> None:
    correct(archive, archive.far, "zanzibar")
    follow(archive)
    with archive.database.write() as connection:
        held = list_turns(connection, archive.far)[0]
        text = held.turn.text.replace(" zanzibar", "")
        save_text(connection, held.id, held.version, text, archive.anne, NOW)
    follow(archive)
    correct(archive, archive.far, "zanzibar")
    with archive.database.write() as connection:
        assert read_spread(connection, ["zanzibar"]) == {"zanzibar": 0}
        survey_turns(connection, archive.far, [list_turns(connection, archive.far)[0].id])
        assert connection.execute(select(func.count()).select_from(tables.doubt)).scalar()

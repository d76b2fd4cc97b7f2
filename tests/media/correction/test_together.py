"""Many people on one episode lose nothing: what was accepted is in history, what was not is kept.

FAULTS 13. Threads, each with its own connection, as the site's requests have.
"""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text

from media import transcripts
from media.correction import acts, history, saving
from media.correction.authors import Author
from media.correction.errors import TurnConflictError
from media.correction.saving import Save
from media.database import MIGRATIONS, Database
from media.transcript import pack_words
from tests.media.conftest import NOW
from tests.media.correction.conftest import Desk, machine_turns

EDITORS = 20
SAVES = 4


def run_together(work: Callable[[int], None]) -> None:
    failures: list[Exception] = []

    def run(number: int) -> None:
        try:
            work(number)
        except Exception as error:  # noqa: BLE001 -- told by the thread that asserts
            failures.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(EDITORS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_no_save_is_lost_among_many_editors_of_one_episode(desk: Desk):
    accepted: list[tuple[int, str]] = []
    refused: list[str] = []
    turn_ids = [held.id for held in desk.speech()]

    def edit(number: int) -> None:
        author = Author(None, f"Bénévole {number}")
        for count in range(SAVES):
            turn_id = turn_ids[(number + count) % len(turn_ids)]
            with desk.database.read() as connection:
                seen = transcripts.get_turns(connection, [turn_id], public=False)[turn_id]
            typed = f"{seen.turn.text} n{number}c{count}"
            try:
                saving.save_turn(desk.database, Save(turn_id, seen.version, typed), author, NOW)
                accepted.append((turn_id, typed))
            except TurnConflictError as error:
                assert error.conflict_id is not None
                refused.append(typed)

    run_together(edit)
    assert len(accepted) + len(refused) == EDITORS * SAVES
    with desk.database.read() as connection:
        versions = {
            (turn_id, version.text)
            for turn_id in turn_ids
            for version in history.list_versions(connection, turn_id)
        }
        conflicts = saving.list_conflicts(connection, episode_id=desk.episode_id)
        acts_written = history.list_acts(connection, desk.episode_id, limit=1_000)
    assert set(accepted) <= versions
    assert sorted(conflict.text for conflict in conflicts) == sorted(refused)
    assert len(acts_written) == len(accepted)


def test_of_many_saves_of_one_version_one_is_kept_and_the_others_told(desk: Desk):
    turn = desk.turn(0)
    outcomes: list[bool] = []

    def edit(number: int) -> None:
        try:
            save = Save(turn.id, 0, f"Version {number}.")
            saving.save_turn(desk.database, save, Author(None, f"Bénévole {number}"), NOW)
            outcomes.append(True)
        except TurnConflictError:
            outcomes.append(False)

    run_together(edit)
    assert sorted(outcomes) == [False] * (EDITORS - 1) + [True]
    assert desk.turn(0).version == 1


def test_one_save_sent_by_many_requests_at_once_is_one(desk: Desk):
    turn = desk.turn(0)
    run_together(
        lambda _: bool(
            saving.save_turn(desk.database, Save(turn.id, 0, "Une fois.", token="t"), desk.zoe, NOW)
        )
    )
    with desk.database.read() as connection:
        assert len(history.list_acts(connection, desk.episode_id)) == 1


def test_cuts_at_once_keep_every_word_and_an_order(desk: Desk):
    words = [word for held in desk.read() for word in held.turn.words]

    def cut(number: int) -> None:
        for held in [held for held in desk.speech() if len(held.turn.words) > 1][number % 3 : number % 3 + 1]:
            try:
                with desk.database.write() as connection:
                    acts.split_turn(connection, held.id, held.version, 1, desk.zoe, NOW)
            except TurnConflictError:
                continue

    run_together(cut)
    after = desk.read()
    assert [word for held in after for word in held.turn.words] == words
    assert [held.position for held in after] == list(range(len(after)))


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_a_catalogue_of_the_version_before_keeps_all(
    engine: str, tmp_path: Path, request: pytest.FixtureRequest
):
    """FAULTS 21."""
    url = (
        f"sqlite:///{tmp_path / 'c.sqlite'}"
        if engine == "sqlite"
        else request.getfixturevalue("fresh_postgres")
    )
    database = Database(url)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["engine"] = database.engine
    command.upgrade(config, "0001")
    with database.write() as connection:
        for statement in old_rows():
            connection.execute(*statement)
    command.upgrade(config, "0002")
    with database.read() as connection:
        turns = connection.execute(
            text("SELECT id, position, words, state, version, read_by FROM turn ORDER BY position")
        ).all()
        installed = connection.execute(
            text("SELECT run, installed FROM machine_transcript ORDER BY id")
        ).all()
        revisions = connection.execute(text("SELECT count(*) FROM revision")).scalar()
    packed = [pack_words(turn.words) for turn in machine_turns()]
    assert [tuple(row) for row in turns] == [
        (place + 7, place, words, "machine", 0, None) for place, words in enumerate(packed)
    ]
    assert [(run, bool(flag)) for run, flag in installed] == [("run-1", True), ("run-2", False)]
    assert revisions == 1
    database.close()


def old_rows():
    """The rows of a catalogue as the version before wrote them."""
    moments = {"at": "2026-03-01 12:00:00", "later": "2026-03-02 12:00:00"}
    yield (
        text(
            "INSERT INTO show (id, slug, title, description, author, terms, created_at, poll_failures)"
            " VALUES (1, 's', 'S', '', '', '[]', :at, 0)"
        ),
        moments,
    )
    yield (
        text(
            "INSERT INTO episode (id, show_id, guid, title, description, first_seen_at, people, partial,"
            " private, status, revision) VALUES (1, 1, 'g', 'E', '', :at, '[]', :no, :no, 'ready', 1)"
        ),
        moments | {"no": False},
    )
    for run, moment in (("run-1", "at"), ("run-2", "later")):
        yield (
            text(
                "INSERT INTO machine_transcript (episode_id, run, source, language, made_at, content)"
                f" VALUES (1, '{run}', 'base', 'fr', :{moment}, :content)"
            ),
            moments | {"content": b"x"},
        )
    yield (
        text(
            "INSERT INTO revision (episode_id, number, made_at, act, detail)"
            " VALUES (1, 1, :at, 'transcribed', '{}')"
        ),
        moments,
    )
    for place, turn in enumerate(machine_turns()):
        yield (
            text(
                "INSERT INTO turn (id, episode_id, position, kind, words, doubts, state)"
                " VALUES (:id, 1, :place, 'speech', :words, '[]', 'machine')"
            ),
            {"id": place + 7, "place": place, "words": pack_words(turn.words)},
        )

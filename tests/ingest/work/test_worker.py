"""The worker against death: killed, stopped, frozen, doubled; each episode is saved once."""

import os
import random
import signal
import sqlite3
import time
from collections import Counter
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select

from ingest.words.recognition import ChunkTask, ChunkWords
from ingest.work.steps import Engines
from media import schema
from media.episodes import EpisodeStatus, list_episodes
from media.progress import ask_again, list_progress
from media.transcripts import list_turns
from search import SearchRequest, open_index
from search.indexing import sync_index
from tests.ingest import workers
from tests.ingest.workers import CHUNKS_EACH, FAKE, Death, Place, becomes

NOW_ENOUGH = workers.NOW  # long past
FAULTS = int(os.environ.get("ENTENDU_FAULTS", "15"))  # on a slow machine all may fall on one episode
KILLS_EACH = 5  # of one episode's worker; twenty would give the episode up
STEPS = ("fetch", "prepare", "diarise", "recognise", "save")


@pytest.mark.parametrize("moment", ["before", "unrecorded", "after"])
def test_a_worker_killed_at_any_step_is_followed_by_one_that_goes_on(
    place: Place, sounds: Path, moment: str
) -> None:
    """FAULTS 1, 10, 15."""
    place.add(1, sounds)
    for step in STEPS:
        process = place.start(die=Death(step, moment), part_s=2 if step == "diarise" else 0.05)
        process.join(workers.GENEROUS_S)
        assert process.exitcode == -signal.SIGKILL, (step, place.log())
    place.finish()
    check_saved_once(place, 1)
    assert len(set(place.heard())) == CHUNKS_EACH + 1
    at_once = 4  # parts that are cut down when their worker is
    assert len(place.heard()) <= CHUNKS_EACH + 1 + at_once


@pytest.mark.slow
def test_kills_at_random_moments_lose_and_double_nothing(place: Place, sounds: Path) -> None:
    """FAULTS 1: ENTENDU_FAULTS kills, whatever the worker is doing."""
    episodes = max(1, FAULTS // KILLS_EACH)
    place.add(episodes, sounds)
    chance = random.Random(FAULTS)
    for _ in range(FAULTS):
        process = place.start(part_s=0.2)
        process.join(chance.uniform(0.1, 1.5))
        process.kill()
        process.join()
    place.finish()
    check_saved_once(place, episodes)
    heard = Counter(place.heard())
    assert len(heard) == episodes * (CHUNKS_EACH + 1)
    # Between a part's end and its record lie milliseconds: nearly none is heard twice.
    assert sum(heard.values()) - len(heard) <= FAULTS // 4


def test_another_worker_takes_over_within_a_minute(place: Place, sounds: Path) -> None:
    """FAULTS 1: while the first one's slot is empty, and without hearing again what was recorded."""
    place.add(1, sounds)
    first = place.start(part_s=1.0, once=False)
    second_begins = place.start(part_s=1.0, once=False)
    assert becomes(lambda: len(recorded(place)) >= 2)
    with place.database.read() as connection:
        holder = list_progress(connection)[0].worker or ""
    killed = first if holder.split("-")[-2] == "0" else second_begins
    killed.kill()
    before, began = recorded(place), time.monotonic()
    assert becomes(lambda: place.counts()[EpisodeStatus.READY] == 1, 60), place.log()
    assert time.monotonic() - began < 60
    check_saved_once(place, 1)
    heard = Counter(place.heard())
    chunks = sorted((part for part in heard if "voices" not in part), key=lambda part: int(part.split()[1]))
    assert len(chunks) == CHUNKS_EACH
    assert [heard[chunks[number]] for number in before] == [1] * len(before)


def test_two_workers_on_one_catalogue_save_each_episode_once(place: Place, sounds: Path) -> None:
    """FAULTS 3."""
    place.add(6, sounds)
    both = [place.start(), place.start()]
    for process in both:
        process.join(workers.GENEROUS_S)
        assert process.exitcode == 0, place.log()
    check_saved_once(place, 6)
    assert set(Counter(place.heard()).values()) == {1}


def test_sigterm_ends_a_worker_soon_and_leaves_its_work_resumable(place: Place, sounds: Path) -> None:
    """FAULTS 2."""
    place.add(2, sounds)
    process = place.start(part_s=1.0)
    assert becomes(lambda: len(place.heard()) >= 1)
    began = time.monotonic()
    process.terminate()
    process.join(30)
    assert process.exitcode == 0 and time.monotonic() - began < 30
    assert place.counts()[EpisodeStatus.FAILED] == 0
    before = len(place.heard())
    place.finish()
    check_saved_once(place, 2)
    assert len(place.heard()) - before <= 2 * (CHUNKS_EACH + 1) - before + 5


@pytest.mark.slow
def test_a_frozen_worker_that_wakes_late_commits_nothing_twice(place: Place, sounds: Path) -> None:
    """FAULTS 4."""
    place.add(1, sounds)
    frozen = place.start(part_s=2.0, once=False)
    assert becomes(lambda: "recognise" in steps_under_way(place))
    time.sleep(0.7)  # in the midst of parts, in no transaction
    os.kill(frozen.pid or 0, signal.SIGSTOP)
    other = place.start(once=False, silence_s=8)
    assert becomes(lambda: place.counts()[EpisodeStatus.READY] == 1, 75), place.log()
    os.kill(frozen.pid or 0, signal.SIGCONT)
    time.sleep(4)
    assert frozen.is_alive() and other.is_alive()
    check_saved_once(place, 1)


def test_a_poison_part_is_given_up_after_three_tries_and_the_queue_goes_on(
    place: Place, sounds: Path
) -> None:
    """FAULTS 5, 6: with the real pool, whose processes die."""
    place.add(2, sounds)
    place = replace(place, settings=place.settings.model_copy(update={"workers": 2}))
    place.finish(inline=False, engines=Engines(FAKE.find_model, FAKE.detect, abort_on_first, FAKE.hear))
    assert place.counts()[EpisodeStatus.READY] == 1
    with place.database.read() as connection:
        (failed,) = list_progress(connection)
    assert failed.retry_at is None and failed.failure
    assert failed.failure.values["count"] == 3
    assert (place.data / "deaths").read_text() == "x" * 3


def test_an_endless_part_is_ended_at_its_limit(place: Place, sounds: Path) -> None:
    """FAULTS 9."""
    place.add(1, sounds)
    place.finish(
        inline=False, engines=Engines(FAKE.find_model, FAKE.detect, sleep_for_ever, FAKE.hear), limit_s=2
    )
    with place.database.read() as connection:
        (failed,) = list_progress(connection)
    assert failed.status is EpisodeStatus.FAILED and failed.failure and failed.retry_at is None
    assert failed.failure.values["seconds"] == 2


def test_an_episode_added_by_a_process_that_died_is_picked_up(place: Place, sounds: Path) -> None:
    """FAULTS 7: to be waiting is to be in the queue; nothing else has to be written."""
    place.add(1, sounds)
    place.start(once=False)
    assert becomes(lambda: place.counts()[EpisodeStatus.READY] == 1), place.log()


def test_a_run_begun_by_another_version_is_put_back_and_done(place: Place, sounds: Path) -> None:
    place.add(1, sounds)
    process = place.start(die=Death("prepare", "after"), version="0")
    process.join(workers.GENEROUS_S)
    assert place.counts()[EpisodeStatus.WORKING] == 1
    place.start(once=False)
    assert becomes(lambda: place.counts()[EpisodeStatus.FAILED] == 1), place.log()
    with place.database.write() as connection:
        (row,) = list_progress(connection)
        assert row.retry_at
        connection.execute(schema.progress.update().values(retry_at=NOW_ENOUGH))
    assert becomes(lambda: place.counts()[EpisodeStatus.READY] == 1), place.log()
    check_saved_once(place, 1)
    assert becomes(lambda: rows_in_queue(place) == 0, 20)


def test_finished_runs_leave_the_queue(place: Place, sounds: Path) -> None:
    place.add(2, sounds)
    place.finish()
    assert rows_in_queue(place) == 0


def test_a_catalogue_locked_for_long_strands_no_episode(place: Place, sounds: Path) -> None:
    """FAULTS 12, for the worker."""
    place.add(1, sounds)
    place.start(part_s=0.5, once=False)
    assert becomes(lambda: "recognise" in steps_under_way(place))
    lock = sqlite3.connect(place.data / "catalogue.sqlite", isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    time.sleep(12)  # beyond the ten seconds that one write waits
    lock.execute("ROLLBACK")
    lock.close()
    assert becomes(lambda: place.counts()[EpisodeStatus.READY] == 1, 60), place.log()
    check_saved_once(place, 1)


def test_postgresql_holds_the_catalogue_and_the_queue(
    tmp_path: Path, sounds: Path, fresh_postgres: str
) -> None:
    """FAULTS 3, on PostgreSQL: two workers, and one of them killed."""
    place = Place.at(tmp_path / "data", database_url=fresh_postgres)
    try:
        place.add(2, sounds)
        first, second = place.start(part_s=0.5), place.start(part_s=0.5)
        assert becomes(lambda: len(place.heard()) >= 2), place.log()
        first.kill()
        second.join(workers.GENEROUS_S)
        assert second.exitcode == 0, place.log()
        check_saved_once(place, 2)
        assert not (place.data / "queue.sqlite").exists()
    finally:
        place.close()


def test_a_failed_episode_is_done_once_somebody_asks_again(place: Place, sounds: Path) -> None:
    (episode_id,) = place.add(1, sounds)
    (sound,) = place.settings.audio_folder.rglob("*.mp3")
    away = sound.rename(place.data / "away")
    place.finish()
    assert place.counts()[EpisodeStatus.FAILED] == 1
    away.rename(sound)
    place.finish()
    assert place.counts()[EpisodeStatus.FAILED] == 1
    with place.database.write() as connection:
        ask_again(connection, episode_id)
    place.finish()
    check_saved_once(place, 1)


def check_saved_once(place: Place, count: int) -> None:
    """Hold I1 to I4 of FAULTS.md, that nothing is there twice, and that nothing was asked of the world."""
    assert not (place.data / "abroad").exists()
    assert place.counts() == {**dict.fromkeys(EpisodeStatus, 0), EpisodeStatus.READY: count}, place.log()
    sync_index(place.settings, place.database)
    with place.database.read() as connection:
        episodes = list_episodes(connection)
        machine = connection.execute(select(func.count()).select_from(schema.machine_transcript)).scalar()
        audio = list(connection.execute(select(schema.audio.c.sha256, schema.audio.c.suffix)))
        turns = {episode.id: list_turns(connection, episode.id) for episode in episodes}
        left = list_progress(connection)
    assert machine == count and not left
    assert {episode.original_sha256 for episode in episodes} | {
        episode.listening_sha256 for episode in episodes
    } == {sha256 for sha256, _ in audio}
    files = sorted(path.name for path in place.settings.audio_folder.rglob("*.mp3") if path.is_file())
    assert files == sorted(f"{sha256}{suffix}" for sha256, suffix in audio)
    index = open_index(place.settings, place.database)
    for episode in episodes:
        words = [word for turn in turns[episode.id] for word in turn.turn.words]
        assert words == sorted(words, key=lambda word: word.start_ms or 0)
        assert len({word.start_ms for word in words}) == len(words) > 10
        found = index.search(SearchRequest(words[0].text, episode_id=episode.id, limit=50, per_episode=None))
        assert found.total == 1
    if not place.settings.database_url:
        connection = sqlite3.connect(place.data / "catalogue.sqlite")
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        connection.close()


def steps_under_way(place: Place) -> set[str]:
    with place.database.read() as connection:
        return {str(row.step) for row in list_progress(connection)}


def recorded(place: Place) -> set[int]:
    """The numbers of the chunks whose words the queue keeps."""
    query = "SELECT workflow_uuid FROM operation_outputs WHERE function_name = 'recognise'"
    queue = place.data / "queue.sqlite"
    if not queue.exists():
        return set()
    with closing(sqlite3.connect(queue)) as connection:
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'operation_outputs'").fetchone():
            return set()
        return {int(run.rpartition("-")[2]) for (run,) in connection.execute(query)}


def rows_in_queue(place: Place) -> int:
    with closing(sqlite3.connect(place.data / "queue.sqlite")) as connection:
        tables = [
            name
            for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            if name.startswith(("workflow_", "operation_"))
        ]
        return sum(connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in tables)


def abort_on_first(task: ChunkTask) -> ChunkWords:
    """Die as native code does, on the first part of the first episode that comes here."""
    data = Path(os.environ[workers.LEDGER]).parent
    chosen = data / "chosen"
    poison = f"{task.audio.stem} {task.chunk.start_ms}"
    if not chosen.exists():
        chosen.write_text(poison)
    if chosen.read_text() == poison:
        with (data / "deaths").open("a") as deaths:
            deaths.write("x")
        os.abort()
    return workers.recognise(task)


def sleep_for_ever(task: ChunkTask) -> ChunkWords:
    """Never return."""
    time.sleep(10_000)
    return workers.recognise(task)

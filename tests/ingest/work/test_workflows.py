"""Attempts, failures and progress: who may write them, when they are tried again, and never back."""

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import ConnectionFailedError, MissingModelError, ServerBusyError, WorkerDiedError
from ingest.network.addresses import Network
from ingest.voices.diarisation import HeardVoices
from ingest.words.recognition import ChunkWords
from ingest.work import steps
from ingest.work import workflows as work
from ingest.work.steps import Engines, PoisonPartError, Reporter, Tools, join_chunks
from ingest.work.sweeping import sweep_incoming
from ingest.work.workflows import RETRY_DELAYS, note_failure, patiently, retry_delay
from media.database import Database, open_database
from media.episodes import EpisodeStatus, add_episode, get_episode, update_episode
from media.errors import DatabaseError, EntenduError
from media.progress import Hold, Progress, Step, get_progress, put_back_due_retries
from media.settings import Settings
from media.shows import add_show
from media.store.folder import FolderStore
from media.transcript import Doubt, DoubtKind, Word
from media.transcripts import list_turns
from tests.ingest.workers import FAKE, NOW, InlinePool

BROKEN = ConnectionFailedError("broken", url="http://a.test")
RUN = "1-episode-1-0-1"


@pytest.fixture
def tools(tmp_path: Path) -> Iterator[Tools]:
    settings = Settings(data=tmp_path)
    database = open_database(settings)
    with database.write() as connection:
        show = add_show(connection, "Radio", NOW)
        add_episode(connection, show.id, "g", "Un", NOW)
    store = FolderStore(settings.audio_folder)
    yield Tools(settings, database, store, Network.allowing(()), InlinePool(2), FAKE, "here-0")
    database.close()


def begin(tools: Tools, run: str = RUN, attempt: int = 1) -> Hold | None:
    return steps.begin(tools, 1, run, attempt)


def hold(tools: Tools, run: str = RUN, attempt: int = 1) -> Hold:
    begun = begin(tools, run, attempt)
    assert begun
    return begun


def progress_of(tools: Tools) -> Progress:
    with tools.database.read() as connection:
        held = get_progress(connection, 1)
    assert held
    return held


def status_of(database: Database) -> EpisodeStatus:
    with database.read() as connection:
        return get_episode(connection, 1).status


def test_only_the_next_attempt_may_begin_and_the_same_run_again(tools: Tools) -> None:
    """FAULTS 3, 4."""
    assert not begin(tools, attempt=2)
    first, again = hold(tools), hold(tools)
    assert progress_of(tools).attempts == 1 and first != again
    assert not begin(tools, "1-episode-1-0-2", 2)
    note_failure(tools, first, BROKEN)  # cut off while another took the same run up
    assert status_of(tools.database) is EpisodeStatus.WORKING
    note_failure(tools, again, BROKEN)
    assert not begin(tools)
    with tools.database.write() as connection:
        update_episode(connection, 1, {"status": EpisodeStatus.WAITING})
    assert not begin(tools)
    assert begin(tools, "1-episode-1-0-2", 2)


def test_failures_wait_ever_longer_and_end(tools: Tools) -> None:
    waits = []
    for attempt in range(1, len(RETRY_DELAYS) + 2):
        run = f"run-{attempt}"
        note_failure(tools, hold(tools, run, attempt), BROKEN)
        held = progress_of(tools)
        waits.append(held.retry_at and held.retry_at - held.updated_at)
        with tools.database.write() as connection:
            put_back_due_retries(connection, steps.now() + timedelta(days=2))
    assert waits == [*RETRY_DELAYS, None]
    assert status_of(tools.database) is EpisodeStatus.FAILED


def test_what_only_people_can_help_is_not_tried_again() -> None:
    assert retry_delay(MissingModelError("gone", name="x", reason="y"), 0) is None
    assert retry_delay(PoisonPartError("p", task="t", count=3, start="0:00", end="1:00"), 0) is None
    assert retry_delay(WorkerDiedError("d", task="t"), 0) == RETRY_DELAYS[0]
    busy = ServerBusyError("busy", url="http://a.test", status=503, retry_after_s=7200)
    assert retry_delay(busy, 0) == timedelta(hours=2)


def test_a_run_that_another_replaced_writes_nothing(tools: Tools) -> None:
    """FAULTS 4: neither failure, nor progress, nor words."""
    old = hold(tools)
    note_failure(tools, old, BROKEN)
    with tools.database.write() as connection:
        update_episode(connection, 1, {"status": EpisodeStatus.WAITING})
    new = hold(tools, "other", 2)
    note_failure(tools, old, EntenduError("late"))
    Reporter(tools, old)(Step.SAVE, 9, 9)
    steps.save_words(tools, old, plan(), [heard("trop", "tard")], HeardVoices((), ()))
    assert status_of(tools.database) is EpisodeStatus.WORKING and progress_of(tools).step is Step.WAITING
    with tools.database.read() as connection:
        assert list_turns(connection, 1) == []
    steps.save_words(tools, new, plan(), [heard("à", "temps")], HeardVoices((), ()))
    note_failure(tools, new, EntenduError("late"))
    steps.save_words(tools, new, plan(), [heard("à", "temps")], HeardVoices((), ()))
    assert status_of(tools.database) is EpisodeStatus.READY


def test_progress_never_goes_back_and_counts_no_time_that_nobody_worked(
    tools: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    moments = [NOW]
    monkeypatch.setattr(steps, "now", lambda: moments[0])
    report = Reporter(tools, hold(tools))
    report(Step.RECOGNISE, 0, 8)
    moments[0] += timedelta(minutes=4)
    report(Step.RECOGNISE, 4, 8)
    moments[0] += timedelta(hours=9)  # nobody works
    report = Reporter(tools, hold(tools))
    for step, done, total in ((Step.DOWNLOAD, 0, 0), (Step.DECODE, 0, 0), (Step.RECOGNISE, 1, 8)):
        report(step, done, total)
        held = progress_of(tools)
        assert (held.step, held.done, held.total) == (Step.RECOGNISE, 4, 8)
    assert moments[0] - held.started_at == timedelta(minutes=4)


def test_a_busy_catalogue_is_waited_for_and_hides_no_other_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    """FAULTS 12, for the worker."""
    waited: list[float] = []
    monkeypatch.setattr(work.time, "sleep", waited.append)
    failures = iter([DatabaseError("locked", path="p", reason="r")] * 3)

    def act() -> int:
        if error := next(failures, None):
            raise error
        return 7

    assert patiently(act) == 7 and waited == [1, 2, 4]

    def always() -> None:
        raise DatabaseError("locked", path="p", reason="r")

    with pytest.raises(DatabaseError):
        patiently(always)
    with pytest.raises(ConnectionFailedError):
        patiently(fail_otherwise)


def test_progress_that_cannot_be_written_is_no_failure(
    tools: Tools, caplog: pytest.LogCaptureFixture
) -> None:
    held = hold(tools)
    tools.database.close()
    (tools.settings.data / "catalogue.sqlite").rename(tools.settings.data / "away")
    (tools.settings.data / "catalogue.sqlite").mkdir()
    Reporter(tools, held)(Step.DECODE)
    assert "progress is not shown" in caplog.text


def test_what_was_left_half_written_is_swept_but_not_what_can_be_resumed(tools: Tools) -> None:
    """FAULTS 19."""
    incoming = tools.store.incoming_path("x").parent
    kept = ["episode-1.part", "episode-1.part.json", "copy-1-there-0.mp3", "add-1-2"]
    stale = ["copy-1-here-0.mp3", ".copy-1-here-0.mp3-abc", "silenced-1.mp3", "add-2-1"]
    swept = [*stale, "episode-99.part", "episode-99.part.json"]
    for name in kept + swept:
        (incoming / name).write_text("")
    for name in stale:
        os.utime(incoming / name, (0, 0))
    sweep_incoming(tools.store, tools.database)
    assert sorted(path.name for path in incoming.iterdir()) == sorted(kept)


@given(st.lists(st.integers(0, 5), max_size=6))
def test_chunks_are_joined_in_order_with_their_doubts(lengths: list[int]) -> None:
    parts = [
        ChunkWords(
            tuple(Word(f"{part}-{word}", word, word + 1, 0.5) for word in range(length)),
            (Doubt(next(iter(DoubtKind)), 0, length - 1),) if length else (),
            "fr",
        )
        for part, length in enumerate(lengths)
    ]
    words, doubts = join_chunks(parts)
    assert words == [word for part in parts for word in part.words]
    covered = [words[doubt.first_word : doubt.last_word + 1] for doubt in doubts]
    assert covered == [list(part.words) for part in parts if part.words]


def test_engines_are_the_real_ones_unless_said() -> None:
    assert Engines().recognise.__module__ == "ingest.words.recognition"


def fail_otherwise() -> None:
    raise BROKEN


def plan() -> steps.Plan:
    return steps.Plan(RUN, "a" * 64, 1000, (), (), "fr", (), None, 1)


def heard(*texts: str) -> ChunkWords:
    words = tuple(Word(text, number * 100, number * 100 + 50, 0.9) for number, text in enumerate(texts))
    return ChunkWords(words, (), "fr")

"""Who is gone: a free slot tells at once, beats that stand still after a while, a clock never."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingest.network.addresses import Network
from ingest.work import takeover
from ingest.work.slots import take_slot
from ingest.work.steps import Tools
from ingest.work.takeover import SILENCE_S, Watch
from media.database import open_database
from media.settings import Settings
from media.store.folder import FolderStore
from media.workers import WorkerCard, WorkerState, keep_beating, list_workers, record_gone
from tests.ingest.workers import FAKE, InlinePool

TODAY = datetime.now(UTC)  # who went the day before is forgotten


@pytest.fixture
def tools(tmp_path: Path) -> Iterator[Tools]:
    settings = Settings(data=tmp_path)
    database = open_database(settings)
    slot = take_slot(settings)
    store = FolderStore(settings.audio_folder)
    yield Tools(settings, database, store, Network.allowing(()), InlinePool(1), FAKE, slot.name)
    slot.release()
    database.close()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    moment = [1000.0]
    monkeypatch.setattr(takeover.time, "monotonic", lambda: moment[0])
    return moment


def beat(tools: Tools, name: str, place: str = "elsewhere", state: WorkerState = WorkerState.WORKING) -> None:
    card = WorkerCard(name, "host", place, "1", 2, 2, None)
    with tools.database.write() as connection:
        keep_beating(connection, card, state, TODAY)  # it never moves: what a clock says does not matter


def test_a_worker_of_another_machine_is_gone_once_its_beats_stand_still(
    tools: Tools, clock: list[float]
) -> None:
    """FAULTS 1, 4, 8."""
    watch, names = Watch(tools), {"far-0", "never-0", tools.worker}
    beat(tools, "far-0")
    assert watch.list_gone(names) == set()
    clock[0] += SILENCE_S - 1
    beat(tools, "far-0")
    assert watch.list_gone(names) == set()
    clock[0] += 2
    assert watch.list_gone(names) == {"never-0"}  # it died before its first beat
    clock[0] += SILENCE_S
    assert watch.list_gone(names) == {"far-0", "never-0"}
    beat(tools, "far-0")
    assert watch.list_gone(names) == {"never-0"}


def test_a_worker_of_this_machine_is_gone_once_its_slot_is_free_and_we_never_are(
    tools: Tools, clock: list[float]
) -> None:
    """FAULTS 1."""
    other = take_slot(tools.settings)
    beat(tools, other.name, other.place)
    watch = Watch(tools)
    assert watch.list_gone([other.name, tools.worker]) == set()
    other.release()
    assert watch.list_gone([other.name, tools.worker]) == {other.name}
    clock[0] += 10 * SILENCE_S
    assert watch.list_gone([tools.worker]) == {other.name}


def test_a_machine_cloned_with_its_data_is_watched_like_any_other(
    tools: Tools, clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same host name and slot, but another kernel: our locks say nothing of it."""
    clone = take_slot(tools.settings)
    clone.release()  # it runs elsewhere, on a copy of this folder
    beat(tools, clone.name, "another kernel")
    watch = Watch(tools)
    assert watch.list_gone([clone.name]) == set()
    clock[0] += SILENCE_S
    assert watch.list_gone([clone.name]) == {clone.name}


def test_who_left_or_is_drained_is_gone_at_once_and_a_beat_takes_it_back(
    tools: Tools, clock: list[float]
) -> None:
    """FAULTS 2: what it held goes on elsewhere without a minute's wait."""
    watch = Watch(tools)
    for name in ("left-0", "drained-0"):
        beat(tools, name)
    assert watch.list_gone([]) == set()
    beat(tools, "drained-0", state=WorkerState.DRAINED)
    with tools.database.write() as connection:
        record_gone(connection, "left-0", TODAY)
    assert watch.list_gone([]) == {"left-0", "drained-0"}
    beat(tools, "left-0")
    assert watch.list_gone([]) == {"drained-0"}


def test_a_worker_that_goes_without_a_word_is_told_of_for_a_day(tools: Tools, clock: list[float]) -> None:
    watch = Watch(tools)
    beat(tools, "far-0")
    watch.list_gone([])
    clock[0] += SILENCE_S
    assert watch.list_gone([]) == {"far-0"}
    with tools.database.read() as connection:
        (worker,) = list_workers(connection)
    assert worker.gone_at is not None

"""Who is gone: a free slot tells at once, beats that stand still after a while, a clock never."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.network.addresses import Network
from ingest.work import takeover
from ingest.work.slots import take_slot
from ingest.work.steps import Tools
from ingest.work.takeover import SILENCE_S, Watch
from media.database import open_database
from media.progress import keep_beating
from media.settings import Settings
from media.store.folder import FolderStore
from tests.ingest.workers import FAKE, NOW, InlinePool


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


def beat(tools: Tools, name: str) -> None:
    with tools.database.write() as connection:
        keep_beating(connection, name, NOW)  # NOW never moves: what a clock says does not matter


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
    beat(tools, other.name)
    watch = Watch(tools)
    assert watch.list_gone([other.name, tools.worker]) == set()
    other.release()
    assert watch.list_gone([other.name, tools.worker]) == {other.name}
    clock[0] += 10 * SILENCE_S
    assert watch.list_gone([tools.worker]) == set()

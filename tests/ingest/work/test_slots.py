"""A worker's place is held by its process, and free the moment that the process is gone."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ingest.work import slots
from ingest.work.slots import NoSlotError, list_living, take_slot
from media.errors import StorageError
from media.settings import Settings

HOLD = (
    "import sys, time; from pathlib import Path; from ingest.work.slots import take_slot; "
    "from media.settings import Settings; slot = take_slot(Settings(data=Path(sys.argv[1]))); "
    "print(slot.name, flush=True); time.sleep(600)"
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path)


def test_each_worker_has_a_place_of_its_own(settings: Settings) -> None:
    first, second = take_slot(settings), take_slot(settings)
    assert first.name != second.name and list_living(settings) == {first.name, second.name}
    first.release()
    assert list_living(settings) == {second.name}
    again = take_slot(settings)
    assert again.name != first.name and again.place == first.place  # no word of the first is taken for its
    assert list_living(settings) == {again.name, second.name}


def test_a_killed_process_leaves_its_place_at_once(settings: Settings) -> None:
    """FAULTS 1."""
    holder = subprocess.Popen([sys.executable, "-c", HOLD, settings.data], stdout=subprocess.PIPE, text=True)
    with holder:
        assert holder.stdout
        name = holder.stdout.readline().strip()
        assert list_living(settings) == {name}
        os.kill(holder.pid, signal.SIGKILL)
        holder.wait()
        assert list_living(settings) == set()


def test_there_are_as_many_places_as_said(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slots, "MAX_SLOTS", 2)
    held = [take_slot(settings), take_slot(settings)]
    with pytest.raises(NoSlotError) as raised:
        take_slot(settings)
    assert raised.value.message.values == {"count": 2} and len(held) == 2


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError):
        take_slot(Settings(data=tmp_path / "file"))

"""What a machine gives to its worker is what the worker takes, and no more."""

import os
import time
from pathlib import Path

import pytest

from ingest.errors import WorkDroppedError, WorkerDiedError
from ingest.work.limits import LEAST_MB, MIB, OWN_MB, LittleMemoryError, share_memory, take_share
from ingest.work.pool import GENEROUS, GROWN_BYTES, Pool
from media.settings import Settings
from tests.ingest.workers import becomes


def test_memory_is_shared_out_among_as_many_as_it_is_enough_for() -> None:
    for given, cores, processes in ((OWN_MB + LEAST_MB, 8, 1), (OWN_MB + 3 * LEAST_MB, 8, 3), (64_000, 4, 4)):
        share = share_memory(Settings(memory_mb=given), cores)
        assert share.processes == processes
        assert share.child.memory_bytes * processes <= (given - OWN_MB) * MIB
        assert share.child.grown_bytes <= GROWN_BYTES
    assert share_memory(Settings(memory_mb=64_000, workers=2), 4).processes == 2


def test_too_little_memory_is_said_with_what_is_needed() -> None:
    with pytest.raises(LittleMemoryError) as raised:
        share_memory(Settings(memory_mb=OWN_MB + LEAST_MB - 1), 2)
    assert raised.value.message.values["least"] == OWN_MB + LEAST_MB


def test_without_limits_every_core_is_used() -> None:
    share = take_share(Settings())
    assert share.child is GENEROUS and share.processes == share.cores and share.memory_mb is None


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="cores are kept to on Linux")
def test_cores_are_kept_to_by_children_too() -> None:
    allowed = os.sched_getaffinity(0)
    try:
        share = take_share(Settings(cores=1))
        assert share.cores == share.processes == 1
        with Pool(1) as pool:
            assert pool.run(os.sched_getaffinity, 0) == {max(allowed)}
    finally:
        os.sched_setaffinity(0, allowed)


@pytest.mark.skipif(os.uname().sysname != "Linux", reason="the kernel refuses memory on Linux")
def test_a_child_is_refused_more_than_its_part_and_the_rest_goes_on() -> None:
    """FAULTS 6: it dies or fails alone, and before anything that answers readers."""
    share = share_memory(Settings(memory_mb=OWN_MB + LEAST_MB), 1)
    with Pool(1, share.child) as pool:
        with pytest.raises(WorkerDiedError):
            pool.run(bytearray, 2 * LEAST_MB * MIB)
        assert pool.run(bytearray, 8) == bytearray(8)
        assert int(pool.run(read_text, "/proc/self/oom_score_adj")) == 800


def test_what_nobody_wants_any_more_is_ended_and_no_other() -> None:
    with Pool(2) as pool:
        dropped = pool.submit(time.sleep, 600, label="run-1")
        kept = pool.submit(read_text, "/proc/self/oom_score_adj", label="run-2")
        assert becomes(lambda: "run-1" in pool._busy.values())
        pool.drop({"run-1"})
        with pytest.raises(WorkDroppedError):
            dropped.result(60)
        assert kept.result(60)
        with pytest.raises(WorkDroppedError):
            pool.run(read_text, "/proc/self/oom_score_adj", label="run-1")


def read_text(path: str) -> str:
    return Path(path).read_text()

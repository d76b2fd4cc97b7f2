"""The pool: results come back, and a child's death, hang or greed stays a child's."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from math import factorial
from pathlib import Path

import pytest

from ingest.errors import AudioDecodeError, TooSlowError, WorkerDiedError
from ingest.work.pool import ChildLimits, Pool

ROOT = Path(__file__).parents[3]
GENEROUS_S = 60.0


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    with Pool(1) as pool:
        yield pool


def test_results_come_back_from_another_process(pool: Pool) -> None:
    assert pool.run(factorial, 20) == factorial(20)
    assert pool.run(os.getpid) != os.getpid()


def test_a_child_is_kept_between_tasks_and_is_niced_and_single_threaded(pool: Pool) -> None:
    assert pool.run(os.getpid) == pool.run(os.getpid)
    assert pool.run(os.getpriority, os.PRIO_PROCESS, 0) >= 10
    assert pool.run(os.getenv, "OMP_NUM_THREADS") == "1"
    assert os.getenv("OMP_NUM_THREADS") is None or pool.size == 1


def test_what_a_function_raises_is_raised_here_with_its_message(pool: Pool) -> None:
    with pytest.raises(ZeroDivisionError):
        pool.run(divmod, 1, 0)
    with pytest.raises(AudioDecodeError) as raised:
        pool.run(raise_our_own)
    assert raised.value.message.values == {"name": "a.mp3"}


def test_a_killed_child_is_an_error_and_the_next_task_is_done_faults_5(pool: Pool) -> None:
    with pytest.raises(WorkerDiedError) as raised:
        pool.run(os.abort)
    assert raised.value.transient
    assert raised.value.message.values == {"task": "abort"}
    assert pool.run(factorial, 5) == 120


def test_a_stuck_child_is_killed_on_time_faults_9(pool: Pool) -> None:
    began = time.monotonic()
    with pytest.raises(TooSlowError):
        pool.run(time.sleep, 600, limit_s=3)
    assert time.monotonic() - began < 10
    assert pool.run(factorial, 5) == 120


def test_a_child_out_of_memory_leaves_the_parent_alone_faults_6() -> None:
    limits = ChildLimits(memory_bytes=300 * 1024**2)
    with Pool(1, limits) as pool:
        with pytest.raises(WorkerDiedError, match="memory"):
            pool.run(bytes, 2 * 1024**3)
        assert pool.run(factorial, 5) == 120


def test_a_child_is_replaced_after_its_share_of_tasks_or_when_it_grew() -> None:
    with Pool(1, ChildLimits(tasks=2)) as pool:
        assert len({pool.run(os.getpid) for _ in range(4)}) == 2
    with Pool(1, ChildLimits(grown_bytes=1)) as pool:
        assert len({pool.run(os.getpid) for _ in range(2)}) == 2


def test_tasks_run_side_by_side() -> None:
    with Pool(2) as pool:
        futures = [pool.submit(_nap_and_tell, 1.0) for _ in range(2)]
        assert len({future.result(GENEROUS_S) for future in futures}) == 2


def test_closing_ends_tasks_at_work_and_queued_ones() -> None:
    pool = Pool(1)
    working, queued = pool.submit(partial(time.sleep, 600)), pool.submit(factorial, 3)
    time.sleep(1)
    pool.close()
    assert isinstance(working.exception(GENEROUS_S), WorkerDiedError)
    assert queued.cancelled()


def test_children_end_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    told = tmp_path / "pid"
    program = (
        "import sys, time; from ingest.work.pool import Pool; from tests_pool_child import tell_and_hang\n"
        "if __name__ == '__main__': Pool(1).run(tell_and_hang, sys.argv[1])"
    )
    (tmp_path / "tests_pool_child.py").write_text(
        "import os, pathlib, time\n"
        "def tell_and_hang(path):\n"
        "    pathlib.Path(path + '.tmp').write_text(str(os.getpid()))\n"
        "    os.rename(path + '.tmp', path)\n"
        "    while True: time.sleep(1)\n"
    )
    (tmp_path / "program.py").write_text(program)
    paths = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{tmp_path}"}
    parent = subprocess.Popen([sys.executable, tmp_path / "program.py", told], env=paths)
    assert _becomes(told.exists)
    child = int(told.read_text())
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    assert _becomes(lambda: not _is_alive(child))


def raise_our_own() -> None:
    raise AudioDecodeError("broken", name="a.mp3")


def _nap_and_tell(seconds: float) -> int:
    time.sleep(seconds)
    return os.getpid()


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"


def _becomes(claim: Callable[[], bool]) -> bool:
    until = time.monotonic() + GENEROUS_S
    while time.monotonic() < until:
        if claim():
            return True
        time.sleep(0.05)
    return False

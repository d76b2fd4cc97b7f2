"""The site and what runs beside it start together, and end together however the site ends."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ENDS_S = 30  # FAULTS 2


@pytest.fixture
def served(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`entendu serve --no-worker`, once it answers and its companion runs."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "entendu", "serve", "--no-worker", "--port", str(port)]
    process = subprocess.Popen(command, env={**os.environ, "ENTENDU_DATA": str(tmp_path)})
    until(lambda: answers(port) and bool(children(process.pid)))
    yield process
    process.kill()
    process.wait()


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_nothing_outlives_the_site(served: subprocess.Popen[bytes], sign: signal.Signals):
    companions = children(served.pid)
    served.send_signal(sign)
    served.wait(ENDS_S)
    until(lambda: not any(lives(pid) for pid in companions))
    assert not any(lives(pid) for pid in companions)


def test_what_runs_beside_is_started_again_when_it_dies(served: subprocess.Popen[bytes]):
    """FAULTS 6: whatever happens to a worker, the site stays, and another worker comes."""
    (first,) = children(served.pid)
    os.kill(first, signal.SIGKILL)
    until(lambda: bool(set(children(served.pid)) - {first}))
    assert served.poll() is None


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def children(pid: int) -> list[int]:
    found = subprocess.run(["ps", "--ppid", str(pid), "-o", "pid="], capture_output=True, text=True)
    return [int(line) for line in found.stdout.split() if lives(int(line))]


def lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + ENDS_S
    while not condition() and time.monotonic() < end:
        time.sleep(0.1)

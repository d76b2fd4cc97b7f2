"""The real program for the tests that run it: its commands, and its pages served by a process."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

READY_TRIES, READY_PAUSE_S = 600, 0.1
STOP_S = 60


def environment(data: Path, site: str = "") -> dict[str, str]:
    """Say where the program keeps its data, that loopback may be read from, and which address it serves."""
    own = {"ENTENDU_DATA": str(data), "ENTENDU_ALLOWED_HOSTS": '["127.0.0.1"]', "LANG": "C"}
    return {**os.environ, **own, **({"ENTENDU_SITE_URL": site} if site else {})}


def entendu(data: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run one command."""
    command = [sys.executable, "-m", "entendu", *arguments]
    return subprocess.run(command, env=environment(data), capture_output=True, text=True)


@contextmanager
def serving(data: Path, *options: str) -> Iterator[str]:
    """Serve the pages while the block runs; gives their address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    base = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "entendu", "serve", "--port", str(port), *options]
    process = subprocess.Popen(command, env=environment(data, base))
    try:
        for _ in range(READY_TRIES):
            try:
                urllib.request.urlopen(base).close()
                break
            except OSError:
                time.sleep(READY_PAUSE_S)
        yield base
    finally:
        process.terminate()
        process.wait(STOP_S)

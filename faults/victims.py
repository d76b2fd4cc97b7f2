"""Processes of the program that are there to be killed: forked from this warm one, told of line by line.

What a victim tells goes through a pipe, a line at a time: a line that it wrote before its death
is heard, which is what makes an acknowledged write one. A victim that says nothing for three minutes
hangs, and that is a failure like another.
"""

import ctypes
import json
import logging
import os
import select
import signal
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PATIENCE_S = 180.0  # a machine may be busy
READ_BYTES = 1 << 16
DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG

Event = list[Any]  # what happened, and to what
Tell = Callable[..., None]


class HangError(Exception):
    """A victim neither says anything nor ends."""


@dataclass
class Victim:
    """A process, and the end of the pipe through which it tells what it does."""

    pid: int
    told: int
    status: int | None = None  # of its exit; below 0: the signal that killed it

    @classmethod
    def begin(cls, act: Callable[[Tell], None], log: Path) -> "Victim":
        """Fork a process that does `act`, and ends."""
        told, telling = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(told)
            _live(act, telling, log)
        os.close(telling)
        return cls(pid, told)

    def listen(self) -> Iterator[Event]:
        """Yield what it tells, to its end; then its exit status is known."""
        waiting = b""
        while True:
            if not select.select([self.told], [], [], PATIENCE_S)[0]:
                self.kill()
                self._wait()
                raise HangError(f"process {self.pid} said nothing for {PATIENCE_S:.0f} s")
            block = os.read(self.told, READ_BYTES)
            if not block:
                break
            *lines, waiting = (waiting + block).split(b"\n")
            yield from map(json.loads, lines)
        self._wait()

    def kill(self, how: int = signal.SIGKILL) -> None:
        """Send it a signal, unless its end was seen."""
        if self.status is None:
            os.kill(self.pid, how)

    def _wait(self) -> None:
        os.close(self.told)
        self.status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def run_victim(act: Callable[[Tell], None], log: Path) -> tuple[list[Event], int]:
    """Let a process do `act` to its end; return what it told, and its exit status."""
    victim = Victim.begin(act, log)
    events = list(victim.listen())
    assert victim.status is not None
    return events, victim.status


def becomes(claim: Callable[[], bool], within_s: float = PATIENCE_S) -> bool:
    """Wait until something is so; False where it does not come."""
    until = time.monotonic() + within_s
    while not (so := claim()) and time.monotonic() < until:
        time.sleep(0.02)
    return so


def die_with_parent() -> None:
    """Have this process killed once the one that forked it is gone."""
    ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGKILL)


def _live(act: Callable[[Tell], None], telling: int, log: Path) -> None:
    """Be a victim; never returns."""
    status = 1
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        die_with_parent()
        _log_to(log)

        def tell(*event: Any) -> None:
            os.write(telling, json.dumps(event).encode() + b"\n")

        act(tell)
        status = 0
    except BaseException:  # noqa: BLE001 - a process's last words
        with log.open("a", encoding="utf-8") as file:
            file.write(traceback.format_exc())
    finally:
        os._exit(status)


def _log_to(path: Path) -> None:
    """Log what the program would say to standard error, there."""
    root = logging.getLogger()
    for handler in root.handlers[:]:
        root.removeHandler(handler)
    logging.basicConfig(filename=path, level=logging.WARNING)
    output = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.dup2(output, 1)
    os.dup2(output, 2)

"""Run a target's cases in a child that may crash, hang or grow, and count what came of each.

The child says what came of every case; where it falls silent or dies, the case is known by its
number, and another child goes on with the next. An audit hook sees every file, socket and program
that a case opens: whatever its target does not need is an escape. Time is the processor's own, so
that a busy machine makes nothing slow. Case N of a seed is always the same bytes.
"""

import faulthandler
import gc
import logging
import multiprocessing
import os
import resource
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
from typing import Any

from fuzzing.mutating import Mutate

SLOW_S = 1.0  # of the processor: more is a hang
SILENCE_S = 120.0  # without an answer, on a busy machine: the case never ends
MEMORY_BYTES = 4 << 30
KEPT = 20  # failures of a kind that are told one by one
ROOT = Path(__file__).parents[1]
LIBRARIES = (sys.prefix, sys.base_prefix, str(ROOT), "/usr/lib", "/usr/share/zoneinfo")

Read = Callable[[bytes, Path], bool]  # whether it was read; False: refused in a sentence of ours


@dataclass(frozen=True, slots=True)
class Target:
    """A parser, what it is fed, and what it may open."""

    name: str
    what: str  # in the table
    row: str  # of FAULTS.md
    cases: int  # in the long form
    seeds: Callable[[Path], list[bytes]]  # made in a folder of its own
    mutate: Mutate
    read: Read  # bytes, and a folder that is its own
    programs: bool = False  # it may start the confined decoder, and write in its folder
    limit_s: float = SLOW_S  # of the processor, for one case


@dataclass(slots=True)
class Tally:
    """What came of a target's cases."""

    name: str
    seed: int
    cases: int = 0
    read: int = 0
    refused: int = 0
    raised: int = 0
    died: int = 0
    slow: int = 0
    escaped: int = 0
    slowest_s: float = 0.0
    cpu_s: float = 0.0
    peak_mb: int = 0
    told: list[str] = field(default_factory=list)

    @property
    def failures(self) -> int:
        """How many cases did what none may."""
        return self.raised + self.died + self.slow + self.escaped

    def tell(self, number: int, what: str) -> None:
        """Note a failure, by the number that makes it again."""
        if len(self.told) < KEPT:
            self.told.append(f"{self.name} {self.seed}:{number}: {what}")


def make_case(target: Target, seeds: list[bytes], seed: int, number: int) -> bytes:
    """Make one case: of the same seed and number, the same bytes."""
    return target.mutate(seeds, Random(f"{seed}:{target.name}:{number}"))


def run_cases(target: Target, seed: int, first: int, count: int, until: float | None = None) -> Tally:
    """Run a target's cases from one number on; `until` is a monotonic time to stop at."""
    tally, number = Tally(target.name, seed), first
    while number < first + count and not _is_over(until):
        with _child(target, seed, number, first + count) as (process, answers):
            number = _listen(answers, tally, number, first + count, until)
            if number < first + count and not _is_over(until):
                process.join(1)
                died = process.exitcode is not None
                tally.tell(number, f"the process ended with {process.exitcode}" if died else "it never ended")
                tally.died, tally.slow = tally.died + died, tally.slow + (not died)
                tally.cases, number = tally.cases + 1, number + 1
    return tally


def _is_over(until: float | None) -> bool:
    return until is not None and time.monotonic() > until


def _listen(answers: Connection, tally: Tally, number: int, end: int, until: float | None) -> int:
    """Count the child's answers; return the number of the first case without one."""
    while number < end and not _is_over(until):
        try:
            if not answers.poll(SILENCE_S):
                return number
            outcome, cpu_s, peak_mb, detail = answers.recv()
        except (EOFError, ConnectionError):
            return number
        tally.cases += 1
        setattr(tally, outcome, getattr(tally, outcome) + 1)
        tally.cpu_s += cpu_s
        tally.slowest_s, tally.peak_mb = max(tally.slowest_s, cpu_s), max(tally.peak_mb, peak_mb)
        if detail:
            tally.tell(number, detail)
        number += 1
    return number


@contextmanager
def _child(target: Target, seed: int, first: int, end: int) -> Iterator[tuple[Any, Connection]]:
    context = multiprocessing.get_context("fork")
    answers, told = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(target, seed, first, end, told), daemon=True)
    process.start()
    told.close()
    try:
        yield process, answers
    finally:
        process.kill()
        process.join()
        answers.close()


def _work(target: Target, seed: int, first: int, end: int, told: Connection) -> None:
    """Be the child: read one case after the other, and say what came of it."""
    logging.disable()
    faulthandler.disable()  # how it dies is told by its status
    os.setsid()
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with tempfile.TemporaryDirectory(prefix="fuzzing-") as name:
        folder = Path(name)
        seeds = target.seeds(folder)
        for data in seeds:  # whatever is imported or opened once, is now
            with_errors_of(target, data, folder)
        watch = Watch(folder if target.programs else None)
        gc.collect()
        gc.freeze()  # what was loaded is not looked through again by every case
        for number in range(first, end):
            data = make_case(target, seeds, seed, number)
            began = _cpu_s()
            watch.begin()
            outcome, detail = with_errors_of(target, data, folder)
            opened = watch.end()
            spent = _cpu_s() - began
            if opened:
                outcome, detail = "escaped", f"opened {opened[:3]}"
            elif spent > target.limit_s and outcome in ("read", "refused"):
                outcome, detail = "slow", f"{spent:.1f} s of the processor, {len(data)} bytes"
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
            told.send((outcome, spent, peak, detail))


def with_errors_of(target: Target, data: bytes, folder: Path) -> tuple[str, str]:
    """Read one case; say what came of it, and where an error that is not ours came from."""
    try:
        return ("read" if target.read(data, folder) else "refused"), ""
    except Exception as error:  # noqa: BLE001 -- whatever a parser lets out is what is looked for
        last = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(last.filename).name}:{last.lineno}"
        return "raised", f"{type(error).__name__} at {where}: {str(error)[:150]!r}"


def _cpu_s() -> float:
    return sum(
        usage.ru_utime + usage.ru_stime
        for usage in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


class Watch:
    """Sees what a case opens, by Python's own audit events."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self.watching = False
        self.opened: list[str] = []
        sys.addaudithook(self._see)

    def begin(self) -> None:
        """Watch from here on."""
        self.opened, self.watching = [], True

    def end(self) -> list[str]:
        """Watch no more; return what was opened that should not have been."""
        self.watching = False
        return self.opened

    def _see(self, event: str, values: tuple[Any, ...]) -> None:
        if not self.watching:
            return
        if event == "open":
            path = (
                values[0]
                if isinstance(values[0], str)
                else os.fsdecode(values[0] or b"")
                if not isinstance(values[0], int)
                else ""
            )
            writes = bool((values[2] or 0) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
            if path and not self._is_fine(path, writes=writes):
                self.opened.append(f"{path!r}{' to write' if writes else ''}")
        elif event in ("subprocess.Popen", "os.posix_spawn", "os.fork", "os.exec"):
            if self.folder is None:
                self.opened.append(event)
        elif event.startswith(
            ("socket.connect", "socket.getaddr", "socket.bind", "socket.sendto", "os.system")
        ):
            self.opened.append(f"{event} {values[1:]!r}")

    def _is_fine(self, path: str, *, writes: bool) -> bool:
        if self.folder is not None and path.startswith((str(self.folder), "/dev/null")):
            return True
        return not writes and path.startswith(LIBRARIES)

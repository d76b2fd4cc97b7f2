"""Ask an engine every question: for the first time, again and again, and by several clients at once."""

import multiprocessing
import statistics
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from bench.search.engines import Engine
from bench.search.questions import Question

ROUNDS, CLIENTS = 3, 8


class Timing(NamedTuple):
    """Milliseconds of one class, and how many turns matched in the mean."""

    first_p95: float  # the first time that each is asked
    median: float
    p95: float
    together_p95: float  # eight clients at once
    matches: float


Answers = tuple[dict[str, Timing], float]  # by class, and MB of memory in use


def measure(engine: Engine, classes: dict[str, list[Question]]) -> Answers:
    """Ask every question, for the first time, again and again, and by several clients at once."""
    engine.open()
    timings = {}
    for name, questions in classes.items():
        first, matches = zip(*(_ask(engine, question) for question in questions), strict=True)
        again = [_ask(engine, question)[0] for _ in range(ROUNDS) for question in questions]
        together = _ask_together(engine, questions)
        found = statistics.mean(matches)
        timings[name] = Timing(_p95(first), statistics.median(again), _p95(again), _p95(together), found)
    return timings, _peak_mb()


def measure_apart(kind: type[Engine], folder: Path, classes: dict[str, list[Question]]) -> Answers:
    """Measure an engine in a process of its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_measure_made, (kind, folder, classes, sys.path))


def _measure_made(
    kind: type[Engine], folder: Path, classes: dict[str, list[Question]], path: list[str]
) -> Answers:
    sys.path[:] = path
    return measure(kind(folder), classes)


def _peak_mb() -> float:
    """Read the most memory that this process held; what its parent held does not count, as in `getrusage`."""
    [line] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) / 1024


def _ask(engine: Engine, question: Question) -> tuple[float, int]:
    started = time.perf_counter()
    matches = engine.ask(question)
    return 1_000 * (time.perf_counter() - started), matches


def _ask_together(engine: Engine, questions: Sequence[Question]) -> list[float]:
    """Ask by several clients at once, each all questions from another one on."""
    times: list[float] = []

    def client(number: int) -> None:
        turned = [*questions[number:], *questions[:number]]
        times.extend(_ask(engine, question)[0] for question in turned)

    clients = [threading.Thread(target=client, args=(number,)) for number in range(CLIENTS)]
    for thread in clients:
        thread.start()
    for thread in clients:
        thread.join()
    return times


def _p95(times: Sequence[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]

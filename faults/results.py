"""The table of a run: a line of JSON for each fault, as it happens, so that a run can be gone on with."""

import json
import os
import platform
import statistics
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

from faults.scenes import Fault, Outcome


@dataclass(frozen=True)
class Run:
    """What a table is of."""

    seed: int
    faults: int
    only: tuple[str, ...]  # kinds; none: all


class Results:
    """A run's table, on the disk."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.outcomes: list[Outcome] = []
        self.seconds = 0.0
        self.run: Run | None = None
        if path.exists():
            self._read()

    def begin(self, run: Run) -> None:
        """Write what the run is."""
        self.run = run
        self._write({"run": asdict(run)})

    def add(self, outcomes: Iterable[Outcome], seconds: float) -> None:
        """Add what became of a scene's faults, and the time since the scene before."""
        for outcome in outcomes:
            self.outcomes.append(outcome)
            self._write(asdict(outcome))
        self.seconds += seconds
        self._write({"seconds": round(seconds, 2)})

    @property
    def played(self) -> set[int]:
        """The scenes that are in the table."""
        return {outcome.scene for outcome in self.outcomes}

    @property
    def tried(self) -> list[Outcome]:
        """The faults that this machine could make."""
        return [outcome for outcome in self.outcomes if not outcome.skipped]

    @property
    def broken(self) -> list[Outcome]:
        """The faults that were not survived."""
        return [outcome for outcome in self.outcomes if outcome.problems]

    def _read(self) -> None:
        for line in self.path.read_text(encoding="utf-8").splitlines():
            match json.loads(line):
                case {"run": run}:
                    self.run = Run(run["seed"], run["faults"], tuple(run["only"]))
                case {"seconds": seconds}:
                    self.seconds += seconds
                case outcome:
                    self.outcomes.append(Outcome(**{**outcome, "problems": tuple(outcome["problems"])}))

    def _write(self, line: dict[str, object]) -> None:
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")


def render(results: Results, kinds: Iterable[Fault]) -> Iterator[str]:
    """Write the table as Markdown: a line a kind, then the sums."""
    by_kind: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in results.tried:
        by_kind[outcome.fault].append(outcome)
    yield "| fault | FAULTS | tried | survived | writes acknowledged | median |"
    yield "|---|---|--:|--:|--:|--:|"
    for kind in kinds:
        held = by_kind[kind.name]
        if held:
            survived = sum(not outcome.problems for outcome in held)
            middle = statistics.median(outcome.ms for outcome in held)
            edits = sum(outcome.edits for outcome in held)
            tried = f"{len(held):,} | {survived:,} | {edits:,} | {middle:,.0f} ms"
            yield f"| {kind.said} | {kind.rows} | {tried} |"
    edits, broken = sum(outcome.edits for outcome in results.tried), len(results.broken)
    count = len(results.tried)
    yield f"| **all** | | **{count:,}** | **{count - broken:,}** | **{edits:,}** | |"
    yield ""
    seed = results.run.seed if results.run else "?"
    yield f"{describe_machine()}; {results.seconds / 60:.0f} minutes; seed {seed}."
    skipped = {outcome.skipped for outcome in results.outcomes if outcome.skipped}
    yield from (f"Not tried here: {reason}." for reason in sorted(skipped))


def describe_machine() -> str:
    """Say what this ran on."""
    parts = ", ".join(f"{name} {version(name)}" for name in ("sqlalchemy", "dbos", "starlette", "whoosh3"))
    system = f"{platform.system()} {platform.release()}, Python {sys.version.split()[0]}"
    return f"{os.cpu_count()} cores, {system}, {parts}"

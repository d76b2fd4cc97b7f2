"""Measure search beside FTS5 and tantivy: `make bench SEARCH=1 SIZES="40000 200000 1000000"`.

Everything is generated, and kept in a folder between runs where one is named. Each engine answers
in a process of its own, alone: one client, then eight at once. CPU seconds count for building,
because other work on the machine does not change them.
"""

import argparse
import random
import shutil
import sqlite3
import statistics
import tempfile
import time
from collections import deque
from collections.abc import Callable, Sequence
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from bench.search.engines import NOW, Engine, Fts5, Ours, Tantivy, install_tantivy
from bench.search.measuring import CLIENTS, Answers, measure_apart
from bench.search.questions import Question, choose_questions
from bench.search.speech import TURNS_AN_EPISODE, make_vocabulary, speak
from bench.table import Row, print_rows
from media.changes import log_change
from media.episodes import update_episode

SIZES = (40_000, 200_000, 1_000_000)
GOALS_MS = {40_000: 5.0, 200_000: 10.0, 1_000_000: 40.0}  # 95th percentile, excerpts included
GOAL_RATE, GOAL_FOUND_MS = 5_000, 200.0
CHOSEN_FROM = 20_000  # turns among which questions are chosen, the same for every size
UPDATES = 12
INDEXED_FROM_TEXTS = 40_000


class Built(NamedTuple):
    """What building cost."""

    cpu_s: float
    wall_s: float
    bytes: int


def measure_building(build: Callable[[], object], folder: Path, pattern: str) -> Built:
    """Time a build, and weigh what it made."""
    cpu, wall = time.process_time(), time.perf_counter()
    build()
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    return Built(cpu, wall, sum(path.stat().st_size for path in folder.glob(pattern) if path.is_file()))


def measure_freshness(ours: Ours, episodes: int) -> tuple[list[float], list[float]]:
    """Time, from the writer's start, until a replaced episode is found; and what the idle worker merges."""
    ours.open()
    found, idle = [], []
    dice = random.Random(6)
    for number in range(UPDATES):
        episode_id = dice.randrange(1, episodes + 1)
        with ours.database.write() as connection:
            moved = {"published_at": NOW + timedelta(days=number + 1)}
            update_episode(connection, episode_id, moved, NOW)
            log_change(connection, episode_id, NOW)
        started = time.perf_counter()
        ours.follow()
        asked = Question(("de",), days=(-number - 1, -number - 1))
        if not ours.ask(asked):
            raise AssertionError("the change is not found")
        found.append(1_000 * (time.perf_counter() - started))
        started = time.perf_counter()
        ours.follow()
        idle.append(1_000 * (time.perf_counter() - started))
    return found, idle


def run(size: int, folder: Path) -> None:
    """Measure one size, and print its tables."""
    vocabulary = make_vocabulary()
    chosen = list(islice(speak(vocabulary, size), CHOSEN_FROM))
    classes = choose_questions(chosen, vocabulary)
    text_bytes = sum(len(turn.text.encode()) for turn in speak(vocabulary, size))
    ours, fts5, tantivy = Ours(folder), Fts5(folder), Tantivy(folder)
    if not (folder / "filled").exists():
        ours.fill(speak(vocabulary, size))
        (folder / "filled").touch()
    built = {
        "ours": measure_building(ours.build, ours.settings.index_folder, "**/*"),
        "texts": _build_from_texts(ours, min(size, INDEXED_FROM_TEXTS), vocabulary, folder),
        "FTS5": _build_peer(fts5, size, vocabulary, folder, "fts5.sqlite"),
        "tantivy": _build_peer(tantivy, size, vocabulary, folder, "tantivy/**/*"),
    }
    ours.database.close()
    kinds: dict[str, type[Engine]] = {"ours": Ours, "FTS5": Fts5, "tantivy": Tantivy}
    answers = {name: measure_apart(kind, folder, classes) for name, kind in kinds.items()}
    found, idle = measure_freshness(Ours(folder), size // TURNS_AN_EPISODE)
    title = f"Search, {size:,} passages ({text_bytes / 1e6:,.0f} MB of text), SQLite {sqlite3.sqlite_version}"
    print_classes(title, answers, GOALS_MS.get(size))
    peers = {name: cost for name, cost in built.items() if name in kinds and name != "ours"}
    rate = min(size, INDEXED_FROM_TEXTS) / built["texts"].cpu_s
    rows = [
        Row(
            "passages indexed a second of CPU, texts given",
            f"{rate:,.0f}",
            ", ".join(f"{name} {size / cost.cpu_s:,.0f}" for name, cost in peers.items()),
            GOAL_RATE / rate,
            f"{GOAL_RATE:,}",
        ),
        Row("the same, read from the catalogue", f"{size / built['ours'].cpu_s:,.0f}", "", None, ""),
        Row("build, s", f"{built['ours'].wall_s:.1f}", "", None, ""),
        Row(
            "index size, of the text's; the peers' hold the text too",
            f"{built['ours'].bytes / text_bytes:.2f}",
            ", ".join(f"{name} {cost.bytes / text_bytes:.2f}" for name, cost in peers.items()),
            built["ours"].bytes / text_bytes,
            "1",
        ),
        Row("memory when asked, MB", *_say_memory(answers), None, ""),
        Row("replaced episode found, ms: median", f"{statistics.median(found):.0f}", "", None, ""),
        Row(
            "replaced episode found, ms: worst",
            f"{max(found):.0f}",
            "",
            max(found) / GOAL_FOUND_MS,
            f"{GOAL_FOUND_MS:.0f} at 200,000",
        ),
        Row("merging when idle, ms: worst", f"{max(idle):.0f}", "", None, "2,000"),
    ]
    print_rows(f"{title}: index", rows)


def print_classes(title: str, answers: dict[str, Answers], goal_ms: float | None) -> None:
    """Print the table of classes: median / 95th percentile, and the latter with eight clients."""
    print(f"\n### {title}: ms, median / p95 · p95 of {CLIENTS} clients\n")
    print(
        "| of the goal | class | matches | ours, first time p95 |" + "".join(f" {name} |" for name in answers)
    )
    print("|--:|---|--:|--:|" + "--:|" * len(answers))
    for name, ours in answers["ours"][0].items():
        ratio = "" if goal_ms is None else f"{ours.p95 / goal_ms:.2f}"
        cells = (timings[name] for timings, _ in answers.values())
        told = "".join(f" {cell.median:.1f} / {cell.p95:.1f} · {cell.together_p95:.1f} |" for cell in cells)
        print(f"| {ratio} | {name} | {ours.matches:,.0f} | {ours.first_p95:.1f} |{told}", flush=True)


def _build_from_texts(ours: Ours, size: int, vocabulary: Sequence[str], folder: Path) -> Built:
    """Index texts that are there already, without a catalogue."""
    turns = list(speak(vocabulary, size))
    return measure_building(lambda: ours.index_texts(turns, folder / "texts"), folder / "texts", "*")


def _build_peer(
    peer: Fts5 | Tantivy, size: int, vocabulary: Sequence[str], folder: Path, pattern: str
) -> Built:
    """Build a peer's index; what generating the texts costs is taken off."""
    generating = measure_building(lambda: deque(speak(vocabulary, size), maxlen=0), folder, "nothing")
    cost = measure_building(lambda: peer.build(speak(vocabulary, size)), folder, pattern)
    return Built(cost.cpu_s - generating.cpu_s, cost.wall_s - generating.wall_s, cost.bytes)


def _say_memory(answers: dict[str, Answers]) -> tuple[str, str]:
    ours, *peers = (f"{name} {megabytes:,.0f}" for name, (_, megabytes) in answers.items())
    return ours.removeprefix("ours "), ", ".join(peers)


def main() -> None:
    """Run the bench from a terminal."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("sizes", type=int, nargs="*", default=SIZES)
    parser.add_argument("--folder", type=Path, help="where to keep what is generated")
    options = parser.parse_args()
    folder = options.folder or Path(tempfile.mkdtemp(prefix="entendu-search-"))
    try:
        install_tantivy(folder / "packages")
        for size in options.sizes:
            (folder / str(size)).mkdir(parents=True, exist_ok=True)
            run(size, folder / str(size))
    finally:
        if options.folder is None:
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()

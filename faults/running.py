"""A run: its scenes on several lanes, its table written as they end, the time that it may take."""

import argparse
import secrets
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path

from faults.kinds import BY_NAME, FAULTS
from faults.lanes import KEPT_WORLDS, Lane
from faults.results import Results, Run, render
from faults.scenes import Outcome
from faults.schedule import Scene, draw
from faults.victims import die_with_parent
from faults.worlds import find_room

BEGIN_MARK, END_MARK = "<!-- faults: written by `make faults` -->", "<!-- end of faults -->"

_lane: list[Lane] = []  # of this process, which plays scenes


def go_on(asked: argparse.Namespace) -> int:
    """Play what a run still has to play; return the exit status."""
    results = Results(asked.table or _new_table())
    if results.run is None:
        seed = asked.seed if asked.seed is not None else secrets.randbelow(10**9)
        results.begin(Run(seed, asked.faults, tuple(asked.only)))
    run = results.run
    assert run is not None
    kinds = [BY_NAME[name] for name in run.only] or FAULTS
    scenes = draw(run.seed, run.faults, kinds)
    waiting = [scene for scene in scenes if scene.number not in results.played]
    if asked.scene is not None:  # played again: that is no part of the run's table
        waiting = [scene for scene in scenes if scene.number == asked.scene]
        results, asked.write = Results(_new_table()), None
        results.begin(run)
    _say(f"seed {run.seed}, {sum(len(scene.faults) for scene in scenes):,} faults in {len(scenes):,} scenes")
    _say(f"table {results.path}")
    _play_all(waiting, results, asked.lanes, asked.minutes * 60)
    lines = list(render(results, FAULTS))
    _say("", *lines)
    if asked.write:
        _write_between_marks(asked.write, lines)
    left = len(waiting) - len({*results.played} & {scene.number for scene in waiting})
    if left:
        _say(f"{left} scenes are left; go on by: make faults TABLE={results.path}")
    return 1 if results.broken else 0


def _new_table() -> Path:
    return Path(tempfile.gettempdir()) / f"faults-{secrets.token_hex(4)}.jsonl"


def _play_all(waiting: list[Scene], results: Results, lanes: int, limit_s: float) -> None:
    """Play scenes until there are none, or the time is over."""
    until, last = time.monotonic() + limit_s, time.monotonic()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was made is removed first
    with _making_room() as folder:
        pool = get_context("fork").Pool(lanes, _enter_lane, (folder, results.run.seed if results.run else 0))
        try:
            for scene, outcomes in pool.imap_unordered(_play, waiting):
                now = time.monotonic()
                results.add(outcomes, now - last)
                last = now
                _tell_broken(scene, outcomes)
                if now > until:
                    break
        except KeyboardInterrupt:
            _say("stopped")
        finally:
            pool.terminate()
            pool.join()
            _keep_broken(folder, results.path)


def _enter_lane(folder: Path, seed: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    die_with_parent()
    _lane[:] = [Lane.enter(folder, seed)]


def _play(scene: Scene) -> tuple[Scene, list[Outcome]]:
    return scene, _lane[0].play(scene)


def _tell_broken(scene: Scene, outcomes: list[Outcome]) -> None:
    for outcome in outcomes:
        if outcome.problems:
            _say(f"scene {scene.number}, {outcome.fault}, {outcome.detail}:")
            _say(*(f"    {problem[-1_000:]}" for problem in outcome.problems[:5]))


@contextmanager
def _making_room() -> Iterator[Path]:
    """Make the folder of a run, and remove it."""
    folder = Path(tempfile.mkdtemp(prefix="entendu-faults-", dir=find_room()))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _keep_broken(folder: Path, table: Path) -> None:
    """Keep the archives that were not survived beside the table."""
    if (folder / KEPT_WORLDS).is_dir():
        kept = table.with_suffix(".broken")
        shutil.copytree(folder / KEPT_WORLDS, kept, dirs_exist_ok=True)
        _say(f"kept to be looked at: {kept}")


def _write_between_marks(document: Path, lines: list[str]) -> None:
    """Put the table into a document, in place of the one before."""
    text = document.read_text(encoding="utf-8")
    head, begin, rest = text.partition(BEGIN_MARK)
    _, end, tail = rest.partition(END_MARK)
    assert begin and end, f"{document} has no place for the table"
    document.write_text("\n".join([head + begin, "", *lines, "", end + tail]), encoding="utf-8")


def _say(*lines: str) -> None:
    sys.stdout.write("\n".join([*lines, ""]))
    sys.stdout.flush()

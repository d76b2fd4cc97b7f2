"""The short form of `make faults`: each kind of fault once or more, on the real program, from one seed."""

import os
import subprocess
import sys
from pathlib import Path

from faults.kinds import FAULTS
from faults.results import Results, Run, render
from faults.scenes import Outcome
from faults.schedule import draw

ROOT = Path(__file__).parents[2]
SEED = os.environ.get("ENTENDU_FAULTS_SEED", "7")
QUICK = (
    "kill", "kill at a call", "fail a call", "kill the indexer", "damage the index", "damage the catalogue",
    "fill the disk", "cut the power", "cut a download", "cut a request", "kill a worker",
)  # fmt: skip


def test_faults_of_every_kind_are_survived(tmp_path: Path) -> None:
    """FAULTS 1, 10, 11, 14, 15, 17, 19, 43, I1 to I4; `ENTENDU_FAULTS_SEED` draws others."""
    table = tmp_path / "faults.jsonl"
    asked = ["--faults", "5", "--seed", SEED, "--lanes", "2", "--minutes", "20", "--table", str(table)]
    command = [sys.executable, "-m", "faults", *asked, "--only", *QUICK]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"seed {SEED}: {done.stdout}\n{done.stderr}"
    results = Results(table)
    assert {outcome.fault for outcome in results.outcomes} == set(QUICK)
    assert len(results.tried) >= len(QUICK) - 2  # where no disk can be mounted, two kinds are left out
    assert sum(outcome.edits for outcome in results.outcomes) > 50
    assert "Traceback" not in done.stderr


def test_a_schedule_is_the_seed_s_and_gives_each_kind_its_share() -> None:
    scenes = draw(1, 5_000, FAULTS)
    names = [name for scene in scenes for name in scene.faults]
    assert scenes == draw(1, 5_000, FAULTS) != draw(2, 5_000, FAULTS)
    assert {kind.name: names.count(kind.name) for kind in FAULTS} == {k.name: k.share for k in FAULTS}
    assert len(names) >= 5_000
    assert [scene.number for scene in scenes] == list(range(len(scenes)))


def test_a_run_that_was_stopped_is_gone_on_with(tmp_path: Path) -> None:
    results = Results(tmp_path / "table")
    results.begin(Run(3, 40, ("kill",)))
    results.add(
        [Outcome(0, "kill", "after 3 answers", 3, 12, ()), Outcome(0, "kill", "", 1, 9, ("lost",))], 2.5
    )
    again = Results(tmp_path / "table")
    assert (again.run, again.played, again.seconds) == (Run(3, 40, ("kill",)), {0}, 2.5)
    assert again.outcomes == results.outcomes
    assert [outcome.problems for outcome in again.broken] == [("lost",)]
    (line,) = [line for line in render(again, FAULTS) if "any moment" in line and "people" in line]
    assert "| 2 | 1 | 4 |" in line

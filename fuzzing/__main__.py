"""Damage what comes in, and count what the parsers make of it: `make fuzz`, or a part of it.

.venv/bin/python -m fuzzing [--seed N] [--share 0.01] [--minutes 20] [--target NAME]… [--write]
.venv/bin/python -m fuzzing --seed N --case NAME:NUMBER

`--share` takes a share of the cases, `--minutes` ends each target, `--case` runs one again and says
what it holds, `--write` puts the table into docs/reliability.md. Without a seed, one is drawn and
said. Exit status 1 where anything was raised, died, hung or escaped.
"""

import argparse
import json
import os
import secrets
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

from fuzzing.egress import try_addresses
from fuzzing.reporting import WORK, print_table, write_table
from fuzzing.running import Tally, Target, make_case, run_cases, with_errors_of
from fuzzing.targets import TARGETS, find_target

NICENESS = 10


def main() -> int:
    """Run the targets that are asked for, one after the other."""
    asked = _read_arguments()
    if asked.table:
        return _finish(write=asked.write)
    if asked.case:
        return _show_case(asked.case, asked.seed)
    os.nice(NICENESS)
    seed = secrets.randbelow(1_000_000_000) if asked.seed is None else asked.seed
    print(f"seed {seed}", flush=True)
    WORK.mkdir(exist_ok=True)
    for target in [find_target(name) for name in asked.target] or TARGETS:
        _report(_run(target, seed, asked.share, asked.minutes))
    if not asked.target:
        _report(try_addresses(seed))
    return _finish(write=asked.write)


def _read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m fuzzing")
    parser.add_argument("--seed", type=int)
    parser.add_argument("--share", type=float, default=1.0)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--target", action="append", default=[], choices=[t.name for t in TARGETS])
    parser.add_argument("--case")
    parser.add_argument("--table", action="store_true")
    parser.add_argument("--write", action="store_true")
    return parser.parse_args()


def _run(target: Target, seed: int, share: float, minutes: float) -> Tally:
    count = max(1, round(target.cases * share))
    return run_cases(target, seed, 0, count, time.monotonic() + 60 * minutes)


def _report(tally: Tally) -> None:
    """Say what came of a target, and keep it for the table."""
    print(f"{tally.name}: {tally.cases} cases, {tally.read} read, {tally.refused} refused", end=", ")
    print(f"{tally.failures} failures, slowest {tally.slowest_s:.2f} s, {tally.peak_mb} MB", flush=True)
    for line in tally.told:
        print(f"  {line}", flush=True)
    (WORK / f"{tally.name}.json").write_text(json.dumps(asdict(tally)))


def _show_case(case: str, seed: int | None) -> int:
    """Run one case again, which a failure names as NAME SEED:NUMBER."""
    name, number = case.split(":")
    target = find_target(name)
    with tempfile.TemporaryDirectory() as folder:
        data = make_case(target, target.seeds(Path(folder)), seed or 0, int(number))
        sys.stdout.buffer.write(data + b"\n")
        print(with_errors_of(target, data, Path(folder)))
    return 0


def _finish(*, write: bool) -> int:
    tallies = [Tally(**json.loads(path.read_text())) for path in sorted(WORK.glob("*.json"))]
    print_table(tallies)
    if write:
        write_table(tallies)
    return int(any(tally.failures for tally in tallies))


if __name__ == "__main__":
    sys.exit(main())

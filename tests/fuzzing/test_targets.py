"""The short form of `make fuzz`: a few cases of every target, the same in every run (FAULTS 23, 34 to 42).

`make fuzz` is the long form; its table is in docs/reliability.md.
"""

import os
from pathlib import Path

import pytest

from fuzzing.running import Target, make_case, run_cases
from fuzzing.targets import TARGETS, find_target

SEED = int(os.environ.get("ENTENDU_FUZZING_SEED", "23"))
FEW = {"sounds": 12, "answers": 60, "texts": 100, "feeds": 120, "ranges": 80}
SOME = 200


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_whatever_comes_in_is_read_or_refused_and_opens_nothing(target: Target) -> None:
    count = FEW.get(target.name, SOME)
    tally = run_cases(target, SEED, 0, count)
    assert tally.cases == count == tally.read + tally.refused + tally.slow, (SEED, tally.told)
    assert not tally.raised + tally.died + tally.escaped, (SEED, tally.told)
    assert tally.read and tally.refused, "what is damaged too much, or too little, tests nothing"


def test_a_case_is_the_same_bytes_wherever_it_is_made(tmp_path: Path) -> None:
    target = find_target("feeds")
    seeds = target.seeds(tmp_path)
    cases = [make_case(target, seeds, 1, number) for number in range(20)]
    assert cases == [make_case(target, seeds, 1, number) for number in range(20)]
    assert len(set(cases)) > 15


def misbehave(data: bytes, folder: Path) -> bool:
    """Do what no parser may, as the case says."""
    match data:
        case b"raise":
            raise KeyError("x")
        case b"die":
            os.abort()
        case b"open":
            return bool(Path("/etc/hostname").read_bytes())
        case b"write":
            (folder / "x").write_bytes(b"")
        case b"start":
            os.system("true")
    return True


@pytest.mark.parametrize(
    ("case", "outcome"),
    [
        (b"raise", "raised"),
        (b"die", "died"),
        (b"open", "escaped"),
        (b"write", "escaped"),
        (b"start", "escaped"),
    ],
)
def test_what_no_parser_may_do_is_seen_and_the_next_case_is_run(case: bytes, outcome: str) -> None:
    order = iter([b"fine", case, b"fine"])
    made: list[bytes] = []

    def mutate(_seeds: object, _dice: object) -> bytes:
        made.append(next(order) if not made or outcome != "died" else case)
        return made[-1]

    if outcome == "died":  # another child begins anew: its cases follow from the number alone
        order = iter([case] * 9)
    target = Target("bad", "", "", 3, lambda _: [], mutate, misbehave)
    tally = run_cases(target, 1, 0, 3)
    assert getattr(tally, outcome) == (3 if outcome == "died" else 1), tally
    assert tally.cases == 3 and tally.told

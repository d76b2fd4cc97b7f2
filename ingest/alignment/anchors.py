"""Where two texts surely meet: rare words and runs of words that each has once, in one order.

What occurs once on both sides is nearly always the same place; the exceptions are out of order,
and the heaviest chain that grows on both sides leaves them out. Time and memory grow with the
texts' lengths, whatever they hold.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ingest.alignment.tokens import Floats, Integers, Parts

RUNS = (3, 2, 1)  # words a run, of those sought
LEAST_LETTERS = 4  # of a single word that is an anchor
BASE = 1_000_003  # runs of keys are told apart by one number


@dataclass(frozen=True, slots=True)
class Run:
    """Equal parts side by side: `length` of them, from `ours` in the text and `theirs` in what was heard."""

    ours: int
    theirs: int
    length: int


def find_anchors(text: Parts, heard: Parts, weights: Floats) -> list[Run]:
    """Find the runs where the two surely meet, growing on both sides, each as long as it can be."""
    points = np.unique(np.concatenate([_find_shared(text, heard, run) for run in RUNS]), axis=0)
    runs = _join_diagonals(points)
    told = np.concatenate(([0.0], np.cumsum(weights[text.keys])))
    chain = choose_chain(runs, [float(told[run.ours + run.length] - told[run.ours]) for run in runs])
    return list(_stretch(chain, text.keys.tolist(), heard.keys.tolist()))


def choose_chain(runs: Sequence[Run], worth: Sequence[float]) -> list[Run]:
    """Choose the runs worth most together of which each ends, on both sides, before the next begins."""
    ends = sorted({run.theirs + run.length for run in runs})
    best: list[tuple[float, int]] = [(0.0, -1)] * (len(ends) + 1)  # Fenwick: maxima over prefixes of `ends`
    total, before = [0.0] * len(runs), [-1] * len(runs)
    finished = sorted(range(len(runs)), key=lambda at: runs[at].ours + runs[at].length)
    done = 0
    for at in sorted(range(len(runs)), key=lambda at: runs[at].ours):
        run = runs[at]
        while done < len(finished) and runs[finished[done]].ours + runs[finished[done]].length <= run.ours:
            other = finished[done]
            _raise(best, bisect_right(ends, runs[other].theirs + runs[other].length), (total[other], other))
            done += 1
        reached, before[at] = _highest(best, bisect_right(ends, run.theirs))
        total[at] = reached + worth[at]
    chain, at = [], max(range(len(runs)), key=total.__getitem__, default=-1)
    while at >= 0:
        chain.append(runs[at])
        at = before[at]
    return chain[::-1]


def _find_shared(text: Parts, heard: Parts, length: int) -> Integers:
    """Find the runs of this many parts that each side has once, as points, shape (n, 2)."""
    ours, theirs = (_number_runs(side.keys, length) for side in (text, heard))
    (one, first_one, count_one), (two, first_two, count_two) = (
        np.unique(side, return_index=True, return_counts=True) for side in (ours, theirs)
    )
    _, at_one, at_two = np.intersect1d(
        one[count_one == 1], two[count_two == 1], assume_unique=True, return_indices=True
    )
    points = np.stack([first_one[count_one == 1][at_one], first_two[count_two == 1][at_two]], axis=1)
    if length == 1:
        long = np.fromiter((len(text.texts[at]) >= LEAST_LETTERS for at in points[:, 0]), bool, len(points))
        points = points[long]
    return np.concatenate([points + step for step in range(length)])


def _number_runs(keys: Integers, length: int) -> Integers:
    """Give each run of this length one number; wrapping round tells them apart no less."""
    count = max(len(keys) - length + 1, 0)
    numbers = np.zeros(count, np.int64)
    for step in range(length):
        numbers = numbers * BASE + keys[step : step + count] + 1
    return numbers


def _join_diagonals(points: Integers) -> list[Run]:
    """Join points that follow each other on both sides."""
    if not len(points):
        return []
    order = np.lexsort((points[:, 0], points[:, 0] - points[:, 1]))
    ours, theirs = points[order, 0], points[order, 1]
    opens = np.r_[True, (np.diff(ours) != 1) | (np.diff(theirs) != 1)]
    at = np.flatnonzero(opens)
    lengths = np.diff(np.r_[at, len(ours)])
    return [Run(*row) for row in np.stack([ours[at], theirs[at], lengths], axis=1).tolist()]


def _stretch(chain: Sequence[Run], ours: Sequence[int], theirs: Sequence[int]) -> Iterator[Run]:
    """Lengthen each run over equal parts, backward to the run before and forward to the next."""
    floor_one = floor_two = 0
    for at, run in enumerate(chain):
        one, two, length = run.ours, run.theirs, run.length
        while one > floor_one and two > floor_two and ours[one - 1] == theirs[two - 1]:
            one, two, length = one - 1, two - 1, length + 1
        last = at + 1 == len(chain)
        top_one = len(ours) if last else chain[at + 1].ours
        top_two = len(theirs) if last else chain[at + 1].theirs
        while (
            one + length < top_one and two + length < top_two and ours[one + length] == theirs[two + length]
        ):
            length += 1
        yield Run(one, two, length)
        floor_one, floor_two = one + length, two + length


def _raise(best: list[tuple[float, int]], place: int, value: tuple[float, int]) -> None:
    while place < len(best):
        if value[0] > best[place][0]:
            best[place] = value
        place += place & -place


def _highest(best: Sequence[tuple[float, int]], place: int) -> tuple[float, int]:
    highest = (0.0, -1)
    while place > 0:
        if best[place][0] > highest[0]:
            highest = best[place]
        place -= place & -place
    return highest

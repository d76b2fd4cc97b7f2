"""Which parts of a human text are which heard parts, rarely wrong rather than always answered.

Between anchors, the heaviest chain of equal or alike parts is found by dynamic programming over
one block at a time; where a block would be too large for that, equal runs of its edit distance
(rapidfuzz, by bits) cut it first. What is left of chance, little words that happen to stand in
order, goes: a match must tell more than the room that it could have fallen in by chance.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from math import log

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Indel, Levenshtein
from rapidfuzz.process import cdist

from ingest.alignment.anchors import Run, find_anchors
from ingest.alignment.tokens import Floats, Parts

ALIKE = 0.65  # from here on, two spellings may be of the same sound
MAX_CELLS = 250_000  # of a block whose table is made whole
CONTINUED = 1.5  # nats: a match right after another is that much likelier
SURE_RUN = 9.0  # nats: an equal run worth this much cuts a block that is too large
MARGIN = 2.5  # nats: what an island of matches tells beyond its room for chance
ASKEW = 0.15  # nats more, for each part by which it parts what would meet
DIAGONAL = 0.5  # nats less, for a match at the other end of its block
NEAR = 2  # parts on either side that an island may skip
NEVER = np.float32(-1e9)

Table = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Match:
    """A part of the text and the heard part that it is."""

    ours: int
    theirs: int
    alike: float  # 1: equal


@dataclass(frozen=True, slots=True)
class Block:
    """What lies between two runs: parts from `ours` to `ours_end`, and from `theirs` to `theirs_end`."""

    ours: int
    ours_end: int
    theirs: int
    theirs_end: int

    @property
    def cells(self) -> int:
        """The size of its table."""
        return (self.ours_end - self.ours) * (self.theirs_end - self.theirs)


def match_parts(text: Parts, heard: Parts, weights: Floats) -> list[Match]:
    """Match two texts' parts, both sides growing; `weights` says how much each key tells."""
    if not len(text) or not len(heard):
        return []
    runs = find_anchors(text, heard, weights)
    matches = list(_match_between(text, heard, weights, runs, whole=Block(0, len(text), 0, len(heard))))
    return drop_chance(matches, weights[text.keys], len(text), len(heard))


def drop_chance(matches: Sequence[Match], worth: Floats, text: int, heard: int) -> list[Match]:
    """Leave out islands of matches that chance explains, the weakest first, as long as there are any."""
    edges = [[Match(-1, -1, 1)], *_find_islands(matches), [Match(text, heard, 1)]]
    told = [sum(float(worth[m.ours]) * (2 * m.alike - 1) for m in island) for island in edges[1:-1]]
    before, after = list(range(-1, len(edges) - 1)), list(range(1, len(edges) + 1))
    versions = [0] * len(edges)

    def lack(at: int) -> float:
        return _room_for_chance(edges[before[at]][-1], edges[at], edges[after[at]][0]) - told[at - 1]

    weak = [(-lack(at), at, 0) for at in range(1, len(edges) - 1)]
    heapify(weak)
    while weak and weak[0][0] < 0:
        _, at, version = heappop(weak)
        if version != versions[at]:
            continue
        versions[at] = -1
        before[after[at]], after[before[at]] = before[at], after[at]
        for near in (before[at], after[at]):
            if 0 < near < len(edges) - 1:
                versions[near] += 1
                heappush(weak, (-lack(near), near, versions[near]))
    return [m for at, island in enumerate(edges[1:-1], 1) if versions[at] >= 0 for m in island]


def _room_for_chance(before: Match, island: Sequence[Match], after: Match) -> float:
    """Say how much an island must tell, in nats, for how far it stands from where its neighbours want it.

    One that has much of the text alone on one side, and as much of the sound alone on the other,
    is not where they would have met without it.
    """
    first, last = island[0], island[-1]
    ahead = (first.ours - before.ours) - (first.theirs - before.theirs)
    behind = (after.ours - last.ours) - (after.theirs - last.theirs)
    slack = min(abs(ahead), abs(behind))
    if not slack:
        return 0.0
    return log(1 + slack) + MARGIN + (ASKEW * slack if ahead * behind < 0 else 0.0)


def _find_islands(matches: Sequence[Match]) -> Iterator[list[Match]]:
    """Cut matches where more than `NEAR` parts of either side lie between two."""
    island: list[Match] = []
    for match in matches:
        if island and max(match.ours - island[-1].ours, match.theirs - island[-1].theirs) > NEAR + 1:
            yield island
            island = []
        island.append(match)
    if island:
        yield island


def _match_between(
    text: Parts, heard: Parts, weights: Floats, runs: Iterable[Run], whole: Block, *, large: bool = True
) -> Iterator[Match]:
    """Yield what runs say, and what the blocks between them hold; `large`: those too large are cut."""
    one, two = whole.ours, whole.theirs
    for run in [*runs, Run(whole.ours_end, whole.theirs_end, 0)]:
        block = Block(one, run.ours, two, run.theirs)
        if 0 < block.cells <= MAX_CELLS:
            yield from _match_block(text, heard, weights, block)
        elif block.cells and large:
            found = _find_sure_runs(text, heard, weights, block)
            yield from _match_between(text, heard, weights, found, block, large=False)
        yield from (Match(run.ours + step, run.theirs + step, 1.0) for step in range(run.length))
        one, two = run.ours + run.length, run.theirs + run.length


def _find_sure_runs(text: Parts, heard: Parts, weights: Floats, block: Block) -> list[Run]:
    """Find the long equal runs of a block's edit distance."""
    ours = text.keys[block.ours : block.ours_end]
    theirs = heard.keys[block.theirs : block.theirs_end]
    runs = [
        Run(op.src_start + block.ours, op.dest_start + block.theirs, op.src_end - op.src_start)
        for op in Levenshtein.opcodes(ours.tolist(), theirs.tolist())
        if op.tag == "equal"
    ]
    told = np.concatenate(([0.0], np.cumsum(weights[text.keys])))
    return [run for run in runs if told[run.ours + run.length] - told[run.ours] >= SURE_RUN]


def _match_block(text: Parts, heard: Parts, weights: Floats, block: Block) -> list[Match]:
    """Find the heaviest chain of alike parts in a block."""
    alike = cdist(
        text.texts[block.ours : block.ours_end],
        heard.texts[block.theirs : block.theirs_end],
        scorer=Indel.normalized_similarity,
        score_cutoff=ALIKE,
        dtype=np.float32,
    )
    rare = np.minimum(
        weights[text.keys[block.ours : block.ours_end]][:, None],
        weights[heard.keys[block.theirs : block.theirs_end]][None, :],
    ).astype(np.float32)
    across = np.abs(np.linspace(0, 1, alike.shape[0])[:, None] - np.linspace(0, 1, alike.shape[1])[None, :])
    told = np.where(alike > 0, rare * (2 * alike - 1) - DIAGONAL * across.astype(np.float32), NEVER)
    matched, free = _fill(told)
    pairs = _walk_back(matched, free)
    return [Match(block.ours + i, block.theirs + j, float(alike[i, j])) for i, j in pairs]


def _fill(told: Table) -> tuple[Table, Table]:
    """Fill the tables row by row: the best that ends in this match, and the best so far."""
    rows, columns = told.shape
    matched = np.full((rows + 1, columns + 1), NEVER, np.float32)
    free = np.zeros((rows + 1, columns + 1), np.float32)
    for row in range(rows):
        came = np.maximum(matched[row, :-1] + np.float32(CONTINUED), free[row, :-1])
        matched[row + 1, 1:] = told[row] + came
        np.maximum.accumulate(np.maximum(matched[row + 1], free[row]), out=free[row + 1])
    return matched, free


def _walk_back(matched: Table, free: Table) -> list[tuple[int, int]]:
    pairs = []
    row, column, ends_here = matched.shape[0] - 1, matched.shape[1] - 1, False
    while row and column:
        if ends_here or matched[row, column] >= free[row, column]:
            pairs.append((row - 1, column - 1))
            row, column = row - 1, column - 1
            ends_here = bool(matched[row, column] + np.float32(CONTINUED) > free[row, column])
        elif free[row - 1, column] >= free[row, column]:
            row -= 1
        else:
            column -= 1
    return pairs[::-1]

"""Which parts of a human text are which heard parts, rarely wrong rather than always answered.

Between anchors, the heaviest chain of equal or alike parts is found by dynamic programming over
one block at a time; where a block would be too large for that, equal runs of its edit distance
(rapidfuzz, by bits) cut it first. What is left of chance, little words that happen to stand in
order, goes: a match must tell more than the room that it could have fallen in by chance.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

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
MARGIN = 2.5  # nats against any detour
A_PART = 0.06  # and for each part of text or speech that is missing
DETOUR_AT_MOST = 40.0  # a rebroadcast may be long
LOOK_BACK = 32  # islands that may be left out in a row
DIAGONAL = 0.5  # nats less, for a match at the other end of its block
PART_MS = 350.0  # what a part takes to say, about
STEADY = 3.0  # parts that a text may be ahead or behind for no reason
NEAR = 2  # parts on either side that an island may skip
NEAR_MS = 2_500.0  # of speech that nobody wrote, or text that nobody says, inside one
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
    return list(_match_between(text, heard, weights, runs, whole=Block(0, len(text), 0, len(heard))))


def drop_chance(matches: Sequence[Match], worth: Floats, ours_ms: Floats, theirs_ms: Floats) -> list[Match]:
    """Leave out what chance explains: islands of matches that tell less than the detours they ask for.

    `ours_ms` and `theirs_ms` say for each part, and for the end, how much is spoken before it: by
    the text at its pace, and in fact. Shapes (n + 1,) and (m + 1,). How far the text leads there
    should change little from one island to the next; where it jumps, text or speech is missing.
    """
    islands = list(_find_islands(matches, ours_ms, theirs_ms))
    told = [0.0, *(sum(float(worth[m.ours]) * (2 * m.alike - 1) for m in island) for island in islands), 0.0]
    comes = np.array([0.0, *(_lead(island[0], ours_ms, theirs_ms) for island in islands), 0.0])
    comes[-1] = ours_ms[-1] - theirs_ms[-1]
    leaves = np.array([0.0, *(_lead(island[-1], ours_ms, theirs_ms) for island in islands), 0.0])
    best, before = np.zeros(len(told)), [0] * len(told)
    for at in range(1, len(told)):
        back = max(0, at - LOOK_BACK)
        reached = best[back:at] - _weigh_detours(comes[at] - leaves[back:at])
        before[at] = back + int(reached.argmax())
        best[at] = told[at] + reached[before[at] - back]
    kept, at = [], before[-1]
    while at:
        kept.append(islands[at - 1])
        at = before[at]
    return [match for island in reversed(kept) for match in island]


def _lead(match: Match, ours_ms: Floats, theirs_ms: Floats) -> float:
    return float(ours_ms[match.ours] - theirs_ms[match.theirs])


def _weigh_detours(jumps_ms: Floats) -> Floats:
    """Say how many nats speak against text or speech missing, given how much of either, in ms."""
    parts = np.maximum(np.abs(jumps_ms) / PART_MS - STEADY, 0.0)
    weighed = np.where(parts > 0, MARGIN + np.log1p(parts) + A_PART * parts, 0.0)
    return np.minimum(weighed, DETOUR_AT_MOST)


def _find_islands(matches: Sequence[Match], ours_ms: Floats, theirs_ms: Floats) -> Iterator[list[Match]]:
    """Cut matches where more than `NEAR` parts of either side lie between two, or too much speech."""
    island: list[Match] = []
    leads = np.array([_lead(match, ours_ms, theirs_ms) for match in matches])
    jumps = np.abs(np.diff(leads, prepend=leads[:1])).tolist()
    for match, jump in zip(matches, jumps, strict=True):
        if island:
            last = island[-1]
            if jump > NEAR_MS or max(match.ours - last.ours, match.theirs - last.theirs) > NEAR + 1:
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

"""What was published beside what was said, by time: two texts of an episode, laid out as pairs. Pure.

A pair is a turn of the text that leads with the turns of the other that are heard during it; what is
heard during none stands alone, where it is said. A text without times cannot be put beside anything:
then each of the two stands whole.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from media.transcript import Chapter
from web.reading import Reading, Section


@dataclass(frozen=True, slots=True)
class Pair:
    """Turns of both texts that are heard together."""

    leading: list[Reading] = field(default_factory=list)
    other: list[Reading] = field(default_factory=list)

    @property
    def start_ms(self) -> int | None:
        """When the first of them begins."""
        starts = [read.stored.turn.start_ms for read in [*self.leading, *self.other]]
        return min((start_ms for start_ms in starts if start_ms is not None), default=None)


@dataclass(frozen=True, slots=True)
class PairedSection:
    """A chapter and its pairs; the chapter is None before the first."""

    chapter: Chapter | None
    pairs: list[Pair]


def pair_turns(sections: Sequence[Section], other: Sequence[Reading]) -> list[PairedSection]:
    """Put the turns of the other text beside those of the text that leads; none is lost, none twice."""
    leading = [read for section in sections for read in section.turns]
    if not any(read.stored.turn.start_ms is not None for read in leading):
        whole = Pair(leading, list(other))
        return [PairedSection(None, [whole])] if leading or other else []
    pairs = {read.stored.id: Pair([read]) for read in leading}
    alone: dict[int, list[Pair]] = {}  # by how many turns of the leading text have begun
    begun = list(accumulate((read.stored.turn.start_ms or 0 for read in leading), max))
    for read in other:
        beside = _find_beside(leading, read)
        if beside is not None:
            pairs[beside.stored.id].other.append(read)
        else:
            at = bisect_right(begun, read.stored.turn.start_ms or 0)
            alone.setdefault(at, []).append(Pair(other=[read]))
    paired, count = [], 0
    for section in sections:
        held = alone.pop(count, []) if not count else []
        for turn in section.turns:
            count += 1
            held += [pairs[turn.stored.id], *alone.pop(count, [])]
        paired.append(PairedSection(section.chapter, held))
    return paired


def _find_beside(leading: Sequence[Reading], read: Reading) -> Reading | None:
    """Find the turn that this one is heard during for longest."""
    start_ms, end_ms = read.stored.turn.start_ms, read.stored.turn.end_ms
    if start_ms is None or end_ms is None:
        return None
    shared = [(_share(turn, start_ms, end_ms), -at) for at, turn in enumerate(leading)]
    most, at = max(shared, default=(0, 0))
    return leading[-at] if most > 0 else None


def _share(turn: Reading, start_ms: int, end_ms: int) -> int:
    begins, ends = turn.stored.turn.start_ms, turn.stored.turn.end_ms
    if begins is None or ends is None:
        return 0
    return min(ends, end_ms) - max(begins, start_ms)

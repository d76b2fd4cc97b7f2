"""What a text itself says of time: believed where words say nothing else.

A time in a text counts on the clock of the file that its author heard: the whole show, or one
subject cut out of it. The shift between that clock and ours is what most of the times say whose
words are well placed; those that disagree are refuted, for words are heard and clocks are typed.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ingest.alignment.placing import Known, place_parts
from ingest.alignment.values import DatedWord

PLACED_MS = 8_000.0  # a word between matches this close is well placed
AGREE_MS = 20_000.0  # clocks are typed in passing


@dataclass(frozen=True, slots=True)
class Clocks:
    """What the times of a text come to."""

    shift_ms: int | None = None
    pins: Mapping[int, float] = field(default_factory=dict)  # starts of parts that words leave open
    contradicted: tuple[DatedWord, ...] = ()


def read_clocks(known: Known, parts: Sequence[int], dated: Sequence[DatedWord]) -> Clocks:
    """Find the shift between a text's clock and ours, and the parts that its times place."""
    if not dated:
        return Clocks()
    starts, _ = place_parts(known, {})
    rooms = [_room(known, part) for part in parts]
    said = [float(starts[part]) - hint.at_ms for part, hint in zip(parts, dated, strict=True)]
    sure = sorted(shift for shift, room in zip(said, rooms, strict=True) if room[2] <= PLACED_MS)
    shift = _agreed(sure)
    pins: dict[int, float] = {}
    refuted = []
    for part, hint, own, (low, high, needed) in zip(parts, dated, said, rooms, strict=True):
        there = hint.at_ms + shift
        if needed <= PLACED_MS:
            agrees = abs(own - shift) <= AGREE_MS
        else:
            agrees = low < there < high and there > max(pins.values(), default=-1.0)
            if agrees and part not in pins:
                pins[part] = there
        if not agrees:
            refuted.append(hint)
    holds = len(refuted) < len(dated)
    return Clocks(round(shift) if holds else None, pins, tuple(refuted))


def _room(known: Known, part: int) -> tuple[float, float, float]:
    """Say where words leave a part, and how many ms of words between matches it stands among."""
    at = bisect_left(known.matches, part, key=lambda match: match.ours)
    heard, lengths = known.heard, known.text.lengths
    if at < len(known.matches) and known.matches[at].ours == part:
        start = float(heard.starts[known.matches[at].theirs])
        return start, start, 0.0
    first, low = 0, 0.0
    if at:
        first, low = known.matches[at - 1].ours + 1, float(heard.ends[known.matches[at - 1].theirs])
    stop, high = len(lengths), known.duration_ms
    if at < len(known.matches):
        stop, high = known.matches[at].ours, float(heard.starts[known.matches[at].theirs])
    return low, high, known.pace * float(lengths[first:stop].sum())


def _agreed(shifts: Sequence[float]) -> float:
    """Find the shift that most agree on; none given: the clocks are one."""
    best: tuple[int, float] = (0, 0.0)
    for shift in shifts:
        near = [other for other in shifts if abs(other - shift) <= AGREE_MS]
        best = max(best, (len(near), near[len(near) // 2]), key=lambda held: (held[0], -abs(held[1])))
    return best[1]

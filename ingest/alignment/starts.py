"""Where turns begin: at a start of speech, the likeliest near where the words put them.

What the words alone say is off by as much as the recogniser is at a turn's edge, and by far more
where it misheard it. Speech after a pause is where people begin, above all where the voice
changes; the less the words around are known, the farther one looks.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ingest.alignment.placing import Known

SURE_MS = 130.0  # how far off a start is whose words were all heard
UNSURE_SHARE = 0.3  # of the time of the words in between that were not: farther off by this
DOUBT_AT_MOST = 6.0  # against a start, from one side: the words there may be missing
LONGEST_PAUSE_MS = 800.0  # a longer one tells no more
PAUSE_WORTH, VOICE_WORTH, WORD_WORTH = 2.0, 2.5, 1.0
STAYING_WORTH = -3.0  # of leaving a start where no speech starts
REACH_MS = 600.0  # that a heard word's own start may move
OVERLAP_MS = 400.0  # that a heard word's end may be late
QUICKEST = 15.0  # ms a character
INFINITE = float("inf")
SAME_MS = 250.0  # a change of voice this near to a start of speech is there


@dataclass(frozen=True, slots=True)
class _Side:
    """The nearest heard word on one side of a turn's start, and what the words in between need."""

    at_ms: float
    needed_ms: float

    def doubt(self, spoken_ms: float) -> float:
        """Weigh a start that leaves this much speech for the words in between."""
        away = (spoken_ms - self.needed_ms) / (SURE_MS + UNSURE_SHARE * self.needed_ms)
        return min(away * away / 2, DOUBT_AT_MOST)


@dataclass(frozen=True, slots=True)
class _Start:
    """A turn's start: where it can be, and what is known before and after."""

    low: float
    high: float
    before: _Side | None
    after: _Side | None


def find_starts(
    known: Known, firsts: Sequence[int], voice_starts: Sequence[int], fixed: Mapping[int, float]
) -> dict[int, float]:
    """Find when turns begin, each given by its first part, where nothing fixed it; in order."""
    candidates = _list_candidates(known, voice_starts)
    found: dict[int, float] = {}
    for first in firsts:
        if first not in fixed:
            start = _bound(known, first)
            low, high = (start.low, 0.0), (start.high, INFINITE)
            near = candidates[bisect_left(candidates, low) : bisect_right(candidates, high)]
            best = _choose(known, start, near)
            if best is not None:
                found[first] = best
    return dict(_in_order({**found, **fixed}))


def _bound(known: Known, first: int) -> _Start:
    """Say between which moments a turn can begin, by the heard words around it."""
    heard, lengths, matches = known.heard, known.text.lengths, known.matches
    at = bisect_left(matches, first, key=lambda match: match.ours)
    low, high, before, after = 0.0, known.duration_ms, None, None
    if at:
        last = matches[at - 1]
        begun, ended = float(heard.starts[last.theirs]), float(heard.ends[last.theirs])
        before = _Side(ended, known.pace * float(lengths[last.ours + 1 : first].sum()))
        low = max(begun + QUICKEST, ended - OVERLAP_MS)
    if at < len(matches):
        next_ = matches[at]
        start, characters = float(heard.starts[next_.theirs]), float(lengths[first : next_.ours].sum())
        after = _Side(start, known.pace * characters)
        high = start - QUICKEST * characters
        if next_.ours == first:
            low = max(low, start - REACH_MS)
            high = min(start + REACH_MS, float(heard.ends[next_.theirs]) - 1)
    return _Start(low, max(high, low), before, after)


def _list_candidates(known: Known, voice_starts: Sequence[int]) -> list[tuple[float, float]]:
    """List when a turn may begin, and what speaks for it: speech and voices that start, words after a gap."""
    worth: dict[float, float] = {}
    heard = known.heard
    ended = np.maximum.accumulate(np.r_[0.0, heard.ends[:-1]])
    for start, gap in zip(heard.starts.tolist(), (heard.starts - ended).tolist(), strict=True):
        worth[start] = WORD_WORTH * min(max(gap, 0.0), LONGEST_PAUSE_MS) / LONGEST_PAUSE_MS
    begun = set(known.clock.starts)
    for start in {*begun, *map(float, voice_starts)}:
        pause = known.clock.pause_before(start) if start in begun else 0.0
        pause = min(pause, LONGEST_PAUSE_MS) / LONGEST_PAUSE_MS
        worth[start] = PAUSE_WORTH * pause + VOICE_WORTH * _is_near(start, voice_starts)
    return sorted(worth.items())


def _choose(known: Known, start: _Start, near: Sequence[tuple[float, float]]) -> float | None:
    """Choose among the moments that a turn may begin the likeliest; None to stay."""
    best, most = None, STAYING_WORTH
    for candidate, worth in near:
        here = known.clock.spoken(candidate)
        if start.before:
            worth -= start.before.doubt(here - known.clock.spoken(start.before.at_ms))
        if start.after:
            worth -= start.after.doubt(known.clock.spoken(start.after.at_ms) - here)
        if worth > most:
            best, most = candidate, worth
    return best


def _is_near(start: float, voice_starts: Sequence[int]) -> bool:
    at = bisect_left(voice_starts, start)
    return any(abs(other - start) <= SAME_MS for other in voice_starts[max(at - 1, 0) : at + 1])


def _in_order(found: Mapping[int, float]) -> Iterator[tuple[int, float]]:
    """Keep the starts that go forward in time, in the order of the text."""
    latest = -1.0
    for first in sorted(found):
        if found[first] > latest:
            latest = found[first]
            yield first, latest

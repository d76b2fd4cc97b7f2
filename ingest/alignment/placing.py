"""Times for every part of a text, from those that were heard.

Between two parts whose times are known, the others follow the heard words that stand there, by
characters, where both sides say about as much; else they are spread over the speech. Where far
more is spoken than written, they keep close to their neighbours, cut at the strongest seam of the
text; where there is no speech for them, they share what room there is, and are said to have none.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ingest.alignment.clock import SpeechClock
from ingest.alignment.matching import Match
from ingest.alignment.tokens import Floats, HeardParts, Parts

MS_A_CHARACTER = 65.0  # of speech, where nothing tells how fast people speak here
SLOWEST, FASTEST = 160.0, 30.0
LEAST_SHARE, MOST_SHARE = 0.5, 2.0  # of what was heard: the text follows it word by word
ROOM_MS = 2_000.0  # of speech beyond what a text needs, from which it keeps to its neighbours
ROOM_TIMES = 1.8


@dataclass(frozen=True, slots=True)
class Stretch:
    """Parts of unknown times, the room that they have, and the heard parts in it."""

    first: int
    stop: int
    low: float
    high: float
    heard_first: int
    heard_stop: int
    opens: bool = False  # nothing is known before it
    closes: bool = False  # nothing is known after it


@dataclass(frozen=True, slots=True)
class Known:
    """Everything that places a text's parts."""

    text: Parts
    heard: HeardParts
    matches: Sequence[Match]
    clock: SpeechClock
    seams: Sequence[int]  # how strong a break before each part is; 0: none
    duration_ms: float
    pace: float  # ms of speech a character


def measure_pace(text: Parts, heard: HeardParts, matches: Sequence[Match], clock: SpeechClock) -> float:
    """Say how long a character takes here, in ms of speech, from parts matched one after the other."""
    spoken = characters = 0.0
    for one, two in pairwise(matches):
        if two.ours - one.ours == 1 == two.theirs - one.theirs:
            spoken += clock.spoken(heard.starts[two.theirs]) - clock.spoken(heard.starts[one.theirs])
            characters += text.lengths[one.ours]
    return min(max(spoken / characters, FASTEST), SLOWEST) if spoken else MS_A_CHARACTER


def place_parts(known: Known, pins: Mapping[int, float]) -> tuple[Floats, Floats]:
    """Give every part a start and an end, in order, within the sound; `pins` are starts known otherwise."""
    count = len(known.text)
    starts, ends = np.zeros(count), np.zeros(count)
    for match in known.matches:
        starts[match.ours] = pins.get(match.ours, known.heard.starts[match.theirs])
        ends[match.ours] = known.heard.ends[match.theirs]
    for stretch in find_stretches(known, pins):
        begun, ended = _place(known, stretch)
        starts[stretch.first : stretch.stop] = begun
        ends[stretch.first : stretch.stop] = ended
        if stretch.first in pins:
            starts[stretch.first] = stretch.low
    starts = np.maximum.accumulate(np.clip(starts, 0, known.duration_ms))
    following = np.r_[starts[1:], known.duration_ms]
    return starts, np.clip(ends, starts, np.maximum(following, starts))


def find_stretches(known: Known, pins: Mapping[int, float] | None = None) -> Iterator[Stretch]:
    """Yield the stretches between parts whose times are known, cut at pins."""
    heard = known.heard
    matched = {match.ours: match.theirs for match in known.matches}
    first, low, theirs, opens = 0, 0.0, 0, True
    for at in [*sorted({*matched, *(pins or {})}), len(known.text)]:
        ends = at == len(known.text)
        pin = None if ends else (pins or {}).get(at)
        to = matched.get(at)
        if ends:
            high, stop = known.duration_ms, len(heard.starts)
        elif to is not None:
            high, stop = (heard.starts[to] if pin is None else pin), to
        else:
            high, stop = pin or 0.0, max(theirs, bisect_left(heard.starts, pin or 0.0))
        if at > first:
            yield Stretch(first, at, min(low, high), high, theirs, stop, opens, ends)
        opens = False
        if to is None:
            first, low, theirs = at, high, stop
        else:
            first, low, theirs = at + 1, heard.ends[to], to + 1


def _place(known: Known, stretch: Stretch) -> tuple[Floats, Floats]:
    lengths = known.text.lengths[stretch.first : stretch.stop]
    reached = np.concatenate(([0.0], np.cumsum(lengths)))
    if not reached[-1]:  # events alone
        return np.full(len(lengths), stretch.low), np.full(len(lengths), stretch.low)
    said = known.heard.parts.lengths[stretch.heard_first : stretch.heard_stop].sum()
    if said and LEAST_SHARE <= reached[-1] / said <= MOST_SHARE:
        return _follow(known.heard, stretch, reached)
    low, high = known.clock.spoken(stretch.low), known.clock.spoken(stretch.high)
    needed = known.pace * reached[-1]
    if high - low > ROOM_TIMES * needed + ROOM_MS:
        begun = _keep_near(known, stretch, reached, low, high)
        return _on_clock(known.clock, stretch, begun, begun + known.pace * lengths)
    if high <= low:
        edges = _share_silence(stretch, reached, needed)
        return edges[:-1], edges[1:]
    edges = low + (high - low) * reached / reached[-1]
    return _on_clock(known.clock, stretch, edges[:-1], edges[1:])


def _share_silence(stretch: Stretch, reached: Floats, needed: float) -> Floats:
    """Lay parts where nobody speaks: at the text's ends close to what is known, elsewhere evenly."""
    room = stretch.high - stretch.low
    first, length = stretch.low, room
    if room > needed and stretch.opens != stretch.closes:
        first, length = (stretch.high - needed if stretch.opens else stretch.low), needed
    edges: Floats = first + length * reached / reached[-1]
    return edges


def _follow(heard: HeardParts, stretch: Stretch, reached: Floats) -> tuple[Floats, Floats]:
    """Lay parts along heard ones, by characters."""
    along = slice(stretch.heard_first, stretch.heard_stop)
    marks = np.concatenate(([0.0], np.cumsum(heard.parts.lengths[along])))
    where = reached * (marks[-1] / reached[-1])
    edge = 1e-6 * marks[-1]
    begun = np.clip(np.searchsorted(marks, where[:-1] + edge, "right") - 1, 0, len(marks) - 2)
    ended = np.clip(np.searchsorted(marks, where[1:] - edge, "left") - 1, 0, len(marks) - 2)
    starts, ends = heard.starts[along], heard.ends[along]
    sizes = np.diff(marks)
    first = starts[begun] + (ends - starts)[begun] * (where[:-1] - marks[begun]) / sizes[begun]
    last = starts[ended] + (ends - starts)[ended] * (where[1:] - marks[ended]) / sizes[ended]
    return np.clip(first, stretch.low, stretch.high), np.clip(last, stretch.low, stretch.high)


def _keep_near(known: Known, stretch: Stretch, reached: Floats, low: float, high: float) -> Floats:
    """Start parts at their pace, in speech time: those before the strongest seam after what precedes."""
    cut = _find_cut(known, stretch)
    before = low + known.pace * reached[:-1]
    after = high - known.pace * (reached[-1] - reached[:-1])
    return np.where(np.arange(len(before)) < cut, before, after)


def _find_cut(known: Known, stretch: Stretch) -> int:
    """Say how many parts belong to what precedes them, the others to what follows."""
    if stretch.opens:
        return 0
    if stretch.closes:
        return stretch.stop - stretch.first
    seams = [*known.seams[stretch.first : stretch.stop]]
    seams.append(known.seams[stretch.stop] if stretch.stop < len(known.seams) else 0)
    strongest = max(seams)
    return seams.index(strongest) if strongest else len(seams) - 1


def _on_clock(clock: SpeechClock, stretch: Stretch, begun: Floats, ended: Floats) -> tuple[Floats, Floats]:
    """Bring speech time back to ours."""
    if not clock.starts:
        return np.full(len(begun), stretch.low), np.full(len(ended), stretch.high)
    first = np.array([clock.begins(spoken) for spoken in begun.tolist()])
    last = np.array([clock.finishes(spoken) for spoken in ended.tolist()])
    return np.clip(first, stretch.low, stretch.high), np.clip(last, stretch.low, stretch.high)

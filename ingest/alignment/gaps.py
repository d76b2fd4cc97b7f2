"""What does not meet: speech without text, text without speech, and what the recogniser lost.

A long run of words that nothing ties to the sound is judged by the speech that stands in its
place. None, or far too little: nobody says it. Enough speech, with other words in it: both are
alone. Enough speech in which next to nothing was recognised: the words are probably there.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from ingest.alignment.matching import Match
from ingest.alignment.placing import Known, Stretch, find_stretches
from ingest.alignment.tokens import Floats
from media.texts.alignment import GapKind

LEAST_TEXT_MS = 6_000.0  # of words at their pace: a shorter run is an edit
LEAST_SPEECH_MS = 8_000.0  # of speech beyond what the text needs
LONG_TEXT_MS = 10_000.0  # a run this long in which nothing was heard as written
LITTLE_SPEECH = 0.5  # of what the words need
LITTLE_HEARD = 0.5  # characters heard, of those that so much speech holds
TIED_MS = 3_000.0  # words between matches this close are as good as heard, half
UNLOCATED = -1


@dataclass(frozen=True, slots=True)
class FoundGap:
    """A gap, by parts of the text: from `first` to before `stop`, none where there is no text."""

    kind: GapKind
    start_ms: float
    end_ms: float
    first: int
    stop: int


def find_gaps(known: Known) -> list[FoundGap]:
    """Find where text and sound do not meet, in order."""
    stretches = {stretch.first: stretch for stretch in find_stretches(known)}
    found: list[FoundGap] = []
    for stretch in _with_empty(known, stretches):
        found += _judge(known, stretch)
    return found


def measure_confidence(known: Known, gaps: Sequence[FoundGap]) -> Floats:
    """Say for each part how sure its place is: matched 1, closely between matches a half, else 0."""
    sure = np.zeros(len(known.text))
    for stretch in find_stretches(known):
        needed = known.pace * float(known.text.lengths[stretch.first : stretch.stop].sum())
        if needed <= TIED_MS and not (stretch.opens or stretch.closes):
            sure[stretch.first : stretch.stop] = 0.5
    for gap in gaps:
        sure[gap.first : gap.stop] = 0.0
    for match in known.matches:
        sure[match.ours] = 1.0
    return sure


def _with_empty(known: Known, stretches: dict[int, Stretch]) -> Iterator[Stretch]:
    """Yield all stretches, those between matched neighbours that hold no part of the text included."""
    count, heard = len(known.text), known.heard
    edges = [Match(UNLOCATED, UNLOCATED, 1.0), *known.matches, Match(count, len(heard.starts), 1.0)]
    for one, two in pairwise(edges):
        stretch = stretches.get(one.ours + 1) if two.ours > one.ours + 1 else None
        if stretch is None:
            low = heard.ends[one.theirs] if one.theirs >= 0 else 0.0
            high = heard.starts[two.theirs] if two.theirs < len(heard.starts) else known.duration_ms
            stretch = Stretch(one.ours + 1, two.ours, min(low, high), high, one.theirs + 1, two.theirs)
        yield stretch


def _judge(known: Known, stretch: Stretch) -> Iterator[FoundGap]:
    needed = known.pace * float(known.text.lengths[stretch.first : stretch.stop].sum())
    spoken = known.clock.spoken(stretch.high) - known.clock.spoken(stretch.low)
    said = known.pace * float(known.heard.parts.lengths[stretch.heard_first : stretch.heard_stop].sum())
    here = FoundGap(GapKind.TEXT, stretch.low, stretch.high, stretch.first, stretch.stop)
    alone = replace(here, kind=GapKind.SPEECH, first=stretch.stop, stop=stretch.stop)
    if needed >= LEAST_TEXT_MS and spoken < LITTLE_SPEECH * needed:
        yield here
    elif spoken - needed >= LEAST_SPEECH_MS and needed < LITTLE_SPEECH * spoken:
        yield alone
    elif needed >= LONG_TEXT_MS and said < LITTLE_HEARD * spoken:
        yield replace(here, kind=GapKind.UNRECOGNISED)
    elif needed >= LONG_TEXT_MS:
        yield here
        yield alone

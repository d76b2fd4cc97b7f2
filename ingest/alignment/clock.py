"""Speech time: the clock that stands still while nobody speaks.

Words are spread over it, so that no word is said during music or a pause (shared/SPEECH.md §4).
"""

from bisect import bisect_left, bisect_right
from itertools import accumulate

from ingest.alignment.tokens import HeardParts
from ingest.alignment.values import Spans

BREATH_MS = 300  # words closer than this are one stretch, where nothing says when people speak


class SpeechClock:
    """Turns our time into speech time and back, given where people speak in order."""

    def __init__(self, speech: Spans) -> None:
        held = [(start, end) for start, end in speech if end > start]
        self.starts = [float(start) for start, _ in held]
        self._ends = [float(end) for _, end in held]
        self._before: list[float] = list(accumulate((float(end - start) for start, end in held), initial=0.0))

    def spoken(self, ms: float) -> float:
        """Say how much was spoken before a moment."""
        at = bisect_right(self.starts, ms) - 1
        return 0.0 if at < 0 else self._before[at] + min(ms, self._ends[at]) - self.starts[at]

    def begins(self, spoken: float) -> float:
        """Say when a word begins before which this much was spoken: after a pause rather than before it."""
        at = min(max(bisect_right(self._before, spoken) - 1, 0), len(self.starts) - 1)
        return min(self.starts[at] + spoken - self._before[at], self._ends[at])

    def finishes(self, spoken: float) -> float:
        """Say when a word ends after which this much was spoken: before a pause rather than after it."""
        at = min(max(bisect_left(self._before, spoken) - 1, 0), len(self.starts) - 1)
        return min(self.starts[at] + spoken - self._before[at], self._ends[at])

    def pause_before(self, ms: float) -> float:
        """Say for how long nobody spoke before this start of speech."""
        at = bisect_left(self.starts, ms)
        return self.starts[at] - (self._ends[at - 1] if at else 0.0) if at < len(self.starts) else 0.0


def speech_of_words(heard: HeardParts) -> list[tuple[int, int]]:
    """Take for speech where words were heard, where nobody kept what the detector found."""
    spans: list[tuple[int, int]] = []
    for start, end in zip(heard.starts.tolist(), heard.ends.tolist(), strict=True):
        if spans and start - spans[-1][1] < BREATH_MS:
            spans[-1] = (spans[-1][0], max(spans[-1][1], round(end)))
        else:
            spans.append((round(start), round(end)))
    return spans

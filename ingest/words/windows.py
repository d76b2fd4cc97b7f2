"""What the recogniser is given at once: speech, gathered into windows of half a minute.

Whisper pays for thirty seconds whatever it hears, so long silences are left out and windows are
filled; each is cut at the widest silence near its end, since a sentence cut in two is heard badly
twice. A window remembers where its pieces lay, so that a time inside it finds its way back.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from ingest.sound.chunks import Span, join_spans, split_span

MOST_MS = 29_500  # Whisper hears 30 s; what comes after is lost
LEAST_SHARE = 0.88  # of a full window, from which it may be cut
MARGIN_MS = 300  # kept on both sides of speech: consonants begin before a detector hears them
KEPT_SILENCE_MS = 1_000  # a pause shorter than this stays whole: it carries punctuation
LONGEST_PART_MS = MOST_MS - KEPT_SILENCE_MS  # half of one may be added on each side


@dataclass(frozen=True, slots=True)
class Window:
    """Pieces of one chunk that the recogniser hears end to end, in order."""

    pieces: tuple[Span, ...]

    @property
    def length_ms(self) -> int:
        """How long the pieces last together."""
        return sum(piece.length_ms for piece in self.pieces)

    def place(self, at_ms: int, *, toward_ms: int | None = None) -> int:
        """Find where a moment of the window lies in the chunk; a word passes its middle as `toward_ms`.

        The middle chooses the piece, so that a word's two ends never fall on two sides of a cut.
        """
        begins = [0, *accumulate(piece.length_ms for piece in self.pieces)]
        middle = at_ms if toward_ms is None else toward_ms
        index = min(max(bisect_right(begins, middle) - 1, 0), len(self.pieces) - 1)
        piece = self.pieces[index]
        return min(max(piece.start_ms + at_ms - begins[index], piece.start_ms), piece.end_ms)


def pack_windows(speech: Sequence[Span], duration_ms: int) -> list[Window]:
    """Gather speech into as few windows as fit, cut at wide silences; together they hold all speech."""
    parts = [part for span in speech for part in split_span(span, LONGEST_PART_MS)]
    silences = [after.start_ms - before.end_ms for before, after in pairwise(parts)]
    pieces = _widen(parts, silences, duration_ms)
    windows, begin = [], 0
    while begin < len(pieces):
        end = begin + _fill(pieces[begin:], silences[begin:])
        windows.append(Window(tuple(join_spans(pieces[begin:end], 1))))
        begin = end
    return windows


def _widen(parts: Sequence[Span], silences: Sequence[int], duration_ms: int) -> list[Span]:
    """Give each part its margins: half of a short silence, or MARGIN_MS of a long one."""
    shares = [
        (silence // 2, silence - silence // 2) if silence < KEPT_SILENCE_MS else (MARGIN_MS, MARGIN_MS)
        for silence in silences
    ]
    ends = (MARGIN_MS, MARGIN_MS)
    shares = [ends, *shares, ends]
    return [
        Span(max(part.start_ms - left, 0), min(part.end_ms + right, duration_ms))
        for part, (_, left), (right, _) in zip(parts, shares, shares[1:], strict=False)
    ]


def _fill(pieces: Sequence[Span], silences: Sequence[int]) -> int:
    """Count the pieces of the next window: all that fit, or fewer where a wider silence comes first."""
    lengths = list(accumulate(piece.length_ms for piece in pieces))
    fit = max(bisect_right(lengths, MOST_MS), 1)
    if fit == len(pieces):
        return fit
    allowed = [count for count in range(1, fit + 1) if lengths[count - 1] >= LEAST_SHARE * MOST_MS] or [fit]
    return max(allowed, key=lambda count: silences[count - 1])

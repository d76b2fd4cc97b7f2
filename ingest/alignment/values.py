"""What goes into an alignment and what comes out, as values.

Times are integer milliseconds of our copy of the audio, but for those that a text itself names,
which count on the text's own clock: it may have been written on another file of the same show.
Spans are pairs (start, end), ordered and disjoint, as `audio.speech` keeps them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from media.texts.alignment import GapKind

Spans = Sequence[tuple[int, int]]
LEAST_SCORE = 0.25  # below, the text is another episode's; measured in bench/align.py


@dataclass(frozen=True, slots=True)
class TextPiece:
    """A turn of the text: somebody's words, or an event that no one speaks."""

    words: tuple[str, ...] = ()
    paragraphs: tuple[int, ...] = ()  # words that begin a paragraph, the first left out
    musical: bool = False  # an event that is heard as music or a jingle


@dataclass(frozen=True, slots=True)
class DatedWord:
    """A word for which the text names a time."""

    piece: int
    word: int
    at_ms: int  # on the text's own clock


@dataclass(frozen=True, slots=True)
class Hints:
    """What else is known of where the text lies."""

    dated: tuple[DatedWord, ...] = ()
    music: tuple[tuple[int, int], ...] = ()  # heard
    voice_starts: tuple[int, ...] = ()  # where one voice follows another, by ear


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch where text and sound do not meet; words are those of the text, both included."""

    kind: GapKind
    start_ms: int
    end_ms: int
    first: tuple[int, int] | None = None  # piece, word
    last: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class PlacedWord:
    """When a word of the text is said, and whether it was heard or is only supposed to be there."""

    start_ms: int
    end_ms: int
    heard: bool


@dataclass(frozen=True, slots=True)
class PlacedPiece:
    """A piece with its times."""

    start_ms: int
    end_ms: int
    words: tuple[PlacedWord, ...] = ()
    confidences: tuple[float, ...] = ()  # of each paragraph, 0 to 1
    unplaced: tuple[tuple[int, int], ...] = ()  # runs of words that nobody says, both ends included


@dataclass(frozen=True, slots=True)
class Alignment:
    """A text laid on its sound."""

    score: float  # 0 to 1: how much of the shorter side is found in the other, in rare words mostly
    pieces: tuple[PlacedPiece, ...]  # one for each given
    gaps: tuple[Gap, ...] = ()
    clock_shift_ms: int | None = None  # our time less the text's; None: it names no time that holds
    contradicted: tuple[DatedWord, ...] = field(default=())  # times in the text that the words refute

    @property
    def holds(self) -> bool:
        """Whether this is the text of what is heard."""
        return self.score >= LEAST_SCORE

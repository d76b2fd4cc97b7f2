"""A quote, as it was frozen, and how it stands today, as values.

What is quoted is runs of words of one edition of one episode; several runs are a quotation with
cuts, shown as […]. A quote never changes. What changes is how it stands: `media.quotes.tracking`
looks for its words in the transcript of today and says what became of them.
Words that were withdrawn are in none of these values: a dated notice stands in their place.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from media.correction.comparing import Difference
from media.transcript import Edition, TurnState, Word
from media.transcripts import Attribution

CUT = "[…]"


class Place(NamedTuple):
    """A word of a turn."""

    turn: int
    word: int


class Span(NamedTuple):
    """Words from one to another, both included."""

    first: Place
    last: Place

    def __str__(self) -> str:
        return f"{self.first.turn}.{self.first.word}-{self.last.turn}.{self.last.word}"


@dataclass(frozen=True, slots=True)
class Piece:
    """Successive words of one turn, and who says them."""

    turn_id: int
    version: int  # of the turn
    first_word: int  # index in the turn of the first of these words
    words: tuple[Word, ...]
    speaker: str | None  # None: a voice that nobody has named
    voice: int | None  # its number in the episode
    attribution: Attribution
    state: TurnState

    @property
    def text(self) -> str:
        """The words joined by single spaces."""
        return join_words(self.words)

    @property
    def last_word(self) -> int:
        """Index in the turn of the last of these words."""
        return self.first_word + len(self.words) - 1


Passage = tuple[Piece, ...]  # one run of words, through one turn or more


@dataclass(frozen=True, slots=True)
class Bound:
    """Where a quote begins or ends in our copy of the audio."""

    ms: int
    heard: bool  # False: estimated from the words around it


@dataclass(frozen=True, slots=True)
class Quote:
    """Words as they were read once, by whom they were said, and where all this was found."""

    id: str
    episode_id: int
    edition: Edition
    spans: tuple[Passage, ...]  # one, or several with cuts between
    before: Passage  # words before and after, at most `MAX_CONTEXT_WORDS` on each side
    after: Passage
    show: str
    show_slug: str
    episode: str  # its title
    published_at: datetime | None
    language: str | None  # ISO 639-1
    licence: str | None  # the episode's own, or its show's
    licence_url: str | None
    notice: str | None
    revision: int  # of the episode
    original_sha256: str | None  # of the file as it was published
    copy_sha256: str | None  # of ours, on whose clock all times are
    captured_at: datetime
    account_id: int | None  # of who quoted; None: nobody signed in
    author: str  # their name then; empty: nobody's
    hidden_at: datetime | None = None  # its author took it out of lists; its address holds
    mark: int = 0  # the last row of history when it was frozen

    @property
    def pieces(self) -> Passage:
        """All that is quoted, cuts left out."""
        return tuple(piece for span in self.spans for piece in span)

    @property
    def words(self) -> tuple[Word, ...]:
        """All the words that are quoted."""
        return tuple(word for piece in self.pieces for word in piece.words)

    @property
    def text(self) -> str:
        """The words, with […] where some were left out."""
        return write_spans(self.spans)

    @property
    def speakers(self) -> tuple[str, ...]:
        """Who speaks, by name, in order; voices without a name are not in it."""
        return name_speakers(self.pieces)

    @property
    def start(self) -> Bound | None:
        """Where it begins; None in a text without audio."""
        return find_bounds(self.spans)[0]

    @property
    def end(self) -> Bound | None:
        """Where it ends; None in a text without audio."""
        return find_bounds(self.spans)[1]

    @property
    def start_ms(self) -> int | None:
        """When it begins in our copy."""
        return None if self.start is None else self.start.ms

    @property
    def end_ms(self) -> int | None:
        """When it ends in our copy."""
        return None if self.end is None else self.end.ms

    @property
    def state(self) -> TurnState:
        """How far the least checked of its turns was checked."""
        return least_checked(self.pieces)

    @property
    def is_smoothed(self) -> bool:
        """Tell words that people published (« propos lissés ») from words as they were said."""
        return self.edition is Edition.PUBLISHED


class Fate(StrEnum):
    """What became of a quote's words, the gravest last."""

    SAME = "same"  # the same words of the same turns
    MOVED = "moved"  # the same words, at other times or in another turn
    JOINED = "joined"  # the same words, in fewer turns
    CUT = "cut"  # the same words, in more turns
    RENAMED = "renamed"  # the same words, said to be another's
    RETRANSCRIBED = "retranscribed"  # another transcript took the place of the one that was quoted
    CORRECTED = "corrected"  # other words stand there now
    LOST = "lost"  # no words are left of it, or nothing is known of where they are
    PARTLY_WITHDRAWN = "partly withdrawn"
    UNPUBLISHED = "unpublished"  # its episode is private
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Change:
    """Something that was done to what is quoted, after it was frozen."""

    fate: Fate  # what this act did, compared with just before; `SAME` put back the words quoted
    made_at: datetime
    author: str  # empty: the machine, or nobody's name
    text: str | None = None  # the quote as it read then; None too wherever words are withdrawn
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """How a quote stands at a revision of its episode."""

    fate: Fate  # the gravest of all that became of it
    revision: int
    fates: tuple[Fate, ...] = ()  # all that became of it, the gravest first; empty: it is the same
    spans: tuple[Passage, ...] = ()  # what stands there now; empty where nothing does, or may be read
    differences: tuple[tuple[Difference, ...], ...] = ()  # of each span, its words then and now
    changes: tuple[Change, ...] = ()  # oldest first
    withdrawn_at: datetime | None = None
    nearby: Passage = ()  # of what is lost: what stands at its times now

    @property
    def text(self) -> str | None:
        """The words that stand there now, with […] where some were left out; None: there are none."""
        return write_spans(self.spans) if any(self.spans) else None

    @property
    def says_the_same(self) -> bool:
        """Tell that every word is as it was frozen, and may be read."""
        kept = all(run.kept for runs in self.differences for run in runs)
        return kept and not set(self.fates) & NOT_THE_SAME

    @property
    def is_shown(self) -> bool:
        """Tell that at least some of the quote may be given to readers."""
        return self.fate not in {Fate.WITHDRAWN, Fate.UNPUBLISHED}

    @property
    def since(self) -> datetime | None:
        """When the last of what became of it was done, where that is known."""
        return self.changes[-1].made_at if self.changes else self.withdrawn_at


NOT_THE_SAME = {Fate.CORRECTED, Fate.LOST, Fate.PARTLY_WITHDRAWN, Fate.UNPUBLISHED, Fate.WITHDRAWN}


@dataclass(frozen=True, slots=True)
class Hearing:
    """Somebody listened to a quote, and says that these are the words."""

    author: str  # empty: whoever it was is nobody here now
    account_id: int | None
    made_at: datetime
    revision: int
    overtaken_at: datetime | None = None  # when other words came to stand there


class Check(StrEnum):
    """How far a quote's words have been checked."""

    MACHINE = "machine"
    READ = "read"  # « Relu »
    VALIDATED = "validated"  # « Validé »
    HEARD = "heard"  # « Vérifié à l’oreille »


@dataclass(frozen=True, slots=True)
class ShownQuote:
    """A quote as readers may see it, how it stands, and who heard it."""

    quote: Quote
    standing: Standing
    hearings: tuple[Hearing, ...] = field(default=())

    @property
    def check(self) -> Check:
        """How far what stands there now has been checked: by ear, where somebody heard these words."""
        if any(hearing.overtaken_at is None for hearing in self.hearings):
            return Check.HEARD
        now = [piece for span in self.standing.spans for piece in span] or self.quote.pieces
        return Check(least_checked(now).value)


def join_words(words: Iterable[Word]) -> str:
    """Join words by single spaces."""
    return " ".join(word.text for word in words)


def write_spans(spans: Iterable[Sequence[Piece]]) -> str:
    """Write what is quoted, with […] where some words were left out."""
    runs = (" ".join(piece.text for piece in span) for span in spans)
    return f" {CUT} ".join(filter(None, runs))


def name_speakers(pieces: Iterable[Piece]) -> tuple[str, ...]:
    """List who speaks, by name, in order, each once."""
    return tuple(dict.fromkeys(piece.speaker for piece in pieces if piece.speaker))


def least_checked(pieces: Iterable[Piece]) -> TurnState:
    """Say how far the least checked of these was checked."""
    states = list(TurnState)
    return min((piece.state for piece in pieces), key=states.index, default=TurnState.MACHINE)


def find_bounds(spans: Iterable[Sequence[Piece]]) -> tuple[Bound | None, Bound | None]:
    """Find when words begin and end, and whether that was heard; None where words have no times."""
    words = [word for span in spans for piece in span for word in piece.words]
    if not words:
        return None, None
    first, last = words[0], words[-1]
    start = None if first.start_ms is None else Bound(first.start_ms, first.heard)
    end = None if last.end_ms is None else Bound(last.end_ms, last.heard)
    return start, end

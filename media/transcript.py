"""What was said in an episode, as values: words, turns, events, chapters, doubts.

A transcript is an episode's ordered turns; a turn is one voice's words, or an event heard
instead of speech (music, a jingle). Values are frozen; nothing here opens a file, a socket or
a table. Times are integer milliseconds from the start of *our* copy of the audio, and are
`None` for a text that has no audio.

A word's text holds its punctuation and no breaking space, so that a turn's text is its words
joined by single spaces and offsets in one are offsets in the other. French punctuation that
stands apart hangs on its word by a no-break space ("vous\N{NO-BREAK SPACE}!").
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import accumulate

BREAKING_SPACE = re.compile(r"[^\S\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}]")


class Edition(StrEnum):
    """Which of an episode's two texts: each has its own turns, and they share the voices."""

    SPOKEN = "spoken"  # what was said: recognised by a machine, and corrected to the word
    PUBLISHED = "published"  # what people published: smoothed, imported


class TurnKind(StrEnum):
    """What a turn holds: somebody's words, or a sound that no one speaks."""

    SPEECH = "speech"
    MUSIC = "music"  # music or a jingle, found in the sound itself
    EVENT = "event"  # named by a person: "[Jingle basé sur…]", "[Rires]"


class TurnState(StrEnum):
    """How far a turn's words have been checked by people."""

    MACHINE = "machine"
    READ = "read"  # « Relu », by one person
    VALIDATED = "validated"  # « Validé », by another


class DoubtKind(StrEnum):
    """Why some words of a turn are not to be taken as said."""

    LOOP = "loop"  # the recogniser repeated itself
    UNHEARD = "unheard"  # words given where no speech was detected
    MARKED = "marked"  # a person wrote « ??? »
    DISCUSSED = "discussed"  # a reviewer returned it, with a reason
    UNPLACED = "unplaced"  # a published text says it, and nobody was heard to


@dataclass(frozen=True, slots=True)
class Word:
    """One word as written, with its punctuation, and when it was heard."""

    text: str
    start_ms: int | None = None
    end_ms: int | None = None
    probability: float | None = None  # the recogniser's, 0 to 1; None for human words
    heard: bool = True  # False: the time was estimated, not measured
    language: str | None = None  # ISO 639-1, of a word that is not in the episode's language
    paragraph: bool = False  # a new paragraph begins with it, inside its turn: never a turn's first word

    def __post_init__(self) -> None:
        if not self.text or BREAKING_SPACE.search(self.text):
            raise ValueError(f"a word's text holds no breaking space and is not empty: {self.text!r}")
        if (self.start_ms is None) != (self.end_ms is None):
            raise ValueError(f"a word has both its times or neither: {self!r}")
        if self.start_ms is not None and not 0 <= self.start_ms <= (self.end_ms or 0):
            raise ValueError(f"a word ends after it starts, and not before 0: {self!r}")


@dataclass(frozen=True, slots=True)
class Doubt:
    """A run of a turn's words that somebody, or the machine, is not sure of."""

    kind: DoubtKind
    first_word: int  # index in the turn's words
    last_word: int  # inclusive


@dataclass(frozen=True, slots=True)
class Turn:
    """One voice's consecutive words, or one event; the unit that is read, searched and corrected."""

    words: tuple[Word, ...] = ()
    voice: int | None = None  # number of the voice in its episode, from 1; None where unknown
    kind: TurnKind = TurnKind.SPEECH
    label: str | None = None  # what an event is, in a person's words
    start_ms: int | None = None
    end_ms: int | None = None
    state: TurnState = TurnState.MACHINE
    doubts: tuple[Doubt, ...] = ()

    @property
    def text(self) -> str:
        """The words joined by single spaces."""
        return " ".join(word.text for word in self.words)

    @property
    def word_offsets(self) -> list[int]:
        """Where each word begins in `text`, in characters."""
        return [0, *accumulate(len(word.text) + 1 for word in self.words[:-1])] if self.words else []


@dataclass(frozen=True, slots=True)
class Chapter:
    """A titled part of an episode, from its start to the next chapter's.

    A heading of a text without times has none: it stands before the turn that it points at.
    """

    start_ms: int | None
    title: str
    turn_id: int | None = None  # the first turn under it, of a text's heading
    position: int | None = field(default=None, compare=False, repr=False)  # of that turn, in its edition

    def has_begun(self, start_ms: int | None, position: int | None = None, slack_ms: int = 0) -> bool:
        """Tell whether this chapter has begun at a time, or at the turn at this position of its own text.

        `position` is None for a turn of another edition than the heading's.
        """
        if self.position is not None and position is not None:
            return self.position <= position
        if self.start_ms is None or start_ms is None:
            return False
        return self.start_ms <= start_ms + slack_ms


@dataclass(frozen=True, slots=True)
class Transcript:
    """An episode's words at one moment, and what produced them."""

    turns: tuple[Turn, ...]
    language: str  # ISO 639-1, as given or as detected
    source: str  # "faster-whisper base", "import", …


def speech_turn(words: Iterable[Word], voice: int | None = None, doubts: Iterable[Doubt] = ()) -> Turn:
    """Make a turn of words, bounded by the times of its first and last."""
    held = tuple(words)
    if not held:
        raise ValueError("a speech turn holds at least one word")
    return Turn(held, voice, start_ms=held[0].start_ms, end_ms=held[-1].end_ms, doubts=tuple(doubts))


def split_turn(turn: Turn, at_word: int) -> tuple[Turn, Turn]:
    """Cut a speech turn before the word at this index; doubts stay with their words."""
    if not 0 < at_word < len(turn.words):
        raise ValueError(f"a turn of {len(turn.words)} words cannot be cut before word {at_word}")
    head = [
        replace(doubt, last_word=min(doubt.last_word, at_word - 1))
        for doubt in turn.doubts
        if doubt.first_word < at_word
    ]
    tail = [
        replace(doubt, first_word=max(doubt.first_word - at_word, 0), last_word=doubt.last_word - at_word)
        for doubt in turn.doubts
        if doubt.last_word >= at_word
    ]
    left = replace(
        turn, words=turn.words[:at_word], doubts=tuple(head), end_ms=turn.words[at_word - 1].end_ms
    )
    right = replace(
        turn,
        words=begin_turn(turn.words[at_word:]),
        doubts=tuple(tail),
        start_ms=turn.words[at_word].start_ms,
    )
    return left, right


def begin_turn(words: Iterable[Word]) -> tuple[Word, ...]:
    """Make these a turn's words: the first one begins no paragraph inside of it."""
    held = tuple(words)
    if held and held[0].paragraph:
        return (replace(held[0], paragraph=False), *held[1:])
    return held


def merge_turns(first: Turn, second: Turn) -> Turn:
    """Join two turns into one with the first's voice, as checked as the less checked of them."""
    shift = len(first.words)
    moved = [
        replace(doubt, first_word=doubt.first_word + shift, last_word=doubt.last_word + shift)
        for doubt in second.doubts
    ]
    states = list(TurnState)
    return replace(
        first,
        words=first.words + second.words,
        start_ms=second.start_ms if first.start_ms is None else first.start_ms,
        end_ms=first.end_ms if second.end_ms is None else max(first.end_ms or 0, second.end_ms),
        state=min(first.state, second.state, key=states.index),
        doubts=tuple(_join_at(shift, [*first.doubts, *moved])),
    )


def _join_at(seam: int, doubts: Iterable[Doubt]) -> Iterator[Doubt]:
    """Make one of two doubts of a kind that meet where two turns were joined."""
    waiting: dict[DoubtKind, Doubt] = {}
    for doubt in doubts:
        if doubt.first_word == seam and doubt.kind in waiting:
            yield replace(waiting.pop(doubt.kind), last_word=doubt.last_word)
        elif doubt.last_word == seam - 1 and doubt.kind not in waiting:
            waiting[doubt.kind] = doubt
        else:
            yield doubt
    yield from waiting.values()


def pack_words(words: Iterable[Word]) -> str:
    """Write words as compact JSON: [text, start_ms, end_ms, probability, heard].

    Then, only where there is something to say, the language or null, and 1 for a new paragraph.
    """
    rows = [
        [
            word.text,
            word.start_ms,
            word.end_ms,
            None if word.probability is None else round(word.probability, 3),
            int(word.heard),
            *([word.language] if word.language or word.paragraph else []),
            *([1] if word.paragraph else []),
        ]
        for word in words
    ]
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":"))


def unpack_words(packed: str) -> tuple[Word, ...]:
    """Read what `pack_words` wrote; ValueError where it is anything else."""
    return tuple(_words(json.loads(packed)))


def _words(rows: object) -> Iterator[Word]:
    if not isinstance(rows, list):
        raise ValueError("packed words are a JSON list")
    for text, start_ms, end_ms, probability, heard, *marked in rows:
        language, paragraph = [*marked, None, False][:2] if len(marked) < 2 else marked
        yield Word(text, start_ms, end_ms, probability, bool(heard), language, bool(paragraph))

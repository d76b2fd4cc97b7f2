"""Words chosen to be quoted: where they begin and end, what is left out between, how they are moved. Pure.

What is chosen is counted over the words of all the turns that are shown, in order, so that a
choice runs from one turn into the next. An address says the same by turns (`turn.word`), which
stay what they are when more of the episode is shown.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from itertools import accumulate
from urllib.parse import urlencode

from media.quotes.values import Place, Span
from media.transcript import TurnKind, Word
from media.transcripts import StoredTurn
from web.quotes.sentences import find_sentences, sentence_before, sentence_end, sentence_start

SPAN = re.compile(r"(\d{1,9})\.(\d{1,5})-(\d{1,9})\.(\d{1,5})", re.ASCII)
MAX_CUTS = 20


class Move(StrEnum):
    """What the buttons of the chooser do to a bound."""

    START_SENTENCE = "start-sentence"  # to the start of its sentence, or of the one before
    START_EARLIER = "start-earlier"
    START_LATER = "start-later"
    START_NEXT = "start-next"  # to the start of the next sentence
    END_BEFORE = "end-before"  # to the end of the sentence before
    END_EARLIER = "end-earlier"
    END_LATER = "end-later"
    END_SENTENCE = "end-sentence"  # to the end of its sentence, or of the next


@dataclass(frozen=True)
class Passage:
    """The turns that are shown, speech only, in order, as one run of words."""

    turns: tuple[StoredTurn, ...]

    @cached_property
    def offsets(self) -> list[int]:
        """Where each turn's words begin among all."""
        return list(accumulate((len(held.turn.words) for held in self.turns[:-1]), initial=0))

    @cached_property
    def words(self) -> tuple[Word, ...]:
        """All the words."""
        return tuple(word for held in self.turns for word in held.turn.words)

    @cached_property
    def places(self) -> tuple[Place, ...]:
        """Where each word is."""
        return tuple(Place(held.id, at) for held in self.turns for at in range(len(held.turn.words)))

    @cached_property
    def sentences(self) -> list[int]:
        """The words that begin a sentence; each turn's first does."""
        return [
            offset + start
            for held, offset in zip(self.turns, self.offsets, strict=True)
            for start in find_sentences([word.text for word in held.turn.words])
        ]

    def find(self, place: Place) -> int | None:
        """Say which of all words this one is; beyond its turn's end, its turn's last."""
        for held, offset in zip(self.turns, self.offsets, strict=True):
            if held.id == place.turn:
                return offset + min(place.word, len(held.turn.words) - 1)
        return None


@dataclass(frozen=True)
class Selection:
    """Words of a passage from `first` to `last`, less what is cut out between."""

    passage: Passage
    first: int
    last: int  # included
    cuts: tuple[tuple[int, int], ...] = ()  # (first, last) inside the selection, in order, apart

    @property
    def count(self) -> int:
        """How many words are quoted."""
        return self.last + 1 - self.first - sum(last + 1 - first for first, last in self.cuts)

    @property
    def length_ms(self) -> int | None:
        """How long it is heard, cuts left out; None where words have no times."""
        lengths = [_heard_ms(self.passage.words[first : last + 1]) for first, last in self.runs()]
        return None if None in lengths else sum(filter(None, lengths))

    @property
    def first_word(self) -> Word:
        """The word that it begins with."""
        return self.passage.words[self.first]

    @property
    def last_word(self) -> Word:
        """The word that it ends with."""
        return self.passage.words[self.last]

    def runs(self) -> list[tuple[int, int]]:
        """List what is quoted, (first, last), cuts left out."""
        held, at = [], self.first
        for first, last in self.cuts:
            held.append((at, first - 1))
            at = last + 1
        return [*held, (at, self.last)]

    def spans(self) -> list[Span]:
        """List what is quoted, by turns."""
        places = self.passage.places
        return [Span(places[first], places[last]) for first, last in self.runs()]

    def is_cut(self, word: int) -> bool:
        """Tell a word that is left out."""
        return any(first <= word <= last for first, last in self.cuts)

    def move(self, move: Move) -> "Selection":
        """Move one bound; it stops at the other, and at what is shown."""
        starts, count = self.passage.sentences, len(self.passage.words)
        first, last = self.first, self.last
        begun = sentence_start(starts, first)
        ended = sentence_end(starts, last, count)
        moved = {
            Move.START_SENTENCE: (begun if begun < first else sentence_before(starts, first), last),
            Move.START_EARLIER: (first - 1, last),
            Move.START_LATER: (first + 1, last),
            Move.START_NEXT: (sentence_end(starts, first, count) + 1, last),
            Move.END_BEFORE: (first, sentence_start(starts, last) - 1),
            Move.END_EARLIER: (first, last - 1),
            Move.END_LATER: (first, last + 1),
            Move.END_SENTENCE: (
                first,
                ended if ended > last else sentence_end(starts, min(last + 1, count - 1), count),
            ),
        }[move]
        if moved[0] > moved[1]:
            return self
        return choose(self.passage, *moved, self.cuts)

    def cut(self, first: int, last: int) -> "Selection":
        """Leave words out; only between the first word and the last, which are always quoted."""
        return choose(self.passage, self.first, self.last, [*self.cuts, (min(first, last), max(first, last))])

    def uncut(self, place: int) -> "Selection":
        """Take back the cut of this number."""
        return replace(self, cuts=tuple(cut for at, cut in enumerate(self.cuts) if at != place))

    def address(self, **more: str) -> str:
        """Write the choice as the query of an address."""
        return urlencode([*self.fields(), *more.items()])

    def fields(self) -> list[tuple[str, str]]:
        """Write the choice as the fields of a form."""
        first, last = self.passage.places[self.first], self.passage.places[self.last]
        bounds = {"turn": first.turn, "first": first.word, "end": last.turn, "last": last.word}
        places = self.passage.places
        cuts = [("cut", str(Span(places[low], places[high]))) for low, high in self.cuts]
        return [*((name, str(value)) for name, value in bounds.items()), *cuts]


def choose(passage: Passage, first: int, last: int, cuts: Iterable[tuple[int, int]] = ()) -> Selection:
    """Make a selection that keeps to its passage, its cuts inside it, in order, apart, and not too many."""
    most = len(passage.words) - 1
    low, high = sorted((max(0, min(first, most)), max(0, min(last, most))))
    inside: list[tuple[int, int]] = []
    for begin, end in sorted(cuts):
        begin, end = max(begin, low + 1), min(end, high - 1)
        if inside and begin <= inside[-1][1] + 1:
            inside[-1] = inside[-1][0], max(end, inside[-1][1])
        elif begin <= end:
            inside.append((begin, end))
    return Selection(passage, low, high, tuple(inside[:MAX_CUTS]))


def choose_sentence(passage: Passage, word: int) -> Selection:
    """Choose the sentence of a word."""
    starts = passage.sentences
    return choose(passage, sentence_start(starts, word), sentence_end(starts, word, len(passage.words)))


def choose_sentences(passage: Passage, first: int, last: int) -> Selection:
    """Choose whole sentences, from that of a word to that of another."""
    ended = sentence_end(passage.sentences, last, len(passage.words))
    return choose(passage, sentence_start(passage.sentences, first), ended)


def read_spans(texts: Iterable[str]) -> list[Span]:
    """Read spans as addresses write them; what is none is left out.

    >>> [str(span) for span in read_spans(["7.0-7.12", "nonsense"])]
    ['7.0-7.12']
    """
    found = [SPAN.fullmatch(text) for text in texts]
    return [
        Span(Place(int(match[1]), int(match[2])), Place(int(match[3]), int(match[4])))
        for match in found
        if match
    ]


def find_word_from(passage: Passage, at_ms: int) -> int:
    """Find the first word heard from a moment on: what is said then, or next."""
    held = (place for place, word in enumerate(passage.words) if word.end_ms is not None)
    return next((place for place in held if (passage.words[place].end_ms or 0) > at_ms), 0)


def find_word_until(passage: Passage, at_ms: int) -> int:
    """Find the last word that has begun at a moment; the first before any."""
    held = (place for place, word in enumerate(passage.words) if word.start_ms is not None)
    return max((place for place in held if (passage.words[place].start_ms or 0) <= at_ms), default=0)


def keep_speech(turns: Sequence[StoredTurn]) -> list[StoredTurn]:
    """Leave out what no one says."""
    return [held for held in turns if held.turn.kind is TurnKind.SPEECH and held.turn.words]


def describe_words(selection: Selection) -> list[tuple[int | None, int | None, int]]:
    """Write what a script needs of each word: its times; 1 where heard, 2 where a sentence begins."""
    begins = set(selection.passage.sentences)
    return [
        (word.start_ms, word.end_ms, int(word.heard) + 2 * (at in begins))
        for at, word in enumerate(selection.passage.words)
    ]


def name_bounds(fields: Mapping[str, str]) -> tuple[Place, Place] | None:
    """Read the bounds of an address; None where it gives none."""
    try:
        turn, first = int(fields["turn"]), int(fields["first"])
        end, last = int(fields.get("end", turn)), int(fields.get("last", first))
    except (KeyError, ValueError):
        return None
    return Place(turn, max(0, first)), Place(end, max(0, last))


def _heard_ms(words: Sequence[Word]) -> int | None:
    start, end = words[0].start_ms, words[-1].end_ms
    return None if start is None or end is None else max(0, end - start)

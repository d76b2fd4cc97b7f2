"""Cut an episode's turns into passages, the documents of the index.

A passage is a turn; a long turn is several, cut at sentences and overlapping by more than the
longest phrase that can be asked for, so that a phrase is found wherever it falls. Words asked for
without quotation marks may stand in different passages of their turn: evaluation joins by turn.

Where an episode has two texts, what was said is found under the published turn that it overlaps
most in time, so that a place is found, counted and shown once, in whichever words it was asked
for. What overlaps none is found under its own.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import accumulate

from media.searched import ShownTurn
from media.transcript import Edition, TurnState
from search.query import MAX_QUERY_TERMS

MAX_PASSAGE_WORDS = 180
OVERLAP_WORDS = 2 * MAX_QUERY_TERMS  # words hold no letter now and then: « ! »
SENTENCE_END = re.compile(r"[.!?…][»”\")\]\s]*$")
SENTENCE_START = re.compile(r"[«“\"(\[–—\s]*[A-ZÀ-ÖØ-ÞŒ0-9]")
DEFAULT_LANGUAGE = "fr"
EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Passage:
    """Some words of a turn, and what narrows a search to them."""

    episode_id: int
    turn_id: int  # under which it is found
    said_id: int  # the turn that holds its words: the same, unless its episode has two texts
    edition: Edition  # of these words
    first_word: int  # index in the words of the turn that holds them
    last_word: int  # inclusive
    text: str
    heading: str
    show: str  # slug
    speaker: str | None
    language: str  # ISO 639-1
    state: TurnState
    published: date | None  # UTC


def cut_passages(turns: Iterable[ShownTurn]) -> Iterator[Passage]:
    """Yield the passages of an episode's turns, in order; those found under one turn adjoin."""
    held = list(turns)
    published = [turn for turn in held if turn.edition is Edition.PUBLISHED]
    if not published or len(published) == len(held):
        yield from _cut_turns(held)
    else:
        yield from _join(published, [turn for turn in held if turn.edition is Edition.SPOKEN])


def _join(published: Sequence[ShownTurn], spoken: Sequence[ShownTurn]) -> Iterator[Passage]:
    """Yield the passages of both texts: of what was said, under the published turns that they overlap."""
    beside = _Beside(published)
    groups: dict[int, list[Passage]] = {turn.id: list(_cut_turns([turn])) for turn in published}
    places = {turn.id: (at, 0) for at, turn in enumerate(published)}
    for order, turn in enumerate(spoken, 1):
        for passage in _cut_turns([turn]):
            start_ms, end_ms = turn.words[passage.first_word][1], turn.words[passage.last_word][2]
            heard_in = beside.find(start_ms, end_ms)
            if heard_in is None:
                places.setdefault(turn.id, (beside.count_begun(start_ms), order))
                groups.setdefault(turn.id, []).append(passage)
                continue
            found_as = groups[heard_in.id][0]
            joined = replace(
                passage,
                turn_id=heard_in.id,
                heading=found_as.heading,
                speaker=found_as.speaker,
                state=found_as.state,
            )
            groups[heard_in.id].append(joined)
    for turn_id in sorted(groups, key=places.__getitem__):
        yield from groups[turn_id]


class _Beside:
    """The turns of a published text by time, for finding which one is spoken at a moment."""

    def __init__(self, turns: Sequence[ShownTurn]) -> None:
        timed = [
            (turn.words[0][1], turn.words[-1][2], turn)
            for turn in turns
            if turn.words and turn.words[0][1] is not None and turn.words[-1][2] is not None
        ]
        self._timed = sorted(timed, key=lambda held: held[:2])
        self._starts = [start_ms for start_ms, _, _ in self._timed]
        self._ends = list(accumulate((end_ms for _, end_ms, _ in self._timed), max))
        starts = [turn.words[0][1] if turn.words else None for turn in turns]
        self._begun = list(accumulate((start_ms or 0 for start_ms in starts), max))

    def find(self, start_ms: int | None, end_ms: int | None) -> ShownTurn | None:
        """Find the turn that a stretch overlaps most; None where it overlaps none."""
        best: tuple[int, ShownTurn] | None = None
        if start_ms is None or end_ms is None:
            return None
        at = bisect_left(self._starts, end_ms) - 1
        while at >= 0 and self._ends[at] > start_ms:
            begins, ends, turn = self._timed[at]
            shared = min(ends, end_ms) - max(begins, start_ms)
            if shared > 0 and (best is None or shared >= best[0]):
                best = shared, turn
            at -= 1
        return None if best is None else best[1]

    def count_begun(self, at_ms: int | None) -> int:
        """Count the turns of the text, in its order, up to a moment: the last of them, from 0."""
        if at_ms is None or not self._timed:
            return len(self._begun)
        return bisect_right(self._begun, at_ms) - 1


def _cut_turns(turns: Iterable[ShownTurn]) -> Iterator[Passage]:
    for turn in turns:
        texts = turn.texts
        for first, last in split_words(texts):
            yield Passage(
                episode_id=turn.episode_id,
                turn_id=turn.id,
                said_id=turn.id,
                edition=turn.edition,
                first_word=first,
                last_word=last,
                text=" ".join(texts[first : last + 1]),
                heading=_say_heading(turn),
                show=turn.show_slug,
                speaker=turn.speaker,
                language=(turn.language or DEFAULT_LANGUAGE)[:2].lower(),
                state=turn.state,
                published=turn.published_at.date() if turn.published_at else None,
            )


def _say_heading(turn: ShownTurn) -> str:
    """Say the titles of the episode and of the chapter in which a turn begins."""
    return f"{turn.episode} {turn.find_chapter(turn.words[0][1]) or ''}".strip()


def split_words(words: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield the first and last word of each passage of a turn; they cover it and overlap."""
    if not words:
        return
    if len(words) <= MAX_PASSAGE_WORDS:
        yield 0, len(words) - 1
        return
    starts = sentence_starts(words)
    first = 0
    while True:
        limit = first + MAX_PASSAGE_WORDS
        if limit >= len(words):
            yield first, len(words) - 1
            return
        last = _latest(starts, first + OVERLAP_WORDS + 1, limit, limit) - 1
        yield first, last
        latest = last + 1 - OVERLAP_WORDS
        first = _latest(starts, first + 1, latest, latest)


def sentence_starts(words: Sequence[str]) -> list[int]:
    """List the words that begin a sentence, the first word among them."""
    return [
        at
        for at, word in enumerate(words)
        if at == 0 or (SENTENCE_END.search(words[at - 1]) and SENTENCE_START.match(word))
    ]


def _latest(starts: Sequence[int], low: int, high: int, otherwise: int) -> int:
    """Find the last start in [low, high]."""
    at = bisect_right(starts, high) - 1
    return starts[at] if at >= 0 and starts[at] >= low else otherwise

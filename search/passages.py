"""Cut an episode's turns into passages, the documents of the index.

A passage is a turn; a long turn is several, cut at sentences and overlapping by more than the
longest phrase that can be asked for, so that a phrase is found wherever it falls. Words asked for
without quotation marks may stand in different passages of their turn: evaluation joins by turn.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from media.searched import ShownTurn
from media.transcript import TurnState
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
    turn_id: int
    first_word: int  # index in the turn's words
    last_word: int  # inclusive
    text: str
    heading: str
    show: str  # slug
    speaker: str | None
    language: str  # ISO 639-1
    state: TurnState
    published: date | None  # UTC


def cut_passages(turns: Iterable[ShownTurn]) -> Iterator[Passage]:
    """Yield the passages of an episode's turns in the order of speech."""
    for turn in turns:
        texts = turn.texts
        for first, last in split_words(texts):
            yield Passage(
                episode_id=turn.episode_id,
                turn_id=turn.id,
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

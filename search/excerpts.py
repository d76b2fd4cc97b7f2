"""Cut, from a turn, the words that answer a search: where they are densest, at sentence ends.

Matched words are found again, by the analyzer that indexed them, in the text of the catalogue as
it is now. Pure over a turn's words as texts: a word holds no breaking space, so that the turn's
text is its words joined by single spaces.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

from search.matching import find_hits
from search.nodes import Clause

MAX_EXCERPT_WORDS = 60
FULL_EXCERPT_WORDS = 30  # shorter ones take a neighbouring sentence along
MARGIN_WORDS = 8  # before the first match, in a sentence too long to be kept whole

# What ends a sentence, then the space before a capital.
SENTENCE_BREAK = re.compile(r"[.!?…](?:[\s»”\")\]]*[»”\")\]])? (?=[«“\"(\[–—\s]*[A-ZÀ-ÖØ-ÞŒ0-9])")
ABBREVIATION = re.compile(r"\b(?:[A-ZÀ-ÖØ-Þ]|MM|Mr|Dr)$")  # « M. », « J.-B. »: its point ends nothing
ABBREVIATION_LENGTH = 4  # at most, with what is before it


@dataclass(frozen=True, slots=True)
class Cut:
    """Some words of a turn, and the parts of their text that matched."""

    first_word: int
    last_word: int  # inclusive
    first_match: int  # the first matched word, of the turn's; the first word where none was looked for
    text: str
    highlights: tuple[tuple[int, int], ...]  # [begin, end) in `text`, ascending, apart
    answered: int = 0  # how many of the clauses match in `text`


class _Place(NamedTuple):
    """A hit among the words of the turn."""

    begin: int
    end: int
    clause: int
    first_word: int
    last_word: int


def cut_excerpt(
    texts: Sequence[str],
    clauses: Sequence[Clause],
    first_word: int,
    last_word: int,
    language: str | None = None,
) -> Cut | None:
    """Cut an excerpt around the matches in a passage of the turn, or, where it has none, in the turn.

    None where the turn, as it is now, has no match.
    """
    offsets = _offsets(texts)
    turn, passage = range(len(texts)), range(first_word, min(last_word + 1, len(texts)))
    found = _find_places(texts, offsets, passage, clauses, language)
    if not found and passage != turn:
        found = _find_places(texts, offsets, turn, clauses, language)
    if not found:
        return None
    first, last = _widen(texts, *_densest(found, len(clauses)))
    begin, end = offsets[first], offsets[last] + len(texts[last])
    held = [place for place in found if begin <= place.begin and place.end <= end]
    shown = [(place.begin - begin, place.end - begin) for place in held]
    answered = len({place.clause for place in held})
    text = " ".join(texts[first : last + 1])
    return Cut(first, last, held[0].first_word, text, tuple(_merge(shown)), answered)


def cut_opening(texts: Sequence[str], first_word: int) -> Cut:
    """Cut an excerpt from a word on, where no word is looked for."""
    first, last = _widen(texts, first_word, first_word)
    return Cut(first, last, first, " ".join(texts[first : last + 1]), ())


def _find_places(
    texts: Sequence[str],
    offsets: Sequence[int],
    words: range,
    clauses: Sequence[Clause],
    language: str | None,
) -> list[_Place]:
    """Find the matches in a run of words, by place; their offsets are those of the whole turn."""
    if not words:
        return []
    shift, text = offsets[words.start], " ".join(texts[words.start : words.stop])
    places = []
    for begin, end, clause in sorted(find_hits(text, clauses, language)):
        first = bisect_right(offsets, begin + shift) - 1
        last = bisect_left(offsets, end + shift) - 1
        if last - first < MAX_EXCERPT_WORDS:
            places.append(_Place(begin + shift, end + shift, clause, first, last))
    return places


def _densest(places: Sequence[_Place], clauses: int) -> tuple[int, int]:
    """Find the run of words with the most different clauses, then with the rarest matches, then the shortest.

    A clause that matches often in this turn counts for little each time: « le » says nothing of a place.
    """
    last = max(place.last_word for place in places)
    if last - places[0].first_word < MAX_EXCERPT_WORDS:
        return places[0].first_word, last
    weights = [0.0] * clauses
    for place in places:
        weights[place.clause] += 1
    weights = [1 / count if count else 0.0 for count in weights]
    counts = [0] * clauses
    best: tuple[tuple[int, float, int], int, int] | None = None
    weight, end = 0.0, 0
    for place in places:
        while end < len(places) and places[end].last_word - place.first_word < MAX_EXCERPT_WORDS:
            counts[places[end].clause] += 1
            weight += weights[places[end].clause]
            end += 1
        last = max(place.last_word, places[end - 1].last_word)
        worth = sum(map(bool, counts)), round(weight, 6), place.first_word - last
        if best is None or worth > best[0]:
            best = worth, place.first_word, last
        counts[place.clause] -= 1
        weight -= weights[place.clause]
    assert best is not None  # noqa: S101 -- there is a match
    return best[1], best[2]


def _widen(texts: Sequence[str], first: int, last: int) -> tuple[int, int]:
    """Widen a run of words to whole sentences, and to a readable length, as far as there is room."""
    low = max(0, first - MAX_EXCERPT_WORDS)
    high = min(len(texts), last + MAX_EXCERPT_WORDS + 1)
    starts = _sentence_starts(texts, low, high)
    last = min(last, first + MAX_EXCERPT_WORDS - 1)
    room = MAX_EXCERPT_WORDS - (last - first + 1)
    opening = _sentence_before(starts, first)
    if opening is None or first - opening > room:
        opening = first - min(MARGIN_WORDS, room, first)
    first = opening
    last = min(_sentence_end(starts, last, len(texts)), first + MAX_EXCERPT_WORDS - 1)
    while last - first + 1 < FULL_EXCERPT_WORDS:
        after = _sentence_end(starts, last + 1, len(texts)) if last + 1 < len(texts) else None
        before = _sentence_before(starts, first - 1) if first else None
        if after is not None and after - first < MAX_EXCERPT_WORDS:
            last = after
        elif before is not None and last - before < MAX_EXCERPT_WORDS:
            first = before
        else:
            break
    return first, last


def _sentence_starts(texts: Sequence[str], low: int, high: int) -> list[int]:
    """List the words of [low, high) that begin a sentence, the turn's first word among them."""
    at = max(0, low - 1)
    text = " ".join(texts[at:high])
    starts = [] if low else [0]
    done = 0
    for found in SENTENCE_BREAK.finditer(text):
        point = found.start()
        if text[point] == "." and ABBREVIATION.search(text, max(0, point - ABBREVIATION_LENGTH), point):
            continue
        at += text.count(" ", done, found.end())
        starts.append(at)
        done = found.end()
    return starts


def _sentence_before(starts: Sequence[int], word: int) -> int | None:
    """Find where the sentence of a word begins; None where that is too far away to be known."""
    at = bisect_right(starts, word) - 1
    return starts[at] if at >= 0 else None


def _sentence_end(starts: Sequence[int], word: int, count: int) -> int:
    """Find the last word of a word's sentence, as far as the starts tell."""
    at = bisect_right(starts, word)
    return starts[at] - 1 if at < len(starts) else count - 1


def _offsets(texts: Sequence[str]) -> list[int]:
    return list(accumulate([len(text) + 1 for text in texts[:-1]], initial=0)) if texts else []


def _merge(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Merge spans that overlap."""
    merged: list[tuple[int, int]] = []
    for begin, end in sorted(spans):
        if merged and begin < merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((begin, end))
    return merged

"""Cut, from a turn, the words that answer a search: where they are densest, at sentence ends.

Matched words are found again by the analyzer that indexed them, in the text of the catalogue as
it is now: a turn corrected since then, that no longer matches, yields no excerpt.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from media.transcript import Turn
from search.analysis import Token, TokenKind, find_tokens
from search.passages import sentence_starts
from search.query import Clause, Path

MAX_EXCERPT_WORDS = 60
FULL_EXCERPT_WORDS = 30  # shorter ones take a neighbouring sentence along
MARGIN_WORDS = 8  # before the first match, in a sentence too long to be kept whole


@dataclass(frozen=True, slots=True)
class Cut:
    """Some words of a turn, and the parts of their text that matched."""

    first_word: int
    last_word: int  # inclusive
    first_match: int  # the first matched word, of the turn's
    text: str
    highlights: tuple[tuple[int, int], ...]  # [begin, end) in `text`, ascending, apart


@dataclass(frozen=True, slots=True)
class _Hit:
    begin: int
    end: int
    clause: int
    first_word: int
    last_word: int


def cut_excerpt(turn: Turn, clauses: Sequence[Clause], first_word: int, last_word: int) -> Cut | None:
    """Cut an excerpt around the matches in a passage of the turn, or, where it has none, in the turn.

    None where the turn, as it is now, has no match.
    """
    text = turn.text
    hits = sorted(_find_hits(turn, text, clauses), key=lambda hit: (hit.begin, hit.end))
    if not hits:
        return None
    inside = [hit for hit in hits if first_word <= hit.first_word and hit.last_word <= last_word]
    first, last = _densest(inside or hits)
    first, last = _extend(turn, first, last)
    offsets = turn.word_offsets
    begin, end = offsets[first], offsets[last] + len(turn.words[last].text)
    held = [hit for hit in hits if begin <= hit.begin and hit.end <= end]
    shown = [(hit.begin - begin, hit.end - begin) for hit in held]
    return Cut(first, last, held[0].first_word, text[begin:end], tuple(_merge(shown)))


def _find_hits(turn: Turn, text: str, clauses: Sequence[Clause]) -> Iterator[_Hit]:
    offsets = turn.word_offsets
    starting: dict[int, list[Token]] = {}
    wanted = frozenset(
        term for clause in clauses for path in clause.paths for place in path for term in place
    )
    for token in find_tokens(text, wanted):
        starting.setdefault(token.position, []).append(token)
    for number, clause in enumerate(clauses):
        for path in clause.paths:
            for position in starting:
                for begin, end in _highlight(_match_path(starting, position, path)):
                    words = bisect_right(offsets, begin) - 1, bisect_right(offsets, end - 1) - 1
                    yield _Hit(begin, end, number, *words)


def _match_path(starting: dict[int, list[Token]], position: int, path: Path) -> list[Token]:
    """List the tokens that stand, from this position, as the path says; empty where they do not."""
    matched = []
    for step, place in enumerate(path):
        held = [
            token for token in starting.get(position + step, ()) if not set(token.terms).isdisjoint(place)
        ]
        if not held:
            return []
        matched.append(held[0])
    return matched


def _highlight(tokens: Sequence[Token]) -> Iterator[tuple[int, int]]:
    """Yield the spans to mark: an elided article with the word after it, or not at all."""
    article: Token | None = None
    for token in tokens:
        if token.kind is TokenKind.ARTICLE:
            article = token
            continue
        yield (article.begin if article else token.begin), token.end
        article = None


def _densest(hits: Sequence[_Hit]) -> tuple[int, int]:
    """Find the run of words with the most different clauses, then the most matches, then the fewest words."""
    best: tuple[tuple[int, int, int], int, int] | None = None
    for at, hit in enumerate(hits):
        within = [other for other in hits[at:] if other.last_word - hit.first_word < MAX_EXCERPT_WORDS] or [
            hit
        ]
        last = max(other.last_word for other in within)
        worth = len({other.clause for other in within}), len(within), hit.first_word - last
        if best is None or worth > best[0]:
            best = worth, hit.first_word, last
    assert best is not None  # noqa: S101 -- there is a hit
    return best[1], best[2]


def _extend(turn: Turn, first: int, last: int) -> tuple[int, int]:
    """Widen a run of words to whole sentences, and to a readable length, as far as there is room."""
    starts = sentence_starts(turn.words)
    ends = [*(start - 1 for start in starts[1:]), len(turn.words) - 1]
    last = min(last, first + MAX_EXCERPT_WORDS - 1)
    room = MAX_EXCERPT_WORDS - (last - first + 1)
    opening = starts[bisect_right(starts, first) - 1]
    lead = first - opening if first - opening <= room else min(MARGIN_WORDS, room)
    first -= lead
    closing = ends[bisect_right(starts, last) - 1]
    last = min(closing, first + MAX_EXCERPT_WORDS - 1)
    while last - first + 1 < FULL_EXCERPT_WORDS:
        after = bisect_right(starts, last)
        before = bisect_right(starts, first - 1) - 1
        if after < len(starts) and ends[after] - first < MAX_EXCERPT_WORDS:
            last = ends[after]
        elif first > 0 and last - starts[before] < MAX_EXCERPT_WORDS:
            first = starts[before]
        else:
            break
    return first, last


def _merge(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Merge spans that overlap."""
    merged: list[tuple[int, int]] = []
    for begin, end in sorted(spans):
        if merged and begin < merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((begin, end))
    return merged

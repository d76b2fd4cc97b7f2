"""Plain text as lines: a copy of a page, a dialogue, a letter whose lines were cut at a width."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from ingest.texts.lines import NEWLINE, Line, Piece
from ingest.texts.speakers import NAME_AND_COLON

MIN_WIDTH, MAX_WIDTH = 40, 140  # characters of a line that was cut to fit
WRAPPED = 0.4  # share of neighbouring lines that go on in one another
MIN_PAIRS = 5
SENTENCE_END = re.compile(r"[.!?…:;][»”\"’)\]\s\xa0]*$")
MAX_HEADING = 400
HEADING = re.compile(r"(={2,6})\s*([^=\s][^=]*?)\s*\1")
STANDS_ALONE = re.compile(r"\s*(?:[\[*•–—-]|https?://|\d+[.)]\s)")

Span = tuple[int, int]


def read_plain(text: str) -> list[Line]:
    """Cut a text into paragraphs."""
    groups = list(_group(text))
    if _is_wrapped(text, groups):
        groups = [[part] for group in groups for part in _join(text, group)]
    return [_read_line(text, *span, loose=at == 0) for group in groups for at, span in enumerate(group)]


def _read_line(text: str, begin: int, end: int, *, loose: bool) -> Line:
    """Read a paragraph, or a heading between signs of equality."""
    found = HEADING.fullmatch(text, begin, end) if end - begin < MAX_HEADING else None
    if found is None:
        return Line(begin, end, (Piece(text[begin:end], begin, end),), loose=loose)
    first, last = found.span(2)
    return Line(begin, end, (Piece(text[first:last], first, last),), level=len(found[1]), loose=True)


def _group(text: str) -> Iterator[list[Span]]:
    """Yield the lines that stand together between blank ones, without their spaces."""
    group: list[Span] = []
    begin = 1 if text.startswith("\ufeff") else 0
    for end, following in _line_ends(text):
        raw = text[begin:end]
        stripped = raw.strip()
        if stripped:
            first = begin + len(raw) - len(raw.lstrip())
            group.append((first, first + len(stripped)))
        elif group:
            yield group
            group = []
        begin = following
    if group:
        yield group


def _line_ends(text: str) -> Iterator[Span]:
    for found in NEWLINE.finditer(text):
        yield found.span()
    yield len(text), len(text)


def _is_wrapped(text: str, groups: Sequence[Sequence[Span]]) -> bool:
    """Tell a text whose lines were cut at a width: most go on in the next in mid-sentence."""
    pairs = [pair for group in groups for pair in pairwise(group)]
    cut = sum(_goes_on(text, one, other) for one, other in pairs)
    return len(pairs) >= MIN_PAIRS and cut >= WRAPPED * len(pairs)


def _goes_on(text: str, one: Span, other: Span) -> bool:
    width = one[1] - one[0]
    return (
        MIN_WIDTH <= width <= MAX_WIDTH
        and not SENTENCE_END.search(text, one[1] - 4, one[1])
        and (text[other[0]].islower() or width > MIN_WIDTH * 1.5)
    )


def _join(text: str, group: Sequence[Span]) -> Iterator[Span]:
    """Join lines that go on in one another; a short line that ends a sentence, or a name, parts them."""
    width = max(end - begin for begin, end in group)
    first, last = group[0]
    for begin, end in group[1:]:
        ended = SENTENCE_END.search(text, last - 4, last) and last - first < width * 0.75
        named = NAME_AND_COLON.match(text, begin, min(end, begin + 60))
        if (ended or STANDS_ALONE.match(text, begin, end)) or (named and named[1][0].isupper()):
            yield first, last
            first = begin
        last = end
    yield first, last

"""Cut a text into the tokens that are indexed, looked for and highlighted: one analyzer for all three.

A text is a row of chunks (what stands between spaces and most punctuation); all the rules work
inside one chunk, and the analysis of each chunk is remembered, because speech repeats itself.
Offsets are those of the text as given. Every token has a position, articles and stop words too,
so that a quoted phrase is exact. The order of the rules follows DOMAIN's table of French search.
"""

import re
import unicodedata
from collections.abc import Iterator
from enum import Enum
from functools import lru_cache
from typing import NamedTuple

from search.folding import MAX_TERM_LENGTH, fold, stem, term
from search.inclusive import DOTS, SEPARATORS, read_feminine

APOSTROPHES = "'’‘ʼ′＇`"
HYPHENS = "-‐‑"
SPACES = " \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}"
INVISIBLE = (
    "\N{SOFT HYPHEN}\N{ZERO WIDTH SPACE}\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}\N{WORD JOINER}\ufeff"
)
FIRST_MARK, BEYOND_MARKS = 0x300, 0x20000  # where Unicode has its combining marks, nearly all


def _list_marks() -> str:
    """List, for a pattern, the combining marks: a text not in composed form has them inside words."""
    marks = (chr(code) for code in range(FIRST_MARK, BEYOND_MARKS))
    return "".join(mark for mark in marks if unicodedata.category(mark)[0] == "M")


MARKS = _list_marks()

ELISIONS = frozenset(["l", "d", "j", "m", "t", "s", "n", "c", "qu", "jusqu", "lorsqu", "puisqu", "quoiqu"])
# Words that hold an apostrophe of their own, as their two parts, folded.
WHOLE = frozenset(
    [("aujourd", "hui"), ("quelqu", "un"), ("quelqu", "une"), ("presqu", "ile"), ("presqu", "iles")]
    + [("prud", end) for end in ("homme", "hommes", "homie", "homal", "homale", "homaux", "homales")]
    + [("entr", end) for end in ("acte", "actes", "aide", "ouvert", "ouverte")]
)

MAX_CHUNK_LENGTH = 100  # longer ones are cut: no text makes the analysis slow, or the memory of it large
MAX_JOINED_PARTS = 5
MAX_ACRONYM_LETTERS = 12
MAX_ENDINGS = 3  # « professionnel·le·s » has two
REMEMBERED_CHUNKS = 1 << 15

GROUPED = rf"\d{{1,3}}(?:[{SPACES}]\d{{3}}){{1,10}}(?!\w)"
_JOINERS = APOSTROPHES + DOTS + INVISIBLE + "./()"
CHUNK = re.compile(
    rf"(?<!\w){GROUPED}|[^\W_ʼ][\w{MARKS}{_JOINERS}{re.escape(HYPHENS)}]{{0,{MAX_CHUNK_LENGTH - 1}}}"
)
PART = re.compile(rf"[^\W_ʼ](?:[^\W_ʼ]|[{MARKS}{INVISIBLE}])*")


class TokenKind(Enum):
    """What a token is in its chunk."""

    WORD = 1
    ARTICLE = 2  # elided: the « l » of « l’association »; never highlighted alone
    JOINED = 3  # a compound as one word, beside its parts


class Token(NamedTuple):
    """Terms that answer at one place of a text; all of them stand for the same characters."""

    begin: int  # in the text as given
    end: int
    position: int
    width: int  # positions that it covers; more than 1 for a joined compound
    terms: tuple[str, ...]
    kind: TokenKind


class Chunk(NamedTuple):
    """The analysis of a chunk, its offsets and positions counted from its start."""

    tokens: tuple[Token, ...]
    terms: tuple[tuple[str, int], ...]  # each with its position, in order
    width: int


def iter_tokens(text: str) -> Iterator[Token]:
    """Yield a text's tokens by position."""
    position = 0
    for match in CHUNK.finditer(text):
        chunk = analyse_chunk(match.group())
        start = match.start()
        for token in chunk.tokens:
            yield _moved(token, start, position)
        position += chunk.width


def find_tokens(text: str, wanted: frozenset[str], starts: tuple[str, ...] = ()) -> Iterator[Token]:
    """Yield, by position, the tokens of a text that have one of these terms, or one that begins so."""
    position = 0
    for match in CHUNK.finditer(text):
        chunk = analyse_chunk(match.group())
        if any(held in wanted or held.startswith(starts) for held, _ in chunk.terms):
            start = match.start()
            for token in chunk.tokens:
                if any(held in wanted or held.startswith(starts) for held in token.terms):
                    yield _moved(token, start, position)
        position += chunk.width


def index_positions(text: str) -> tuple[dict[str, list[int]], int]:
    """Map each term of a text to its positions, ascending, and count the positions."""
    positions: dict[str, list[int]] = {}
    position = 0
    for chunk in CHUNK.findall(text):
        _, terms, width = analyse_chunk(chunk)
        for held, place in terms:
            if held in positions:
                positions[held].append(position + place)
            else:
                positions[held] = [position + place]
        position += width
    return positions, position


def _moved(token: Token, start: int, position: int) -> Token:
    begin, end, place, width, terms, kind = token
    return Token(start + begin, start + end, position + place, width, terms, kind)


@lru_cache(REMEMBERED_CHUNKS)
def analyse_chunk(chunk: str) -> Chunk:
    """Analyse one match of `CHUNK`."""
    if chunk.isalnum() and (held := term(chunk)):
        return Chunk((Token(0, len(chunk), 0, 1, (held,), TokenKind.WORD),), ((held, 0),), 1)
    parts = _Parts(chunk)
    tokens: list[Token] = []
    position = 0
    at = 0
    while at < len(parts.spans):
        token, taken = _read_token(parts, at, position)
        if token.terms:
            tokens.append(token)
            position += 1
            if joined := _read_joined(parts, at, taken, token):
                tokens.append(joined)
        at += taken
    terms = tuple((word, token.position) for token in tokens for word in token.terms)
    return Chunk(tuple(tokens), terms, position)


class _Parts:
    """A chunk's runs of letters and digits, folded, and what stands between them."""

    def __init__(self, chunk: str) -> None:
        self.spans = [match.span() for match in PART.finditer(chunk)]
        self.folded = [fold(chunk[begin:end]) for begin, end in self.spans]
        ends = [begin for begin, _ in self.spans[1:]] + [len(chunk)]
        self.after = [chunk[end:next_] for (_, end), next_ in zip(self.spans, ends, strict=True)]

    def __len__(self) -> int:
        return len(self.spans)


def _read_token(parts: _Parts, at: int, position: int) -> tuple[Token, int]:
    """Read the token that begins at a part, and say how many parts it takes."""
    begin, end = parts.spans[at]
    kind = TokenKind.WORD
    word, after = parts.folded[at], parts.after[at]
    taken = 1
    terms: tuple[str, ...] = (stem(word[:MAX_TERM_LENGTH]),)
    if after and after in APOSTROPHES and at + 1 < len(parts) and (word, parts.folded[at + 1]) in WHOLE:
        taken, terms = 2, (stem(word + parts.folded[at + 1]),)
    elif after and after in APOSTROPHES and word in ELISIONS:
        kind, terms = TokenKind.ARTICLE, (word,)
    elif after and after in SPACES:
        taken, terms = len(parts), ("".join(parts.folded)[:MAX_TERM_LENGTH],)
    elif (letters := _count_acronym(parts, at)) > 1:
        taken, terms = letters, (stem("".join(parts.folded[at : at + letters])),)
    elif inclusive := _read_inclusive(parts, at):
        taken, terms = inclusive
    end = parts.spans[at + taken - 1][1]
    if parts.after[at + taken - 1].startswith(")") and taken > 1:
        end += 1
    return Token(begin, end, position, 1, terms if terms[0] else (), kind), taken


def _count_acronym(parts: _Parts, at: int) -> int:
    """Count the letters of a dotted acronym that begins at a part: 3 for « D.S.I. »."""
    last = at
    while len(parts.folded[last]) == 1 and parts.folded[last].isalpha():
        last += 1
        if last == len(parts) or parts.after[last - 1] != ".":
            break
    count = last - at
    return count if count <= MAX_ACRONYM_LETTERS else 0


def _read_inclusive(parts: _Parts, at: int) -> tuple[int, tuple[str, ...]] | None:
    """Read an inclusive form: how many parts it takes, and its terms; the longest wins."""
    separators = ending = ""
    found = None
    for last in range(at + 1, min(at + 1 + MAX_ENDINGS, len(parts))):
        separator = parts.after[last - 1]
        if len(separator) != 1 or separator not in SEPARATORS + ")":
            break
        if separator == "(" and not parts.after[last].startswith(")"):
            break
        separators += separator
        ending += parts.folded[last]
        if forms := read_feminine(parts.folded[at], ending, separators):
            found = last - at + 1, tuple(dict.fromkeys(stem(form[:MAX_TERM_LENGTH]) for form in forms))
    return found


def _read_joined(parts: _Parts, at: int, taken: int, first: Token) -> Token | None:
    """Read, at the first part of a hyphenated compound, the compound as one word."""
    if taken > 1 or first.kind is not TokenKind.WORD or (at and _binds(parts, at - 1)):
        return None
    last = at
    while last + 1 < len(parts) and _binds(parts, last) and last - at <= MAX_JOINED_PARTS:
        last += 1
    words = parts.folded[at : last + 1]
    if not 1 < len(words) <= MAX_JOINED_PARTS or all(word.isdigit() for word in words):
        return None
    joined = stem("".join(words)[:MAX_TERM_LENGTH])
    return Token(first.begin, parts.spans[last][1], first.position, len(words), (joined,), TokenKind.JOINED)


def _binds(parts: _Parts, at: int) -> bool:
    """Tell whether a part and the next make a compound."""
    after = parts.after[at]
    if len(after) != 1:
        return False
    return after in HYPHENS or (after in APOSTROPHES and parts.folded[at] not in ELISIONS)

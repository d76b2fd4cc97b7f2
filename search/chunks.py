"""Analyse a chunk, what stands between spaces and most punctuation, into tokens.

All the rules of DOMAIN's table of French search are here, in its order: apostrophes, digits,
acronyms, inclusive forms, elision, compounds. A chunk is short, so nothing here can be slow.
"""

import re
import unicodedata
from enum import Enum
from itertools import accumulate
from typing import NamedTuple

from search.folding import APOSTROPHES, HYPHENS, INVISIBLE, MAX_TERM_LENGTH, SPACES, fold, surface
from search.inclusive import DOTS, FIRST_ENDINGS, SEPARATORS, read_feminine
from search.languages import Language

FORM = "\0"  # after a term: its spelling, or which part of a compound this is; no term holds it
FIRST_MARK, BEYOND_MARKS = 0x300, 0x20000  # where Unicode has its combining marks, nearly all


def _list_marks() -> str:
    """List, for a pattern, the combining marks: a text not in composed form has them inside words."""
    marks = (chr(code) for code in range(FIRST_MARK, BEYOND_MARKS))
    return "".join(mark for mark in marks if unicodedata.category(mark)[0] == "M")


MARKS = _list_marks()
MAX_CHUNK_LENGTH = 100  # longer ones are cut: no text makes the analysis slow, or the memory of it large
MAX_JOINED_PARTS = 5
MAX_ACRONYM_LETTERS = 12
MAX_ENDINGS = 3  # « professionnel·le·s » has two

UNSPACED = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"  # kana and Chinese: a letter is a word
GROUPED = rf"\d{{1,3}}(?:[{SPACES}]\d{{3}}){{1,10}}(?!\w)"
_JOINERS = APOSTROPHES + DOTS + INVISIBLE + "./()"
CHUNK = re.compile(
    rf"(?<!\w){GROUPED}|[^\W_ʼ][\w{MARKS}{_JOINERS}{re.escape(HYPHENS)}]{{0,{MAX_CHUNK_LENGTH - 1}}}"
)
PART = re.compile(rf"[{UNSPACED}]|[^\W_ʼ{UNSPACED}](?:[^\W_ʼ{UNSPACED}]|[{MARKS}{INVISIBLE}])*")
PIECES = re.compile(f"({PART.pattern})")
PLAIN = re.compile(rf"[^\W_ʼ{UNSPACED}]+")


class TokenKind(Enum):
    """What a token is in its chunk."""

    WORD = 1
    ARTICLE = 2  # elided: the « l » of « l’association »; highlighted alone only where nothing else is
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
    forms: tuple[str, ...]  # `term FORM spelling` of each token that is not written as its term
    width: int


NOTHING = Chunk((), (), (), 0)


def analyse(chunk: str, language: Language) -> Chunk:
    """Analyse one match of `CHUNK`."""
    if (chunk.isascii() and chunk.isalnum()) or PLAIN.fullmatch(chunk):
        return _analyse_word(chunk, language)
    parts = _Parts(chunk, language)
    tokens = []
    position = at = 0
    while at < len(parts.spans):
        token, taken = _read_token(parts, at, position)
        if token.terms:
            tokens.append(token)
            position += 1
            if taken == 1 and parts.after[at] and (joined := _read_joined(parts, at, token)):
                tokens.append(joined)
        at += taken
    return _gather(chunk, tokens, position)


def _analyse_word(word: str, language: Language) -> Chunk:
    """Analyse a chunk that is one run of letters and digits: nearly all are."""
    folded = fold(word)[:MAX_TERM_LENGTH]
    if not folded:
        return NOTHING
    term = language.stem(folded)
    token = Token(0, len(word), 0, 1, (term,), TokenKind.WORD)
    written = folded if word.isascii() else surface(word)
    forms = () if written == term else (f"{term}{FORM}{written}",)
    return Chunk((token,), ((term, 0),), forms, 1)


def list_continuations(term: str, width: int) -> list[str]:
    """List the terms under which a joined compound stands at its second and further positions.

    A phrase steps over « plate-forme », two positions, by `plateforme` and its continuation; a
    text that says « plateforme » has none.
    """
    return [f"{term}{FORM}{step}" for step in range(1, width)]


def _gather(chunk: str, tokens: list[Token], width: int) -> Chunk:
    terms: list[tuple[str, int]] = []
    forms: dict[str, None] = {}
    for begin, end, position, covered, held, kind in tokens:
        terms += [(term, position) for term in held]
        if covered > 1:
            further = enumerate(list_continuations(held[0], covered), position + 1)
            terms += [(term, place) for place, term in further]
        if kind is not TokenKind.ARTICLE:
            written = surface(chunk[begin:end])
            if written != held[0] and not held[0].isdigit():
                forms[f"{held[0]}{FORM}{written}"] = None
    return Chunk(tuple(tokens), tuple(terms), tuple(forms), width)


class _Parts:
    """A chunk's runs of letters and digits, folded, and what stands between them."""

    def __init__(self, chunk: str, language: Language) -> None:
        self.language = language
        pieces = PIECES.split(chunk)  # what stands before a part, and the part, in turn
        self.written = pieces[1::2]
        self.after = pieces[2::2]
        ends = list(accumulate(map(len, pieces)))
        self.spans = list(zip(ends[::2], ends[1::2], strict=False))
        self.folded = [fold(part) for part in self.written]

    def stem(self, folded: str) -> str:
        """Stem a folded word of the chunk."""
        return self.language.stem(folded[:MAX_TERM_LENGTH])


def _read_token(parts: _Parts, at: int, position: int) -> tuple[Token, int]:
    """Read the token that begins at a part, and say how many parts it takes."""
    begin, end = parts.spans[at]
    kind = TokenKind.WORD
    word, after = parts.folded[at], parts.after[at]
    taken = 1
    terms: tuple[str, ...] = (parts.stem(word),)
    rules = parts.language
    if not after:
        pass
    elif after in APOSTROPHES:
        if at + 1 < len(parts.spans) and (word, parts.folded[at + 1]) in rules.whole:
            taken, terms = 2, (parts.stem(word + parts.folded[at + 1]),)
        elif word in rules.elisions:
            kind, terms = TokenKind.ARTICLE, (word,)
    elif after in SPACES:
        taken, terms = len(parts.spans), ("".join(parts.folded)[:MAX_TERM_LENGTH],)
    elif after == "." and len(word) == 1 and (letters := _count_acronym(parts, at)) > 1:
        taken, terms = letters, (parts.stem("".join(parts.folded[at : at + letters])),)
    elif rules.is_inclusive and after in SEPARATORS and (inclusive := _read_inclusive(parts, at)):
        taken, terms = inclusive
    end = parts.spans[at + taken - 1][1]
    if taken > 1 and parts.after[at + taken - 1].startswith(")"):
        end += 1
    return Token(begin, end, position, 1, terms if terms[0] else (), kind), taken


def _count_acronym(parts: _Parts, at: int) -> int:
    """Count the letters of a dotted acronym that begins at a part: 3 for « D.S.I. »."""
    last = at
    while len(parts.folded[last]) == 1 and parts.folded[last].isalpha():
        last += 1
        if last == len(parts.spans) or parts.after[last - 1] != ".":
            break
    count = last - at
    return count if count <= MAX_ACRONYM_LETTERS else 0


def _read_inclusive(parts: _Parts, at: int) -> tuple[int, tuple[str, ...]] | None:
    """Read an inclusive form: how many parts it takes, and its terms; the longest wins."""
    separators = ending = ""
    found = None
    if at + 1 == len(parts.spans) or parts.folded[at + 1] not in FIRST_ENDINGS:
        return None
    for last in range(at + 1, min(at + 1 + MAX_ENDINGS, len(parts.spans))):
        separator = parts.after[last - 1]
        if len(separator) != 1 or separator not in SEPARATORS + ")":
            break
        if separator == "(" and not parts.after[last].startswith(")"):
            break
        if parts.written[last].isupper() and not parts.written[at].isupper():  # « fin.E » begins a sentence
            break
        separators += separator
        ending += parts.folded[last]
        if forms := read_feminine(parts.folded[at], ending, separators):
            found = last - at + 1, tuple(dict.fromkeys(parts.stem(form) for form in forms))
    return found


def _read_joined(parts: _Parts, at: int, first: Token) -> Token | None:
    """Read, at the first part of a hyphenated compound, the compound as one word."""
    if not _binds(parts, at) or first.kind is not TokenKind.WORD or (at and _binds(parts, at - 1)):
        return None
    last = at
    while last + 1 < len(parts.spans) and _binds(parts, last) and last - at <= MAX_JOINED_PARTS:
        last += 1
    words = parts.folded[at : last + 1]
    if not 1 < len(words) <= MAX_JOINED_PARTS or all(word.isdigit() for word in words):
        return None
    joined = parts.stem("".join(words))
    return Token(first.begin, parts.spans[last][1], first.position, len(words), (joined,), TokenKind.JOINED)


def _binds(parts: _Parts, at: int) -> bool:
    """Tell whether a part and the next make a compound."""
    after = parts.after[at]
    if len(after) != 1:
        return False
    return after in HYPHENS or (after in APOSTROPHES and parts.folded[at] not in parts.language.elisions)

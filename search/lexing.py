"""Cut a query into lexemes: words, quotations, filters, operators and matched parentheses.

Whatever is typed is cut: a mark without its pair, a parenthesis too deep, is left out and said.
Operators are words in capitals, or a hyphen before a word: « ou » is a word, « rendez-vous » too.
"""

import re
from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple

from search.chunks import GROUPED
from search.folding import fold
from search.nodes import IN_A_ROW, Field

MAX_DEPTH = 5  # of parentheses

QUOTES = {
    '"': '"',
    "«": "»",
    "“": "”",
    "„": "“”",
    "\N{FULLWIDTH QUOTATION MARK}": "\N{FULLWIDTH QUOTATION MARK}",
}
MARKS = frozenset("".join(QUOTES) + "".join(QUOTES.values()))
NEARNESS = re.compile(r"~(\d{1,4})(?!\w)")
NUMBER = re.compile(GROUPED)
FIELD = re.compile(r"(\w{2,12}):")
FIELDS = {
    **dict.fromkeys(("intervenant", "intervenante", "speaker"), Field.SPEAKER),
    **dict.fromkeys(("emission", "show"), Field.SHOW),
    **dict.fromkeys(("chapitre", "chapter"), Field.CHAPTER),
    **dict.fromkeys(("etat", "state"), Field.STATE),
    **dict.fromkeys(("avant", "before"), Field.BEFORE),
    **dict.fromkeys(("apres", "after"), Field.AFTER),
}


class Kind(Enum):
    """What a lexeme is."""

    WORD = 1
    QUOTE = 2
    FILTER = 3
    OPEN = 4
    CLOSE = 5
    NOT = 6
    AND = 7
    OR = 8


OPERATORS = {
    **dict.fromkeys(("ET", "AND"), Kind.AND),
    **dict.fromkeys(("OU", "OR"), Kind.OR),
    **dict.fromkeys(("SAUF", "NOT"), Kind.NOT),
}


class Lexeme(NamedTuple):
    """A piece of a query."""

    kind: Kind
    text: str  # as typed, for a quotation or a filter's value without its marks
    slop: int = IN_A_ROW  # of a quotation
    name: str = ""  # of a filter, as typed
    quoted: bool = False  # a filter's value

    @property
    def source(self) -> str:
        """The piece as it may be typed again."""
        value = f'"{self.text}"' if self.quoted or self.kind is Kind.QUOTE else self.text
        return f"{self.name}:{value}" if self.kind is Kind.FILTER else value


def cut_lexemes(text: str, ignored: list[str]) -> list[Lexeme]:
    """Cut a query; what is no lexeme is added to `ignored`."""
    return _match_parentheses(list(_scan(text, ignored)), ignored)


def is_one_word(text: str) -> bool:
    """Tell whether a text typed alone is one word, and nothing else."""
    return bool(text) and list(_scan(text, [])) == [Lexeme(Kind.WORD, text)] and text[-1] != "*"


def close_quotation(text: str) -> str:
    """Close the quotation that a text breaks off in, after its last whole word."""
    at = 0
    while at < len(text):
        if text[at] in QUOTES:
            end = _find_closer(text, at)
            if end < 0:
                return text[: max(at + 1, text.rfind(" "))] + QUOTES[text[at]][0]
            at = end
        at += 1
    return text


def _scan(text: str, ignored: list[str]) -> Iterator[Lexeme]:
    at = 0
    negated = False  # what follows a hyphen is no operator
    while at < len(text):
        char = text[at]
        if char.isspace():
            at += 1
        elif char in "()":
            yield Lexeme(Kind.OPEN if char == "(" else Kind.CLOSE, char)
            at += 1
        elif char in MARKS:
            end = _find_closer(text, at)
            if end < 0:
                ignored.append(char)
                at += 1
            else:
                inner = clean_quotation(text[at + 1 : end])
                near = NEARNESS.match(text, end + 1)
                yield Lexeme(Kind.QUOTE, inner, max(IN_A_ROW, int(near.group(1))) if near else IN_A_ROW)
                at = near.end() if near else end + 1
        elif _is_minus(text, at):
            yield Lexeme(Kind.NOT, char)
            negated = True
            at += 1
            continue
        elif (found := FIELD.match(text, at)) and fold(found.group(1)) in FIELDS:
            at, value, quoted = _read_value(text, found.end())
            yield Lexeme(Kind.FILTER, value, name=found.group(1), quoted=quoted)
        else:
            end = _end_of_word(text, at)
            word = text[at:end]
            yield Lexeme(Kind.WORD if negated else OPERATORS.get(word, Kind.WORD), word)
            at = end
        negated = False


def _is_minus(text: str, at: int) -> bool:
    """Tell a hyphen that excludes from one that stands alone, in a row, or inside a word."""
    before = at == 0 or text[at - 1].isspace() or text[at - 1] == "("
    after = at + 1 < len(text) and not text[at + 1].isspace() and text[at + 1] not in "-)"
    return text[at] == "-" and before and after


def _find_closer(text: str, at: int) -> int:
    """Find the mark that closes the quotation opened here; -1 where there is none."""
    closers = QUOTES.get(text[at], "")
    return min((end for end in (text.find(closer, at + 1) for closer in closers) if end >= 0), default=-1)


def _read_value(text: str, at: int) -> tuple[int, str, bool]:
    """Read a filter's value: where it ends, what it is, and whether it is quoted."""
    if at < len(text) and text[at] in QUOTES and (end := _find_closer(text, at)) >= 0:
        return end + 1, clean_quotation(text[at + 1 : end]), True
    end = _end_of_word(text, at)
    return end, text[at:end], False


def _end_of_word(text: str, at: int) -> int:
    """Find where a word ends: at a space, a quotation mark, or a parenthesis that is not its own."""
    number = NUMBER.match(text, at) if at == 0 or not text[at - 1].isalnum() else None
    opened: list[int] = []
    end = number.end() if number else at
    while end < len(text):
        char = text[end]
        if char.isspace() or char in MARKS or (char == ")" and not opened):
            break
        if char == "(":
            opened.append(end)
        elif char == ")":
            opened.pop()
        end += 1
    return opened[0] if opened else end


def clean_quotation(inner: str) -> str:
    """Take from a quotation the marks inside it, and its outer spaces."""
    return "".join(" " if char in MARKS else char for char in inner).strip()


def _match_parentheses(lexemes: list[Lexeme], ignored: list[str]) -> list[Lexeme]:
    """Leave out the parentheses that have no pair, or that lie too deep."""
    opened: list[int] = []
    lost: set[int] = set()
    for at, lexeme in enumerate(lexemes):
        if lexeme.kind is Kind.OPEN:
            opened.append(at)
        elif lexeme.kind is Kind.CLOSE:
            if not opened:
                lost.add(at)
            elif len(opened) > MAX_DEPTH:
                lost |= {opened.pop(), at}
            else:
                opened.pop()
    lost.update(opened)
    ignored.extend(lexemes[at].text for at in sorted(lost))
    return [lexeme for at, lexeme in enumerate(lexemes) if at not in lost]

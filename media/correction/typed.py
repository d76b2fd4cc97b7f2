"""What people type into a turn: cleaned, cut into words, and searched for the doubts written in it.

Whatever is pasted is only text. Control characters, invisible marks and those that turn the
direction of writing go (CVE-2021-42574 shows what the last can hide); no-break spaces stay, and
French punctuation that stands apart hangs on its word by one. Pure.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from media.transcript import BREAKING_SPACE, Doubt, DoubtKind

MAX_TURN_LENGTH = 250_000  # characters: 40,000 words, four hours of speech without a pause
NO_BREAK = "\N{NO-BREAK SPACE}"
HARD_SPACES = "\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}"
# Controls but the spaces among them, soft hyphens, zero widths, bidirectional marks and overrides,
# byte order marks, interlinear and tag characters, halves of surrogate pairs, non-characters.
UNWANTED = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f"
    "\ufdd0-\ufdef\ufeff\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f\ud800-\udfff]"
)
CLOSING = re.compile(r"(?!\?{3})[;:!?»%…]+[\]).,”»]*")
OPENING = re.compile(r"[«“(\[]+")
# « ??? », « ??? [32 min 50] », « [inaudible] », « [mot ?] »
CLOCK = (
    r"\[(?:(\d{1,2})[ \u00a0]?h[ \u00a0])?(\d{1,3})[ \u00a0]?(?:min|’|'|‘|:)[ \u00a0]?(\d{1,2})"
    r"(?:[ \u00a0]?s)?\]"
)
MARK = re.compile(
    r"\?{3,}[.,;:!»\"\u00a0)]*(?: "
    + CLOCK
    + r")?|\[inaudible[^\[\]]{0,40}\]|\[[^\[\]]{1,80}?[ \u00a0\u202f]?\?\]",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Mark:
    """A doubt written in a text, and the time that it names."""

    first_word: int
    last_word: int
    at_ms: int | None = None


def split_words(text: str) -> tuple[str, ...]:
    """Clean a text, and cut it into words that hold their punctuation.

    >>> split_words("Bonjour\\x00 à  tous\\n!")
    ('Bonjour', 'à', 'tous\\xa0!')
    >>> split_words("« Oui » ???")
    ('«\\xa0Oui\\xa0»', '???')
    """
    words: list[str] = []
    opened = ""
    clean = unicodedata.normalize("NFC", UNWANTED.sub("", text))
    for piece in BREAKING_SPACE.split(clean):
        word = piece.strip(HARD_SPACES)
        if not word:
            continue
        if OPENING.fullmatch(word):
            opened += word + NO_BREAK
        elif words and not opened and CLOSING.fullmatch(word):
            words[-1] += NO_BREAK + word
        else:
            words.append(opened + word)
            opened = ""
    return (*words, opened.strip(NO_BREAK)) if opened else tuple(words)


def clean_line(text: str) -> str:
    """Clean a text of one line, such as a name."""
    return " ".join(split_words(text))


def find_marks(words: Sequence[str]) -> Iterator[Mark]:
    """Find the doubts that people wrote in a turn's words, in order.

    >>> list(find_marks("qui était ??? [32 min 50] avec [Lentille ?]".split(" ")))
    [Mark(first_word=2, last_word=5, at_ms=1970000), Mark(first_word=7, last_word=8, at_ms=None)]
    """
    starts = [0, *accumulate(len(word) + 1 for word in words)]
    for found in MARK.finditer(" ".join(words)):
        hours, minutes, seconds = found.group(1, 2, 3)
        at_ms = None
        if minutes is not None:
            at_ms = ((int(hours or 0) * 60 + int(minutes)) * 60 + int(seconds)) * 1000
        first, last = (bisect_right(starts, at) - 1 for at in (found.start(), found.end() - 1))
        yield Mark(first, last, at_ms)


def find_doubts(words: Sequence[str]) -> Iterator[Doubt]:
    """Find the doubts that people wrote in a turn's words, as flags."""
    return (Doubt(DoubtKind.MARKED, mark.first_word, mark.last_word) for mark in find_marks(words))

"""Lines of a document as people see them, every visible character knowing where it comes from.

Each format's reader takes its markup away and yields lines; one grammar then reads them all. A
word's place in the document follows from its line's pieces, markup inside the word included.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate

from media.correction.typed import CLOSING, HARD_SPACES, NO_BREAK, OPENING, UNWANTED
from media.texts.values import ReadWord

RUN = re.compile(r"[\S\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}]+")
NEWLINE = re.compile(r"\r\n?|\n")


@dataclass(frozen=True, slots=True)
class Piece:
    """Visible characters; each is one of the document's if both have as many, else they are one lump."""

    text: str
    begin: int
    end: int
    strong: bool = False
    url: str | None = None
    start_ms: int | None = None  # when it begins to be said, where the document says so
    end_ms: int | None = None


@dataclass(frozen=True)
class Line:
    """A paragraph, a heading, a cue: whatever stands alone in a document."""

    begin: int  # with its markup, without its end of line
    end: int
    pieces: tuple[Piece, ...] = ()
    level: int = 0  # of a heading, from 1
    loose: bool = False  # nothing stands right above it
    hidden: bool = False  # markup and nothing else
    start_ms: int | None = None
    end_ms: int | None = None
    speaker: str | None = None  # as in `Block`, of a line whose voice is settled
    sound: bool = False  # marked as an event: nobody speaks
    settled: bool = False  # the format says who speaks: no name is looked for

    @cached_property
    def text(self) -> str:
        """What people see."""
        return "".join(piece.text for piece in self.pieces)

    def strong_until(self, at: int) -> int:
        """Find where the characters in bold end that begin at this one; 0 where none do."""
        end, bold = 0, False
        for piece, begin in zip(self.pieces, self._starts, strict=False):
            end = begin + len(piece.text)
            if end <= at:
                continue
            if not piece.strong and self.text[max(begin, at) : end].strip():
                return begin if bold else 0
            bold = bold or piece.strong
        return end if bold else 0

    @cached_property
    def url(self) -> str | None:
        """The first address that it leads to."""
        return next((piece.url for piece in self.pieces if piece.url), None)

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *accumulate(len(piece.text) for piece in self.pieces)]

    def locate(self, first: int, last: int) -> tuple[int, int]:
        """Find where visible characters, the last one included, stand in the document."""
        return self._place(first)[0], self._place(last)[1]

    def _of(self, at: int) -> int:
        return bisect_right(self._starts, at) - 1

    def _place(self, at: int) -> tuple[int, int]:
        found = self._of(at)
        piece = self.pieces[found]
        if len(piece.text) != piece.end - piece.begin:
            return piece.begin, piece.end
        begin = piece.begin + at - self._starts[found]
        return begin, begin + 1

    def words(self, first: int = 0) -> tuple[ReadWord, ...]:
        """Cut what stands from a character on into words, as `split_words` does."""
        words = tuple(self._cut_words(first))
        return words if all(piece.start_ms is None for piece in self.pieces) else self._end(words)

    def _end(self, words: Sequence[ReadWord]) -> tuple[ReadWord, ...]:
        """Give an end to words of which only the start is known: the next one's start."""
        ended = []
        following = self.end_ms
        for word in reversed(words):
            start_ms, end_ms = word.start_ms, word.end_ms if word.end_ms is not None else following
            known = start_ms is not None and end_ms is not None and end_ms >= start_ms
            ended.append(replace(word, end_ms=end_ms) if known else replace(word, start_ms=None, end_ms=None))
            following = start_ms if start_ms is not None else following
        return tuple(reversed(ended))

    def _cut_words(self, first: int) -> Iterator[ReadWord]:
        held: tuple[str, int, int] | None = None  # the last word: another may hang on it
        opened, opened_at = "", 0
        for text, begin, end in _runs(self.text, first):
            if OPENING.fullmatch(text):
                opened_at = opened_at if opened else begin
                opened += text + NO_BREAK
                opened_end = end
            elif held and not opened and CLOSING.fullmatch(text):
                held = (held[0] + NO_BREAK + text, held[1], end)
            else:
                if held:
                    yield self._word(*held)
                held = (opened + text, opened_at if opened else begin, end)
                opened = ""
        if held:
            yield self._word(*held)
        if opened:
            yield self._word(opened.strip(NO_BREAK), opened_at, opened_end)

    def _word(self, text: str, first: int, end: int) -> ReadWord:
        begin, last = self.locate(first, end - 1)
        piece, ending = (self.pieces[self._of(at)] for at in (first, end - 1))
        if piece.start_ms is None or self.text[self._starts[self._of(first)] : first].strip():
            return ReadWord(text, begin, last)  # another word of its piece has the piece's time
        return ReadWord(text, begin, last, piece.start_ms, ending.end_ms)


def _runs(text: str, first: int) -> Iterator[tuple[str, int, int]]:
    """Yield the runs between spaces, cleaned, with the characters that they span."""
    for run in RUN.finditer(text, first):
        raw = run.group()
        clean = raw.strip(HARD_SPACES)
        begin = run.start() + len(raw) - len(raw.lstrip(HARD_SPACES))
        end = run.end() - len(raw) + len(raw.rstrip(HARD_SPACES))
        if not clean.isascii() or UNWANTED.search(clean):
            clean = unicodedata.normalize("NFC", UNWANTED.sub("", clean)).strip(HARD_SPACES)
        if clean:
            yield clean, begin, end

"""Markdown as lines (CommonMark, by markdown-it), each character found again in its source.

markdown-it says on which lines a paragraph stands and what is seen of it, piece by piece in order;
each piece is looked for where the one before it ended. A front matter's lines are read as fields.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token

from ingest.texts.lines import NEWLINE, Line, Piece
from ingest.texts.speakers import NAME_AND_COLON

FRONT_MATTER = re.compile(
    r"\ufeff?---[ \t]*(?:\r\n?|\n)(.{0,10000}?)(?:\r\n?|\n)(?:---|\.\.\.)[ \t]*(?:\r\n?|\n|$)", re.S
)
FENCE = re.compile(r"[ \t>]*(?:`{3,}|~{3,})")
LINK_END = re.compile(r"\](?:\([^()\n]{0,2000}\)|\[[^\[\]\n]{0,200}\])?")

Span = tuple[int, int]


def read_markdown(text: str) -> list[Line]:
    """Cut a document into lines."""
    front = FRONT_MATTER.match(text)
    begin = front.end() if front else 0
    lines = [
        Line(*span, pieces=(Piece(text[slice(*span)], *span),), loose=True) for span in _front_lines(front)
    ]
    starts = _line_starts(text, begin)
    body = text[begin:].replace("\x00", "\ufffd")
    parser = MarkdownIt("commonmark").disable("text_join")  # it would hide how special characters are written
    level = 0
    for token in parser.parse(body):
        if token.type == "heading_open":
            level = int(token.tag[1])
        elif token.type == "inline" and token.map:
            span = starts[token.map[0]], starts[token.map[1]]
            lines += _Paragraph(text, *span).read(token.children or [], level)
            level = 0
        elif token.type in ("code_block", "fence") and token.map:
            lines += _code_lines(text, starts[token.map[0] : token.map[1] + 1])
    return list(_cover(text, lines))


def _front_lines(front: re.Match[str] | None) -> Iterator[Span]:
    if front:
        at = front.start(1)
        for found in [*NEWLINE.finditer(front.string, *front.span(1)), None]:
            end = found.start() if found else front.end(1)
            if front.string[at:end].strip():
                yield at, end
            at = found.end() if found else end


def _line_starts(text: str, begin: int) -> list[int]:
    """Find where each line of the document begins, and where the last one ends."""
    starts = [begin, *(found.end() for found in NEWLINE.finditer(text, begin))]
    return starts if starts[-1] == len(text) else [*starts, len(text)]


def _code_lines(text: str, starts: Sequence[int]) -> Iterator[Line]:
    """See what is indented or fenced as it is written: somebody's dialogue more often than a program."""
    for begin, end in pairwise(starts):
        source = text[begin:end]
        if source.strip() and not FENCE.match(source):
            first = begin + len(source) - len(source.lstrip())
            last = begin + len(source.rstrip())
            yield Line(first, last, (Piece(text[first:last], first, last),), loose=begin == starts[0])


def _cover(text: str, lines: Sequence[Line]) -> Iterator[Line]:
    """Hide what no line shows: rules, comments, definitions."""
    done = 0
    for line in lines:
        if text[done : line.begin].strip("\ufeff \t\r\n"):
            yield Line(done, line.begin, hidden=True)
        yield line
        done = line.end
    if text[done:].strip("\ufeff \t\r\n"):
        yield Line(done, len(text), hidden=True)


@dataclass(slots=True)
class _Paragraph:
    """A paragraph or a heading, whose pieces are found again one after the other."""

    text: str
    begin: int
    end: int
    at: int = -1
    pieces: list[Piece] = field(default_factory=list)
    bold: int = 0
    url: str | None = None

    def read(self, children: Sequence[Token], level: int) -> Iterator[Line]:
        """Yield its lines: one, but for breaks that its writer forced, or that a name follows."""
        self.at = line_begin = self.begin
        loose = True
        for place, token in enumerate(children):
            broken = token.type == "hardbreak" or (
                token.type == "softbreak" and _begins_turn(children[place + 1 : place + 4])
            )
            if not broken:
                self._see(token)
                continue
            end = self._next_line()
            if any(piece.text.strip() for piece in self.pieces):
                yield self._line(line_begin, end, level, loose=loose)
                line_begin, loose = end, False
            self.at = end
        if any(piece.text.strip() for piece in self.pieces):
            yield self._line(line_begin, self.end, level, loose=loose)

    def _line(self, begin: int, end: int, level: int, *, loose: bool) -> Line:
        # What was normalised is somewhere in its paragraph, of which this line may be a part.
        pieces = tuple(
            replace(piece, begin=max(piece.begin, begin), end=min(piece.end, end)) for piece in self.pieces
        )
        self.pieces = []
        return Line(begin, end, pieces, level, loose)

    def _see(self, token: Token) -> None:
        if token.type == "text" or token.type == "code_inline":
            self._add(token.content, token.content)
        elif token.type == "text_special":
            self._add(token.content, token.markup)
        elif token.type == "softbreak":
            end = self._next_line()
            self.pieces.append(Piece(" ", end - 1, end, self.bold > 0))
            self.at = end
        elif token.type in ("strong_open", "strong_close"):
            self.bold += token.nesting
        elif token.type == "link_open":
            self.url = str(token.attrs.get("href", "")) or None
        elif token.type == "link_close":
            self.url = None
            if token.markup != "autolink" and (found := LINK_END.search(self.text, self.at, self.end)):
                self.at = found.end()

    def _add(self, content: str, written: str) -> None:
        if not content:
            return
        found = self.text.find(written, self.at, self.end)
        if found < 0:  # markdown-it normalised it: the paragraph is all that is known
            self.pieces.append(Piece(content, self.begin, self.end, self.bold > 0, self.url))
            return
        self.at = found + len(written)
        self.pieces.append(Piece(content, found, self.at, self.bold > 0, self.url))

    def _next_line(self) -> int:
        found = NEWLINE.search(self.text, self.at, self.end)
        return found.end() if found else self.end


def _begins_turn(following: Sequence[Token]) -> bool:
    """Tell whether what follows a line's end begins like a turn: in bold, with a name or a time."""
    shown = [token for token in following if token.type != "text" or token.content.strip()]
    if not shown:
        return False
    if shown[0].type == "strong_open":
        return True
    text = shown[0].content if shown[0].type == "text" else ""
    named = NAME_AND_COLON.match(text)
    return text.startswith("[") or (named is not None and named[1][:1].isupper())

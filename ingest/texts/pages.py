"""Web pages as lines: what is seen of a page's main part, and where it stands in its source.

Parsers that build a tree (lxml, selectolax) forget where a character came from, and nesting can
exhaust them; this reads tags one after the other, in one pass and without a tree, as a page
whose tags nest badly wants it too. Navigation, scripts and whatever stands outside `<main>` or
the only `<article>` are hidden, and stay in the document.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import unescape

from ingest.texts.decoding import MAX_BYTES
from ingest.texts.lines import NEWLINE, Line, Piece

# Possessive, and no « < » inside quotes: a tag that never ends costs no more than the text up to the next.
TAG = re.compile(
    r"""<(?P<close>/?)(?P<name>[a-zA-Z][\w:-]*+)(?P<attributes>(?:[^<>"']++|"[^"<]*+"|'[^'<]*+')*+)>"""
)
MARK = re.compile(r"<!--|<(?=[a-zA-Z/])|<[!?][^<>]*+>?|&[#\w]{1,32};?")
ATTRIBUTE = re.compile(r"""([\w:-]{1,40})\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
SPACE = re.compile(r"[\t\n\f\r]")
SEEN = re.compile(r"\S")
EVENT_CLASS = re.compile(r"""\bclass\s?=\s?["']?[\w -]{0,100}\bevent\b""")
SENTENCE_END = re.compile(r"[.!?…][»”\"’)\]\s\xa0]*$")

RAW = {"script", "style", "textarea", "title", "iframe", "noembed", "noframes", "xmp"}
UNSEEN = {
    "nav",
    "aside",
    "footer",
    "form",
    "button",
    "select",
    "svg",
    "math",
    "template",
    "noscript",
    "object",
}
UNSEEN |= {"dialog", "menu", "audio", "video", "canvas", "figure", "head", "map"}
BLOCKS = {
    "p",
    "div",
    "li",
    "ul",
    "ol",
    "dl",
    "dt",
    "dd",
    "blockquote",
    "section",
    "article",
    "main",
    "header",
}
BLOCKS |= {"table", "tbody", "thead", "tr", "td", "th", "hr", "pre", "body", "html", "address", "details"}
BLOCKS |= {"summary", "center", "fieldset", *(f"h{level}" for level in range(1, 7))}
STRONG = {"b", "strong", "cite", "dt"}
HEADING = re.compile(r"h([1-6])")

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Page:
    """A page's lines, and what its head says."""

    lines: list[Line]
    title: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class _Tag:
    name: str
    begin: int
    end: int
    closes: bool = False
    attributes: str = ""


def read_page(text: str) -> Page:
    """Cut a page into lines."""
    tags = list(_find_tags(text))
    view = _View(text)
    hidden = _find_hidden(tags, _find_main(tags, len(text)))
    at = 0
    for tag in [*tags, _Tag("!", len(text), len(text))]:
        while hidden and hidden[-1][1] <= at:
            hidden.pop()
        if not hidden or at < hidden[-1][0]:
            view.see_text(at, tag.begin)
        at = tag.end
        if hidden and hidden[-1][0] <= tag.begin < hidden[-1][1]:
            view.skip(tag.begin)
        elif tag.name == "&":
            view.see_entity(tag)
        elif tag.name != "!":
            view.see_tag(tag)
    title = next((unescape(tag.attributes) for tag in tags if tag.name == "title"), "")
    language = next((_attributes(tag).get("lang", "") for tag in tags if tag.name == "html"), "")
    return Page(list(view.finish()), " ".join(title.split()), language)


def _find_tags(text: str) -> Iterator[_Tag]:
    """Yield tags, entities (named &) and comments (named !); raw text is held by its tag."""
    missing: set[str] = set()
    at = 0
    while found := MARK.search(text, at):
        begin, mark = found.start(), found.group()
        at = found.end()
        if mark[0] == "&":
            yield _Tag("&", begin, at)
        elif mark == "<!--":
            end = -1 if mark in missing else text.find("-->", at)
            if end < 0:
                missing.add(mark)
            at = end + 3 if end >= 0 else at
            yield _Tag("!", begin, at)
        elif mark[1:2] in ("!", "?"):
            yield _Tag("!", begin, at)
        elif tag := TAG.match(text, begin):
            at = tag.end()
            name = tag["name"].lower()
            raw = -1
            if name in RAW and not tag["close"] and name not in missing:
                raw = _find_raw_end(text, name, at)
                if raw < 0:
                    missing.add(name)
            if raw >= 0:
                yield _Tag(name, begin, raw, attributes=text[at : text.rfind("<", at, raw)])
                at = raw
            else:
                yield _Tag(name, begin, at, bool(tag["close"]), tag["attributes"])


def _find_raw_end(text: str, name: str, at: int) -> int:
    found = re.compile(rf"</{name}\b[^<>]*+>", re.IGNORECASE).search(text, at)
    return found.end() if found else -1


def _find_hidden(tags: list[_Tag], main: Span) -> list[Span]:
    """Find the outermost elements that are not the page's text, the last one first."""
    spans: list[Span] = []
    open_at: dict[str, list[int]] = {}
    for tag in tags:
        if tag.name in RAW:
            spans.append((tag.begin, tag.end))
        elif tag.name in UNSEEN:
            opened = open_at.setdefault(tag.name, [])
            if not tag.closes:
                opened.append(tag.begin)
            elif opened:
                begin = opened.pop()
                while spans and spans[-1][0] >= begin:
                    spans.pop()
                spans.append((begin, tag.end))
    inside = [span for span in spans if main[0] <= span[0] and span[1] <= main[1]]
    return [(main[1], MAX_BYTES), *inside[::-1], (0, main[0])]


def _find_main(tags: list[_Tag], length: int) -> Span:
    """Find the page's only `<main>`, or else its only `<article>`; without one, everything counts."""
    for name in ("main", "article"):
        found = [tag for tag in tags if tag.name == name]
        if len(found) == 2 and not found[0].closes and found[1].closes:
            return found[0].begin, found[1].end
    return 0, length


def _attributes(tag: _Tag) -> Mapping[str, str]:
    found = ATTRIBUTE.finditer(tag.attributes[:4000])
    return {match[1].lower(): unescape(match[2] or match[3] or match[4] or "") for match in found}


@dataclass(slots=True)
class _View:
    """What is seen of a page, as its tags are walked."""

    text: str
    lines: list[Line] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)
    seen: bool = False  # whether the pieces show anything
    done: int = 0  # up to where lines cover the document
    opened: int = 0  # where the tag stands that began this line
    bold: int = 0
    level: int = 0
    url: str | None = None
    loose: bool = True
    preformatted: bool = False
    stamped_ms: int | None = None
    in_stamp: bool = False
    event: bool = False

    def see_text(self, begin: int, end: int) -> None:
        """See the text up to the next tag."""
        if self.in_stamp:
            return
        if self.preformatted:
            self._see_preformatted(begin, end)
        else:
            self._add(SPACE.sub(" ", self.text[begin:end]), begin, end)

    def _see_preformatted(self, begin: int, end: int) -> None:
        for found in NEWLINE.finditer(self.text, begin, end):
            self._add(self.text[begin : found.start()], begin, found.start())
            self._break(found.start(), found.end())
            begin = found.end()
        self._add(self.text[begin:end], begin, end)

    def skip(self, at: int) -> None:
        """End a line where something hidden begins."""
        self._flush(at)

    def see_entity(self, tag: _Tag) -> None:
        """See a character by its name."""
        if not self.in_stamp:
            self._add(unescape(self.text[tag.begin : tag.end]), tag.begin, tag.end)

    def see_tag(self, tag: _Tag) -> None:
        """Begin or end a line, bold, a link, a time."""
        if tag.name == "br":
            self._break(tag.begin, tag.end)
        elif tag.name in BLOCKS:
            self._see_block(tag)
        elif tag.name in STRONG:
            self.bold = max(0, self.bold + (-1 if tag.closes else 1))
        elif tag.name == "a":
            address = "" if tag.closes else _attributes(tag).get("href", "")
            self.url = address if address.startswith(("http://", "https://")) else None
        elif self.in_stamp and tag.closes:
            self.in_stamp = False
        elif "data-timestamp" in tag.attributes:
            self._see_stamp(tag)

    def _see_block(self, tag: _Tag) -> None:
        self._flush(tag.end if tag.closes else tag.begin)
        self.opened = tag.end if tag.closes else tag.begin
        heading = HEADING.fullmatch(tag.name)
        self.level = int(heading[1]) if heading and not tag.closes else 0
        self.bold = int(tag.name == "dt" and not tag.closes)
        self.url, self.in_stamp, self.loose = None, False, True
        self.event = not tag.closes and EVENT_CLASS.search(tag.attributes[:400]) is not None
        if tag.name == "pre":
            self.preformatted = not tag.closes

    def _see_stamp(self, tag: _Tag) -> None:
        """See a time that stands before what is said then, as oTranscribe writes it."""
        said = "".join(piece.text for piece in self.pieces[-3:]).rstrip()
        if self.seen and not SENTENCE_END.search(said[-8:]):
            self.in_stamp = True
            return
        if self.seen:
            self._break(tag.begin, tag.begin)
        try:
            seconds = float(_attributes(tag).get("data-timestamp", ""))
        except ValueError:
            seconds = -1.0
        self.stamped_ms = round(seconds * 1000) if 0 <= seconds < 1e6 else None
        self.in_stamp = True

    def _break(self, begin: int, end: int) -> None:
        """End a line inside a paragraph; an empty one parts what stands around it."""
        if self.seen:
            self._flush(end)
            self.loose = False
        else:
            self.loose = True
        self.opened = end

    def _add(self, text: str, begin: int, end: int) -> None:
        self.seen = self.seen or SEEN.search(text) is not None
        if self.seen:
            self.pieces.append(Piece(text, begin, end, self.bold > 0, self.url))

    def _flush(self, end: int) -> None:
        """End a line, if anything is seen on it; what lies between lines is hidden markup."""
        if not self.seen:
            return
        first = min(self.opened, self.pieces[0].begin)
        begin = max(self.done, first)
        self._hide(begin)
        pieces = tuple(self.pieces)
        stamp, sound = self.stamped_ms, self.event
        line = Line(begin, end, pieces, self.level, self.loose, start_ms=stamp, sound=sound)
        self.lines.append(line)
        self.pieces, self.seen, self.stamped_ms = [], False, None
        self.done = self.opened = end

    def _hide(self, end: int) -> None:
        if SEEN.search(self.text, self.done, end):
            self.lines.append(Line(self.done, end, hidden=True))
        self.done = end

    def finish(self) -> list[Line]:
        """End the last line, and hide what follows it."""
        self._flush(len(self.text))
        self._hide(len(self.text))
        return self.lines

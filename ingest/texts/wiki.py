"""MediaWiki text as lines: what a reader of the page sees, and where it stands in its source.

mwparserfromhell reads one line at a time, since its backtracking is quadratic in what is left
open: 150 kB of « <b> » take it a minute. What spans lines (comments, templates, tables, notes)
is found first and hidden; so is whatever nobody here understands. It stays in the document.
Lines whose marks neither nest nor lead anywhere, as most are, are read without it, ten times as fast.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import mwparserfromhell
from mwparserfromhell import nodes
from mwparserfromhell.wikicode import Wikicode

from ingest.texts.lines import Line, Piece

MAX_OPENERS = 100  # in one line; more are read as text with tags in it
MAX_LINE_LENGTH = 50_000
MAX_PARSED = 20_000  # lines that need the parser; a page of a day's words has some thousands

SPANNING = re.compile(
    r"(?P<comment><!--)|<(?P<tag>ref|gallery|math|pre|syntaxhighlight|timeline|score|style|script|imagemap)\b"
    r"[^<>]{0,500}(?<!/)>|(?P<open>\{\{)|(?P<close>\}\})|^(?P<table>\{\|)|^(?P<end>\|\})",
    re.MULTILINE | re.IGNORECASE,
)
ENDS_LINE = re.compile(r"(?P<br><br\b[^<>]{0,100}>)(?:[ \t]*(?:\r\n?|\n))?|\r\n?|\n", re.IGNORECASE)
MARKED = re.compile(r"[<\[{&]|''|^[=*#:;]")
OPENER = re.compile(r"[<\[{]|''|&")
LEFT_OPEN = re.compile(
    r"(?P<tag></?(?:b|i|u|s|em|strong|big|small|sup|sub|span|div|font|center|p|li|ul|ol|dl|dt|dd|blockquote|cite|q"
    r"|code|tt|del|ins|abbr|h[1-6]|nowiki|poem|section|noinclude|includeonly|onlyinclude|table|tr|td|th)\b"
    r"[^<>]{0,300}>)|(?P<quotes>'{2,5})",
    re.IGNORECASE,
)
# Words that the parser leaves as they are: no tag, link, entity or address.
PLAIN = r"(?:[^<>\[\]{}&'|:/\r\n]|'(?!')|/(?!/)|:(?=[\s<]|''|$)|&(?!#|\w+;)|\[[^\[\]<>{}&'|:/\r\n]*\](?!\]))"
SIMPLE = re.compile(
    rf"(?P<quotes>'{{2,3}})(?!')(?P<quoted>{PLAIN}+)(?P=quotes)(?!')"
    rf"|<(?P<tag>b|strong|i|em)>(?P<tagged>{PLAIN}*)</(?P=tag)>|(?P<plain>{PLAIN}+)"
)
SIMPLE_HEAD = re.compile(
    r"(?P<level>={2,6})(?![=\s])(?P<title>[^=<>\[\]{}&'|:/\r\n]+)(?P=level)"
    r"|[*#:]+(?=[^-*#:;=])|(?![=*#:;]|-{4})"
)
BOLD_TAG = re.compile(r"<(/?)(?:b|strong)\b", re.IGNORECASE)
ANCHOR = re.compile(r"<!--\s*t=(\d{1,6})(?:\.(\d{3}))?\s*-->")  # as our own wiki text has them
UNSEEN_TAGS = {
    "ref",
    "references",
    "gallery",
    "math",
    "style",
    "script",
    "templatestyles",
    "table",
    "hr",
    "br",
}
UNSEEN_LINKS = ("catégorie:", "category:", "fichier:", "file:", "image:", "média:", "media:")

Span = tuple[int, int]


def read_wiki(text: str) -> list[Line]:
    """Cut wiki text into lines, its paragraphs, headings and hidden markup."""
    lines = []
    loose = True
    parsed = 0
    for begin, end, broken in _cut(text, _find_spanning(text)):
        source = text[begin:end]
        stripped = source.strip()
        if not stripped:
            loose = True
            if broken > end:
                lines.append(Line(end, broken, hidden=True))
            continue
        first = begin + len(source) - len(source.lstrip())
        view = _see_simple(stripped, first)
        if view is None:
            parsed += 1
            view = _see_parsed(stripped, first, parse=parsed <= MAX_PARSED)
        line = _make_line(view, stripped, first, broken, loose=loose)
        lines.append(line)
        loose = line.hidden and loose
    return lines


def _cut(text: str, hidden: list[Span]) -> Iterator[tuple[int, int, int]]:
    """Yield lines, and where the <br/> ends that broke them; what spans several keeps them together."""
    begin = 1 if text.startswith("\ufeff") else 0
    at = begin
    spans = iter([*hidden, (len(text), len(text))])
    span = next(spans)
    while found := ENDS_LINE.search(text, at):
        while span[1] <= found.start() and span[0] < len(text):
            span = next(spans)
        if span[0] < found.end() and span[0] < len(text):
            at = max(span[1], at + 1)
            continue
        yield begin, found.start(), max(found.start(), found.end("br"))
        # A paragraph that a page breaks with <br/> goes on right below, whatever stands between.
        begin = at = found.end()
    yield begin, len(text), len(text)


def _find_spanning(text: str) -> list[Span]:
    """Find the outermost comments, templates, tables and notes, in one pass."""
    spans: list[Span] = []
    missing: set[str] = set()  # closings that occur no more
    braces: list[int] = []
    tables: list[int] = []
    at = 0
    while found := SPANNING.search(text, at):
        at = found.end()
        if found["open"]:
            braces.append(found.start())
        elif found["table"]:
            tables.append(found.start())
        elif found["close"] and braces:
            _add(spans, (braces.pop(), at))
        elif found["end"] and tables:
            _add(spans, (tables.pop(), at))
        elif found["comment"] or found["tag"]:
            closing = "-->" if found["comment"] else f"</{found['tag'].lower()}>"
            end = -1 if closing in missing else _find_closing(text, closing, at)
            if end < 0:
                missing.add(closing)
            else:
                _add(spans, (found.start(), end))
                at = end
    return spans


def _add(spans: list[Span], span: Span) -> None:
    """Add a span that ends after all others, which those inside it give way to."""
    while spans and spans[-1][0] >= span[0]:
        spans.pop()
    spans.append(span)


def _find_closing(text: str, closing: str, at: int) -> int:
    found = re.compile(re.escape(closing), re.IGNORECASE).search(text, at)
    return found.end() if found else -1


def _make_line(view: "_View", source: str, begin: int, broken: int, *, loose: bool) -> Line:
    end = broken if source.endswith(">") or broken > begin + len(source) else begin + len(source)
    hidden = not any(piece.text.strip() for piece in view.pieces)
    anchor = ANCHOR.fullmatch(source)
    if anchor:
        return Line(begin, end, hidden=True, start_ms=int(anchor[1]) * 1000 + int(anchor[2] or 0))
    return Line(begin, end, tuple(view.pieces), view.level, loose or view.level > 0, hidden)


def _see_simple(source: str, begin: int) -> "_View | None":
    """See a line without the parser; None where only the parser knows."""
    view = _View()
    if not MARKED.search(source):
        view.pieces.append(Piece(source, begin, begin + len(source)))
        return view
    head = SIMPLE_HEAD.match(source)
    if head is None or len(source) > MAX_LINE_LENGTH:
        return None
    at = head.end()
    if head["level"]:
        view.level = len(head["level"])
        view.see_plain(head["title"], begin + view.level)
        return view if at == len(source) else None
    while at < len(source):
        found = SIMPLE.match(source, at)
        if found is None:
            return None
        bold = found["quotes"] == "'''" or found["tag"] in ("b", "strong")
        group = "quoted" if found["quotes"] else "tagged" if found["tag"] else "plain"
        view.see_plain(found[group], begin + found.start(group), bold=bold)
        at = found.end()
    return view


def _see_parsed(source: str, begin: int, *, parse: bool) -> "_View":
    view = _View()
    if not parse or len(source) > MAX_LINE_LENGTH or len(OPENER.findall(source)) > MAX_OPENERS:
        view.see_text(source, begin)
    else:
        view.see(mwparserfromhell.parse(source), begin)
    return view


@dataclass(slots=True)
class _View:
    """What is seen of one line, as its nodes are walked."""

    pieces: list[Piece] = field(default_factory=list)
    level: int = 0
    bold: int = 0  # how many marks of bold are open
    bold_quotes: bool = False
    named: bool = False  # words in bold ended with a colon: what follows is said, however it is marked

    def see_plain(self, text: str, begin: int, *, bold: bool = False) -> None:
        """See words in which nothing is markup, in bold perhaps."""
        self.bold += bold
        self._add(text, begin, begin + len(text), None)
        self._end_bold(bold=bold)

    def _end_bold(self, *, bold: bool) -> None:
        self.bold -= bold
        last = self.pieces[-1] if bold and self.pieces else None
        self.named = self.named or (last is not None and last.text.rstrip().endswith(":"))

    def see(self, code: Wikicode, begin: int, url: str | None = None) -> None:
        """Walk nodes that begin at a character of the document; what they are written as adds up to it."""
        for node in code.nodes:
            source = str(node)
            if isinstance(node, nodes.Text):
                self.see_text(source, begin, url)
            else:
                self._see_node(node, begin, begin + len(source), url)
            begin += len(source)

    def _see_node(self, node: nodes.Node, begin: int, end: int, url: str | None) -> None:
        if isinstance(node, nodes.HTMLEntity):
            self._add(_decode(node), begin, end, url)
        elif isinstance(node, nodes.Heading):
            self.level = node.level
            self.see(node.title, begin + node.level, url)
        elif isinstance(node, nodes.ExternalLink):
            self._see_link(node, begin, end)
        elif isinstance(node, nodes.Wikilink):
            title = str(node.title)
            if not title.strip().lower().startswith(UNSEEN_LINKS):
                shown = node.title if node.text is None else node.text
                self.see(shown, end - 2 - len(str(shown)), url)
        elif isinstance(node, nodes.Tag):
            self._see_tag(node, end, url)

    def _see_link(self, node: nodes.ExternalLink, begin: int, end: int) -> None:
        address = str(node.url)
        if not node.brackets:
            self._add(address, begin, end, address)
        elif node.title is None:
            self._add("", begin, end, address)
        else:
            self.see(node.title, end - 1 - len(str(node.title)), address)

    def _see_tag(self, node: nodes.Tag, end: int, url: str | None) -> None:
        name = str(node.tag).strip().lower()
        if node.self_closing or name in UNSEEN_TAGS or node.contents is None:
            return
        closing = node.closing_wiki_markup
        size = len(closing) if closing else len(f"</{node.closing_tag}>")
        bold = name in ("b", "strong")
        self.bold += bold
        self.see(node.contents, end - size - len(str(node.contents)), url)
        self._end_bold(bold=bold)

    def see_text(self, source: str, begin: int, url: str | None = None) -> None:
        """See text, in which marks that were left open, or closed alone, are still marks."""
        done = 0
        for found in LEFT_OPEN.finditer(source):
            self._add(source[done : found.start()], begin + done, begin + found.start(), url)
            done = found.end()
            if bold := BOLD_TAG.match(found.group()):
                self.bold = max(0, self.bold + (-1 if bold[1] else 1))
            elif found["quotes"] and len(found["quotes"]) != 2:
                self.bold_quotes = not self.bold_quotes
        self._add(source[done:], begin + done, begin + len(source), url)

    def _add(self, text: str, begin: int, end: int, url: str | None) -> None:
        if text or url:
            strong = not self.named and (self.bold > 0 or self.bold_quotes)
            self.pieces.append(Piece(text, begin, end, strong, url))


def _decode(node: nodes.HTMLEntity) -> str:
    """Read an entity; one that names no character is shown as it is written."""
    try:
        return str(node.normalize())
    except (ValueError, OverflowError, KeyError):
        return str(node)

"""Tell how a document is written: by what it holds first, by its name where that is not enough."""

import re
from pathlib import PurePath

from media.texts.values import TextFormat

HEAD = 20_000  # characters that are looked at
TIMING = r"(?:\d{1,3}:)?\d{1,2}:\d{2}[.,]\d{1,3}[ \t]*-->"
IS_VTT = re.compile(r"\ufeff?\s{0,100}WEBVTT(?:\s|$)")
IS_SRT = re.compile(rf"^[ \t]*\d{{1,7}}[ \t]*\r?\n[ \t]*{TIMING}|^[ \t]*{TIMING}", re.MULTILINE)
WIKI_MARKS = re.compile(
    r"'''|\[\[[^\]\n]{1,200}\]\]|\[https?://\S+ [^\]\n]{1,300}\]"
    r"|<br ?/?>|</?b>|^\{\{",
    re.MULTILINE | re.IGNORECASE,
)
WIKI_SURE = re.compile(r"\[\[(?:Catégorie|Category):|'''", re.MULTILINE)
WIKI_HEADING = re.compile(r"^={2,6}[^=\n].{0,300}={2,6}[ \t]*\r?$", re.MULTILINE)
HTML_PAGE = re.compile(
    r"\s{0,1000}(?:<!--.{0,2000}?-->\s*)?<(?:!doctype html|html|head|body|article|main)\b", re.I | re.S
)
HTML_MARKS = re.compile(
    r"</?(?:p|div|strong|h[1-6]|ul|li|span|cite|time|section|article|a)\b[^<>]{0,300}>", re.I
)
MARKDOWN_MARKS = re.compile(
    r"^#{1,6}[ \t]+\S|\*\*[^*\n]{1,200}\*\*|^---[ \t]*\r?$|^>[ \t]|\[[^\]\n]{1,200}\]\([^)\s]{1,500}\)",
    re.MULTILINE,
)
ENDINGS = {
    ".wiki": TextFormat.WIKI,
    ".mediawiki": TextFormat.WIKI,
    ".wikitext": TextFormat.WIKI,
    ".md": TextFormat.MARKDOWN,
    ".markdown": TextFormat.MARKDOWN,
    ".html": TextFormat.HTML,
    ".htm": TextFormat.HTML,
    ".xhtml": TextFormat.HTML,
}


def detect(text: str, name: str) -> TextFormat:
    """Tell a document's format; what fits nothing is plain text."""
    head = text[:HEAD]
    if IS_VTT.match(head):
        return TextFormat.VTT
    if IS_SRT.search(head):
        return TextFormat.SRT
    ending = PurePath(name).suffix.lower()
    if ending in ENDINGS:
        return ENDINGS[ending]
    if HTML_PAGE.match(head):
        return TextFormat.HTML
    headed = WIKI_HEADING.search(head) is not None
    wiki, html, markdown = (len(marks.findall(head)) for marks in (WIKI_MARKS, HTML_MARKS, MARKDOWN_MARKS))
    if WIKI_SURE.search(head) or (wiki and headed) or wiki > max(html, markdown):
        return TextFormat.WIKI
    if html > 2 and html >= markdown:
        return TextFormat.HTML
    return TextFormat.MARKDOWN if markdown else TextFormat.PLAIN

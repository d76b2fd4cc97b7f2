"""Make a feed's bytes fit to be parsed: UTF-8, without DOCTYPE, and not obviously something else.

The DOCTYPE goes with every entity that it declares, before any parser sees it: nothing is left to
expand (billion laughs), to fetch or to read from the disk (external entities). Named characters of
HTML (`&nbsp;`) become numbers, because the DTD that gave them to XML goes too.
"""

import html.entities
import re
from typing import Any

from feedparser.encodings import convert_to_utf8

from ingest.errors import EmptyFeedError, FeedTooComplexError, NotAFeedError, PageInsteadOfFeedError

MAX_DOCTYPE_BYTES = 64 << 10
MAX_DECLARATION_BYTES = 4 << 10

_PAGE_STARTS = (b"<!doctype html", b"<html", b"<head", b"<body")
_ROOT = re.compile(rb"<(?:[A-Za-z][\w.-]*:)?(?:rss|feed|rdf|channel)[\s>/]", re.I)
_SPELLINGS = {  # in which "<?" may open a feed, and the mark that may stand before it
    "utf-8": b"\xef\xbb\xbf",
    "utf-16-le": b"\xff\xfe",
    "utf-16-be": b"\xfe\xff",
    "utf-32-le": b"\xff\xfe\0\0",
    "utf-32-be": b"\0\0\xfe\xff",
    "cp037": b"",
}
_DECLARATION = re.compile(rb"<\?xml[^>]*>")
_PROLOG = re.compile(rb"(?:\s+|<\?.*?\?>|<!--.*?-->)*", re.S)
_DOCTYPE_PIECE = re.compile(rb"<!--.*?-->|\"[^\"]*\"|'[^']*'|[\[\]>]", re.S)
# CDATA is left as it is. An unclosed one runs to the end, or it would be searched for again and again.
_AMPERSAND = re.compile(
    rb"<!\[CDATA\[.*?(?:\]\]>|\Z)"
    rb"|&(?:#(?P<decimal>\d{1,9});|#x(?P<hexadecimal>[0-9a-f]{1,8});|(?P<name>[a-z][a-z0-9]{1,30});)?",
    re.S | re.I,
)
_CONTROLS = bytes(point for point in range(32) if point not in b"\t\n\r")  # XML knows none of them
_OWN_OF_XML = frozenset({b"amp", b"lt", b"gt", b"quot", b"apos"})


def prepare_feed(data: bytes, url: str) -> bytes:
    """Return the same feed as UTF-8 without DOCTYPE; NotAFeedError or FeedTooComplexError otherwise."""
    if not data.strip(b" \t\r\n\0"):
        raise EmptyFeedError("no bytes", url=url)
    found: dict[str, Any] = {}
    try:
        text: bytes = convert_to_utf8({"content-type": "application/xml"}, _end_declaration(data), found)
    except (ValueError, LookupError) as error:
        raise NotAFeedError(f"unreadable encoding: {error}", url=url) from error
    text = text.translate(None, _CONTROLS).lstrip()
    start = _end_of_prolog(text)
    if text[start : start + 20].lower().startswith(_PAGE_STARTS):
        raise PageInsteadOfFeedError("a web page", url=url)
    if not _ROOT.search(text):
        raise NotAFeedError("no rss, feed or rdf element", url=url)
    try:
        # Nor is there a declaration any more: feedparser would look through the first line again.
        return _AMPERSAND.sub(_spell_ampersand, _without_declaration(remove_doctype(text)))
    except ValueError as error:
        raise FeedTooComplexError(str(error), url=url) from error


def remove_doctype(data: bytes) -> bytes:
    """Remove the DOCTYPE of an XML document, with all the entities that it declares.

    ValueError where it does not end, or is too long to be one.

    >>> remove_doctype(b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x "<r>]>">]><r>&x;</r>')
    b'<?xml version="1.0"?><r>&x;</r>'
    """
    start = _end_of_prolog(data)
    if data[start : start + 9].lower() != b"<!doctype":
        return data
    depth = 0
    for piece in _DOCTYPE_PIECE.finditer(data, start, start + MAX_DOCTYPE_BYTES):
        mark = piece[0]
        depth += (mark == b"[") - (mark == b"]")
        if mark == b">" and depth <= 0:
            return data[:start] + data[piece.end() :]
    raise ValueError("a DOCTYPE without end")


def _end_declaration(data: bytes) -> bytes:
    """End the line of an XML declaration where it ends; ValueError where it does not.

    feedparser looks for its encoding through the whole first line, in the cube of its length: 64 kB
    of "encoding=" took it a quarter of a minute.
    """
    for spelling, mark in _SPELLINGS.items():
        opening, closing = "<?".encode(spelling), "?>".encode(spelling)
        if data.startswith((opening, mark + opening)):
            end = data.find(closing, 0, MAX_DECLARATION_BYTES)
            if end < 0:
                raise ValueError("a declaration without end")
            end += len(closing)
            return data[:end] + "\n".encode(spelling) + data[end:]
    return data


def _without_declaration(text: bytes) -> bytes:
    found = _DECLARATION.match(text)
    return text[found.end() :].lstrip() if found else text


def _end_of_prolog(data: bytes) -> int:
    match = _PROLOG.match(data)
    return match.end() if match else 0


def _spell_ampersand(match: re.Match[bytes]) -> bytes:
    """Write what follows an ampersand as XML wants it.

    A bare one, in addresses mostly, is escaped; `&nbsp;` becomes a number, as its DTD is gone; the
    number of no character (a surrogate makes feedparser give up on the whole feed) is dropped.
    """
    if match[0] == b"&":
        return b"&amp;"
    if match["decimal"] or match["hexadecimal"]:
        point = int(match["decimal"] or match["hexadecimal"], 10 if match["decimal"] else 16)
        return match[0] if _is_character(point) else b""
    name = match["name"]
    if not name or name in _OWN_OF_XML:
        return match[0]
    named = html.entities.name2codepoint.get(name.decode("ascii"))
    return match[0] if named is None else b"&#%d;" % named


def _is_character(point: int) -> bool:
    if point < 32:
        return chr(point) in "\t\n\r"
    return point <= 0x10FFFF and not 0xD800 <= point <= 0xDFFF and point & 0xFFFE != 0xFFFE

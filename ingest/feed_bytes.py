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

_PAGE_STARTS = (b"<!doctype html", b"<html", b"<head", b"<body")
_ROOT = re.compile(rb"<(?:[A-Za-z][\w.-]*:)?(?:rss|feed|rdf|channel)[\s>/]", re.I)
_PROLOG = re.compile(rb"(?:\s+|<\?.*?\?>|<!--.*?-->)*", re.S)
_DOCTYPE_PIECE = re.compile(rb"<!--.*?-->|\"[^\"]*\"|'[^']*'|[\[\]>]", re.S)
_NAMED_ENTITY = re.compile(rb"&([A-Za-z][A-Za-z0-9]{1,30});")
_OWN_OF_XML = frozenset({b"amp", b"lt", b"gt", b"quot", b"apos"})


def prepare_feed(data: bytes, url: str) -> bytes:
    """Return the same feed as UTF-8 without DOCTYPE; NotAFeedError or FeedTooComplexError otherwise."""
    if not data.strip(b" \t\r\n\0"):
        raise EmptyFeedError("no bytes", url=url)
    found: dict[str, Any] = {}
    try:
        text: bytes = convert_to_utf8({"content-type": "application/xml"}, data, found)
    except (ValueError, LookupError) as error:
        raise NotAFeedError(f"unreadable encoding: {error}", url=url) from error
    text = text.lstrip()
    start = _end_of_prolog(text)
    if text[start : start + 20].lower().startswith(_PAGE_STARTS):
        raise PageInsteadOfFeedError("a web page", url=url)
    if not _ROOT.search(text):
        raise NotAFeedError("no rss, feed or rdf element", url=url)
    try:
        return _NAMED_ENTITY.sub(_spell_entity, remove_doctype(text))
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


def _end_of_prolog(data: bytes) -> int:
    match = _PROLOG.match(data)
    return match.end() if match else 0


def _spell_entity(match: re.Match[bytes]) -> bytes:
    """Write `&nbsp;` as a number: XML knows it only by the DTD that is gone."""
    name = match[1]
    point = None if name in _OWN_OF_XML else html.entities.name2codepoint.get(name.decode("ascii"))
    return match[0] if point is None else b"&#%d;" % point

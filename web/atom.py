"""Atom feeds as bytes: pure, from values to a document (RFC 4287, Media Fragments in links).

An entry's identity never changes, so that a reader who has seen it is not shown it again. Texts
are escaped by the XML writer, and what XML cannot hold at all is left out.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

ATOM = "http://www.w3.org/2005/Atom"
MEDIA_TYPE = "application/atom+xml"
FIRST_YEAR = 2026  # of the tag URIs (RFC 4151): a date at which the host was ours
# What XML 1.0 cannot hold, even escaped: https://www.w3.org/TR/xml/#charsets
FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Enclosure:
    """Something to play: a whole file, or a stretch of it."""

    address: str
    media_type: str
    bytes: int | None = None  # of the whole file


@dataclass(frozen=True, slots=True)
class Entry:
    """Something new, and where it is read and heard."""

    id: str
    title: str
    updated: datetime
    address: str
    author: str
    content: str  # HTML
    language: str | None = None  # of the content
    enclosure: Enclosure | None = None


@dataclass(frozen=True, slots=True)
class Feed:
    """What somebody follows."""

    id: str
    title: str
    subtitle: str
    updated: datetime
    address: str  # of the feed itself
    page: str  # of what it follows, on the site
    language: str
    entries: Sequence[Entry]


def make_tag(site_url: str, name: str) -> str:
    """Name a thing of this site for ever.

    >>> make_tag("https://archive.example:8000/", "transcribed/12")
    'tag:archive.example,2026:transcribed/12'
    """
    return f"tag:{urlsplit(site_url).hostname or 'localhost'},{FIRST_YEAR}:{name}"


def write_feed(feed: Feed, stylesheet: str) -> bytes:
    """Write a feed; the stylesheet serves people who open its address in a browser."""
    root = ET.Element("feed", {"xmlns": ATOM, "xml:lang": feed.language})
    _add(root, "id", feed.id)
    _add(root, "title", feed.title)
    _add(root, "subtitle", feed.subtitle)
    _add(root, "updated", _moment(feed.updated))
    _add(root, "generator", "Entendu")
    _add(root, "link", rel="self", type=MEDIA_TYPE, href=feed.address)
    _add(root, "link", rel="alternate", type="text/html", href=feed.page)
    for entry in feed.entries:
        _add_entry(root, entry)
    opening = '<?xml version="1.0" encoding="utf-8"?>\n'
    opening += f'<?xml-stylesheet type="text/css" href="{stylesheet}"?>\n'
    return (opening + ET.tostring(root, encoding="unicode") + "\n").encode()


def _add_entry(root: ET.Element, entry: Entry) -> None:
    element = ET.SubElement(root, "entry")
    _add(element, "id", entry.id)
    _add(element, "title", entry.title)
    _add(element, "published", _moment(entry.updated))
    _add(element, "updated", _moment(entry.updated))
    _add(ET.SubElement(element, "author"), "name", entry.author)
    _add(element, "link", rel="alternate", type="text/html", href=entry.address)
    if entry.enclosure is not None:
        length = {} if entry.enclosure.bytes is None else {"length": str(entry.enclosure.bytes)}
        media_type = entry.enclosure.media_type
        _add(element, "link", rel="enclosure", type=media_type, href=entry.enclosure.address, **length)
    language = {} if entry.language is None else {"xml:lang": entry.language}
    _add(element, "content", entry.content, type="html", **language)


def _add(parent: ET.Element, name: str, text: str = "", **attributes: str) -> None:
    held = {key: FORBIDDEN.sub("", value) for key, value in attributes.items()}
    ET.SubElement(parent, name, held).text = FORBIDDEN.sub("", text) or None


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")

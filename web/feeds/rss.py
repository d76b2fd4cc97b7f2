"""A show's feed as bytes: RSS 2.0 with iTunes' tags and the podcast namespace. Pure.

https://www.rssboard.org/rss-specification, https://github.com/Podcastindex-org/podcast-namespace
(docs/1.0.md). Texts are escaped by the XML writer; what XML cannot hold is left out.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from xml.etree import ElementTree as ET

from media.episodes import Person
from media.licences import UNKNOWN, Licence
from media.writing.clocks import clock
from media.writing.script import clean
from web.atom import FORBIDDEN

MEDIA_TYPE = "application/rss+xml"
ITUNES = "http://www.itunes.com/dtds/podcast-1.0.dtd"
PODCAST = "https://podcastindex.org/namespace/1.0"
ATOM = "http://www.w3.org/2005/Atom"
PODCAST_GUIDS = uuid.UUID("ead4c236-bf58-58c6-a2c6-a6b28d128cb6")  # docs/1.0.md, podcast:guid
MAX_LICENCE_LENGTH = 128
HOSTS = ("anim", "présent", "host")  # how a role that leads a show begins, folded


@dataclass(frozen=True, slots=True)
class Sound:
    """Our copy of an episode's audio."""

    url: str
    media_type: str
    size_bytes: int
    duration_ms: int | None


@dataclass(frozen=True, slots=True)
class TranscriptLink:
    """A transcript, in one format."""

    url: str
    media_type: str
    language: str | None
    is_captions: bool  # timed for display


@dataclass(frozen=True, slots=True)
class Item:
    """An episode as a feed tells of it."""

    guid: str
    title: str
    description: str  # sanitised HTML
    page_url: str
    published_at: datetime | None
    people: Sequence[Person]
    licence: Licence
    sound: Sound | None
    transcripts: Sequence[TranscriptLink]
    chapters_url: str | None


@dataclass(frozen=True, slots=True)
class ShowFeed:
    """A show as a feed tells of it."""

    title: str
    description: str
    author: str
    language: str | None
    page_url: str
    feed_url: str
    licence: Licence
    items: Sequence[Item]


def write_rss(feed: ShowFeed) -> bytes:
    """Write a feed; the same feed gives the same bytes."""
    root = ET.Element("rss", {"version": "2.0"})
    root.set("xmlns:itunes", ITUNES)
    root.set("xmlns:podcast", PODCAST)
    root.set("xmlns:atom", ATOM)
    channel = ET.SubElement(root, "channel")
    _add(channel, "title", clean(feed.title))
    _add(channel, "link", feed.page_url)
    _add(channel, "atom:link", rel="self", type=MEDIA_TYPE, href=feed.feed_url)
    _add(channel, "description", feed.description or clean(feed.title))
    if feed.language:
        _add(channel, "language", feed.language)
    _add(channel, "generator", "Entendu")
    if feed.author:
        _add(channel, "itunes:author", clean(feed.author))
    _add(channel, "itunes:explicit", "false")
    # Of the address without its scheme, so that it stays when the site gets a certificate.
    address = feed.feed_url.split("://", 1)[-1].rstrip("/")
    _add(channel, "podcast:guid", str(uuid.uuid5(PODCAST_GUIDS, address)))
    _add(channel, "podcast:medium", "podcast")
    _add_licence(channel, feed.licence)
    for item in feed.items:
        _add_item(channel, item)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"
    ).encode()


def _add_item(channel: ET.Element, item: Item) -> None:
    element = ET.SubElement(channel, "item")
    _add(element, "title", clean(item.title))
    _add(element, "link", item.page_url)
    _add(element, "guid", item.guid, isPermaLink="false")
    if item.published_at:
        _add(element, "pubDate", format_datetime(item.published_at, usegmt=True))
    _add(element, "description", item.description)
    if item.sound is not None:
        length = str(item.sound.size_bytes)
        _add(element, "enclosure", url=item.sound.url, length=length, type=item.sound.media_type)
        if item.sound.duration_ms:
            _add(element, "itunes:duration", clock(item.sound.duration_ms))
    for person in item.people:
        _add(element, "podcast:person", clean(person.name), role=_role(person.role))
    for link in item.transcripts:
        language = {"language": link.language} if link.language else {}
        rel = {"rel": "captions"} if link.is_captions else {}
        _add(element, "podcast:transcript", url=link.url, type=link.media_type, **language, **rel)
    if item.chapters_url:
        _add(element, "podcast:chapters", url=item.chapters_url, type="application/json+chapters")
    _add_licence(element, item.licence)


def _add_licence(parent: ET.Element, licence: Licence) -> None:
    if licence == UNKNOWN:
        return
    url = {"url": licence.url} if licence.url else {}
    _add(parent, "podcast:license", clean(licence.id)[:MAX_LICENCE_LENGTH], **url)


def _role(role: str) -> str:
    """Say a role as the namespace's list does: whoever does not lead the show is its guest."""
    return "host" if clean(role).casefold().startswith(HOSTS) else "guest"


def _add(parent: ET.Element, name: str, text: str = "", **attributes: str) -> None:
    held = {key: FORBIDDEN.sub("", value) for key, value in attributes.items()}
    ET.SubElement(parent, name, held).text = FORBIDDEN.sub("", text) or None

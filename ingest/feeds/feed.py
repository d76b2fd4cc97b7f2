"""Read a feed: bytes in, frozen values out (RSS 2.0, Atom, itunes and podcast namespaces).

feedparser reads from memory: never from a path or an address, which it would open. Before it,
`ingest.feeds.raw` takes away what XML could expand or fetch. Its own HTML sanitiser is left off,
being slow (10 MiB of notes: 6 s against 1.5) and less strict than nh3, which has the last word. One
bad entry is logged and skipped. Untrusted feeds are read through `ingest.feeds.reading`, which bounds
time and memory.
"""

import html
import io
import logging
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import feedparser

from ingest.errors import (
    BrokenFeedError,
    FeedTooComplexError,
    NotAFeedError,
)
from ingest.feeds.extras import Extras, Tag, collect_extras
from ingest.feeds.raw import prepare_feed
from ingest.feeds.sanitising import clean_html, text_to_html
from ingest.feeds.values import (
    read_address,
    read_count,
    read_date,
    read_duration,
    read_guid,
    read_language,
    read_title,
    read_yes,
)

MAX_ENTRIES = 20_000
MAX_ENCLOSURES = 50
MAX_NUMBER = 100_000  # of a season or an episode

T = TypeVar("T")

logger = logging.getLogger(__name__)

_TAG = re.compile(r"<[A-Za-z/!]")


@dataclass(frozen=True, slots=True)
class Enclosure:
    """The audio of an entry, as the feed describes it: to be sniffed, not believed."""

    url: str
    type: str | None  # lower case, without parameters
    length: int | None  # bytes


@dataclass(frozen=True, slots=True)
class TranscriptLink:
    """A transcript that the publisher offers."""

    url: str
    type: str | None
    language: str | None
    captions: bool  # timed for display (rel="captions")


@dataclass(frozen=True, slots=True)
class FeedPerson:
    """Somebody whom the feed names."""

    name: str
    role: str  # "host" where the feed says nothing, as the namespace has it


@dataclass(frozen=True, slots=True)
class Entry:
    """An episode, as a feed announces it."""

    guid: str | None
    title: str
    description_html: str  # sanitised
    published_at: datetime | None
    enclosure: Enclosure | None
    duration_ms: int | None
    link: str | None
    image_url: str | None
    chapters_url: str | None
    transcripts: tuple[TranscriptLink, ...]
    persons: tuple[FeedPerson, ...]
    season: int | None
    number: int | None
    explicit: bool | None


@dataclass(frozen=True, slots=True)
class Feed:
    """A show, as its feed describes it, entries in the order of the feed."""

    title: str
    description_html: str  # sanitised
    site_url: str | None
    language: str | None  # "fr"
    author: str
    image_url: str | None
    guid: str | None  # podcast:guid
    locked: bool | None  # podcast:locked: other platforms should not import it
    new_url: str | None  # itunes:new-feed-url
    explicit: bool | None
    persons: tuple[FeedPerson, ...]
    entries: tuple[Entry, ...]
    skipped: int  # entries that could not be read


def parse_feed(data: bytes, url: str) -> Feed:
    """Read a feed fetched from `url`; leaves FeedError only."""
    text = prepare_feed(data, url)
    extras = collect_extras(text)
    if extras.too_deep:
        raise FeedTooComplexError("nested too deeply", url=url)
    parsed = _run_feedparser(text, url)
    if not parsed.get("version") and not parsed.get("entries"):
        raise NotAFeedError("no feed in this XML", url=url)
    return _read_feed(parsed, extras, url)


def _run_feedparser(text: bytes, url: str) -> Mapping[str, Any]:
    # No content-location: feedparser would make guids absolute, and a feed that moves would then
    # announce all of its episodes anew. Links are made absolute here.
    headers = {"content-type": "application/xml; charset=utf-8"}
    try:
        parsed: Mapping[str, Any] = feedparser.parse(
            io.BytesIO(text), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
        )
    except RecursionError as error:
        raise FeedTooComplexError("nested too deeply", url=url) from error
    except (ArithmeticError, AssertionError, AttributeError, LookupError, TypeError, ValueError) as error:
        # Fuzzing finds all of these in its loose parser; none may take the worker along.
        raise NotAFeedError(f"feedparser failed: {type(error).__name__}: {error}", url=url) from error
    return parsed


def _read_feed(parsed: Mapping[str, Any], extras: Extras, url: str) -> Feed:
    channel: Mapping[str, Any] = parsed["feed"]
    found: Sequence[Mapping[str, Any]] = parsed["entries"][:MAX_ENTRIES]
    entries: list[Entry] = []
    for number, raw in enumerate(found):
        tags = extras.of_entry(number, len(parsed["entries"]))
        try:
            entries.append(_read_entry(raw, tags, url))
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            logger.warning("%s: entry %d skipped: %s: %s", url, number + 1, type(error).__name__, error)
    if found and not entries:
        raise BrokenFeedError("no entry could be read", url=url)
    return Feed(
        title=read_title(_text(channel, "title")),
        description_html=_read_html(channel, ("subtitle_detail", "summary_detail"), url),
        site_url=read_address(_text(channel, "link"), url),
        language=read_language(_text(channel, "language")),
        author=read_title(_text(channel, "author")),
        image_url=_read_image(channel, url),
        guid=read_guid(_tag_text(extras.channel, "podcast:guid")),
        locked=read_yes(_tag_text(extras.channel, "podcast:locked")),
        new_url=read_address(_tag_text(extras.channel, "itunes:new-feed-url")),
        explicit=read_yes(_tag_text(extras.channel, "itunes:explicit")),
        persons=_read_persons(extras.channel),
        entries=tuple(entries),
        skipped=len(found) - len(entries),
    )


def _read_entry(raw: Mapping[str, Any], tags: Sequence[Tag], url: str) -> Entry:
    return Entry(
        guid=read_guid(_text(raw, "id")),
        title=read_title(_text(raw, "title") or _text(raw, "itunes_title")),
        description_html=_read_html(raw, ("content", "summary_detail", "subtitle_detail"), url),
        published_at=_first(read_date, (_text(raw, name) for name in ("published", "updated", "created"))),
        enclosure=_choose_enclosure(raw, url),
        duration_ms=read_duration(_text(raw, "itunes_duration")),
        link=_read_link(raw, url),
        image_url=_read_image(raw, url),
        chapters_url=_first(
            lambda text: read_address(text, url), _attributes(tags, "podcast:chapters", "url")
        ),
        transcripts=_read_transcripts(tags, url),
        persons=_read_persons(tags),
        season=_read_number(tags, "season"),
        number=_read_number(tags, "episode"),
        explicit=read_yes(_tag_text(tags, "itunes:explicit")),
    )


def _text(raw: Mapping[str, Any], name: str) -> str | None:
    # dict.get: FeedParserDict's own answers for other keys, with warnings.
    value = dict.get(raw, name) if isinstance(raw, dict) else None
    return value if isinstance(value, str) else None


def _first(read: Callable[[str | None], T | None], texts: Iterable[str | None]) -> T | None:
    return next((value for value in map(read, texts) if value is not None), None)


def _read_html(raw: Mapping[str, Any], names: Iterable[str], base: str) -> str:
    """Read the longest description that there is, as harmless HTML."""
    details: list[Mapping[str, Any]] = []
    for name in names:
        value = raw.get(name)
        details += value if isinstance(value, list) else [value] if isinstance(value, Mapping) else []
    longest = max(details, key=lambda detail: len(_text(detail, "value") or ""), default=None)
    if longest is None:
        return ""
    text = _text(longest, "value") or ""
    if _text(longest, "type") == "text/plain":
        return text_to_html(text)
    # Without any tag, its line ends are all the form that it has.
    return clean_html(text, base) if _TAG.search(text) else text_to_html(html.unescape(text))


def _read_link(raw: Mapping[str, Any], base: str) -> str | None:
    """Read an entry's page; a guid that claims to be one must be a whole address."""
    is_guid = bool(raw.get("guidislink")) and _text(raw, "link") == _text(raw, "id")
    return read_address(_text(raw, "link"), None if is_guid else base)


def _read_image(raw: Mapping[str, Any], base: str) -> str | None:
    image = raw.get("image")
    return read_address(_text(image, "href"), base) if isinstance(image, Mapping) else None


def _choose_enclosure(raw: Mapping[str, Any], base: str) -> Enclosure | None:
    """Choose sound, then video, then what says nothing of itself, in the order of the feed."""
    found: list[Enclosure] = []
    links = [link for link in raw.get("links") or () if link.get("rel") == "enclosure"]
    for link in (links + list(raw.get("media_content") or ()))[:MAX_ENCLOSURES]:
        address = read_address(_text(link, "href") or _text(link, "url"), base)
        if address:
            length = read_count(_text(link, "length") or _text(link, "filesize"))
            found.append(Enclosure(address, _read_type(_text(link, "type")), length))
    return min(found, key=_enclosure_rank, default=None)


def _enclosure_rank(enclosure: Enclosure) -> int:
    family = (enclosure.type or "").partition("/")[0]
    return {"audio": 0, "video": 1, "": 2, "application": 3}.get(family, 4)


def _read_type(text: str | None) -> str | None:
    """Read a media type without its parameters."""
    plain = (text or "").partition(";")[0].strip().lower()
    return plain if 3 <= len(plain) <= 100 and plain.isascii() and plain.count("/") == 1 else None


def _tags(tags: Iterable[Tag], name: str) -> list[Tag]:
    return [tag for tag in tags if tag.name == name]


def _tag_text(tags: Iterable[Tag], name: str) -> str | None:
    return next((tag.text for tag in _tags(tags, name)), None)


def _attributes(tags: Iterable[Tag], name: str, attribute: str) -> list[str | None]:
    return [tag.attributes.get(attribute) for tag in _tags(tags, name)]


def _read_number(tags: Iterable[Tag], name: str) -> int | None:
    texts = (_tag_text(tags, f"{space}:{name}") for space in ("itunes", "podcast"))
    return _first(lambda text: read_count(text, MAX_NUMBER), texts)


def _read_transcripts(tags: Iterable[Tag], base: str) -> tuple[TranscriptLink, ...]:
    return tuple(
        TranscriptLink(
            url=address,
            type=_read_type(tag.attributes.get("type")),
            language=read_language(tag.attributes.get("language")),
            captions=tag.attributes.get("rel", "").strip().lower() == "captions",
        )
        for tag in _tags(tags, "podcast:transcript")
        if (address := read_address(tag.attributes.get("url"), base))
    )


def _read_persons(tags: Iterable[Tag]) -> tuple[FeedPerson, ...]:
    named = (
        FeedPerson(read_title(tag.text), read_title(tag.attributes.get("role")).lower() or "host")
        for tag in _tags(tags, "podcast:person")
    )
    return tuple(dict.fromkeys(person for person in named if person.name))

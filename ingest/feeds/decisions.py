"""Decide what a feed means for a show: pure, from the episodes known, the feed read, and the time.

An entry is paired with a known episode by its guid and audio, then by its guid, then by the address
of its audio; by the audio itself later, when it is downloaded. Feeds are windows: an episode that is
no longer announced is left alone. Nothing decided here transcribes an episode again.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol
from urllib.parse import urlsplit

from ingest.feeds.feed import Entry, Feed

MAX_KEY_LETTERS = 500  # a database index has limits
MAX_FUTURE = timedelta(days=2)  # beyond time zones, a date to come is an error

_NOT_AUDIO_FAMILIES = frozenset({"image", "text", "font", "model", "multipart", "message"})
_AUDIO_APPLICATIONS = frozenset(
    {"application/octet-stream", "application/ogg", "application/mp4", "application/x-ogg"}
    | {"application/binary", "application/force-download", "application/x-matroska"}
)
_NOT_AUDIO_SUFFIXES = (".pdf", ".epub", ".jpg", ".jpeg", ".png", ".gif", ".webp", ".zip", ".html", ".htm")

Value = str | int | datetime | None


class Known(Protocol):
    """What is asked of a known episode; `media.episodes.Episode` has it."""

    @property
    def id(self) -> int: ...
    @property
    def guid(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def description(self) -> str: ...
    @property
    def link(self) -> str | None: ...
    @property
    def published_at(self) -> datetime | None: ...
    @property
    def enclosure_url(self) -> str | None: ...


class IgnoreReason(StrEnum):
    """Why an entry becomes no episode."""

    NO_ENCLOSURE = "no enclosure"
    NOT_AUDIO = "not audio"
    DUPLICATE = "announced twice"


@dataclass(frozen=True, slots=True)
class New:
    """An episode to add, under `guid`: the feed's, or what stands for it within the show."""

    entry: Entry
    guid: str
    published_at: datetime | None  # None: no date, or one that cannot be; then `seen_at` orders it
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Update:
    """A known episode whose announcement changed: new values by column of the catalogue.

    A changed `enclosure_url` is where to find the audio from now on; it re-transcribes nothing.
    """

    episode_id: int
    entry: Entry
    changes: dict[str, Value]


@dataclass(frozen=True, slots=True)
class Same:
    """A known episode, announced as before."""

    episode_id: int
    entry: Entry | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Ignore:
    """An entry that becomes no episode."""

    entry: Entry
    reason: IgnoreReason


Intent = New | Update | Same | Ignore


def decide(known: Iterable[Known], feed: Feed, now: datetime) -> tuple[Intent, ...]:
    """Return one intent for each entry of the feed, in its order.

    `known` are all episodes of the show. Every known episode is paired at most once, and every
    guid of a `New` is free.
    """
    return _Decider(tuple(known), feed.entries, now).decide()


def moved_feed(url: str, moved_to: str | None, new_url: str | None) -> str | None:
    """Return the address to keep for a feed from now on, if it is another.

    `moved_to` is a permanent redirect (301, 308), `new_url` is itunes:new-feed-url, which wins:
    the publisher wrote it on purpose.

    >>> moved_feed("http://a.test/rss", "https://a.test/rss", None)
    'https://a.test/rss'
    >>> moved_feed("http://a.test/rss", None, "http://a.test/rss") is None
    True
    """
    for target in (new_url, moved_to):
        if target and target != url:
            return target
    return None


def audio_key(url: str) -> str:
    """Return what tells one audio address from another: not its scheme, port or fragment.

    >>> audio_key("http://Radio.test:80/a.mp3?id=1#t=2") == audio_key("https://radio.test/a.mp3?id=1")
    True
    """
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return url
    return f"{host}{parts.path}?{parts.query}"


class _Decider:
    def __init__(self, known: Sequence[Known], entries: Sequence[Entry], now: datetime) -> None:
        self.entries = entries
        self.now = now
        self.by_guid = {episode.guid: episode for episode in known}
        self.by_audio = {
            audio_key(episode.enclosure_url): episode for episode in reversed(known) if episode.enclosure_url
        }
        self.taken_guids = set(self.by_guid)
        self.pairs: dict[int, Known] = {}  # entry's number → episode
        self.paired: set[int] = set()  # episodes' ids
        self.ignored: dict[int, IgnoreReason] = {}

    def decide(self) -> tuple[Intent, ...]:
        """Pair in rounds, surest first, so that no entry takes another's episode."""
        self._ignore_soundless()
        self._ignore_repeated()
        for find in (self._by_both, self._by_guid, self._by_audio):
            for number, entry in enumerate(self.entries):
                if number not in self.ignored and number not in self.pairs:
                    self._pair(number, find(entry))
        return tuple(self._intend(number, entry) for number, entry in enumerate(self.entries))

    def _ignore_soundless(self) -> None:
        for number, entry in enumerate(self.entries):
            if entry.enclosure is None:
                self.ignored[number] = IgnoreReason.NO_ENCLOSURE
            elif not _may_be_audio(entry):
                self.ignored[number] = IgnoreReason.NOT_AUDIO

    def _ignore_repeated(self) -> None:
        """Of entries with one audio, keep the one already known under its guid, or else the first."""
        chosen: dict[str, int] = {}
        for number, entry in enumerate(self.entries):
            if number in self.ignored or entry.enclosure is None:
                continue
            audio = audio_key(entry.enclosure.url)
            if audio not in chosen:
                chosen[audio] = number
            elif self._by_both(entry) and not self._by_both(self.entries[chosen[audio]]):
                self.ignored[chosen[audio]] = IgnoreReason.DUPLICATE
                chosen[audio] = number
            else:
                self.ignored[number] = IgnoreReason.DUPLICATE

    def _pair(self, number: int, episode: Known | None) -> None:
        if episode is not None and episode.id not in self.paired:
            self.pairs[number] = episode
            self.paired.add(episode.id)

    def _by_both(self, entry: Entry) -> Known | None:
        for guid in (_plain_key(entry), _apart_key(entry)):
            episode = self.by_guid.get(guid)
            if episode is not None and _same_audio(episode, entry):
                return episode
        return None

    def _by_guid(self, entry: Entry) -> Known | None:
        """Trust a guid whose audio changed, unless all else changed too: some feeds reuse one."""
        episode = self.by_guid.get(_plain_key(entry))
        if episode is None or entry.guid is None or episode.enclosure_url is None:
            return episode
        same_date = episode.published_at is not None and episode.published_at == entry.published_at
        return episode if same_date or episode.title == entry.title else None

    def _by_audio(self, entry: Entry) -> Known | None:
        return self.by_audio.get(audio_key(entry.enclosure.url)) if entry.enclosure else None

    def _intend(self, number: int, entry: Entry) -> Intent:
        if number in self.ignored:
            return Ignore(entry, self.ignored[number])
        episode = self.pairs.get(number)
        if episode is None:
            return New(entry, self._free_guid(entry), self._sane_date(entry), self.now)
        changes = self._find_changes(episode, entry)
        return Update(episode.id, entry, changes) if changes else Same(episode.id, entry)

    def _free_guid(self, entry: Entry) -> str:
        guid, number = _plain_key(entry), 1
        while guid in self.taken_guids:
            guid = _apart_key(entry) if number == 1 else f"{_apart_key(entry)} {number}"
            number += 1
        self.taken_guids.add(guid)
        return guid

    def _sane_date(self, entry: Entry) -> datetime | None:
        date = entry.published_at
        return None if date is not None and date > self.now + MAX_FUTURE else date

    def _find_changes(self, episode: Known, entry: Entry) -> dict[str, Value]:
        """Compare what is announced; what a feed no longer says is kept."""
        announced: dict[str, tuple[Value, Value]] = {
            "title": (episode.title, entry.title or None),
            "description": (episode.description, entry.description_html or None),
            "link": (episode.link, entry.link),
            "published_at": (episode.published_at, self._sane_date(entry)),
            "enclosure_url": (episode.enclosure_url, entry.enclosure.url if entry.enclosure else None),
            "guid": (episode.guid, self._new_guid(episode, entry)),
        }
        return {name: new for name, (old, new) in announced.items() if new is not None and new != old}

    def _new_guid(self, episode: Known, entry: Entry) -> str | None:
        """Follow a republished entry's guid, unless another episode has it."""
        if entry.guid is None or _plain_key(entry) in self.taken_guids:
            return None
        self.taken_guids.add(_plain_key(entry))
        return _plain_key(entry)


def _may_be_audio(entry: Entry) -> bool:
    """Say no only where a feed says so: the content is sniffed later."""
    if entry.enclosure is None:
        return False
    kind = entry.enclosure.type
    if kind is None or kind in _AUDIO_APPLICATIONS:
        return not urlsplit(entry.enclosure.url).path.lower().endswith(_NOT_AUDIO_SUFFIXES)
    family = kind.partition("/")[0]
    return family not in _NOT_AUDIO_FAMILIES and family != "application"


def _same_audio(episode: Known, entry: Entry) -> bool:
    if episode.enclosure_url is None or entry.enclosure is None:
        return False
    return audio_key(episode.enclosure_url) == audio_key(entry.enclosure.url)


def _plain_key(entry: Entry) -> str:
    return _shorten(entry.guid or (entry.enclosure.url if entry.enclosure else entry.title))


def _apart_key(entry: Entry) -> str:
    """Tell apart entries that share a guid, by their audio."""
    return _shorten(f"{entry.guid or ''} {audio_key(entry.enclosure.url) if entry.enclosure else ''}".strip())


def _shorten(key: str) -> str:
    if len(key) <= MAX_KEY_LETTERS:
        return key
    return "sha256:" + hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()

"""Take in a new show by its feed, after a look at it, or a file that somebody has."""

import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

from ingest.errors import IngestError
from ingest.feeds.feed import Entry, Feed
from ingest.feeds.polling import apply_feed, apply_first_feed, fetch_feed, read_validators
from ingest.feeds.reading import read_feed
from ingest.feeds.values import read_title
from ingest.network.addresses import Network
from ingest.network.fetching import Fetched
from ingest.sound.audio import probe_audio
from ingest.sound.sniffing import sniff_file
from media.database import Database
from media.episodes import add_episode, list_announced
from media.errors import N_, StorageError
from media.files import AudioFile, add_audio, hash_file
from media.settings import Settings
from media.shows import Show, add_show, find_show, next_poll, record_poll, update_show
from media.store.opening import open_store

LATEST_SHOWN = 3
NAMELESS_LENGTH = 12  # of a hash that stands for a name that no letter of can be shown
FILE_SHOW = "Fichiers"  # the show of audio files that were added without one


class AlreadySubscribedError(IngestError):
    """The feed is one of ours."""

    msgid = N_("“%(title)s” is already subscribed to.")


class FileMissingError(IngestError):
    """There is no such file."""

    msgid = N_("There is no file %(path)s that can be read.")


@dataclass(frozen=True, slots=True)
class FeedPreview:
    """What a feed offers, before anybody decides to take it."""

    url: str
    feed: Feed
    answer: Fetched

    @property
    def title(self) -> str:
        """The show's title."""
        return self.feed.title

    @property
    def author(self) -> str:
        """Who makes the show."""
        return self.feed.author

    @property
    def language(self) -> str | None:
        """The language that the feed states."""
        return self.feed.language

    @property
    def episodes(self) -> int:
        """How many episodes have sound."""
        return sum(entry.enclosure is not None for entry in self.feed.entries)

    @property
    def latest(self) -> tuple[Entry, ...]:
        """The first episodes, as the feed orders them."""
        return tuple(entry for entry in self.feed.entries if entry.enclosure)[:LATEST_SHOWN]

    @property
    def audio_ms(self) -> int | None:
        """How long all of it lasts, as far as the feed says; None where it says nothing."""
        return sum(entry.duration_ms or 0 for entry in self.feed.entries if entry.enclosure) or None


def preview_feed(url: str, settings: Settings) -> FeedPreview:
    """Fetch and read a feed without keeping anything; leaves the trees of FetchError and FeedError."""
    answer = fetch_feed(url, settings, Network.allowing(settings.allowed_hosts))
    if not isinstance(answer, Fetched):
        raise IngestError(f"{url}: not modified, though nothing was known of it")
    return FeedPreview(answer.moved_to or url, read_feed(answer.content, answer.url), answer)


def subscribe(
    database: Database,
    preview: FeedPreview,
    settings: Settings,
    now: datetime,
    *,
    keep: int | None = None,
    language: str | None = None,
    speakers: int | None = None,
) -> Show:
    """Add the show of a feed, with its episodes; `keep`: how many of the latest to transcribe."""
    feed, keep = preview.feed, settings.keep_episodes if keep is None else keep
    with database.write() as connection:
        held = find_show(connection, preview.url)
        if held is not None:
            raise AlreadySubscribedError(f"{preview.url} is show {held.id}", title=held.title)
        show = add_show(
            connection,
            feed.title or preview.url,
            now,
            feed_url=preview.url,
            description=feed.description_html,
            author=feed.author,
            language=language or feed.language,
            site_url=feed.site_url,
            speakers=speakers,
        )
        if keep:  # at once: after a crash, nobody would know how many were wanted
            apply_first_feed(connection, show, feed, now, keep)
    if not keep:
        apply_feed(database, show, feed, now)
    with database.write() as connection:  # last: an answer "not modified" must not hide what was cut off
        pause = timedelta(minutes=settings.poll_minutes)
        record_poll(connection, show, now, next_poll(show.id, now, pause))
        update_show(connection, show.id, read_validators(preview.answer))
    return show


def add_file(
    database: Database,
    settings: Settings,
    path: Path,
    now: datetime,
    *,
    show: str | None = None,
    title: str | None = None,
    date: datetime | None = None,
    language: str | None = None,
    speakers: int | None = None,
) -> int:
    """Keep a copy of an audio file as an episode to transcribe, and return its identity.

    The same sound added again to the same show is the same episode. AudioError or StorageError
    where it cannot be taken; nothing is then left.
    """
    kept = keep_sound(settings, path)
    named = title or read_title(path.stem.replace("_", " ")) or kept.sha256[:NAMELESS_LENGTH]
    with database.write() as connection:
        add_audio(connection, kept)
        into = find_show(connection, show or FILE_SHOW)
        into = into or add_show(connection, show or FILE_SHOW, now, language=language)
        for known in list_announced(connection, into.id):
            if known.original_sha256 == kept.sha256:
                return known.id
        return add_episode(
            connection,
            into.id,
            f"sha256:{kept.sha256}",
            named,
            now,
            published_at=date,
            language=language,
            speakers=speakers,
            original_sha256=kept.sha256,
        )


def original_suffix(family: str) -> str:
    """Name the suffix under which an original is kept, from what its content was found to be.

    >>> original_suffix("ogg")
    '.ogg'
    """
    return f".{family}"


def keep_sound(settings: Settings, path: Path) -> AudioFile:
    """Copy an audio file among those that are kept; AudioError or StorageError where it cannot be taken."""
    if not path.is_file():
        raise FileMissingError(f"{path} is not a file", path=read_title(str(path)))
    probe_audio(path)
    family = sniff_file(path)
    store = open_store(settings)
    arriving = store.incoming_path(f"add-{uuid4().hex}")
    try:
        shutil.copyfile(path, arriving)
        kept = AudioFile(
            hash_file(arriving), original_suffix(family), f"audio/{family}", arriving.stat().st_size
        )
        store.keep(arriving, kept.sha256, kept.suffix)
    except OSError as error:
        raise StorageError(f"{arriving}: {error}", path=str(arriving), reason=str(error)) from error
    finally:
        arriving.unlink(missing_ok=True)
    return kept

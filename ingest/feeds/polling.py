"""Read a show's feed when it is due, and bring the catalogue in line with what it announces.

Fetching and parsing happen outside any transaction; what was decided is then written in short
ones, so that ten thousand new entries keep no editor waiting (FAULTS 28).
"""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from ingest.errors import GoneError, IngestError, ServerBusyError
from ingest.feeds.decisions import Ignore, Intent, New, Update, decide, moved_feed
from ingest.feeds.feed import Feed, FeedPerson
from ingest.feeds.reading import read_feed
from ingest.network.addresses import Network
from ingest.network.fetching import MIB, Fetched, NotModified, fetch_bytes
from media.database import Database
from media.episodes import EpisodeStatus, Person, add_episode, list_announced, update_episode
from media.settings import Settings
from media.shows import Show, find_show, next_poll, record_poll, update_show
from media.texts.offers import Announced, note_offers

log = logging.getLogger(__name__)

WRITE_BATCH = 250  # intents a transaction
LONGEST_PAUSE = timedelta(days=1)  # however often a feed has failed
EPOCH_ORDER = 0.0  # undated entries count as the oldest


def poll_show(database: Database, settings: Settings, network: Network, show: Show, now: datetime) -> None:
    """Read one due feed; whatever happens is noted on the show, with when it is due again."""
    pause = timedelta(minutes=settings.poll_minutes)
    try:
        answer, new_url = fetch_feed(show.feed_url or "", settings, network, show), None
        if isinstance(answer, Fetched):
            feed = read_feed(answer.content, answer.url)
            new_url = feed.new_url
            apply_feed(database, show, feed, now)
    except IngestError as error:
        log.warning("the feed of %s: %s", show.title, error)
        due = None if isinstance(error, GoneError) else now + _pause_after(error, show, pause)
        with database.write() as connection:
            record_poll(connection, show, now, due, error.message)
        return
    moved = moved_feed(show.feed_url or "", answer.moved_to, new_url)
    with database.write() as connection:
        record_poll(connection, show, now, next_poll(show.id, now, pause))
        update_show(connection, show.id, read_validators(answer))
        _move_feed(connection, show, moved)


def fetch_feed(
    url: str, settings: Settings, network: Network, show: Show | None = None
) -> Fetched | NotModified:
    """Fetch a feed, or learn that it has not changed since the show's last reading; leaves FetchError."""
    return fetch_bytes(
        url,
        network,
        max_bytes=settings.max_feed_mb * MIB,
        etag=show.etag if show else None,
        last_modified=show.last_modified if show else None,
    )


def apply_feed(database: Database, show: Show, feed: Feed, now: datetime) -> None:
    """Add and update the episodes that a feed announces; what a crash cuts off, the next reading brings."""
    with database.read() as connection:
        intents = decide(list_announced(connection, show.id), feed, now)
    for begin in range(0, len(intents), WRITE_BATCH):
        with database.write() as connection:
            held = [
                (_apply(connection, show, feed, intent, EpisodeStatus.WAITING, now), intent)
                for intent in intents[begin : begin + WRITE_BATCH]
            ]
            _note_offers(connection, show, held, now)


def apply_first_feed(connection: Connection, show: Show, feed: Feed, now: datetime, keep: int) -> None:
    """Add the episodes of a new show, of which only the `keep` latest are wanted."""
    intents = decide([], feed, now)
    wanted = _latest(intents, keep)
    held = []
    for intent in intents:
        is_wanted = isinstance(intent, New) and intent.guid in wanted
        status = EpisodeStatus.WAITING if is_wanted else EpisodeStatus.SKIPPED
        held.append((_apply(connection, show, feed, intent, status, now), intent))
    _note_offers(connection, show, held, now)


def read_validators(answer: Fetched | NotModified) -> dict[str, str | None]:
    """Return the columns of a show that the next reading of its feed sends back."""
    if isinstance(answer, NotModified):
        return {}
    return {"etag": answer.etag, "last_modified": answer.last_modified}


def _apply(
    connection: Connection, show: Show, feed: Feed, intent: Intent, status: EpisodeStatus, now: datetime
) -> int | None:
    """Do what was decided, and return the episode that it was decided of."""
    if isinstance(intent, New):
        return _add(connection, show, feed, intent, status)
    if isinstance(intent, Ignore):
        log.info("%s: “%s” ignored, %s", show.title, intent.entry.title, intent.reason)
        return None
    if isinstance(intent, Update):
        update_episode(connection, intent.episode_id, intent.changes, now)
    return intent.episode_id


def _note_offers(
    connection: Connection, show: Show, held: Iterable[tuple[int | None, Intent]], now: datetime
) -> None:
    """Keep which transcripts the feed offers for episodes."""
    offered = {
        episode_id: [
            Announced(link.url, link.type, link.language, link.captions) for link in intent.entry.transcripts
        ]
        for episode_id, intent in held
        if episode_id is not None and intent.entry is not None
    }
    note_offers(connection, offered, show.language, now)


def _add(connection: Connection, show: Show, feed: Feed, intent: New, status: EpisodeStatus) -> int:
    entry = intent.entry
    return add_episode(
        connection,
        show.id,
        intent.guid,
        entry.title,
        intent.seen_at,
        people=_people(entry.persons or feed.persons),
        description=entry.description_html,
        link=entry.link,
        published_at=intent.published_at,
        enclosure_url=entry.enclosure.url if entry.enclosure else None,
        enclosure_type=entry.enclosure.type if entry.enclosure else None,
        enclosure_bytes=entry.enclosure.length if entry.enclosure else None,
        declared_ms=entry.duration_ms,
        chapters_url=entry.chapters_url,
        status=status,
    )


def _latest(intents: Sequence[Intent], keep: int) -> set[str]:
    """Return the guids of the latest new entries, in the feed's order where undated."""
    new = [intent for intent in intents if isinstance(intent, New)]
    new.sort(key=lambda i: i.published_at.timestamp() if i.published_at else EPOCH_ORDER, reverse=True)
    return {intent.guid for intent in new[:keep]}


def _people(persons: Iterable[FeedPerson]) -> list[Person]:
    return [Person(person.name, person.role) for person in persons]


def _pause_after(error: IngestError, show: Show, pause: timedelta) -> timedelta:
    """Wait longer after each failure in a row, and at least as long as the server asks."""
    waited = min(pause * (1 << min(show.poll_failures, 10)), LONGEST_PAUSE)
    asked = error.retry_after_s if isinstance(error, ServerBusyError) else None
    return max(waited, timedelta(seconds=asked or 0))


def _move_feed(connection: Connection, show: Show, to: str | None) -> None:
    """Follow a feed that moved for good, unless another show has that address already."""
    if to and find_show(connection, to) is None:
        log.info("the feed of %s moved to %s", show.title, to)
        update_show(connection, show.id, {"feed_url": to, "etag": None, "last_modified": None})

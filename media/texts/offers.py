"""Transcripts that feeds offer for their episodes: their addresses, and when each is asked for.

Of several forms of one transcript the fullest is fetched; another only where that one cannot be
had. What came is asked about again a few times, ever more rarely, then no more: an archive of
thousands of episodes does not ask for thousands of files at each reading of its feed.
https://github.com/Podcastindex-org/podcast-namespace/blob/main/docs/tags/transcript.md
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Connection, Row, func, insert, select, update

from media import schema
from media.episodes import EpisodeStatus
from media.errors import Message
from media.shows import dump_message, host_of, load_message
from media.texts.tables import offered_text

# The fullest first: who speaks and when, then when, then neither.
FORMS = (
    ("application/json", ".json"),
    ("text/vtt", ".vtt"),
    ("application/x-subrip", ".srt"),
    ("application/srt", ".srt"),
    ("text/html", ".html"),
    ("text/plain", ".txt"),
)
CHECKS = (timedelta(days=1), timedelta(days=7), timedelta(days=30))  # after it came, then no more
LEASE = timedelta(minutes=15)  # a fetch whose worker died is taken up again after this
EPISODES_AT_ONCE = 500  # in one query


@dataclass(frozen=True, slots=True)
class Announced:
    """A transcript as a feed announces it."""

    url: str
    type: str | None = None
    language: str | None = None
    captions: bool = False


@dataclass(frozen=True, slots=True)
class Offer:
    """A transcript that a feed offers, and what came of it."""

    id: int
    episode_id: int
    url: str
    type: str | None
    language: str | None
    captions: bool
    seen_at: datetime
    is_announced: bool
    etag: str | None
    last_modified: str | None
    fetched_at: datetime | None
    checks: int
    next_at: datetime | None
    failure: Message | None
    document_id: int | None


def rank_form(media_type: str | None, url: str) -> int:
    """Say how full a form of transcript is, 0 being the fullest.

    >>> rank_form("text/vtt", "https://a.test/1"), rank_form(None, "https://a.test/1.srt?x")
    (1, 2)
    """
    path = urlsplit(url).path.lower()
    for rank, (known, suffix) in enumerate(FORMS):
        if media_type == known or (media_type is None and path.endswith(suffix)):
            return rank
    return len(FORMS)


def note_offers(
    connection: Connection, announced: Mapping[int, Sequence[Announced]], language: str | None, now: datetime
) -> None:
    """Keep what a feed offers for these episodes; the best of what is new is asked for at once."""
    ids = list(announced)
    for first in range(0, len(ids), EPISODES_AT_ONCE):
        part = ids[first : first + EPISODES_AT_ONCE]
        held: dict[int, dict[str, Any]] = {}
        columns = (offered_text.c.episode_id, offered_text.c.url, offered_text.c.is_announced)
        for row in connection.execute(select(*columns).where(offered_text.c.episode_id.in_(part))):
            held.setdefault(row.episode_id, {})[row.url] = row.is_announced
        for episode_id in part:
            _note_episode(
                connection, episode_id, announced[episode_id], held.get(episode_id, {}), language, now
            )


def _note_episode(
    connection: Connection,
    episode_id: int,
    announced: Sequence[Announced],
    held: Mapping[str, bool],
    language: str | None,
    now: datetime,
) -> None:
    urls = {offer.url for offer in announced}
    here = offered_text.c.episode_id == episode_id
    for url, was_announced in held.items():
        if was_announced != (url in urls):
            changed = update(offered_text).where(here, offered_text.c.url == url)
            connection.execute(changed.values(is_announced=url in urls))
    new = list({offer.url: offer for offer in announced if offer.url not in held}.values())
    new.sort(key=lambda offer: (_is_foreign(offer.language, language), rank_form(offer.type, offer.url)))
    for place, offer in enumerate(new):
        connection.execute(
            insert(offered_text).values(
                episode_id=episode_id,
                url=offer.url,
                type=offer.type,
                language=offer.language,
                captions=offer.captions,
                seen_at=now,
                is_announced=True,
                checks=0,
                next_at=now if place == 0 else None,
            )
        )


def list_offers(connection: Connection, episode_id: int) -> list[Offer]:
    """List what is offered for an episode, in the order of the feed."""
    query = select(offered_text).where(offered_text.c.episode_id == episode_id).order_by(offered_text.c.id)
    return [_offer(row) for row in connection.execute(query)]


def count_due_offers(connection: Connection, now: datetime) -> int:
    """Count the transcripts that are to be asked for by now."""
    count: int = connection.execute(_due(select(func.count()), now)).scalar_one()
    return count


def claim_due_offer(connection: Connection, now: datetime, busy_hosts: Collection[str] = ()) -> Offer | None:
    """Take the transcript that has been due for longest, and keep other workers off it a while.

    Those of hosts that are busy wait until these have answered.
    """
    due = _due(select(offered_text.c.id, offered_text.c.url), now).order_by(offered_text.c.next_at)
    for offer_id, url in connection.execute(due).all():
        if host_of(url) in busy_hosts:
            continue
        here = offered_text.c.id == offer_id
        free = _due(select(offered_text.c.id), now).where(here)
        if connection.execute(free.with_for_update(skip_locked=True, of=offered_text)).scalar() is not None:
            connection.execute(update(offered_text).where(here).values(next_at=now + LEASE))
            return _offer(connection.execute(select(offered_text).where(here)).one())
    return None


def record_offer(
    connection: Connection,
    offer: Offer,
    now: datetime,
    *,
    document_id: int | None = None,
    etag: str | None = None,
    last_modified: str | None = None,
) -> None:
    """Note that a transcript came, or with no document that it has not changed, and when to ask again."""
    fields: dict[str, Any] = {"checks": offer.checks + 1, "failure": None, "fetched_at": now}
    if document_id is not None:
        fields |= {"checks": 1, "document_id": document_id, "etag": etag, "last_modified": last_modified}
    done = fields["checks"]
    fields["next_at"] = now + CHECKS[done - 1] if done <= len(CHECKS) else None
    connection.execute(update(offered_text).where(offered_text.c.id == offer.id).values(fields))


def record_offer_failure(
    connection: Connection, offer: Offer, failure: Message, retry_at: datetime | None, now: datetime
) -> None:
    """Note why a transcript could not be had; where only another form can help, that one is due."""
    here = offered_text.c.id == offer.id
    fields = {"failure": dump_message(failure), "next_at": retry_at, "checks": offer.checks + 1}
    connection.execute(update(offered_text).where(here).values(fields))
    if retry_at is None and offer.document_id is None:
        others = [
            held
            for held in list_offers(connection, offer.episode_id)
            if held.is_announced and held.fetched_at is None and held.failure is None and held.id != offer.id
        ]
        others.sort(key=lambda held: rank_form(held.type, held.url))
        for held in others[:1]:
            next_one = update(offered_text).where(offered_text.c.id == held.id)
            connection.execute(next_one.values(next_at=now))


def _due(query: Any, now: datetime) -> Any:
    """What is due, of episodes that somebody asked for."""
    return (
        query.select_from(offered_text)
        .join(schema.episode, schema.episode.c.id == offered_text.c.episode_id)
        .where(offered_text.c.next_at <= now, schema.episode.c.status != EpisodeStatus.SKIPPED)
    )


def _is_foreign(language: str | None, wanted: str | None) -> bool:
    return bool(language and wanted) and (language or "")[:2].lower() != (wanted or "")[:2].lower()


def _offer(row: Row[Any]) -> Offer:
    fields = dict(row._mapping)
    fields["failure"] = load_message(fields["failure"])
    return Offer(**fields)

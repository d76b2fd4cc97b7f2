"""How the work goes, seen from afar: sound that waits and is done, how fast, and why work failed.

Counted by the catalogue in a few rows, whatever the archive's size: this is asked every minute.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, FromClause, Integer, func, select

from media import schema
from media.episodes import EpisodeStatus
from media.errors import Message
from media.progress import Step
from media.shows import load_message

MOST_CAUSES = 100


@dataclass(frozen=True, slots=True)
class Amount:
    """Episodes, and how long their sound is, as far as that is known."""

    episodes: int
    audio_ms: int


@dataclass(frozen=True, slots=True)
class Cause:
    """Why episodes failed: those whose failures say the same thing, at the same step."""

    msgid: str
    step: Step
    episodes: int
    latest_at: datetime
    example: Message  # of one of them, with its own values
    next_try_at: datetime | None  # the earliest


@dataclass(frozen=True, slots=True)
class FeedStates:
    """How many feeds are in which state."""

    read: int
    failing: int
    stopped: int
    due_since: datetime | None  # when the one that has waited longest was to be read; None: none is due


def count_audio(connection: Connection) -> dict[EpisodeStatus, Amount]:
    """Count the episodes in each state, and add up their sound."""
    status = schema.episode.c.status
    query = select(status, func.count(), func.sum(_length())).select_from(_episodes()).group_by(status)
    found = {EpisodeStatus(row[0]): Amount(row[1], int(row[2] or 0)) for row in connection.execute(query)}
    return {status: found.get(status, Amount(0, 0)) for status in EpisodeStatus}


def measure_done(connection: Connection, since: datetime) -> Amount:
    """Add up what became ready since a moment."""
    is_done = (schema.episode.c.status == EpisodeStatus.READY) & (schema.episode.c.transcribed_at >= since)
    query = select(func.count(), func.sum(_length())).select_from(_episodes()).where(is_done)
    episodes, audio_ms = connection.execute(query).one()
    return Amount(episodes, int(audio_ms or 0))


def list_causes(connection: Connection) -> list[Cause]:
    """List why episodes that stand failed did so, the most frequent cause first."""
    progress = schema.progress.c
    msgid = progress.failure[0].as_string()
    of = schema.progress.join(schema.episode, schema.episode.c.id == progress.episode_id)
    count = func.count()
    query = (
        select(
            msgid,
            progress.step,
            count,
            func.max(progress.updated_at, type_=schema.UtcDateTime()),
            func.max(progress.episode_id),
            func.min(progress.retry_at, type_=schema.UtcDateTime()),
        )
        .select_from(of)
        .where(schema.episode.c.status == EpisodeStatus.FAILED, msgid.is_not(None))
        .group_by(msgid, progress.step)
        .order_by(count.desc(), msgid)
        .limit(MOST_CAUSES)
    )
    found = connection.execute(query).all()
    shown = select(progress.episode_id, progress.failure).where(
        progress.episode_id.in_([row[4] for row in found])
    )
    examples = {row.episode_id: load_message(row.failure) for row in connection.execute(shown)}
    return [
        Cause(said, Step(step), episodes, latest_at, examples.get(episode) or Message(said), next_try_at)
        for said, step, episodes, latest_at, episode, next_try_at in found
    ]


def count_feeds(connection: Connection, now: datetime) -> FeedStates:
    """Count the feeds that are read, that cannot be, and that are read no more."""
    show = schema.show.c
    failing, stopped = show.poll_failures > 0, show.next_poll_at.is_(None)
    due = func.min(show.next_poll_at, type_=schema.UtcDateTime()).filter(show.next_poll_at <= now)
    query = select(func.count(), _count(failing & ~stopped), _count(stopped), due).where(
        show.feed_url.is_not(None)
    )
    every, failing_now, stopped_now, due_since = connection.execute(query).one()
    return FeedStates(every - failing_now - stopped_now, failing_now, stopped_now, due_since)


def _episodes() -> FromClause:
    copy = schema.audio.c.sha256 == schema.episode.c.listening_sha256
    return schema.episode.outerjoin(schema.audio, copy)


def _length() -> ColumnElement[int]:
    return func.coalesce(schema.audio.c.duration_ms, schema.episode.c.declared_ms, 0)


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(condition.cast(Integer)), 0)

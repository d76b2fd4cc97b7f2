"""What is new in the archive: episodes lately transcribed, and episodes lately validated.

An episode is validated once every turn of its speech is, in the edition that leads; it became so
when a turn's state was last changed, whatever was done to it since. Private episodes are news to nobody.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, exists, func, select

from media import schema
from media.correction.journal import ActKind
from media.episodes import Episode, EpisodeStatus, get_episodes
from media.transcript import TurnKind, TurnState
from media.transcripts import is_leading

MOST = 30  # more than this at once is no news


@dataclass(frozen=True, slots=True)
class News:
    """An episode, and when it became news."""

    episode: Episode
    at: datetime


Moments = Sequence[tuple[int, datetime]]  # (an episode's identity, when), newest first


def find_transcribed(connection: Connection, limit: int) -> Moments:
    """Find the episodes transcribed last."""
    at = schema.episode.c.transcribed_at
    query = _select_public(at).where(at.is_not(None)).order_by(at.desc(), schema.episode.c.id.desc())
    return [(row[0], row[1]) for row in connection.execute(query.limit(limit))]


def find_validated(connection: Connection, limit: int = MOST) -> Moments:
    """Find the episodes validated last; looks at all that people read, so what is found is worth keeping."""
    revision = schema.revision.c
    at = func.max(revision.made_at).label("at")
    read = (
        select(revision.episode_id, at)
        .where(revision.act == ActKind.STATE)
        .group_by(revision.episode_id)
        .subquery()
    )
    spoken = exists().where(
        schema.turn.c.episode_id == schema.episode.c.id,
        is_leading(),
        schema.turn.c.kind == TurnKind.SPEECH,
    )
    # Named one by one, states are looked up; as "not validated", every turn of the archive is read.
    unvalidated = spoken.where(schema.turn.c.state.in_(set(TurnState) - {TurnState.VALIDATED}))
    query = _select_public(read.c.at).join(read, read.c.episode_id == schema.episode.c.id)
    newest = query.where(~unvalidated, spoken).order_by(read.c.at.desc(), schema.episode.c.id.desc())
    return [(row[0], row[1]) for row in connection.execute(newest.limit(limit))]


def read_news(connection: Connection, moments: Moments) -> list[News]:
    """Read the episodes of some moments, as they are now; those that are gone are left out."""
    held = get_episodes(connection, [episode_id for episode_id, _ in moments])
    return [News(held[episode_id], at) for episode_id, at in moments if episode_id in held]


def _select_public(at: Any) -> Select[Any]:
    is_read = schema.episode.c.status == EpisodeStatus.READY
    return (
        select(schema.episode.c.id, at)
        .select_from(schema.episode)
        .where(is_read, schema.episode.c.private.is_(False))
    )

"""Episodes transcribed but not published: those who are signed in read them, nobody else.

What is withdrawn at a person's request is no private episode: nobody reads it, and publishing does not
bring it back.
"""

from datetime import datetime

from sqlalchemy import Connection, select, update

from media import schema
from media.changes import log_change
from media.episodes import Episode, get_episodes
from media.errors import N_, MediaError
from media.people import tables
from media.people.withdrawals import withdrawn_since
from media.transcripts import record_act

MAX_LISTED = 500


class WithdrawnEpisodeError(MediaError):
    """The episode is withdrawn: only an administrator lifts that."""

    msgid = N_("This episode is withdrawn: an administrator has to lift that first.")


def set_private(
    connection: Connection, episode_id: int, account_id: int | None, now: datetime, *, private: bool
) -> None:
    """Publish a private episode, or keep a public one to those who are signed in."""
    if withdrawn_since(connection, episode_id) is not None:
        raise WithdrawnEpisodeError(f"episode {episode_id} is withdrawn")
    here = (schema.episode.c.id == episode_id) & schema.episode.c.private.is_not(private)
    if connection.execute(update(schema.episode).where(here).values(private=private)).rowcount:
        act = "made private" if private else "published"
        record_act(connection, episode_id, act, {}, now, account_id)
        log_change(connection, episode_id, now)


def list_private(connection: Connection) -> list[Episode]:
    """List the episodes that are kept to those who are signed in, newest first."""
    withdrawn = select(tables.withdrawal.c.episode_id).where(
        tables.withdrawal.c.kind == "episode", tables.withdrawal.c.lifted_at.is_(None)
    )
    episode = schema.episode.c
    query = select(episode.id).where(episode.private, episode.id.not_in(withdrawn))
    ids = list(connection.execute(query.order_by(episode.id.desc()).limit(MAX_LISTED)).scalars())
    held = get_episodes(connection, ids)
    return [held[episode_id] for episode_id in ids]

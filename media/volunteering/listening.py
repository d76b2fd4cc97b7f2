"""How often each episode is played: a count kept on this machine, of nobody in particular.

No address, account or cookie is kept with it. It says where a corrected word reaches most people:
an episode played often has its doubts asked about first.
"""

from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from media.volunteering import tables

PAUSE = timedelta(seconds=2)  # between two plays that count: a held key is one listener


def count_play(connection: Connection, episode_id: int, now: datetime) -> None:
    """Count that an episode was played; nothing is counted twice within a pause, nor of no episode."""
    listening = tables.listening
    here = listening.c.episode_id == episode_id
    counted = connection.execute(
        update(listening)
        .where(here, listening.c.counted_at <= now - PAUSE)
        .values(plays=listening.c.plays + 1, counted_at=now)
        .returning(listening.c.plays)
    ).scalar()
    if counted is None:
        if connection.execute(select(listening.c.plays).where(here)).first():
            return
        try:
            with connection.begin_nested():
                row = {"episode_id": episode_id, "plays": 1, "counted_at": now}
                connection.execute(insert(listening).values(**row))
        except IntegrityError:  # no such episode, or somebody else counted it first
            return
        counted = 1
    if counted & (counted - 1) == 0:  # its weight grows by the doubling
        doubt = tables.doubt
        raised = doubt.c.gain * _weigh(counted)
        connection.execute(update(doubt).where(doubt.c.episode_id == episode_id).values(priority=raised))


def count_plays(connection: Connection, episode_id: int) -> int:
    """Say how often an episode was played."""
    query = select(tables.listening.c.plays).where(tables.listening.c.episode_id == episode_id)
    return connection.execute(query).scalar() or 0


def weigh_listening(connection: Connection, episode_id: int) -> float:
    """Say by how much an episode's doubts matter more than those of one that nobody plays."""
    return _weigh(count_plays(connection, episode_id))


def _weigh(plays: int) -> float:
    return 1.0 + (plays.bit_length() / 2 if plays else 0.0)

"""The change log: "this episode's words changed", written with the change itself.

Whoever changes what the index holds calls `log_change` in the same transaction; each index
follows the log from the last row that it has seen. On PostgreSQL two transactions could commit
their rows out of order and a follower skip the later one: a lock held to the end of the
transaction puts them in line.

The log is as long as the archive has episodes, not as long as its history: of each episode, only
the last row says anything to anybody, wherever they have got to, so that older ones may go.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select, text

from media import schema
from media.database import Database

FORGOTTEN_AT_ONCE = 1_000  # rows of the log in one transaction: who saves a turn waits for no more
LOG_LOCK = 0x656E7464  # "entd": PostgreSQL advisory lock of this log


@dataclass(frozen=True, slots=True)
class Change:
    """One row of the log: an episode whose words, speakers or place changed, or that went away."""

    id: int
    episode_id: int


@dataclass(frozen=True, slots=True)
class Lag:
    """How far behind the log somebody is who has followed it to some change."""

    newest: int  # the last change
    changes: int  # not followed
    since: datetime | None  # when the first of them was made; None: nothing is left to follow


def log_change(connection: Connection, episode_id: int, now: datetime) -> None:
    """Say, in the caller's transaction, that what is indexed of this episode changed."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOG_LOCK})
    connection.execute(insert(schema.change).values(episode_id=episode_id, made_at=now))


def list_changes(connection: Connection, after_id: int, limit: int = 1_000) -> list[Change]:
    """List the changes that came after this one, oldest first."""
    query = (
        select(schema.change.c.id, schema.change.c.episode_id)
        .where(schema.change.c.id > after_id)
        .order_by(schema.change.c.id)
        .limit(limit)
    )
    return [Change(*row) for row in connection.execute(query)]


def last_change(connection: Connection) -> int:
    """Return the identity of the newest change; 0 before the first."""
    return connection.execute(select(func.max(schema.change.c.id))).scalar() or 0


def measure_lag(connection: Connection, after_id: int) -> Lag:
    """Measure how much of the log is left to somebody who has followed it to this change."""
    change = schema.change.c
    query = select(func.count(), func.min(change.made_at)).where(change.id > after_id)
    left, since = connection.execute(query).one()
    return Lag(last_change(connection), left, since)


def forget_superseded(database: Database) -> int:
    """Remove each change that a later one of its episode makes needless; returns how many.

    Nobody need have followed them: whoever has not is led to the episode by the later one.
    """
    change = schema.change.c
    latest = func.max(change.id).over(partition_by=change.episode_id)
    rows = select(change.id, latest.label("latest")).subquery()
    with database.read() as connection:
        needless = list(connection.execute(select(rows.c.id).where(rows.c.id < rows.c.latest)).scalars())
    for first in range(0, len(needless), FORGOTTEN_AT_ONCE):
        some = needless[first : first + FORGOTTEN_AT_ONCE]
        with database.write() as connection:
            connection.execute(delete(schema.change).where(change.id.in_(some)))
    return len(needless)

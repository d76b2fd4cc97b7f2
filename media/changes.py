"""The change log: "this episode's words changed", written with the change itself.

Whoever changes what the index holds calls `log_change` in the same transaction; each index
follows the log from the last row that it has seen. On PostgreSQL two transactions could commit
their rows out of order and a follower skip the later one: a lock held to the end of the
transaction puts them in line.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select, text

from media import schema

LOG_LOCK = 0x656E7464  # "entd": PostgreSQL advisory lock of this log


@dataclass(frozen=True, slots=True)
class Change:
    """One row of the log: an episode whose words, speakers or place changed, or that went away."""

    id: int
    episode_id: int


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

"""The machines that keep an index: how far each one's is, seen from any other.

Beats count up while a machine follows the log, and carry no clock, so that machines need not
agree on the hour: a count that stands still is a machine that is gone, or frozen.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select, update

from media import schema

FORGOTTEN_AFTER = timedelta(days=1)  # a machine that was taken away for good


@dataclass(frozen=True, slots=True)
class Node:
    """A machine that keeps an index."""

    name: str
    beats: int
    followed: int  # the last change that its index holds
    percent: int | None  # of the index being built, where there is none to search
    seen_at: datetime  # by its own clock


def record_node(connection: Connection, name: str, followed: int, percent: int | None, now: datetime) -> None:
    """Note how far a machine's index is; those that were not heard of for a day are forgotten."""
    held = {"followed": followed, "percent": percent, "seen_at": now}
    again = update(schema.node).where(schema.node.c.name == name)
    if not connection.execute(again.values(beats=schema.node.c.beats + 1, **held)).rowcount:
        connection.execute(insert(schema.node).values(name=name, beats=1, **held))
        connection.execute(delete(schema.node).where(schema.node.c.seen_at < now - FORGOTTEN_AFTER))


def list_nodes(connection: Connection) -> list[Node]:
    """List the machines that keep an index, by name."""
    return [Node(*row) for row in connection.execute(select(schema.node).order_by(schema.node.c.name))]

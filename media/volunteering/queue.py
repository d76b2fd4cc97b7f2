"""Who is asked about which doubt: the one with the most to gain that nobody else is looking at.

A doubt is leased for a few minutes to whoever it is shown to, and a second one with it, so that
the page has the next before it is asked for. A lease that lapses needs nobody: the doubt is
simply to be had again. What somebody passed over is not shown to them for a week.
The order is an index's: taking one reads as many rows as are held or were passed over, no more.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, or_, select, update

from media.volunteering import tables

LEASE = timedelta(minutes=4)
PASSED_OVER = timedelta(days=7)
AHEAD = 2  # doubts that a page holds: the one shown and the next


def take_doubts(connection: Connection, account_id: int, now: datetime, most: int = AHEAD) -> list[int]:
    """Lease the next doubts to somebody, and return their identities: those that they hold come first."""
    doubt = tables.doubt
    mine = (doubt.c.leased_by == account_id) & (doubt.c.leased_until > now)
    held = list(
        connection.execute(select(doubt.c.id).where(mine).order_by(doubt.c.leased_until, *_order())).scalars()
    )
    taken = held[:most]
    if len(taken) < most:
        free = or_(doubt.c.leased_until.is_(None), doubt.c.leased_until <= now)
        wanted = (
            select(doubt.c.id)
            .where(free, ~_passed_over(account_id, now))
            .order_by(*_order())
            .limit(most - len(taken))
            .with_for_update(skip_locked=True, of=doubt)
        )
        taken += connection.execute(wanted).scalars()
    if taken:
        lease = {"leased_by": account_id, "leased_until": now + LEASE}
        connection.execute(update(doubt).where(doubt.c.id.in_(taken)).values(**lease))
    return taken


def lease_first(
    connection: Connection, episode_id: int, fingerprint: str, account_id: int, now: datetime
) -> None:
    """Lease this very doubt to somebody, and no other: it is what they are asked next."""
    doubt = tables.doubt
    free = {"leased_by": None, "leased_until": None}
    connection.execute(update(doubt).where(doubt.c.leased_by == account_id).values(**free))
    this = (doubt.c.episode_id == episode_id) & (doubt.c.fingerprint == fingerprint)
    lease = {"leased_by": account_id, "leased_until": now + LEASE}
    connection.execute(update(doubt).where(this).values(**lease))


def release_doubt(connection: Connection, doubt_id: int) -> None:
    """Let somebody else have a doubt."""
    free = {"leased_by": None, "leased_until": None}
    connection.execute(update(tables.doubt).where(tables.doubt.c.id == doubt_id).values(**free))


def drop_doubt(connection: Connection, doubt_id: int) -> None:
    """Take a doubt out of the queue: it is settled, or its words are gone."""
    connection.execute(delete(tables.doubt).where(tables.doubt.c.id == doubt_id))


def count_doubts(connection: Connection, most: int = 10_000) -> int:
    """Count the doubts in the queue, up to so many."""
    some = select(tables.doubt.c.id).limit(most).subquery()
    return connection.execute(select(func.count()).select_from(some)).scalar_one()


def _order() -> list[ColumnElement[Any]]:
    return [tables.doubt.c.priority.desc(), tables.doubt.c.id.desc()]


def _passed_over(account_id: int, now: datetime) -> ColumnElement[bool]:
    verdict, doubt = tables.verdict, tables.doubt
    return (
        select(verdict.c.id)
        .where(
            verdict.c.episode_id == doubt.c.episode_id,
            verdict.c.place == doubt.c.place,
            verdict.c.account_id == account_id,
            verdict.c.made_at > now - PASSED_OVER,
        )
        .exists()
    )

"""The copy of an index that a machine left where files are shared, for machines that join.

An index is code: what it is made of is unpickled. So the catalogue says which content is that
copy's, by its SHA-256, and nothing else is ever opened: whoever can write in the shared place, and
not in the catalogue, can put nothing into anybody's index. A key for a MAC would be one more
secret, which lies in every backup; a digest is none.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, or_, select, update

from media import schema

SUFFIX = ".index"  # beside audio, in the place for files
CLAIMED_FOR = timedelta(hours=1)  # a machine that went away while it made a copy keeps no other from it
OFFERED_EVERY = timedelta(days=1)
OLD_VERSIONS_KEPT = timedelta(days=30)  # machines of an older program may join while others are upgraded


@dataclass(frozen=True, slots=True)
class Offer:
    """A copy of an index that may be taken."""

    version: str  # of the index; machines take their own alone
    sha256: str
    size_bytes: int
    followed: int  # the last change that it holds
    offered_at: datetime


def find_offer(connection: Connection, version: str) -> Offer | None:
    """Find the copy of this version that may be taken."""
    offer = schema.index_offer.c
    columns = (offer.version, offer.sha256, offer.size_bytes, offer.followed, offer.offered_at)
    query = select(*columns).where(offer.version == version, offer.sha256.is_not(None))
    row = connection.execute(query).first()
    return None if row is None else Offer(*row)


def list_offered(connection: Connection) -> list[str]:
    """List the SHA-256 of every copy that is offered: these files are no orphans."""
    offered = schema.index_offer.c.sha256
    return list(connection.execute(select(offered).where(offered.is_not(None))).scalars())


def claim_offering(connection: Connection, version: str, now: datetime) -> bool:
    """Take it upon oneself to make a copy; False where there is a fresh one, or another is at it."""
    offer = schema.index_offer.c
    stale = or_(offer.offered_at.is_(None), offer.offered_at < now - OFFERED_EVERY)
    mine = update(schema.index_offer).where(
        offer.version == version, offer.claimed_at < now - CLAIMED_FOR, stale
    )
    if connection.execute(mine.values(claimed_at=now)).rowcount:
        return True
    if connection.execute(select(offer.version).where(offer.version == version)).first():
        return False
    connection.execute(insert(schema.index_offer).values(version=version, claimed_at=now))
    return True


def record_offer(connection: Connection, offer: Offer) -> list[str]:
    """Let machines take this copy; returns the SHA-256 of those that none may take any more."""
    held = schema.index_offer.c
    past = (held.version == offer.version) | (held.offered_at < offer.offered_at - OLD_VERSIONS_KEPT)
    gone = list(connection.execute(select(held.sha256).where(past, held.sha256.is_not(None))).scalars())
    connection.execute(delete(schema.index_offer).where(past))
    connection.execute(
        insert(schema.index_offer).values(
            version=offer.version,
            claimed_at=offer.offered_at,
            sha256=offer.sha256,
            size_bytes=offer.size_bytes,
            followed=offer.followed,
            offered_at=offer.offered_at,
        )
    )
    return [sha256 for sha256 in gone if sha256 != offer.sha256]

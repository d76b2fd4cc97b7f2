"""Where volunteers sit down over the whole archive: their own passages, and episodes left to read.

A claim that has lapsed is still a place to come back to, until somebody else takes the passage.
"""

from collections.abc import Sequence

from sqlalchemy import Connection, exists, func, select

from media import schema
from media.correction import tables
from media.correction.authors import Author
from media.correction.claims import Claim, read_claim_row
from media.correction.history import Act, read_act_row
from media.episodes import EpisodeStatus
from media.transcript import TurnKind, TurnState
from media.transcripts import is_leading
from media.volunteering import tables as volunteering


def list_own_claims(connection: Connection, author: Author, limit: int = 10) -> list[Claim]:
    """List the passages that an author sat down to, the latest first, lapsed claims too."""
    held = tables.claim.c
    query = select(tables.claim).where(held.account_id == author.account_id)
    rows = connection.execute(query.order_by(held.expires_at.desc()).limit(limit))
    return [read_claim_row(row) for row in rows]


def list_unread_episodes(connection: Connection, limit: int = 10, offset: int = 0) -> list[int]:
    """List public episodes with turns that nobody has read: those played most first, then the newest.

    Turns of the edition that leads: nobody is asked to read what was said where people published it.
    """
    episode, played = schema.episode.c, volunteering.listening
    unread = exists().where(
        schema.turn.c.episode_id == episode.id,
        is_leading(),
        schema.turn.c.state == TurnState.MACHINE,
        schema.turn.c.kind == TurnKind.SPEECH,
    )
    newest = func.coalesce(episode.published_at, episode.first_seen_at).desc()
    query = (
        select(episode.id)
        .outerjoin(played, played.c.episode_id == episode.id)
        .where(unread, episode.private.is_(False), episode.status == EpisodeStatus.READY)
        .order_by(func.coalesce(played.c.plays, 0).desc(), newest, episode.id.desc())
    )
    return list(connection.execute(query.limit(limit).offset(offset)).scalars())


def find_place(connection: Connection, author: Author, turn_ids: Sequence[int]) -> int | None:
    """Find the turn among these that an author changed last."""
    version, act = tables.turn_version.c, tables.act.c
    query = (
        select(version.turn_id)
        .join(tables.act, act.id == version.act_id)
        .where(version.turn_id.in_(turn_ids), act.account_id == author.account_id)
        .order_by(version.id.desc())
        .limit(1)
    )
    return connection.execute(query).scalar()


def find_last_act(connection: Connection, author: Author, turn_ids: Sequence[int]) -> Act | None:
    """Find what an author did last to any of these turns, unless it is undone."""
    version, act = tables.turn_version.c, tables.act.c
    query = (
        select(tables.act)
        .join(tables.turn_version, version.act_id == act.id)
        .where(version.turn_id.in_(turn_ids), act.account_id == author.account_id)
        .where(act.undone_by.is_(None), act.undoes.is_(None))
        .order_by(act.id.desc())
        .limit(1)
    )
    row = connection.execute(query).first()
    return None if row is None else read_act_row(row)

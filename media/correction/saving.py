"""Save what an editor typed, and keep it where it cannot be saved.

A refused save undoes its own transaction; what was typed is then kept in one of its own, as a
conflict that history shows until somebody chooses: mine, theirs, or both.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from media import schema
from media.correction import tables
from media.correction.acts import save_text
from media.correction.authors import Author
from media.correction.claims import renew_claims
from media.correction.errors import RefusedSaveError
from media.correction.journal import Outcome
from media.correction.typed import UNWANTED
from media.database import Database
from media.errors import NotFoundError
from media.transcripts import StoredTurn, get_turns


class Resolution(StrEnum):
    """Which text stays, of the one that was typed and the one that was there."""

    MINE = "mine"
    THEIRS = "theirs"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Conflict:
    """A typed text that was refused, and kept."""

    id: int
    episode_id: int | None
    turn_id: int
    version: int  # that it was typed over
    text: str
    cause: str  # "stale", "gone", "long"
    author: Author
    made_at: datetime
    resolution: Resolution | None
    resolved_at: datetime | None


@dataclass(frozen=True, slots=True)
class Save:
    """What an editor sends: a text over a version of a turn."""

    turn_id: int
    version: int
    text: str
    token: str | None = None  # the page's own: a save sent twice is one
    reason: str | None = None
    read: bool = True  # the author heard the turn to its end
    episode_id: int | None = None  # for a turn that may be gone


def save_turn(database: Database, save: Save, author: Author, now: datetime) -> Outcome:
    """Save in a transaction, and renew what its author claimed; RefusedSaveError once the text is kept."""
    try:
        with database.write() as connection:
            outcome = save_text(
                connection,
                save.turn_id,
                save.version,
                save.text,
                author,
                now,
                reason=save.reason,
                token=save.token,
                read=save.read,
            )
            for episode_id in {stored.episode_id for stored in outcome.turns}:
                renew_claims(connection, episode_id, author, now)
            return outcome
    except RefusedSaveError as error:
        with database.write() as connection:
            error.conflict_id = keep_refused(connection, error, author, now, save.episode_id)
        raise


def keep_refused(
    connection: Connection,
    error: RefusedSaveError,
    author: Author,
    now: datetime,
    episode_id: int | None = None,
) -> int | None:
    """Keep a refused text as a conflict, and return its identity; None where nothing was typed.

    The same text of the same author over the same version is kept once, however often it is sent.
    """
    if error.typed is None:
        return None
    text = UNWANTED.sub("", error.typed)
    held = tables.conflict.c
    same = select(held.id).where(
        held.turn_id == error.turn_id,
        held.version == error.version,
        held.text == text,
        held.author == author.name,
        held.account_id.is_not_distinct_from(author.account_id),
        held.resolution.is_(None),
    )
    if (kept := connection.execute(same).scalar()) is not None:
        return int(kept)
    row = insert(tables.conflict).values(
        episode_id=_episode_of(connection, error, episode_id),
        turn_id=error.turn_id,
        version=error.version,
        text=text,
        cause=error.cause,
        made_at=now,
        account_id=author.account_id,
        author=author.name,
    )
    return int(connection.execute(row.returning(held.id)).scalar_one())


def list_conflicts(
    connection: Connection,
    *,
    episode_id: int | None = None,
    turn_id: int | None = None,
    author: Author | None = None,
    settled: bool = False,
) -> list[Conflict]:
    """List refused texts, oldest first: those still to be settled, or with `settled` all of them."""
    held = tables.conflict.c
    query = select(tables.conflict).order_by(held.id)
    for column, wanted in ((held.episode_id, episode_id), (held.turn_id, turn_id)):
        if wanted is not None:
            query = query.where(column == wanted)
    if author is not None:
        query = query.where(
            held.account_id.is_not_distinct_from(author.account_id), held.author == author.name
        )
    if not settled:
        query = query.where(held.resolution.is_(None))
    return [_conflict(row) for row in connection.execute(query)]


def resolve_conflict(
    connection: Connection,
    conflict_id: int,
    resolution: Resolution,
    version: int,
    author: Author,
    now: datetime,
    *,
    text: str | None = None,
) -> Outcome:
    """Settle a conflict over this version of the turn; `text` replaces what the choice would give.

    BOTH puts the typed text after the one that is there. Nothing is taken out of history: the
    text that does not stay is in the conflict or in the turn's versions.
    """
    row = connection.execute(select(tables.conflict).where(tables.conflict.c.id == conflict_id)).first()
    if row is None:
        raise NotFoundError(f"no conflict {conflict_id}", kind="turn", name=str(conflict_id))
    current = get_turns(connection, [row.turn_id], public=False).get(row.turn_id)
    outcome = Outcome(() if current is None else (current,), None)
    if resolution is not Resolution.THEIRS:
        chosen = text if text is not None else _choose(row.text, current, resolution)
        outcome = save_text(connection, row.turn_id, version, chosen, author, now)
    settled = {"resolution": resolution, "resolved_at": now, "act_id": outcome.act_id}
    connection.execute(update(tables.conflict).where(tables.conflict.c.id == conflict_id).values(settled))
    return outcome


def _choose(mine: str, current: StoredTurn | None, resolution: Resolution) -> str:
    if resolution is Resolution.BOTH and current is not None:
        return f"{current.turn.text} {mine}"
    return mine


def _episode_of(connection: Connection, error: RefusedSaveError, episode_id: int | None) -> int | None:
    if error.current is not None:
        return error.current.episode_id
    for table in (schema.turn, tables.turn_version):
        here = table.c.id if table is schema.turn else table.c.turn_id
        found = connection.execute(select(table.c.episode_id).where(here == error.turn_id).limit(1)).scalar()
        if found is not None:
            return int(found)
    known = select(schema.episode.c.id).where(schema.episode.c.id == episode_id)
    return connection.execute(known).scalar()


def _conflict(row: Row[Any]) -> Conflict:
    return Conflict(
        row.id,
        row.episode_id,
        row.turn_id,
        row.version,
        row.text,
        row.cause,
        Author(row.account_id, row.author),
        row.made_at,
        None if row.resolution is None else Resolution(row.resolution),
        row.resolved_at,
    )

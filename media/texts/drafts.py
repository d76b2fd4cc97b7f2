"""Documents that somebody looks at before they are imported: kept a week, seen by their owner only."""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from media.errors import NotFoundError
from media.texts.documents import GivenDocument
from media.texts.tables import draft
from media.texts.values import BlockKind

KEPT = timedelta(days=7)
MAX_DRAFTS = 300  # of one person; the oldest go


@dataclass(frozen=True, slots=True)
class Draft:
    """A document being looked at, and what was said of it so far."""

    id: int
    account_id: int
    made_at: datetime
    name: str
    content: bytes
    url: str | None
    media_type: str
    choices: Mapping[int, BlockKind]
    show: str | None
    episode_id: int | None
    private: bool


def add_draft(
    connection: Connection,
    account_id: int,
    given: GivenDocument,
    now: datetime,
    *,
    show: str | None = None,
    episode_id: int | None = None,
    private: bool = False,
) -> int:
    """Keep a document to be looked at, and return its identity; what is too old goes."""
    connection.execute(delete(draft).where(draft.c.made_at < now - KEPT))
    own = select(draft.c.id).where(draft.c.account_id == account_id).order_by(draft.c.id.desc())
    spare = list(connection.execute(own.offset(MAX_DRAFTS - 1)).scalars())
    if spare:
        connection.execute(delete(draft).where(draft.c.id.in_(spare)))
    row = insert(draft).values(
        account_id=account_id,
        made_at=now,
        name=given.name,
        content=zlib.compress(given.content),
        url=given.url,
        media_type=given.media_type,
        choices=_dump(given.choices or {}),
        show=show,
        episode_id=episode_id,
        private=private,
    )
    return int(connection.execute(row.returning(draft.c.id)).scalar_one())


def get_draft(connection: Connection, draft_id: int, account_id: int) -> Draft:
    """Read a draft of this person; NotFoundError for any other."""
    query = select(draft).where(draft.c.id == draft_id, draft.c.account_id == account_id)
    row = connection.execute(query).first()
    if row is None:
        raise NotFoundError(f"no draft {draft_id} of {account_id}", kind="draft", name=str(draft_id))
    return _draft(row)


def list_drafts(connection: Connection, account_id: int) -> list[Draft]:
    """List a person's drafts, oldest first."""
    query = select(draft).where(draft.c.account_id == account_id).order_by(draft.c.id)
    return [_draft(row) for row in connection.execute(query)]


def choose(connection: Connection, draft_id: int, choices: Mapping[int, BlockKind], **wishes: Any) -> None:
    """Note what a person decided of a draft; `wishes` are its other columns."""
    values = {"choices": _dump(choices), **wishes}
    connection.execute(update(draft).where(draft.c.id == draft_id).values(values))


def drop_draft(connection: Connection, draft_id: int) -> None:
    """Forget a draft, imported or given up."""
    connection.execute(delete(draft).where(draft.c.id == draft_id))


def _dump(choices: Mapping[int, BlockKind]) -> list[tuple[int, BlockKind]]:
    return sorted(choices.items())


def _draft(row: Row[Any]) -> Draft:
    fields = dict(row._mapping)
    fields["content"] = zlib.decompress(fields["content"])
    fields["choices"] = {int(block): BlockKind(kind) for block, kind in fields["choices"]}
    return Draft(**fields)

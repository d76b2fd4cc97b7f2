"""What became of a turn, and what was done to an episode: who, when, why."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select

from media import schema
from media.correction import tables
from media.correction.authors import Author
from media.packing import load_doubts
from media.people.withdrawn import read_withdrawn
from media.transcript import Edition, Turn, TurnKind, TurnState, unpack_words

MACHINE_AUTHOR = Author(None, "")  # of a version 0, and of nothing else


@dataclass(frozen=True, slots=True)
class TurnVersion:
    """A turn as it was once, and the act that made it so."""

    turn_id: int
    episode_id: int
    version: int
    turn: Turn
    speaker: str | None  # as its voice was named then
    voice_id: int | None
    read_by: int | None
    before: int | None  # the version that it followed; None: the turn was not there
    gone: bool  # the act took the turn away
    follows: int | None  # of one that is gone: the turn before it; None: it was the first
    kin: int | None  # the turn that it was cut from, or, where it is gone, that took its words
    act_id: int | None  # None: as the machine made it
    kind: str | None
    author: Author
    made_at: datetime | None
    reason: str | None
    edition: Edition = Edition.SPOKEN

    @property
    def text(self) -> str:
        """The words joined by single spaces."""
        return self.turn.text


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody did, in however many turns."""

    id: int
    kind: str
    author: Author
    made_at: datetime
    reason: str | None
    detail: Mapping[str, Any]
    undoes: int | None
    undone: bool


def read_version(connection: Connection, turn_id: int, version: int) -> TurnVersion | None:
    """Read one version of a turn; None where it is not kept: a turn that nobody changed has no history."""
    query = _select_versions().where(
        tables.turn_version.c.turn_id == turn_id, tables.turn_version.c.version == version
    )
    row = connection.execute(query).first()
    return None if row is None else _version(row)


def list_versions(connection: Connection, turn_id: int) -> list[TurnVersion]:
    """List what a turn was, oldest first, without what was withdrawn; empty where nobody changed it."""
    query = _select_versions().where(tables.turn_version.c.turn_id == turn_id)
    versions = [_version(row) for row in connection.execute(query.order_by(tables.turn_version.c.version))]
    withdrawn = read_withdrawn(connection, {held.episode_id for held in versions})
    return [
        replace(
            held,
            turn=withdrawn.hide_turn(held.turn, held.episode_id, held.turn_id, held.edition),
            speaker=withdrawn.hide_speaker(held.speaker, held.episode_id),
        )
        for held in versions
    ]


def list_act_versions(connection: Connection, act_id: int) -> list[TurnVersion]:
    """List what an act left of each turn that it changed, in the order in which it did."""
    query = _select_versions().where(tables.turn_version.c.act_id == act_id)
    return [_version(row) for row in connection.execute(query.order_by(tables.turn_version.c.id))]


def list_acts(
    connection: Connection, episode_id: int, *, limit: int = 50, before: int | None = None
) -> list[Act]:
    """List what was done to an episode, newest first, from before this act where one is given.

    Names that were withdrawn are not in it.
    """
    query = (
        select(tables.act)
        .join(schema.revision, schema.revision.c.act_id == tables.act.c.id)
        .where(schema.revision.c.episode_id == episode_id)
        .order_by(tables.act.c.id.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(tables.act.c.id < before)
    acts = [read_act_row(row) for row in connection.execute(query)]
    withdrawn = read_withdrawn(connection, [episode_id])
    return [replace(act, detail=withdrawn.hide_within(act.detail, episode_id)) for act in acts]


def list_correctors(connection: Connection, episode_id: int, edition: Edition, limit: int = 5) -> list[str]:
    """List by name who changed turns of an edition, those who did most first; undone acts do not count."""
    version, act = tables.turn_version.c, tables.act.c
    query = (
        select(act.author)
        .join(tables.turn_version, version.act_id == act.id)
        .where(version.episode_id == episode_id, version.edition == edition)
        .where(act.undone_by.is_(None), act.undoes.is_(None), act.author != "")
        .group_by(act.author)
        .order_by(func.count().desc(), act.author)
        .limit(limit)
    )
    withdrawn = read_withdrawn(connection, [episode_id])
    return [withdrawn.hide_names(name) for name in connection.execute(query).scalars()]


def read_act_row(row: Row[Any]) -> Act:
    """Make an act of its row."""
    author = Author(row.account_id, row.author)
    return Act(
        row.id, row.kind, author, row.made_at, row.reason, row.detail, row.undoes, row.undone_by is not None
    )


def _select_versions() -> Select[Any]:
    return (
        select(
            tables.turn_version,
            schema.voice.c.number,
            tables.act.c.kind.label("act_kind"),
            tables.act.c.account_id,
            tables.act.c.author,
            tables.act.c.made_at,
            tables.act.c.reason,
        )
        .outerjoin(tables.act, tables.act.c.id == tables.turn_version.c.act_id)
        .outerjoin(schema.voice, schema.voice.c.id == tables.turn_version.c.voice_id)
    )


def _version(row: Row[Any]) -> TurnVersion:
    turn = Turn(
        unpack_words(row.words),
        row.number,
        TurnKind(row.kind),
        row.label,
        row.start_ms,
        row.end_ms,
        TurnState(row.state),
        load_doubts(row.doubts),
    )
    author = MACHINE_AUTHOR if row.act_id is None else Author(row.account_id, row.author)
    return TurnVersion(
        row.turn_id,
        row.episode_id,
        row.version,
        turn,
        row.speaker,
        row.voice_id,
        row.read_by,
        row.before,
        row.gone,
        row.follows,
        row.kin,
        row.act_id,
        row.act_kind,
        author,
        row.made_at,
        row.reason,
        Edition(row.edition),
    )

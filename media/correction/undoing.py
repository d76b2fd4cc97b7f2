"""Undo any act, and redo it: an undo is an act too, which puts back what the other had found.

A turn is put back only if it still is as the act left it; where somebody changed it since, it
stays as it is, and the outcome says so. A cut, a joint or a moved boundary is undone whole or not
at all, or words would be lost or doubled.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from media import schema
from media.correction import tables
from media.correction.authors import Author
from media.correction.errors import UndoRefusedError
from media.correction.history import TurnVersion, list_act_versions, read_version
from media.correction.journal import (
    ActKind,
    OpenAct,
    Outcome,
    find_repeated,
    read_turns,
    read_voices,
    take_episodes,
)
from media.transcripts import Attribution, StoredTurn, Voice, in_edition


@dataclass(frozen=True, slots=True)
class _Step:
    """What an act did to one turn: what it found, where there was a turn, and what it left."""

    left: TurnVersion
    found: TurnVersion | None
    current: StoredTurn | None

    @property
    def can_undo(self) -> bool:
        """Tell whether the turn still is as the act left it."""
        if self.left.gone or self.current is None:
            return self.left.gone and self.current is None
        held, left = self.current, self.left
        voice_id = None if held.voice is None else held.voice.id
        same_words = replace(held.turn, voice=None) == replace(left.turn, voice=None)
        return same_words and (voice_id, held.read_by) == (left.voice_id, left.read_by)


def undo(
    connection: Connection, act_id: int, author: Author, now: datetime, *, token: str | None = None
) -> Outcome:
    """Put back what an act changed; UndoRefusedError where nothing of it can be."""
    act = connection.execute(select(tables.act).where(tables.act.c.id == act_id)).first()
    if act is None:
        raise UndoRefusedError(f"no act {act_id}")
    take_episodes(connection, _episodes_of(connection, act_id))
    if repeated := find_repeated(connection, author, token):
        return repeated
    act = connection.execute(select(tables.act).where(tables.act.c.id == act_id)).one()
    if act.undone_by is not None:
        raise UndoRefusedError(f"act {act_id} is undone by {act.undone_by}")
    steps = _read_steps(connection, act_id)
    possible = [step for step in steps if step.can_undo]
    if act.detail.get("linked") and len(possible) < len(steps):
        possible = []
    voices = _find_unchanged(connection, act.detail.get("voices", []))
    if not possible and not voices:
        raise UndoRefusedError(f"what act {act_id} changed was changed since")
    facts: dict[str, Any] = {"linked": True} if act.detail.get("linked") else {}
    undoing = OpenAct(connection, ActKind.UNDO, author, now, token=token, undoes=act_id, **facts)
    _write(connection, act, possible, voices, undoing)
    done = {step.left.turn_id for step in possible}
    refused = tuple(step.left.turn_id for step in steps if step.left.turn_id not in done)
    return replace(undoing.close(), refused=refused)


def redo(
    connection: Connection, act_id: int, author: Author, now: datetime, *, token: str | None = None
) -> Outcome:
    """Do an act again that was undone; UndoRefusedError where it was not, or nothing of it can be."""
    query = select(tables.act.c.undone_by).where(tables.act.c.id == act_id)
    undone_by = connection.execute(query).scalar()
    if undone_by is None:
        raise UndoRefusedError(f"act {act_id} is not undone")
    return undo(connection, undone_by, author, now, token=token)


def _episodes_of(connection: Connection, act_id: int) -> list[int]:
    query = select(schema.revision.c.episode_id).where(schema.revision.c.act_id == act_id)
    return list(connection.execute(query).scalars())


def _read_steps(connection: Connection, act_id: int) -> list[_Step]:
    """Read what an act did, the last first."""
    left = list_act_versions(connection, act_id)
    current = read_turns(connection, [version.turn_id for version in left])
    return [
        _Step(version, _found(connection, version), current.get(version.turn_id))
        for version in reversed(left)
    ]


def _found(connection: Connection, left: TurnVersion) -> TurnVersion | None:
    if left.before is None:
        return None
    return read_version(connection, left.turn_id, left.before)


def _find_unchanged(connection: Connection, changes: Iterable[Any]) -> list[tuple[Row[Any], Any]]:
    """Find the voices that still are as an act left them, with the name and attribution to put back."""
    wanted = {voice_id: (found, left) for voice_id, found, left in changes}
    rows = read_voices(connection, schema.voice.c.id.in_(wanted)) if wanted else []
    return [(row, wanted[row.id][0]) for row in rows if [row.name, row.attribution] == wanted[row.id][1]]


def _write(
    connection: Connection,
    undone: Row[Any],
    steps: Sequence[_Step],
    voices: Sequence[tuple[Row[Any], Any]],
    act: OpenAct,
) -> None:
    for row, (name, attribution) in voices:
        act.name_voice(row, name, attribution)
    for step in steps:
        _put_back(connection, act, step)
    here = tables.act.c.id == undone.id
    connection.execute(update(tables.act).where(here).values(undone_by=act.id))
    if undone.undoes is not None:  # what was undone is done again
        first = tables.act.c.id == undone.undoes
        connection.execute(update(tables.act).where(first).values(undone_by=None))


def _put_back(connection: Connection, act: OpenAct, step: _Step) -> None:
    left, found = step.left, step.found
    now = read_turns(connection, [left.turn_id]).get(left.turn_id)
    if now is not None and (found is None or found.gone):
        act.remove(now, heir=left.kin if found is None else found.kin)
    elif found is not None and now is not None:
        act.change(now, found.turn, voice=_voice(connection, found), read_by=found.read_by)
    elif found is not None:
        act.add(
            _turn_before(connection, left),
            found.turn,
            episode_id=left.episode_id,
            edition=left.edition,
            voice=_voice(connection, found),
            read_by=found.read_by,
            again=(left.turn_id, _last_version(connection, left.turn_id)),
        )


def _last_version(connection: Connection, turn_id: int) -> int:
    """Find the last version of a turn that is gone: it may have come back and gone again since an act."""
    versions = tables.turn_version.c
    query = select(func.max(versions.version)).where(versions.turn_id == turn_id)
    return int(connection.execute(query).scalar_one())


def _turn_before(connection: Connection, left: TurnVersion) -> StoredTurn | None:
    """Find the turn that one comes back after: the one that it followed, or else by its time."""
    if left.follows is None:
        return None
    if held := read_turns(connection, [left.follows]).get(left.follows):
        return held
    earlier = select(schema.turn.c.id).where(in_edition(left.episode_id, left.edition))
    if left.turn.start_ms is not None:
        earlier = earlier.where(schema.turn.c.start_ms <= left.turn.start_ms)
    last = connection.execute(earlier.order_by(schema.turn.c.position.desc()).limit(1)).scalar()
    return None if last is None else read_turns(connection, [last])[last]


def _voice(connection: Connection, version: TurnVersion) -> Voice | None:
    if version.voice_id is None:
        return None
    for row in read_voices(connection, schema.voice.c.id == version.voice_id):
        return Voice(row.id, row.number, row.name, Attribution(row.attribution))
    return None

"""What became of a person's readings: accepted as they were, adjusted, or returned with a reason."""

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from media.correction import tables
from media.correction.authors import Author
from media.correction.journal import ActKind
from media.transcript import TurnState


@dataclass(frozen=True, slots=True)
class Reception:
    """How many of the turns that somebody read were validated as read, adjusted, or returned."""

    accepted: int
    adjusted: int
    returned: int

    @property
    def is_empty(self) -> bool:
        """Tell that nobody has looked yet."""
        return not (self.accepted or self.adjusted or self.returned)


def count_reception(connection: Connection, author: Author) -> Reception:
    """Count what others did with the turns that this person read; what was undone does not count."""
    adjusted = _find_turns(connection, author, ActKind.TEXT, TurnState.READ)
    validated = _find_turns(connection, author, ActKind.STATE, TurnState.VALIDATED)
    returned = _find_turns(connection, author, ActKind.RETURN, TurnState.READ)
    return Reception(len(validated - adjusted), len(validated & adjusted), len(returned))


def find_reason(connection: Connection, turn_id: int) -> tuple[str, str] | None:
    """Find who returned a turn last, and why."""
    version, act = tables.turn_version.c, tables.act.c
    query = (
        select(act.author, act.reason)
        .join(tables.turn_version, version.act_id == act.id)
        .where(version.turn_id == turn_id, act.kind == ActKind.RETURN, act.undone_by.is_(None))
        .order_by(act.id.desc())
        .limit(1)
    )
    row = connection.execute(query).first()
    return None if row is None else (row.author, row.reason or "")


def _find_turns(connection: Connection, reader: Author, kind: ActKind, state: TurnState) -> set[int]:
    """Find turns that stay this person's reading in an act of another's."""
    version, act = tables.turn_version.c, tables.act.c
    query = (
        select(version.turn_id)
        .distinct()
        .join(tables.act, version.act_id == act.id)
        .where(version.read_by == reader.account_id, version.state == state)
        .where(act.kind == kind, func.coalesce(act.account_id, -1) != reader.account_id)
        .where(act.undone_by.is_(None))
    )
    return set(connection.execute(query).scalars())

"""Write sounds between turns, such as “[Jingle]”, and take them away."""

from datetime import datetime

from sqlalchemy import Connection, select

from media import schema
from media.correction.authors import Author
from media.correction.errors import LabelError, NotSpeechError, TimeOutsideError
from media.correction.journal import (
    ActKind,
    OpenAct,
    Outcome,
    at_version,
    find_repeated,
    take_turns,
)
from media.correction.typed import clean_line
from media.transcript import Turn, TurnKind, TurnState
from media.transcripts import StoredTurn, beside

MAX_LABEL_LENGTH = 200


def insert_event(
    connection: Connection,
    turn_id: int,
    version: int,
    label: str,
    author: Author,
    now: datetime,
    *,
    start_ms: int | None = None,
    end_ms: int | None = None,
    token: str | None = None,
) -> Outcome:
    """Write a sound after a turn; without times it lasts from this turn's end to the next one's start."""
    held = take_turns(connection, [turn_id])
    if repeated := find_repeated(connection, author, token):
        return repeated
    here = at_version(connection, held, turn_id, version)
    first_ms, last_ms = _room_after(connection, here)
    start_ms = first_ms if start_ms is None else start_ms
    end_ms = last_ms if end_ms is None else end_ms
    _check_times(here, start_ms, end_ms)
    event = Turn(
        kind=TurnKind.EVENT,
        label=_clean_label(label),
        start_ms=start_ms,
        end_ms=end_ms,
        state=TurnState.READ,
    )
    act = OpenAct(connection, ActKind.EVENT, author, now, token=token, label=event.label)
    act.add(
        here,
        event,
        episode_id=here.episode_id,
        edition=here.edition,
        voice=None,
        read_by=author.account_id,
    )
    return act.close()


def delete_event(
    connection: Connection,
    turn_id: int,
    version: int,
    author: Author,
    now: datetime,
    *,
    token: str | None = None,
) -> Outcome:
    """Take away a sound that is not heard; history keeps it."""
    held = take_turns(connection, [turn_id])
    if repeated := find_repeated(connection, author, token):
        return repeated
    before = _event(at_version(connection, held, turn_id, version))
    act = OpenAct(connection, ActKind.REMOVE, author, now, token=token, label=before.turn.label)
    act.remove(before)
    return act.close()


def _event(held: StoredTurn) -> StoredTurn:
    if held.turn.kind is TurnKind.SPEECH:
        raise NotSpeechError(f"turn {held.id} is speech")
    return held


def _room_after(connection: Connection, here: StoredTurn) -> tuple[int | None, int | None]:
    start_ms = here.turn.end_ms
    if start_ms is None:
        return None, None
    after = beside(here) & (schema.turn.c.position == here.position + 1)
    next_ms = connection.execute(select(schema.turn.c.start_ms).where(after)).scalar()
    return start_ms, start_ms if next_ms is None else max(start_ms, next_ms)


def _check_times(here: StoredTurn, start_ms: int | None, end_ms: int | None) -> None:
    if start_ms is None and end_ms is None:
        return
    if start_ms is None or end_ms is None or not (here.turn.start_ms or 0) <= start_ms <= end_ms:
        raise TimeOutsideError(f"an event from {start_ms} to {end_ms} after turn {here.id}")


def _clean_label(label: str) -> str:
    clean = clean_line(label)
    if not 1 <= len(clean) <= MAX_LABEL_LENGTH:
        raise LabelError(f"a label of {len(clean)} characters", most=MAX_LABEL_LENGTH)
    return clean

"""What one person read waits for another: the queue, and the way back with a reason."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, String, case, cast, func, select

from media import schema
from media.correction.acts import TextChange, check_reading, save_texts, set_state
from media.correction.authors import Author
from media.correction.errors import NotReadError, ReasonMissingError
from media.correction.journal import (
    ActKind,
    OpenAct,
    Outcome,
    at_version,
    find_repeated,
    read_turns,
    reading_order,
    take_turns,
)
from media.correction.typed import clean_line, split_words
from media.transcript import Doubt, DoubtKind, TurnKind, TurnState
from media.transcripts import StoredTurn, is_leading

MAX_REASON_LENGTH = 2_000


def list_to_review(
    connection: Connection,
    author: Author,
    *,
    order: Callable[[int], float] | None = None,
    episode_id: int | None = None,
    limit: int = 20,
) -> list[StoredTurn]:
    """List turns that another person read: of the episodes that `order` puts highest, then the most doubtful.

    `order` weighs an episode by its identity, as by how often it is listened to.
    """
    held = schema.turn.c
    waiting = _waiting(author)
    if episode_id is not None:
        waiting &= held.episode_id == episode_id
    doubtful = func.sum(case((cast(held.doubts, String) != "[]", 1), else_=0))
    query = select(held.episode_id, doubtful).where(waiting).group_by(held.episode_id)
    weighed = sorted(
        connection.execute(query),
        key=lambda row: (-(order(row[0]) if order else 0.0), -row[1], row[0]),
    )
    found: list[StoredTurn] = []
    for episode, _ in weighed:
        if len(found) >= limit:
            break
        found += _list_of_episode(connection, waiting & (held.episode_id == episode), limit - len(found))
    return found


def count_to_review(connection: Connection, author: Author) -> int:
    """Count the turns that this person can validate."""
    query = select(func.count()).select_from(schema.turn).where(_waiting(author))
    return connection.execute(query).scalar_one()


def list_returned(connection: Connection, author: Author, limit: int = 50) -> list[StoredTurn]:
    """List the turns that this person read, and that a reviewer returned."""
    mine = (schema.turn.c.read_by == author.account_id) & _is_discussed()
    query = select(schema.turn.c.id).where(schema.turn.c.state == TurnState.READ, mine).limit(limit)
    turns = read_turns(connection, connection.execute(query).scalars().all())
    return sorted(turns.values(), key=reading_order)


def validate(
    connection: Connection,
    turn_id: int,
    version: int,
    author: Author,
    now: datetime,
    *,
    token: str | None = None,
) -> Outcome:
    """Say that a turn which another person read is right."""
    return set_state(connection, turn_id, version, TurnState.VALIDATED, author, now, token=token)


def validate_adjusted(
    connection: Connection, turn_id: int, version: int, text: str, author: Author, now: datetime
) -> Outcome:
    """Put other words in what another person read, and validate it: the reader's part in it stays.

    The two acts are in history one by one. Sending it twice does nothing twice; RefusedSaveError and
    OwnReadingError as for `acts.save_text` and `acts.set_state`.
    """
    before = take_turns(connection, [turn_id]).get(turn_id)
    if before is not None:
        if before.turn.state is TurnState.VALIDATED and " ".join(split_words(text)) == before.turn.text:
            return Outcome((before,), None)
        check_reading(before, author)
    reader = author if before is None else Author(before.read_by, "")
    change = [TextChange(turn_id, version, text)]
    saved = save_texts(connection, change, author, now, kind=ActKind.TEXT, checker=reader)
    kept = next(turn for turn in saved.turns if turn.id == turn_id)
    return validate(connection, turn_id, kept.version, author, now)


def return_turn(
    connection: Connection,
    turn_id: int,
    version: int,
    reason: str,
    author: Author,
    now: datetime,
    *,
    token: str | None = None,
) -> Outcome:
    """Send a turn back to be looked at again, saying why; it leaves the queue until it is corrected."""
    said = clean_line(reason)[:MAX_REASON_LENGTH]
    if not said:
        raise ReasonMissingError(f"turn {turn_id} is returned without a reason")
    held = take_turns(connection, [turn_id])
    if repeated := find_repeated(connection, author, token):
        return repeated
    before = at_version(connection, held, turn_id, version)
    if before.turn.state is TurnState.MACHINE or not before.turn.words:
        raise NotReadError(f"turn {turn_id} is {before.turn.state}")
    doubt = Doubt(DoubtKind.DISCUSSED, 0, len(before.turn.words) - 1)
    kept = tuple(held for held in before.turn.doubts if held.kind is not DoubtKind.DISCUSSED)
    turn = replace(before.turn, doubts=(*kept, doubt), state=TurnState.READ)
    act = OpenAct(connection, ActKind.RETURN, author, now, reason=said, token=token)
    act.change(before, turn, voice=before.voice, read_by=before.read_by)
    return act.close()


def _waiting(author: Author) -> ColumnElement[bool]:
    held = schema.turn.c
    by_another = held.read_by.is_distinct_from(author.account_id)
    # What came with a document was read elsewhere: a turn comes here once somebody works on it here.
    read = (held.state == TurnState.READ) & (held.kind == TurnKind.SPEECH) & (held.version > 0)
    shown = (
        select(schema.episode.c.id)
        .where(schema.episode.c.private.is_(False), is_leading())
        .correlate(schema.turn)
    )
    return read & held.episode_id.in_(shown) & by_another & ~_is_discussed()


def _is_discussed() -> ColumnElement[bool]:
    return cast(schema.turn.c.doubts, String).contains(f'"{DoubtKind.DISCUSSED}"')


def _list_of_episode(connection: Connection, waiting: ColumnElement[bool], limit: int) -> list[StoredTurn]:
    query = select(schema.turn.c.id, schema.turn.c.position, schema.turn.c.doubts).where(waiting)
    rows = sorted(connection.execute(query), key=lambda row: (-len(row.doubts), row.position))[:limit]
    turns = read_turns(connection, [row.id for row in rows])
    return [turns[row.id] for row in rows if row.id in turns]

"""Put back an earlier version of a turn, as a new one: nothing after it leaves history."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from media.correction.acts import TextChange, save_texts
from media.correction.authors import Author
from media.correction.history import read_version
from media.correction.journal import ActKind, OpenAct, Outcome, at_version, find_repeated, take_turns
from media.errors import NotFoundError
from media.transcript import TurnState


def restore(
    connection: Connection,
    turn_id: int,
    wanted: int,
    version: int,
    author: Author,
    now: datetime,
    *,
    reason: str | None = None,
    token: str | None = None,
) -> Outcome:
    """Give a turn, now at `version`, the words that it had at the version wanted; its author has read it.

    Where the turn was cut or joined since, the old words are timed again within its present bounds.
    """
    held = take_turns(connection, [turn_id])
    if repeated := find_repeated(connection, author, token):
        return repeated
    now_read = at_version(connection, held, turn_id, version)
    old = read_version(connection, turn_id, wanted)
    if old is None or old.gone:
        raise NotFoundError(f"turn {turn_id} has no version {wanted}", kind="turn", name=str(wanted))
    if (old.turn.start_ms, old.turn.end_ms) != (now_read.turn.start_ms, now_read.turn.end_ms):
        change = [TextChange(turn_id, version, old.text)]
        return save_texts(
            connection,
            change,
            author,
            now,
            kind=ActKind.RESTORE,
            reason=reason,
            token=token,
            read=True,
            facts={"version": wanted},
        )
    turn = replace(now_read.turn, words=old.turn.words, doubts=old.turn.doubts)
    if turn == now_read.turn:
        return Outcome((now_read,), None)
    act = OpenAct(connection, ActKind.RESTORE, author, now, reason=reason, token=token, version=wanted)
    fresh = replace(turn, state=TurnState.READ)
    act.change(now_read, fresh, voice=now_read.voice, read_by=author.account_id)
    return act.close()

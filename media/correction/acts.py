"""What people do to turns: correct, cut, join, doubt, confirm, mark, check.

Each function is one act in one transaction: it says which version of the turn it saw, and is
refused with TurnConflictError where somebody changed that turn since. Every act is in history,
with its author, and `undoing.undo` takes it back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from media.correction import typed
from media.correction.authors import Author
from media.correction.errors import (
    CutError,
    NotAdjacentError,
    NotReadError,
    NotSpeechError,
    OwnReadingError,
    TextTooLongError,
)
from media.correction.history import read_version
from media.correction.journal import (
    ActKind,
    OpenAct,
    Outcome,
    at_version,
    find_repeated,
    gone_turn,
    stale_turn,
    take_turns,
)
from media.correction.machine_words import list_heard_words
from media.correction.realignment import carry_doubts, carry_marks, realign
from media.transcript import Edition, Turn, TurnKind, TurnState
from media.transcript import merge_turns as join
from media.transcript import split_turn as cut
from media.transcripts import StoredTurn


@dataclass(frozen=True, slots=True)
class TextChange:
    """A text typed over a version of a turn."""

    turn_id: int
    version: int
    text: str


def save_text(
    connection: Connection,
    turn_id: int,
    version: int,
    text: str,
    author: Author,
    now: datetime,
    *,
    reason: str | None = None,
    token: str | None = None,
    read: bool = True,
) -> Outcome:
    """Put a typed text in place of a turn's words, which get their times back from the machine's.

    The turn is then read by its author, unless `read` is False: a word corrected out of a queue
    says nothing of the rest. A turn that was cut, named or checked since, but whose text is still
    what the author saw, takes the new text. Unchanged text changes nothing.
    RefusedSaveError carries what was typed: `saving.save_turn` keeps it.
    """
    change = [TextChange(turn_id, version, text)]
    return save_texts(
        connection, change, author, now, kind=ActKind.TEXT, reason=reason, token=token, read=read
    )


def save_texts(
    connection: Connection,
    changes: Sequence[TextChange],
    author: Author,
    now: datetime,
    *,
    kind: ActKind = ActKind.BULK,
    reason: str | None = None,
    token: str | None = None,
    read: bool = False,
    checker: Author | None = None,
    facts: Mapping[str, Any] | None = None,
) -> Outcome:
    """Put typed texts in place of several turns' words, in any episodes: one act, one undo, or none of it.

    `checker` is who looked at what another wrote; `facts` go into history's detail.
    """
    for change in changes:
        check_length(change)
    held = take_turns(connection, [change.turn_id for change in changes])
    if repeated := find_repeated(connection, author, token):
        return repeated
    now_read = {change.turn_id: _current(connection, held, change) for change in changes}
    retyped = {
        change.turn_id: _retype(connection, now_read[change.turn_id], change.text) for change in changes
    }
    changed = [change for change in changes if retyped[change.turn_id] != now_read[change.turn_id].turn]
    if not changed:
        return Outcome(tuple(now_read.values()), None)
    act = OpenAct(connection, kind, author, now, reason=reason, token=token, **(facts or {}))
    for change in changed:
        before = now_read[change.turn_id]
        _change_words(act, before, retyped[change.turn_id], checker or author, read=read)
    return act.close()


def check_length(change: TextChange) -> None:
    """Raise TextTooLongError where more was typed than a turn holds."""
    if len(change.text) > typed.MAX_TURN_LENGTH:
        raise TextTooLongError(
            f"{len(change.text)} characters for turn {change.turn_id}",
            turn_id=change.turn_id,
            version=change.version,
            typed=change.text,
            most=typed.MAX_TURN_LENGTH,
            count=len(change.text),
        )


def split_turn(
    connection: Connection,
    turn_id: int,
    version: int,
    at_word: int,
    author: Author,
    now: datetime,
    *,
    token: str | None = None,
) -> Outcome:
    """Cut a turn before one of its words: a new turn of the same voice starts at that word's time."""
    held = take_turns(connection, [turn_id])
    if repeated := find_repeated(connection, author, token):
        return repeated
    before = at_version(connection, held, turn_id, version)
    if not 0 < at_word < len(before.turn.words):
        raise CutError(f"turn {turn_id} of {len(before.turn.words)} words, before word {at_word}")
    left, right = cut(before.turn, at_word)
    act = OpenAct(connection, ActKind.SPLIT, author, now, token=token, linked=True, at_word=at_word)
    kept = act.change(before, _unvalidated(left), voice=before.voice, read_by=before.read_by)
    act.add(
        kept,
        _unvalidated(right),
        episode_id=before.episode_id,
        edition=before.edition,
        voice=before.voice,
        read_by=before.read_by,
        kin=turn_id,
    )
    return act.close()


def merge_turns(
    connection: Connection,
    first: tuple[int, int],
    second: tuple[int, int],
    author: Author,
    now: datetime,
    *,
    keep_voice_of_second: bool = False,
    token: str | None = None,
) -> Outcome:
    """Join two turns, each given by identity and version, that follow each other; the first one stays."""
    held = take_turns(connection, [first[0], second[0]])
    if repeated := find_repeated(connection, author, token):
        return repeated
    one, other = (at_version(connection, held, *which) for which in (first, second))
    _check_adjacent(one, other)
    joined = _unvalidated(join(one.turn, other.turn))
    check_length(TextChange(one.id, one.version, joined.text))
    voice = other.voice if keep_voice_of_second else one.voice
    act = OpenAct(connection, ActKind.MERGE, author, now, token=token, linked=True)
    read_by = one.read_by if one.read_by == other.read_by else author.account_id
    turn = replace(joined, voice=None if voice is None else voice.number)
    act.remove(other, heir=one.id)
    act.change(one, turn, voice=voice, read_by=read_by)
    return act.close()


def move_boundary(
    connection: Connection,
    first: tuple[int, int],
    second: tuple[int, int],
    at_word: int,
    author: Author,
    now: datetime,
    *,
    token: str | None = None,
) -> Outcome:
    """Move where one turn ends and the next begins: before this word, counted over both."""
    held = take_turns(connection, [first[0], second[0]])
    if repeated := find_repeated(connection, author, token):
        return repeated
    one, other = (at_version(connection, held, *which) for which in (first, second))
    _check_adjacent(one, other)
    both = join(one.turn, other.turn)
    if not 0 < at_word < len(both.words):
        raise CutError(f"turns {one.id} and {other.id} of {len(both.words)} words, before word {at_word}")
    left, right = cut(both, at_word)
    act = OpenAct(connection, ActKind.BOUNDARY, author, now, token=token, linked=True, at_word=at_word)
    for before, turn in ((one, left), (other, right)):
        fresh = replace(turn, voice=before.turn.voice, state=before.turn.state)
        act.change(before, _unvalidated(fresh), voice=before.voice, read_by=before.read_by)
    return act.close()


def set_state(
    connection: Connection,
    turn_id: int,
    version: int,
    state: TurnState,
    author: Author,
    now: datetime,
    *,
    token: str | None = None,
) -> Outcome:
    """Say that a turn was read, or that another person validates it (OwnReadingError for the same)."""
    held = take_turns(connection, [turn_id])
    if repeated := find_repeated(connection, author, token):
        return repeated
    before = at_version(connection, held, turn_id, version)
    if before.turn.state is state:
        return Outcome((before,), None)
    read_by = before.read_by
    if state is TurnState.VALIDATED:
        check_reading(before, author)
    else:
        read_by = author.account_id if state is TurnState.READ else None
    act = OpenAct(connection, ActKind.STATE, author, now, token=token, state=state)
    act.change(before, replace(before.turn, state=state), voice=before.voice, read_by=read_by)
    return act.close()


def check_reading(before: StoredTurn, author: Author) -> None:
    """Raise NotReadError where nobody has read a turn, OwnReadingError where it was this person."""
    if before.turn.state is not TurnState.READ:
        raise NotReadError(f"turn {before.id} is {before.turn.state}")
    if author.account_id is None or author.account_id == before.read_by:
        raise OwnReadingError(f"turn {before.id} was read by account {before.read_by}")


def _check_adjacent(one: StoredTurn, other: StoredTurn) -> None:
    after = (one.episode_id, one.edition, one.position + 1)
    if after != (other.episode_id, other.edition, other.position):
        raise NotAdjacentError(f"turns {one.id} and {other.id}")
    if {one.turn.kind, other.turn.kind} != {TurnKind.SPEECH}:
        raise NotSpeechError(f"turns {one.id} and {other.id}")


def _current(connection: Connection, held: dict[int, StoredTurn], change: TextChange) -> StoredTurn:
    """Find the turn that a text was typed over: as seen, or changed since in all but its words."""
    current = held.get(change.turn_id)
    if current is None:
        raise gone_turn(connection, change.turn_id, change.version, change.text)
    if current.turn.kind is not TurnKind.SPEECH:
        raise NotSpeechError(f"turn {current.id} is {current.turn.kind}")
    if current.version != change.version:
        seen = read_version(connection, change.turn_id, change.version)
        same = seen is not None and seen.text == current.turn.text
        if not same and " ".join(typed.split_words(change.text)) != current.turn.text:
            raise stale_turn(current, change.version, change.text)
    return current


def _retype(connection: Connection, before: StoredTurn, text: str) -> Turn:
    """Make the turn that a text gives: the very same one where no word changed."""
    turn = before.turn
    if typed.split_words(text) == tuple(word.text for word in turn.words):
        return turn
    if before.edition is Edition.PUBLISHED:  # it was aligned as a whole: its words know better
        heard = turn.words
    else:
        heard = list_heard_words(connection, before.episode_id, turn.start_ms, turn.end_ms)
    words = carry_marks(turn.words, realign(text, heard, turn.start_ms, turn.end_ms))
    return replace(turn, words=words, doubts=carry_doubts(turn.words, turn.doubts, words))


def _change_words(act: OpenAct, before: StoredTurn, turn: Turn, author: Author, *, read: bool) -> None:
    is_read = read or turn.state is not TurnState.MACHINE
    state = TurnState.READ if is_read else TurnState.MACHINE
    read_by = author.account_id if is_read else before.read_by
    act.change(before, replace(turn, state=state), voice=before.voice, read_by=read_by)


def _unvalidated(turn: Turn) -> Turn:
    """What was validated and is edited since is only read."""
    return replace(turn, state=TurnState.READ) if turn.state is TurnState.VALIDATED else turn

"""The right of objection (RGPD, article 21): take a passage, a name or an episode out of the archive.

An administrator does it, with a reason; nothing is erased, so that it can be lifted, but nobody
reads or hears it any more: `media.people.withdrawn` is applied where the public reads, and
`ingest.redaction` makes the copy that the public hears. Each act is logged, bumps the revision by
which pages are kept, and is followed by the index.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from media import schema
from media.changes import log_change
from media.episodes import get_episode
from media.errors import N_, MediaError, NotFoundError
from media.people import tables
from media.people.withdrawn import Withdrawn, fold_words, split_names
from media.transcript import Turn, Word, unpack_words
from media.transcripts import StoredTurn, get_turns, list_turns, record_act

MAX_LISTED = 500


class WithdrawalKind(StrEnum):
    """What was withdrawn."""

    PASSAGE = "passage"
    NAME = "name"
    EPISODE = "episode"


class WithdrawalError(MediaError):
    """What was asked cannot be withdrawn."""

    msgid = N_("These words cannot be withdrawn: the passage has changed since. Choose them again.")


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """One act of withdrawing, and whether it was lifted."""

    id: int
    kind: WithdrawalKind
    episode_id: int | None
    episode_title: str | None
    start_ms: int | None
    end_ms: int | None
    name: str | None
    reason: str
    made_at: datetime
    made_by: str | None  # the administrator's name
    lifted_at: datetime | None
    lifted_by: str | None
    lift_reason: str | None


@dataclass(frozen=True, slots=True)
class Spoken:
    """A place where a name is said."""

    episode_id: int
    episode_title: str
    turn_id: int
    first_word: int
    last_word: int
    start_ms: int | None


def withdraw_words(
    connection: Connection,
    turn_id: int,
    words: tuple[int, int] | None,
    reason: str,
    account_id: int | None,
    now: datetime,
) -> int:
    """Withdraw a turn, or its words from one index to another, both included; return the act's identity."""
    turn = get_turns(connection, [turn_id], public=False).get(turn_id)
    if turn is None:
        raise NotFoundError(f"no turn {turn_id}", kind="turn", name=str(turn_id))
    held = turn.turn.words
    first, last = words or (0, len(held) - 1)
    if held and not 0 <= first <= last < len(held):
        raise WithdrawalError(f"turn {turn_id} has no words {first} to {last}")
    start_ms, end_ms = _bounds(turn, _neighbours(connection, turn), first, last)
    values = {
        "episode_id": turn.episode_id,
        "start_ms": start_ms,
        "end_ms": end_ms,
        "turn_id": turn.id,
        "edition": turn.edition,
        "first_word": first,
        "last_word": last,
        "words": " ".join(fold_words(held[first : last + 1])),
    }
    identity = _add(connection, WithdrawalKind.PASSAGE, values, reason, account_id, now)
    _tell(connection, [turn.episode_id], "withdrawn", identity, account_id, now)
    return identity


def place_withdrawn(
    connection: Connection, episode_id: int, now: datetime, account_id: int | None = None
) -> int:
    """Give withdrawn passages the times that their words have got since, so that they are not heard either.

    For a text that was aligned after words of it were withdrawn. Returns how many were placed: the
    listening copy is then to be made again by `ingest.redaction.redact_copy`.
    """
    held = tables.withdrawal
    waiting = (held.c.kind == WithdrawalKind.PASSAGE) & held.c.start_ms.is_(None) & held.c.lifted_at.is_(None)
    rows = connection.execute(select(held).where(waiting, held.c.episode_id == episode_id)).all()
    turns = get_turns(connection, [row.turn_id for row in rows if row.turn_id], public=False)
    placed = 0
    for row in rows:
        turn = turns.get(row.turn_id)
        if turn is None or row.first_word is None or row.last_word >= max(1, len(turn.turn.words)):
            continue
        if " ".join(fold_words(turn.turn.words[row.first_word : row.last_word + 1])) != row.words:
            continue
        start_ms, end_ms = _bounds(turn, _neighbours(connection, turn), row.first_word, row.last_word)
        if start_ms is not None:
            values = {"start_ms": start_ms, "end_ms": end_ms}
            connection.execute(update(held).where(held.c.id == row.id).values(values))
            _tell(connection, [episode_id], "withdrawn", row.id, account_id, now)
            placed += 1
    return placed


def withdraw_name(
    connection: Connection, name: str, reason: str, account_id: int | None, now: datetime
) -> int:
    """Withdraw somebody's name wherever it is written as one; return the act's identity."""
    if not split_names([name]):
        raise WithdrawalError(f"{name!r} is no name")
    identity = _add(connection, WithdrawalKind.NAME, {"name": name}, reason, account_id, now)
    _tell(connection, _episodes_with(connection, name), "withdrawn", identity, account_id, now)
    return identity


def withdraw_episode(
    connection: Connection, episode_id: int, reason: str, account_id: int | None, now: datetime
) -> int:
    """Withdraw a whole episode; return the act's identity."""
    episode = get_episode(connection, episode_id)
    if withdrawn_since(connection, episode_id) is not None:
        raise WithdrawalError(f"episode {episode_id} is withdrawn already")
    values = {"episode_id": episode_id, "was_private": episode.private}
    identity = _add(connection, WithdrawalKind.EPISODE, values, reason, account_id, now)
    _set_private(connection, episode_id, private=True)
    _tell(connection, [episode_id], "withdrawn", identity, account_id, now)
    return identity


def lift_withdrawal(
    connection: Connection, withdrawal_id: int, reason: str, account_id: int | None, now: datetime
) -> Withdrawal:
    """Let what was withdrawn be read again; lifting twice changes nothing."""
    held = tables.withdrawal
    lifted = {"lifted_at": now, "lifted_by": account_id, "lift_reason": reason}
    this = (held.c.id == withdrawal_id) & held.c.lifted_at.is_(None)
    changed = connection.execute(update(held).where(this).values(lifted)).rowcount
    withdrawal = get_withdrawal(connection, withdrawal_id)
    if changed:
        episode_ids = [] if withdrawal.episode_id is None else [withdrawal.episode_id]
        if withdrawal.kind is WithdrawalKind.EPISODE:
            was = connection.execute(select(held.c.was_private).where(held.c.id == withdrawal_id)).scalar()
            _set_private(connection, episode_ids[0], private=bool(was))
        if withdrawal.name is not None:
            episode_ids = _episodes_with(connection, withdrawal.name)
        _tell(connection, episode_ids, "lifted", withdrawal_id, account_id, now)
    return withdrawal


def get_withdrawal(connection: Connection, withdrawal_id: int) -> Withdrawal:
    """Read one act; NotFoundError without it."""
    row = connection.execute(_select().where(tables.withdrawal.c.id == withdrawal_id)).first()
    if row is None:
        raise NotFoundError(f"no withdrawal {withdrawal_id}", kind="withdrawal", name=str(withdrawal_id))
    return _withdrawal(row)


def list_withdrawals(connection: Connection) -> list[Withdrawal]:
    """List the log, newest first."""
    query = _select().order_by(tables.withdrawal.c.id.desc()).limit(MAX_LISTED)
    return [_withdrawal(row) for row in connection.execute(query)]


def withdrawn_since(connection: Connection, episode_id: int) -> datetime | None:
    """Return since when a whole episode is withdrawn, if it is."""
    held = tables.withdrawal.c
    live = (held.kind == WithdrawalKind.EPISODE) & held.lifted_at.is_(None)
    query = select(held.made_at).where(live, held.episode_id == episode_id)
    return connection.execute(query).scalar()


def list_silenced(connection: Connection, episode_id: int) -> list[tuple[int, int]]:
    """List the stretches of an episode that may not be heard, in ms, in order."""
    held = tables.withdrawal.c
    live = (held.kind == WithdrawalKind.PASSAGE) & held.lifted_at.is_(None) & held.start_ms.is_not(None)
    query = select(held.start_ms, held.end_ms).where(live, held.episode_id == episode_id)
    return sorted((start, end) for start, end in connection.execute(query))


def find_spoken(connection: Connection, name: str, limit: int | None = MAX_LISTED) -> list[Spoken]:
    """Find where a name is said: the public reads “a person” there, and hears it until it is silenced."""
    withdrawn = Withdrawn(names=split_names([name]))
    # Only turns that hold the longest run of plain letters of the name are unpacked: accents may differ.
    plain = max(re.findall(r"[a-z0-9]+", name.casefold()), key=len, default="")
    turn, episode = schema.turn.c, schema.episode.c
    query = (
        select(turn.id, turn.episode_id, turn.words, episode.title)
        .join(schema.episode, episode.id == turn.episode_id)
        .where(turn.words.icontains(plain, autoescape=True))
        .order_by(turn.episode_id, turn.edition, turn.position)
    )
    found: list[Spoken] = []
    for identity, episode_id, packed, title in connection.execute(query):
        words = unpack_words(packed)
        for first, last in withdrawn.find_names(Turn(words)):
            found.append(Spoken(episode_id, title, identity, first, last, words[first].start_ms))
            if limit is not None and len(found) >= limit:
                return found
    return found


def _add(
    connection: Connection,
    kind: WithdrawalKind,
    values: dict[str, Any],
    reason: str,
    account_id: int | None,
    now: datetime,
) -> int:
    row = {"words": "", **values, "kind": kind, "reason": reason, "made_by": account_id, "made_at": now}
    statement = insert(tables.withdrawal).values(row).returning(tables.withdrawal.c.id)
    return int(connection.execute(statement).scalar_one())


def _tell(
    connection: Connection,
    episode_ids: Iterable[int],
    act: str,
    identity: int,
    account_id: int | None,
    now: datetime,
) -> None:
    for episode_id in episode_ids:
        record_act(connection, episode_id, act, {"withdrawal": identity}, now, account_id)
        log_change(connection, episode_id, now)


def _bounds(turn: StoredTurn, around: Sequence[Word], first: int, last: int) -> tuple[int | None, int | None]:
    """Find the time of some words, without a moment of those before and after them."""
    words = turn.turn.words
    if not words:
        return turn.turn.start_ms, turn.turn.end_ms
    if words[first].start_ms is None:
        return None, None
    start, end = _times(words[first])[0], max(_times(word)[1] for word in words[first : last + 1])
    for word in [*words[:first], *words[last + 1 :], *around]:
        began, ended = _times(word)
        if began <= start < ended:
            start = min(ended, _times(words[first])[1])
        elif start < began < end <= ended:
            end = began
    return start, max(end, start + 1)


def _neighbours(connection: Connection, turn: StoredTurn) -> list[Word]:
    near = [
        held.turn.words
        for held in list_turns(connection, turn.episode_id, turn.edition, public=False)
        if abs(held.position - turn.position) == 1
    ]
    return [word for words in near for word in words if word.start_ms is not None]


def _times(word: Word) -> tuple[int, int]:
    return word.start_ms or 0, word.end_ms or 0


def _episodes_with(connection: Connection, name: str) -> list[int]:
    """Find the episodes that name somebody: by a voice, or in what was announced."""
    withdrawn = Withdrawn(names=split_names([name]))
    episode, voice, speaker, chapter = schema.episode.c, schema.voice.c, schema.speaker.c, schema.chapter.c
    speakers = [
        identity
        for identity, held in connection.execute(select(speaker.id, speaker.name))
        if withdrawn.hide_names(held) != held
    ]
    found = {spot.episode_id for spot in find_spoken(connection, name, limit=None)}
    voiced = select(voice.episode_id).where(voice.speaker_id.in_(speakers)).distinct()
    found |= set(connection.execute(voiced).scalars())
    announced = select(episode.id, episode.title, episode.description, episode.people)
    for identity, title, description, people in connection.execute(announced):
        said = " | ".join([title, description, *(person[0] for person in people)])
        if withdrawn.hide_names(said) != said:
            found.add(identity)
    for identity, title in connection.execute(select(chapter.episode_id, chapter.title)):
        if withdrawn.hide_names(title) != title:
            found.add(identity)
    return sorted(found)


def _set_private(connection: Connection, episode_id: int, *, private: bool) -> None:
    this = schema.episode.c.id == episode_id
    connection.execute(update(schema.episode).where(this).values(private=private))


def _select() -> Any:
    made, lifted = schema.account.alias("made"), schema.account.alias("lifted")
    held = tables.withdrawal
    return (
        select(
            held,
            schema.episode.c.title,
            made.c.name.label("maker"),
            lifted.c.name.label("lifter"),
        )
        .outerjoin(schema.episode, schema.episode.c.id == held.c.episode_id)
        .outerjoin(made, made.c.id == held.c.made_by)
        .outerjoin(lifted, lifted.c.id == held.c.lifted_by)
    )


def _withdrawal(row: Row[Any]) -> Withdrawal:
    return Withdrawal(
        row.id,
        WithdrawalKind(row.kind),
        row.episode_id,
        row.title,
        row.start_ms,
        row.end_ms,
        row.name,
        row.reason,
        row.made_at,
        row.maker,
        row.lifted_at,
        row.lifter,
        row.lift_reason,
    )

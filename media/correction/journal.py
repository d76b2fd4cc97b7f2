"""Write acts: every change of a turn or a voice goes through here, and so into history.

An act takes the episodes that it touches before it reads their turns, so that acts on one episode
come one after the other on either database and none is lost (FAULTS 13). The first time that a
turn changes, what the machine had made of it is kept as its version 0.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, func, insert, select, update

from media import schema
from media.changes import log_change
from media.correction import tables
from media.correction.authors import Author
from media.correction.errors import TurnConflictError, TurnGoneError, WithdrawnWordsError
from media.correction.locks import refuse_locked
from media.packing import dump_doubts
from media.people.withdrawn import Withdrawn, read_withdrawn
from media.transcript import Edition, Turn, pack_words
from media.transcripts import (
    Attribution,
    StoredTurn,
    Voice,
    beside,
    find_speaker,
    get_turns,
    hide_withdrawn,
    in_edition,
    record_act,
)

MAX_LISTED_IDS = 500  # values in one SQL list


class ActKind(StrEnum):
    """What people do to a transcript, as history names it."""

    TEXT = "text"
    SPLIT = "split"
    MERGE = "merge"
    BOUNDARY = "boundary"
    SPEAKER = "speaker"
    DOUBT = "doubt"
    DOUBT_CLEARED = "doubt cleared"
    CONFIRM = "confirm"  # words heard and found right
    LANGUAGE = "language"
    EVENT = "event"
    REMOVE = "remove"
    STATE = "state"
    RETURN = "return"
    BULK = "bulk"
    PROPOSAL = "proposal"
    RESTORE = "restore"
    IMPORT = "import"  # a document was changed at its source, and brought in again
    UNDO = "undo"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an act left: the turns that it changed, as they are now, in order."""

    turns: tuple[StoredTurn, ...]
    act_id: int | None  # None: nothing was to be changed
    gone: tuple[int, ...] = ()  # turns that are no longer there
    refused: tuple[int, ...] = ()  # turns that could not be put back: somebody changed them since


class OpenAct:
    """An act being written; `close` makes it whole."""

    def __init__(
        self,
        connection: Connection,
        kind: ActKind,
        author: Author,
        now: datetime,
        *,
        reason: str | None = None,
        token: str | None = None,
        undoes: int | None = None,
        **facts: Any,
    ) -> None:
        self._connection = connection
        self._kind, self._author, self._now, self._facts = kind, author, now, facts
        self._voices: list[Any] = []
        self._episodes: dict[int, None] = {}
        self._turns: dict[int, StoredTurn] = {}
        self._gone: list[int] = []
        self._withdrawn: dict[int, Withdrawn] = {}  # of each episode
        self._unlocked: set[tuple[int, Edition]] = set()  # texts that may be changed
        row = insert(tables.act).values(
            kind=kind,
            made_at=now,
            account_id=author.account_id,
            author=author.name,
            reason=reason,
            token=token and _own_token(author, token),
            detail=facts,
            undoes=undoes,
        )
        self.id: int = connection.execute(row.returning(tables.act.c.id)).scalar_one()

    def change(
        self, before: StoredTurn, turn: Turn, *, voice: Voice | None, read_by: int | None
    ) -> StoredTurn:
        """Give a turn other words, voice, times, doubts or state.

        WithdrawnWordsError where it would put other words in place of withdrawn ones, LockedTextError
        where a licence allows no other words at all.
        """
        if (turn.words, turn.label) != (before.turn.words, before.turn.label):
            self._refuse_withdrawn(before, turn.text)
        if (turn.text, turn.label) != (before.turn.text, before.turn.label):
            self._refuse_locked(before.episode_id, before.edition)
        self._keep_first(before)
        after = replace(before, turn=turn, voice=voice, read_by=read_by, version=before.version + 1)
        here = schema.turn.c.id == before.id
        self._connection.execute(
            update(schema.turn).where(here).values(_columns(after) | {"version": after.version})
        )
        self._keep(after, before.version)
        self._turns[after.id] = after
        return after

    def add(
        self,
        follows: StoredTurn | None,
        turn: Turn,
        *,
        episode_id: int,
        edition: Edition,
        voice: Voice | None,
        read_by: int | None,
        kin: int | None = None,
        again: tuple[int, int] | None = None,  # the identity and last version of one that comes back
    ) -> StoredTurn:
        """Put a turn after another of its edition, or first; LockedTextError as for `change`."""
        self._refuse_locked(episode_id, edition)
        position = 0 if follows is None else follows.position + 1
        _shift(self._connection, in_edition(episode_id, edition), position, 1)
        identity, last = again or (None, None)
        version = 1 if last is None else last + 1
        values = {"episode_id": episode_id, "edition": edition, "position": position, "version": version}
        if identity is not None:
            values["id"] = identity
        after = StoredTurn(0, episode_id, position, turn, voice, version, read_by, edition)
        added = insert(schema.turn).values(values | _columns(after)).returning(schema.turn.c.id)
        after = replace(after, id=self._connection.execute(added).scalar_one())
        self._keep(after, last, kin=kin)
        self._turns[after.id] = after
        return after

    def remove(self, before: StoredTurn, heir: int | None = None) -> None:
        """Take a turn away; `heir` is the turn that has its words now. Errors as for `change`."""
        self._refuse_withdrawn(before, None)
        self._refuse_locked(before.episode_id, before.edition)
        self._keep_first(before)
        here = beside(before) & (schema.turn.c.position == before.position - 1)
        follows = self._connection.execute(select(schema.turn.c.id).where(here)).scalar()
        self._connection.execute(delete(schema.turn).where(schema.turn.c.id == before.id))
        _shift(self._connection, beside(before), before.position + 1, -1)
        tombstone = replace(before, version=before.version + 1)
        self._keep(tombstone, before.version, gone=True, kin=heir, follows=follows)
        self._gone.append(before.id)

    def name_voice(self, voice: Any, name: str | None, attribution: str) -> None:
        """Say who a voice is; `voice` is a row of `read_voices`."""
        speaker_id = None if name is None else find_speaker(self._connection, voice.episode_id, name)
        self._connection.execute(
            update(schema.voice)
            .where(schema.voice.c.id == voice.id)
            .values(speaker_id=speaker_id, attribution=attribution)
        )
        self._voices.append([voice.id, [voice.name, voice.attribution], [name, attribution]])
        self._episodes[voice.episode_id] = None

    def close(self) -> Outcome:
        """Count the act among its episodes' revisions, and tell the index."""
        if self._voices:
            detail = self._facts | {"voices": self._voices}
            here = tables.act.c.id == self.id
            self._connection.execute(update(tables.act).where(here).values(detail=detail))
        account_id = self._author.account_id
        for episode_id in sorted(self._episodes):
            record_act(self._connection, episode_id, self._kind, {}, self._now, account_id, self.id)
            log_change(self._connection, episode_id, self._now)
        turns = sorted(self._turns.values(), key=reading_order)
        left = tuple(stored for stored in turns if stored.id not in self._gone)
        return Outcome(left, self.id, tuple(self._gone))

    def _refuse_locked(self, episode_id: int, edition: Edition) -> None:
        """Refuse to change a text whose licence forbids it.

        Its publisher's own new version may come in, and be taken back.
        """
        if self._kind not in (ActKind.IMPORT, ActKind.UNDO) and (episode_id, edition) not in self._unlocked:
            refuse_locked(self._connection, episode_id, edition)
            self._unlocked.add((episode_id, edition))

    def _refuse_withdrawn(self, held: StoredTurn, typed: str | None) -> None:
        if held.episode_id not in self._withdrawn:
            self._withdrawn[held.episode_id] = read_withdrawn(self._connection, [held.episode_id])
        withdrawn = self._withdrawn[held.episode_id]
        if withdrawn.touches(held.turn, held.episode_id, held.id, held.edition):
            raise WithdrawnWordsError(
                f"words of turn {held.id} are withdrawn",
                turn_id=held.id,
                version=held.version,
                typed=typed,
                current=hide_withdrawn(held, withdrawn),
            )

    def _keep_first(self, before: StoredTurn) -> None:
        if before.version == 0:
            self._insert_version(before, None, act_id=None)

    def _keep(self, after: StoredTurn, before: int | None, **fate: Any) -> None:
        self._episodes[after.episode_id] = None
        self._insert_version(after, before, act_id=self.id, **fate)

    def _insert_version(self, held: StoredTurn, before: int | None, **fate: Any) -> None:
        speaker = None if held.voice is None else held.voice.name
        values = {"turn_id": held.id, "episode_id": held.episode_id, "edition": held.edition}
        values |= {"version": held.version}
        self._connection.execute(
            insert(tables.turn_version).values(
                values | _columns(held) | {"before": before, "speaker": speaker} | fate
            )
        )


def take_turns(connection: Connection, turn_ids: Iterable[int]) -> dict[int, StoredTurn]:
    """Take the episodes of these turns for an act, and read the turns that are there."""
    wanted = list(dict.fromkeys(turn_ids))
    for part in _parts(sorted(wanted)):
        _lock(connection, select(schema.turn.c.episode_id).where(schema.turn.c.id.in_(part)))
    return read_turns(connection, wanted)


def read_turns(connection: Connection, turn_ids: Sequence[int]) -> dict[int, StoredTurn]:
    """Read the turns that are there, however many, with all that is kept of them."""
    return {
        turn_id: stored
        for part in _parts(turn_ids)
        for turn_id, stored in get_turns(connection, part, public=False).items()
    }


def _parts(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[at : at + MAX_LISTED_IDS] for at in range(0, len(ids), MAX_LISTED_IDS))


def take_episodes(connection: Connection, episode_ids: Iterable[int]) -> None:
    """Make other acts on these episodes wait until this transaction ends; SQLite has one writer anyway."""
    _lock(connection, sorted(set(episode_ids)))


def _lock(connection: Connection, episodes: Any) -> None:
    if connection.dialect.name != "sqlite":
        query = select(schema.episode.c.id).where(schema.episode.c.id.in_(episodes))
        connection.execute(query.order_by(schema.episode.c.id).with_for_update())


def at_version(
    connection: Connection, held: Mapping[int, StoredTurn], turn_id: int, version: int
) -> StoredTurn:
    """Find a turn that was taken; TurnGoneError or TurnConflictError unless it is there at this version."""
    current = held.get(turn_id)
    if current is None:
        raise gone_turn(connection, turn_id, version, None)
    if current.version != version:
        raise stale_turn(current, version, None)
    return current


def stale_turn(current: StoredTurn, version: int, typed: str | None) -> TurnConflictError:
    """Make the error for a turn that is no longer at this version."""
    return TurnConflictError(
        f"turn {current.id} is at version {current.version}, not {version}",
        turn_id=current.id,
        version=version,
        typed=typed,
        current=current,
    )


def gone_turn(connection: Connection, turn_id: int, version: int, typed: str | None) -> TurnGoneError:
    """Make the error for a turn that is not there, with the turn that took its words."""
    heir, current = turn_id, None
    for _ in range(100):  # merges of merges
        query = (
            select(tables.turn_version.c.kin)
            .where(tables.turn_version.c.turn_id == heir, tables.turn_version.c.gone)
            .order_by(tables.turn_version.c.version.desc())
            .limit(1)
        )
        taker = connection.execute(query).scalar()
        if taker is None:
            break
        heir = taker
        if current := get_turns(connection, [heir], public=False).get(heir):
            break
    return TurnGoneError(
        f"turn {turn_id} is gone", turn_id=turn_id, version=version, typed=typed, current=current
    )


def find_repeated(connection: Connection, author: Author, token: str | None) -> Outcome | None:
    """Return what an act left if the page that sends it had sent it already."""
    if token is None:
        return None
    query = select(tables.act.c.id).where(tables.act.c.token == _own_token(author, token))
    act_id = connection.execute(query).scalar()
    if act_id is None:
        return None
    versions = tables.turn_version.c
    rows = connection.execute(select(versions.turn_id).where(versions.act_id == act_id)).scalars()
    touched = list(rows)
    held = read_turns(connection, touched)
    turns = sorted(held.values(), key=reading_order)
    return Outcome(tuple(turns), act_id, tuple(turn_id for turn_id in touched if turn_id not in held))


def find_voice(
    connection: Connection, episode_id: int, *, number: int | None = None, name: str | None = None
) -> Voice | None:
    """Find a voice of an episode by its number, or else the first that has this name."""
    here = schema.voice.c.episode_id == episode_id
    wanted = schema.speaker.c.name == name if number is None else schema.voice.c.number == number
    for row in read_voices(connection, here & wanted):
        return Voice(row.id, row.number, row.name, Attribution(row.attribution))
    return None


def read_voices(connection: Connection, where: ColumnElement[bool]) -> list[Row[Any]]:
    """Read voices with their names as they are kept, in order of episode and number."""
    query = (
        select(
            schema.voice.c.id,
            schema.voice.c.episode_id,
            schema.voice.c.number,
            schema.speaker.c.name,
            schema.voice.c.attribution,
        )
        .outerjoin(schema.speaker, schema.speaker.c.id == schema.voice.c.speaker_id)
        .where(where)
        .order_by(schema.voice.c.episode_id, schema.voice.c.number)
    )
    return list(connection.execute(query))


def add_voice(connection: Connection, episode_id: int, name: str) -> Voice:
    """Add a voice that no machine told apart."""
    here = schema.voice.c.episode_id == episode_id
    number = (connection.execute(select(func.max(schema.voice.c.number)).where(here)).scalar() or 0) + 1
    row = insert(schema.voice).values(
        episode_id=episode_id,
        number=number,
        speaker_id=find_speaker(connection, episode_id, name),
        attribution=Attribution.HUMAN,
    )
    identity: int = connection.execute(row.returning(schema.voice.c.id)).scalar_one()
    return Voice(identity, number, name, Attribution.HUMAN)


def _columns(held: StoredTurn) -> dict[str, Any]:
    turn = held.turn
    return {
        "kind": turn.kind,
        "label": turn.label,
        "voice_id": None if held.voice is None else held.voice.id,
        "start_ms": turn.start_ms,
        "end_ms": turn.end_ms,
        "words": pack_words(turn.words),
        "doubts": dump_doubts(turn.doubts),
        "state": turn.state,
        "read_by": held.read_by,
    }


def reading_order(held: StoredTurn) -> tuple[int, Edition, int]:
    """Give the key that puts turns in order: by episode, edition and place."""
    return held.episode_id, held.edition, held.position


def _shift(connection: Connection, here: ColumnElement[bool], first: int, by: int) -> None:
    """Move the turns from a position on, through negative numbers, so that no two meet on their way."""
    position = schema.turn.c.position
    connection.execute(
        update(schema.turn).where(here, position >= first).values(position=-(position + by) - 1)
    )
    connection.execute(update(schema.turn).where(here, position < 0).values(position=-position - 1))


def _own_token(author: Author, token: str) -> str:
    """Bind a page's token to its author, at a length that the column holds."""
    return hashlib.sha256(f"{author.account_id}\n{author.name}\n{token}".encode()).hexdigest()

"""What the queue and the ledger know, kept true an episode at a time.

The change log says which episodes changed; `follow_changes` marks them, and surveys a few of
those marked, oldest first. An episode's survey reads its turns once and writes its doubts, the
counts of its words, its minutes by state, and the machine's errors. Nothing here reads the whole
archive, and all of it can be made again: a catalogue that was never surveyed is, bit by bit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, literal, or_, select, true, update
from sqlalchemy.exc import IntegrityError

from media import schema
from media.changes import last_change, list_changes
from media.database import Database
from media.episodes import EpisodeStatus
from media.transcript import TurnKind, TurnState
from media.transcripts import StoredTurn, read_machine_transcript
from media.volunteering import tables
from media.volunteering.accuracy import Compared, compare_episode
from media.volunteering.doubts import Kind, Lexicon, find_doubts, find_voices
from media.volunteering.filing import IS_VOICE, file_doubts
from media.volunteering.glossary import read_terms
from media.volunteering.open_turns import get_open_turns, list_open_turns
from media.volunteering.rarity import (
    count_surveyed,
    list_words,
    move_counts,
    pack_set,
    read_spread,
    unpack_set,
)

LOG = "changes"
CHANGES_AT_ONCE = 500
EPISODES_AT_ONCE = 5  # surveyed by one call: a tenth of a second each, for ninety minutes


@dataclass(frozen=True, slots=True)
class Minutes:
    """An episode's speech by state, in milliseconds."""

    machine_ms: int = 0
    read_ms: int = 0
    validated_ms: int = 0
    doubtful_ms: int = 0  # in turns with a marked doubt, whatever their state


def follow_changes(database: Database, now: datetime, most: int = EPISODES_AT_ONCE) -> int:
    """Survey up to so many episodes of those that changed; returns how many were."""
    with database.write() as connection:
        mark_changed(connection)
        episodes = list_stale(connection, most)
    for episode_id in episodes:
        with database.write() as connection:
            survey_episode(connection, episode_id, now)
    return len(episodes)


def mark_changed(connection: Connection) -> None:
    """Note which episodes the change log names since it was last read; the first time, every one."""
    followed = tables.followed
    read = select(followed.c.change_id).where(followed.c.name == LOG).with_for_update()
    after = connection.execute(read).scalar()
    if after is None:
        try:
            with connection.begin_nested():
                connection.execute(insert(followed).values(name=LOG, change_id=last_change(connection)))
                _mark(connection, None)
        except IntegrityError:
            pass  # another worker began at the same moment, and marks them
        return
    changes = list_changes(connection, after, CHANGES_AT_ONCE)
    if changes:
        _mark(connection, sorted({change.episode_id for change in changes}))
        connection.execute(update(followed).where(followed.c.name == LOG).values(change_id=changes[-1].id))


def list_stale(connection: Connection, most: int) -> list[int]:
    """List episodes that are to be surveyed, the most listened to first."""
    played = func.coalesce(tables.listening.c.plays, 0)
    query = (
        select(tables.survey.c.episode_id)
        .outerjoin(tables.listening, tables.listening.c.episode_id == tables.survey.c.episode_id)
        .where(tables.survey.c.stale.is_(True))
        .order_by(played.desc(), tables.survey.c.episode_id)
        .limit(most)
    )
    return list(connection.execute(query).scalars())


def survey_episode(connection: Connection, episode_id: int, now: datetime) -> None:
    """Read an episode again, and write what is known of it; of one that nobody may read, nothing is.

    One survey at a time, on PostgreSQL by the lock of the log's row: they share the counts of words.
    """
    connection.execute(select(tables.followed.c.name).where(tables.followed.c.name == LOG).with_for_update())
    episode = _read_episode(connection, episode_id)
    before = connection.execute(
        select(tables.survey).where(tables.survey.c.episode_id == episode_id).with_for_update()
    ).first()
    if episode is None:
        _forget(connection, episode_id, before)
        return
    turns = list_open_turns(connection, episode_id)
    _survey_words(connection, turns, before)
    machine = read_machine_transcript(connection, episode_id) if _has_been_read(turns) else None
    source = machine.source if machine else ""
    _write_compared(connection, episode_id, source, compare_episode(machine, turns))
    minutes = measure_minutes(turns)
    _write_survey(connection, episode, turns, minutes, is_new=before is None)
    if before is not None:
        _count_month(connection, before, minutes, now)
    lexicon = read_lexicon(connection, episode.show_id, turns)
    file_doubts(connection, episode_id, find_doubts(turns, lexicon) if episode.has_audio else [], true())


def survey_turns(
    connection: Connection, episode_id: int, turn_ids: Sequence[int], *, voices: bool = False
) -> None:
    """Look again at a few turns of an episode, right after somebody changed them, and at its `voices`."""
    episode = _read_episode(connection, episode_id)
    if episode is None or not episode.has_audio:
        return
    changed = sorted(get_open_turns(connection, turn_ids).values(), key=lambda held: held.position)
    found = find_doubts(changed, read_lexicon(connection, episode.show_id, changed))
    words = [doubt for doubt in found if doubt.kind is not Kind.SPEAKER]
    file_doubts(connection, episode_id, words, tables.doubt.c.turn_id.in_(list(turn_ids)) & ~IS_VOICE)
    if voices:
        file_doubts(connection, episode_id, find_voices(list_open_turns(connection, episode_id)), IS_VOICE)


def measure_minutes(turns: Sequence[StoredTurn]) -> Minutes:
    """Add up the speech of an episode's turns by state."""
    by_state = dict.fromkeys(TurnState, 0)
    doubtful = 0
    for held in turns:
        turn = held.turn
        if turn.kind is TurnKind.SPEECH and turn.start_ms is not None and turn.end_ms is not None:
            by_state[turn.state] += turn.end_ms - turn.start_ms
            doubtful += (turn.end_ms - turn.start_ms) if turn.doubts else 0
    return Minutes(
        by_state[TurnState.MACHINE], by_state[TurnState.READ], by_state[TurnState.VALIDATED], doubtful
    )


def read_lexicon(connection: Connection, show_id: int, turns: Sequence[StoredTurn]) -> Lexicon:
    """Read what is known of the words of these turns."""
    spread = read_spread(connection, sorted(list_words(turns)))
    return Lexicon(read_terms(connection, show_id), spread, count_surveyed(connection))


def _mark(connection: Connection, episodes: Sequence[int] | None) -> None:
    """Mark these episodes' surveys stale, with an empty one for those that have none."""
    survey, episode = tables.survey, schema.episode
    chosen = episode.c.status == EpisodeStatus.READY if episodes is None else episode.c.id.in_(episodes)
    if episodes is not None:
        connection.execute(update(survey).where(survey.c.episode_id.in_(episodes)).values(stale=True))
    known = select(survey.c.episode_id).where(survey.c.episode_id == episode.c.id).exists()
    empty = {"revision": -1, "stale": True, "words": pack_set(())}
    empty |= {"machine_ms": 0, "read_ms": 0, "validated_ms": 0, "doubtful_ms": 0}
    columns = [literal(value, survey.c[name].type).label(name) for name, value in empty.items()]
    fresh = select(episode.c.id, *columns).where(chosen, ~known)
    connection.execute(insert(survey).from_select(["episode_id", *empty], fresh))


def _read_episode(connection: Connection, episode_id: int) -> Row[Any] | None:
    """Read an episode that the queue may ask about: it is ready, and public."""
    query = select(
        schema.episode.c.id,
        schema.episode.c.show_id,
        schema.episode.c.revision,
        schema.episode.c.listening_sha256.is_not(None).label("has_audio"),
    ).where(
        schema.episode.c.id == episode_id,
        schema.episode.c.private.is_(False),
        or_(schema.episode.c.status == EpisodeStatus.READY, schema.episode.c.transcribed_at.is_not(None)),
    )
    return connection.execute(query).first()


def _has_been_read(turns: Sequence[StoredTurn]) -> bool:
    return any(held.turn.state is not TurnState.MACHINE for held in turns)


def _survey_words(connection: Connection, turns: Sequence[StoredTurn], before: Row[Any] | None) -> None:
    move_counts(connection, unpack_set(before.words if before else None), list_words(turns))


def _write_survey(
    connection: Connection, episode: Row[Any], turns: Sequence[StoredTurn], minutes: Minutes, *, is_new: bool
) -> None:
    values = {
        "revision": episode.revision,
        "stale": False,
        "words": pack_set(list_words(turns)),
        "machine_ms": minutes.machine_ms,
        "read_ms": minutes.read_ms,
        "validated_ms": minutes.validated_ms,
        "doubtful_ms": minutes.doubtful_ms,
    }
    if is_new:
        connection.execute(insert(tables.survey).values(episode_id=episode.id, **values))
        return
    connection.execute(update(tables.survey).where(tables.survey.c.episode_id == episode.id).values(**values))


def _count_month(connection: Connection, before: Row[Any], after: Minutes, now: datetime) -> None:
    """Add what people did since the last survey to this month; what was undone is taken off again.

    The first survey of an episode counts nothing: what people did before it has no date.
    """
    if before.revision < 0:
        return
    done, month = tables.month_done, f"{now:%Y-%m}"
    steps = {
        "read_ms": after.read_ms + after.validated_ms - before.read_ms - before.validated_ms,
        "validated_ms": after.validated_ms - before.validated_ms,
    }
    if not any(steps.values()):
        return
    added = {name: done.c[name] + step for name, step in steps.items()}
    if not connection.execute(update(done).where(done.c.month == month).values(**added)).rowcount:
        connection.execute(insert(done).values(month=month, **steps))


def _write_compared(connection: Connection, episode_id: int, source: str, compared: Compared) -> None:
    for table in (tables.accuracy, tables.replacement):
        connection.execute(delete(table).where(table.c.episode_id == episode_id))
    here = {"episode_id": episode_id}
    tallies = [
        here | {"model": source[:200], "speaker": name[:200], "words": words, "errors": errors}
        for name, (words, errors) in compared.tallies.items()
    ]
    pairs = [
        here | {"heard": heard, "written": written, "count": count}
        for (heard, written), count in compared.replaced.items()
    ]
    if tallies:
        connection.execute(insert(tables.accuracy), tallies)
    if pairs:
        connection.execute(insert(tables.replacement), pairs)


def _forget(connection: Connection, episode_id: int, before: Row[Any] | None) -> None:
    """Keep nothing of an episode that is gone, or that nobody may read."""
    if before is not None:
        move_counts(connection, unpack_set(before.words), set())
    for table in (tables.survey, tables.doubt, tables.accuracy, tables.replacement):
        connection.execute(delete(table).where(table.c.episode_id == episode_id))

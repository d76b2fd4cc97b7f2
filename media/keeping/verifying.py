"""Verify a catalogue against itself: what the database, its references, its history and its counts say.

Everything is read in one snapshot, whatever is written meanwhile, so that what is found is there.
What a check looks for is what acts and steps promise (FAULTS I1, I2, I4): nothing here is guessed,
and a sound archive has no finding.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Text, and_, cast, exists, func, literal_column, or_, select, text
from sqlalchemy.exc import SQLAlchemyError

import media.people.tables
import media.quotes.tables
import media.texts.alignment
import media.texts.tables
import media.volunteering.tables  # noqa: F401 -- every table is to be looked at
from media import schema
from media.correction import tables
from media.database import Database
from media.episodes import EpisodeStatus
from media.errors import N_, Message
from media.keeping.findings import Finding, FindingKind
from media.packing import load_doubts, load_transcript
from media.transcript import Edition, Turn, TurnKind, TurnState, unpack_words

Progress = Callable[[int], None]  # how many rows more were looked at
ROWS_AT_ONCE = 200
MAX_LISTED = 500  # values in one SQL list
MAX_REASONS = 20  # that one damaged file gives


class Acknowledged(NamedTuple):
    """A save that somebody was told is kept: a turn's text at a version."""

    turn_id: int
    version: int
    text: str


def verify_catalogue(database: Database, on_progress: Progress | None = None) -> list[Finding]:
    """List what is wrong with the catalogue, in the order in which it matters."""
    with database.snapshot() as connection:
        return list_findings(connection, on_progress or (lambda _: None))


def list_findings(connection: Connection, looked_at: Progress) -> list[Finding]:
    """List what is wrong with the catalogue as a transaction sees it."""
    damaged = list(_check_engine(connection))
    if damaged:  # whatever else would be found, comes of that
        return damaged
    return [
        *_check_references(connection),
        *_check_episodes(connection),
        *_check_duplicates(connection),
        *_check_revisions(connection),
        *_check_turns(connection, looked_at),
        *_check_history(connection),
        *_check_machine_transcripts(connection, looked_at),
    ]


def find_lost(connection: Connection, acknowledged: Iterable[Acknowledged]) -> list[Acknowledged]:
    """List the acknowledged saves that history does not hold (FAULTS I1)."""
    wanted = list(acknowledged)
    version, held = tables.turn_version.c, set()
    for at in range(0, len(wanted), MAX_LISTED):
        ids = {save.turn_id for save in wanted[at : at + MAX_LISTED]}
        query = select(version.turn_id, version.version, version.words).where(version.turn_id.in_(ids))
        held |= {
            Acknowledged(row.turn_id, row.version, _text(row.words)) for row in connection.execute(query)
        }
    return [save for save in wanted if save not in held]


def _check_engine(connection: Connection) -> Iterator[Finding]:
    """Ask SQLite whether its file is whole; on PostgreSQL, whose pages have no such check, read every row."""
    said = N_("The catalogue is damaged: %(reason)s. Restore a backup.")
    if connection.dialect.name == "sqlite":
        verdicts = connection.execute(text(f"PRAGMA integrity_check({MAX_REASONS})")).scalars()
        yield from (
            Finding(FindingKind.DAMAGED, Message(said, {"reason": verdict}))
            for verdict in verdicts
            if verdict != "ok"
        )
        return
    for table in schema.metadata.sorted_tables:
        try:
            with connection.begin_nested(), _stream(connection, select(table)) as rows:
                for _ in rows:
                    pass
        except SQLAlchemyError as error:
            reason = str(getattr(error, "orig", None) or error).splitlines()[0]
            yield Finding(
                FindingKind.DAMAGED, Message(said, {"reason": f"{table.name}: {reason}"}), table.name
            )


def _check_references(connection: Connection) -> Iterator[Finding]:
    said = N_("%(count)d rows of the table %(table)s point at a %(parent)s that is not there.")
    for table in schema.metadata.sorted_tables:
        for key in table.foreign_keys:
            parent = key.column.table.alias("parent")
            there = exists(select(literal_column("1")).where(parent.c[key.column.name] == key.parent))
            query = select(func.count()).select_from(table).where(key.parent.is_not(None), ~there)
            if count := connection.execute(query).scalar_one():
                parent_name = str(key.column.table.name)
                values: dict[str, str | int] = {"count": count, "table": table.name, "parent": parent_name}
                yield Finding(FindingKind.DANGLING, Message(said, values), table.name)


def _check_episodes(connection: Connection) -> Iterator[Finding]:
    """Find episodes that are neither waiting, worked on, ready, skipped nor failed for a reason (I2)."""
    said = N_("The episode %(number)d, “%(title)s”, is %(status)s, but nothing says what becomes of it.")
    episode, progress = schema.episode.c, schema.progress.c
    joined = schema.episode.outerjoin(schema.progress, progress.episode_id == episode.id)
    cause = cast(progress.failure, Text)
    adrift = or_(
        episode.status.not_in(list(EpisodeStatus)),
        and_(episode.status == EpisodeStatus.WORKING, progress.run.is_(None)),
        # A cause that is JSON's null is none, as well.
        and_(episode.status == EpisodeStatus.FAILED, func.coalesce(cause, "null") == "null"),
    )
    query = select(episode.id, episode.title, episode.status).select_from(joined).where(adrift)
    for row in connection.execute(query.order_by(episode.id)):
        values = {"number": row.id, "title": row.title, "status": row.status}
        yield Finding(FindingKind.STUCK, Message(said, values), row.id)


def _check_duplicates(connection: Connection) -> Iterator[Finding]:
    """Find episodes of one show with one audio file: the later one should have been folded into the first."""
    said = N_("The episodes %(numbers)s of one show have the same audio file.")
    episode = schema.episode.c
    query = (
        select(episode.show_id, episode.original_sha256, episode.id)
        .where(episode.original_sha256.is_not(None))
        .order_by(episode.show_id, episode.original_sha256, episode.id)
    )
    for _, same in groupby(connection.execute(query), key=lambda row: row[:2]):
        numbers = [row.id for row in same]
        if len(numbers) > 1:
            listed = ", ".join(map(str, numbers))
            yield Finding(FindingKind.DUPLICATE, Message(said, {"numbers": listed}), numbers[0])


def _check_revisions(connection: Connection) -> Iterator[Finding]:
    """Find episodes whose acts are not numbered from 1 to their revision."""
    said = N_("The episode %(number)d is at revision %(revision)d, but its history counts %(count)d.")
    episode, revision = schema.episode.c, schema.revision.c
    joined = schema.episode.outerjoin(schema.revision, revision.episode_id == episode.id)
    count, last = func.count(revision.id), func.coalesce(func.max(revision.number), 0)
    query = (
        select(episode.id, episode.revision, count.label("held"))
        .select_from(joined)
        .group_by(episode.id, episode.revision)
        .having(or_(count != episode.revision, last != episode.revision))
    )
    for row in connection.execute(query.order_by(episode.id)):
        values = {"number": row.id, "revision": row.revision, "count": row.held}
        yield Finding(FindingKind.HISTORY, Message(said, values), row.id)


def _check_turns(connection: Connection, looked_at: Progress) -> Iterator[Finding]:
    """Find turns that cannot be read, or that are not counted from 0, one by one, in their edition."""
    unreadable = N_("The turn %(turn)d of the episode %(number)d cannot be read: %(reason)s.")
    disorder = N_("The turns of the episode %(number)d are not in one row: %(edition)s.")
    turn = schema.turn.c
    query = select(schema.turn).order_by(turn.episode_id, turn.edition, turn.position)
    with _stream(connection, query) as rows:
        for (episode_id, edition), turns in groupby(rows, key=lambda row: (row.episode_id, row.edition)):
            positions = []
            for row in turns:
                positions.append(row.position)
                if reason := _unreadable(row):
                    values = {"turn": row.id, "number": episode_id, "reason": reason}
                    yield Finding(FindingKind.UNREADABLE, Message(unreadable, values), episode_id)
            if positions != list(range(len(positions))):
                values = {"number": episode_id, "edition": edition}
                yield Finding(FindingKind.DISORDER, Message(disorder, values), episode_id)
            looked_at(len(positions))


def _unreadable(row: Row[Any]) -> str | None:
    """Say what of a turn's row is nothing that we write; None: it is as it should be."""
    try:
        Edition(row.edition)
        words, doubts = unpack_words(row.words), load_doubts(row.doubts)
        Turn(words, kind=TurnKind(row.kind), state=TurnState(row.state), doubts=doubts)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        return str(error)[:200]
    if any(not 0 <= doubt.first_word <= doubt.last_word < len(words) for doubt in doubts):
        return "a doubt is about words that are not there"
    return None


def _check_history(connection: Connection) -> Iterator[Finding]:
    """Find turns that are not what their history ends with."""
    said = N_("The turn %(turn)d of the episode %(number)d is not what its history ends with.")
    turn, version = schema.turn.c, tables.turn_version.c
    last = select(version.turn_id, func.max(version.version).label("version")).group_by(version.turn_id)
    newest = last.subquery()
    joined = tables.turn_version.join(
        newest, and_(newest.c.turn_id == version.turn_id, newest.c.version == version.version)
    ).outerjoin(schema.turn, turn.id == version.turn_id)
    ended = (
        select(
            version.turn_id, version.episode_id, version.version, version.gone, version.words, version.kind,
            version.label, version.state, turn.id.label("held"), turn.version.label("held_version"),
            turn.words.label("held_words"), turn.kind.label("held_kind"), turn.label.label("held_label"),
            turn.state.label("held_state"),
        )
        .select_from(joined)
        .order_by(version.turn_id)
    )  # fmt: skip
    with _stream(connection, ended) as rows:
        for row in rows:
            if not _ends_so(row):
                values = {"turn": row.turn_id, "number": row.episode_id}
                yield Finding(FindingKind.HISTORY, Message(said, values), row.episode_id)
    kept = exists(select(version.id).where(version.turn_id == turn.id, version.version == turn.version))
    without = select(turn.id, turn.episode_id).where(turn.version > 0, ~kept)
    for row in connection.execute(without):
        values = {"turn": row.id, "number": row.episode_id}
        yield Finding(FindingKind.HISTORY, Message(said, values), row.episode_id)


def _ends_so(row: Row[Any]) -> bool:
    """Tell whether a turn is as its last version says; aligning changes times, and no version."""
    if row.gone or row.held is None:
        return bool(row.gone) and row.held is None
    told = (row.version, row.kind, row.label, row.state)
    if (row.held_version, row.held_kind, row.held_label, row.held_state) != told:
        return False
    return row.words == row.held_words or _text(row.words) == _text(row.held_words)


def _text(packed: str) -> str:
    try:
        return " ".join(word.text for word in unpack_words(packed))
    except (ValueError, TypeError, RecursionError):
        return packed  # told of as unreadable


def _check_machine_transcripts(connection: Connection, looked_at: Progress) -> Iterator[Finding]:
    said = N_("What the machine first made of the episode %(number)d cannot be read: %(reason)s.")
    held = schema.machine_transcript.c
    with _stream(connection, select(held.episode_id, held.content).order_by(held.id), at_once=10) as rows:
        for row in rows:
            try:
                load_transcript(row.content)
            except Exception as error:  # noqa: BLE001 -- whatever decompressing and decoding damage raises
                values = {"number": row.episode_id, "reason": str(error)[:200]}
                yield Finding(FindingKind.UNREADABLE, Message(said, values), row.episode_id)
            looked_at(1)


def _stream(connection: Connection, query: Any, at_once: int = ROWS_AT_ONCE) -> Any:
    return connection.execute(query, execution_options={"yield_per": at_once})

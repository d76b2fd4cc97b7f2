"""What the queue and the ledger know, kept true an episode at a time.

The change log says which episodes changed; `follow_changes` marks them, and surveys a few of
those marked. An episode's survey reads its turns once and writes its doubts, the counts of its
words, its minutes by state, and the machine's errors. Nothing here reads the whole archive, and
all of it can be made again: a catalogue that was never surveyed is, bit by bit.

Whoever saves a turn does not wait for this: it looks before it writes, works out what it found in
no transaction, and writes it only if the episode is still what it read; else it is taken later.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, Select, func, insert, literal, select, update
from sqlalchemy.exc import IntegrityError

from media import schema
from media.changes import last_change, list_changes
from media.database import Database
from media.episodes import EpisodeStatus
from media.volunteering import tables
from media.volunteering.doubts import Kind, find_doubts, find_voices
from media.volunteering.filing import IS_VOICE, file_doubts, file_findings
from media.volunteering.findings import find, read_lexicon, read_material, read_surveyed
from media.volunteering.open_turns import get_open_turns, list_open_turns
from media.volunteering.rarity import pack_set

LOG = "changes"
CHANGES_AT_ONCE = 500
EPISODES_AT_ONCE = 5  # surveyed by one call: half a second each, for ninety minutes
QUIET = timedelta(seconds=15)  # an episode that people are correcting is left until they pause
LATEST_CHANGES = 2_000  # looked at for it: more than are made in that time
AT_ONCE = timedelta(0)


def follow_changes(
    database: Database, now: datetime, most: int = EPISODES_AT_ONCE, quiet: timedelta = AT_ONCE
) -> int:
    """Survey up to so many episodes of those that changed, `quiet` ago or more; returns how many were."""
    with database.read() as connection:
        moved = _has_moved(connection)
    if moved:
        while _mark_some(database):
            pass
    with database.read() as connection:
        episodes = list_stale(connection, most, _list_busy(connection, now - quiet) if quiet else ())
    return sum(survey_episode(database, episode_id, now) for episode_id in episodes)


def survey_episode(database: Database, episode_id: int, now: datetime) -> bool:
    """Read an episode again, and write what is known of it; of one that nobody may read, nothing is.

    False where there was nothing to do, or it changed meanwhile: it then is still to be surveyed.
    """
    with database.read() as connection:
        material = read_material(connection, episode_id)
    if material is None:
        return False
    findings = find(material)
    with database.write() as connection:
        # One at a time: they share the counts of words. On SQLite they are anyway.
        connection.execute(_log_row().with_for_update())
        return file_findings(connection, material, findings, now)


def survey_turns(
    connection: Connection, episode_id: int, turn_ids: Sequence[int], *, voices: bool = False
) -> None:
    """Look again at a few turns of an episode, right after somebody changed them, and at its `voices`.

    Only turns of the edition that leads are ever asked about.
    """
    episode = read_surveyed(connection, episode_id)
    if episode is None or not episode.has_audio:
        return
    held = get_open_turns(connection, turn_ids).values()
    leading = (turn for turn in held if turn.edition == episode.edition)
    changed = sorted(leading, key=lambda turn: turn.position)
    found = find_doubts(changed, read_lexicon(connection, episode.show_id, changed))
    words = [doubt for doubt in found if doubt.kind is not Kind.SPEAKER]
    file_doubts(connection, episode_id, words, tables.doubt.c.turn_id.in_(list(turn_ids)) & ~IS_VOICE)
    if voices:
        file_doubts(connection, episode_id, find_voices(list_open_turns(connection, episode_id)), IS_VOICE)


def list_stale(connection: Connection, most: int, busy: Collection[int] = ()) -> list[int]:
    """List episodes that are to be surveyed, the most listened to first, without those that are busy."""
    played = func.coalesce(tables.listening.c.plays, 0)
    query = (
        select(tables.survey.c.episode_id)
        .outerjoin(tables.listening, tables.listening.c.episode_id == tables.survey.c.episode_id)
        .where(tables.survey.c.stale.is_(True), tables.survey.c.episode_id.not_in(busy))
        .order_by(played.desc(), tables.survey.c.episode_id)
        .limit(most)
    )
    return list(connection.execute(query).scalars())


def _has_moved(connection: Connection) -> bool:
    after = connection.execute(_log_row()).scalar()
    return after is None or last_change(connection) > after


def _list_busy(connection: Connection, since: datetime) -> list[int]:
    """List the episodes that changed after a moment, by the end of the log."""
    change = schema.change.c
    latest = change.id > last_change(connection) - LATEST_CHANGES
    return list(
        connection.execute(
            select(change.episode_id).where(latest, change.made_at > since).distinct()
        ).scalars()
    )


def _mark_some(database: Database) -> bool:
    """Note which episodes the log names since it was last read, the first time every one.

    True if there may be more.
    """
    with database.write() as connection:
        after = connection.execute(_log_row().with_for_update()).scalar()
        if after is None:
            try:
                with connection.begin_nested():
                    values = {"name": LOG, "change_id": last_change(connection)}
                    connection.execute(insert(tables.followed).values(**values))
                    _mark(connection, None)
            except IntegrityError:
                pass  # another worker began at the same moment, and marks them
            return False
        changes = list_changes(connection, after, CHANGES_AT_ONCE)
        if changes:
            _mark(connection, sorted({change.episode_id for change in changes}))
            here = tables.followed.c.name == LOG
            connection.execute(update(tables.followed).where(here).values(change_id=changes[-1].id))
        return len(changes) == CHANGES_AT_ONCE


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


def _log_row() -> Select[int]:
    return select(tables.followed.c.change_id).where(tables.followed.c.name == LOG)

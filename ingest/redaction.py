"""The sound that the public hears: the listening copy without what was withdrawn of it.

An episode's listening copy is always the one that may be heard, so that no page, clip or download
needs to know; the copy with every sound in it is kept beside, served by nobody. From the act of
withdrawing until the silent copy is kept, which happens outside of any transaction, no sound is
served; where it could not be made, a worker tries again.
"""

import logging
from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy import Connection, delete, insert, select

from ingest.errors import AudioError
from ingest.sound.silencing import silence_peaks, silence_spans
from media import files, schema
from media.database import Database
from media.episodes import update_episode
from media.errors import MediaError
from media.files import AudioFile
from media.people import tables
from media.people.withdrawals import list_silenced
from media.store.values import AudioStore

log = logging.getLogger(__name__)

TRIES = 3  # of an episode of which more is withdrawn meanwhile


@dataclass(frozen=True, slots=True)
class _Owed:
    """A silent copy that is to be made."""

    whole: AudioFile
    spans: tuple[tuple[int, int], ...]
    peaks: bytes | None


def hold_back_copy(connection: Connection, episode_id: int) -> None:
    """Serve no sound of an episode until `redact_copy` has made the copy that may be heard, if one is owed.

    To be called in the transaction of whatever changes what is withdrawn, or the copy.
    """
    held = tables.redaction
    kept = connection.execute(select(held.c.whole_sha256).where(held.c.episode_id == episode_id)).scalar()
    is_silenced = bool(list_silenced(connection, episode_id))
    if kept is None and not is_silenced:
        return
    own = select(schema.episode.c.listening_sha256).where(schema.episode.c.id == episode_id)
    whole = kept or connection.execute(own).scalar()
    if whole is None:
        return
    if not is_silenced:
        forget_whole_copy(connection, episode_id)
    elif kept is None:
        connection.execute(insert(held).values(episode_id=episode_id, whole_sha256=whole))
    update_episode(connection, episode_id, {"listening_sha256": None if is_silenced else whole})


def redact_copy(database: Database, store: AudioStore, episode_id: int) -> None:
    """Make the copy of an episode that may be heard, where one is owed; logged where it cannot be made."""
    for _ in range(TRIES):
        with database.read() as connection:
            owed = _read_owed(connection, episode_id)
        made = None if owed is None else _silence(store, owed)
        if made is None:
            return
        with database.write() as connection:
            if _read_owed(connection, episode_id) == owed:
                files.add_audio(connection, made)
                update_episode(connection, episode_id, {"listening_sha256": made.sha256})
                return


def redact_owed(database: Database, store: AudioStore) -> None:
    """Make the copies that could not be made when something was withdrawn: the storage was down, say."""
    query = (
        select(tables.redaction.c.episode_id)
        .join(schema.episode, schema.episode.c.id == tables.redaction.c.episode_id)
        .where(schema.episode.c.listening_sha256.is_(None))
    )
    with database.read() as connection:
        owed = connection.execute(query).scalars().all()
    for episode_id in owed:
        redact_copy(database, store, episode_id)


def forget_whole_copy(connection: Connection, episode_id: int) -> None:
    """Say that an episode's listening copy has every sound in it: it was just made."""
    connection.execute(delete(tables.redaction).where(tables.redaction.c.episode_id == episode_id))


def _read_owed(connection: Connection, episode_id: int) -> _Owed | None:
    held, episode = tables.redaction.c, schema.episode.c
    query = (
        select(held.whole_sha256)
        .join(schema.episode, episode.id == held.episode_id)
        .where(held.episode_id == episode_id, episode.listening_sha256.is_(None))
    )
    whole = files.get_audio(connection, connection.execute(query).scalar() or "")
    spans = tuple(list_silenced(connection, episode_id))
    if whole is None or not spans:
        return None
    return _Owed(whole, spans, files.get_peaks(connection, whole.sha256))


def _silence(store: AudioStore, owed: _Owed) -> AudioFile | None:
    """Keep a copy with these stretches silent; None, logged, where it cannot be made."""
    whole = owed.whole
    try:
        arriving = store.incoming_path(f"silenced-{uuid4().hex}{whole.suffix}")
        with store.at_hand(whole.sha256, whole.suffix) as path:
            silence_spans(path, owed.spans, arriving)
        sha256, size = files.hash_file(arriving), arriving.stat().st_size
        store.keep(arriving, sha256, whole.suffix)
    except (AudioError, MediaError, OSError) as error:
        log.warning("%s: no copy without what was withdrawn; none is served: %s", whole.sha256, error)
        return None
    drawn = None if owed.peaks is None else silence_peaks(owed.peaks, owed.spans)
    return AudioFile(sha256, whole.suffix, whole.media_type, size, whole.duration_ms, drawn)

"""The sound that the public hears: the listening copy without what was withdrawn of it.

An episode's listening copy is always the one that may be heard, so that no page, clip or download
needs to know; the copy with every sound in it is kept beside, served by nobody. Where the silent
one cannot be made, no sound is served.
"""

import logging
from pathlib import Path

from sqlalchemy import Connection, delete, insert, select

from ingest.errors import AudioError
from ingest.sound.silencing import silence_peaks, silence_spans
from media import files, schema
from media.episodes import update_episode
from media.errors import StorageError
from media.people import tables
from media.people.withdrawals import list_silenced

log = logging.getLogger(__name__)


def redact_copy(connection: Connection, folder: Path, episode_id: int) -> None:
    """Make an episode's listening copy agree with what is withdrawn of it now."""
    held = tables.redaction
    kept = connection.execute(select(held.c.whole_sha256).where(held.c.episode_id == episode_id)).scalar()
    spans = list_silenced(connection, episode_id)
    if kept is None and not spans:
        return
    own = select(schema.episode.c.listening_sha256).where(schema.episode.c.id == episode_id)
    whole = kept or connection.execute(own).scalar()
    if whole is None:
        return
    heard: str | None = whole
    if spans:
        heard = _silence(connection, folder, whole, spans)
        if kept is None:
            connection.execute(insert(held).values(episode_id=episode_id, whole_sha256=whole))
    else:
        forget_whole_copy(connection, episode_id)
    update_episode(connection, episode_id, {"listening_sha256": heard})


def forget_whole_copy(connection: Connection, episode_id: int) -> None:
    """Say that an episode's listening copy has every sound in it: it was just made."""
    connection.execute(delete(tables.redaction).where(tables.redaction.c.episode_id == episode_id))


def _silence(connection: Connection, folder: Path, whole: str, spans: list[tuple[int, int]]) -> str | None:
    """Keep a copy with these stretches silent and return its hash; None, logged, where it cannot be made."""
    row = files.get_audio(connection, whole)
    if row is None:
        return None
    path = files.audio_path(folder, row.sha256, row.suffix)
    try:
        arriving = files.incoming_path(folder, f"silenced-{whole[:16]}{row.suffix}")
        silence_spans(path, spans, arriving)
        sha256, size = files.hash_file(arriving), arriving.stat().st_size
        files.keep_file(folder, arriving, sha256, row.suffix)
    except (AudioError, StorageError, OSError):
        log.exception("%s: no copy without what was withdrawn; none is served", path)
        return None
    peaks = files.get_peaks(connection, whole)
    drawn = None if peaks is None else silence_peaks(peaks, spans)
    kept = files.AudioFile(sha256, row.suffix, row.media_type, size, row.duration_ms, drawn)
    files.add_audio(connection, kept)
    return sha256

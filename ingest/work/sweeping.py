"""Now and then: remove what killed processes left half-written, make the silent copies that are owed."""

import logging
import time
from contextlib import suppress
from pathlib import Path

from ingest.redaction import redact_owed
from media.database import Database
from media.episodes import EpisodeStatus, get_episodes
from media.errors import MediaError
from media.store.folder import on_disk
from media.store.values import AudioStore

log = logging.getLogger(__name__)

ABANDONED_S = 24 * 3600  # no file takes a day to be written
UNFINISHED = (EpisodeStatus.WAITING, EpisodeStatus.WORKING, EpisodeStatus.FAILED)


def look_after_audio(store: AudioStore, database: Database) -> None:
    """Sweep what is half-written, and make the copies that are owed; what fails is done another time."""
    try:
        sweep_incoming(store, database)
        redact_owed(database, store)
    except MediaError as error:
        log.warning("the audio is not looked after: %s", error)


def sweep_incoming(store: AudioStore, database: Database) -> None:
    """Remove half-written files that nothing has been added to for a day, and downloads that nobody awaits.

    A partial download is kept for as long as its episode may resume it. The folder may be shared with
    other machines, whose clocks are not ours by some minutes.
    """
    parts: dict[Path, int] = {}
    incoming = store.incoming_path("")
    with on_disk(incoming):
        found = list(incoming.iterdir())
    for path in found:
        if (number := _episode_of(path)) is not None:
            parts[path] = number
            continue
        with suppress(FileNotFoundError):  # kept, or swept by another, meanwhile
            if time.time() - path.stat().st_mtime > ABANDONED_S:
                path.unlink()
    with database.read() as connection:
        held = get_episodes(connection, set(parts.values()))
    for path, number in parts.items():
        if number not in held or held[number].status not in UNFINISHED:
            path.unlink(missing_ok=True)


def _episode_of(path: Path) -> int | None:
    begin, _, rest = path.name.partition("-")
    number = rest.partition(".")[0]
    return int(number) if begin == "episode" and number.isdecimal() else None

"""Remove what killed processes left half-written, once nobody can take it up any more."""

import time
from pathlib import Path

from media.database import Database
from media.episodes import EpisodeStatus, get_episodes
from media.files import incoming_path
from media.settings import Settings

ABANDONED_S = 24 * 3600  # no file takes a day to copy
UNFINISHED = (EpisodeStatus.WAITING, EpisodeStatus.WORKING, EpisodeStatus.FAILED)


def sweep_incoming(settings: Settings, database: Database, worker: str) -> None:
    """Remove this worker's own half-written copies, stale additions, and downloads that nobody awaits.

    A partial download is kept for as long as its episode may resume it.
    """
    incoming = incoming_path(settings.audio_folder, "")
    for path in incoming.glob(f"*copy-*-{worker}.mp3*"):
        path.unlink(missing_ok=True)
    for path in incoming.glob("add-*"):
        if time.time() - path.stat().st_mtime > ABANDONED_S:
            path.unlink(missing_ok=True)
    parts = {path: number for path in incoming.glob("episode-*") if (number := _episode_of(path))}
    with database.read() as connection:
        held = get_episodes(connection, parts.values())
    for path, number in parts.items():
        if number not in held or held[number].status not in UNFINISHED:
            path.unlink(missing_ok=True)


def _episode_of(path: Path) -> int | None:
    number = path.name.removeprefix("episode-").partition(".")[0]
    return int(number) if number.isdecimal() else None

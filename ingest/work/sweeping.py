"""Remove what killed processes left half-written, once nobody can take it up any more."""

import time
from contextlib import suppress
from pathlib import Path

from media.database import Database
from media.episodes import EpisodeStatus, get_episodes
from media.store.values import AudioStore

ABANDONED_S = 24 * 3600  # no file takes a day to be written
UNFINISHED = (EpisodeStatus.WAITING, EpisodeStatus.WORKING, EpisodeStatus.FAILED)


def sweep_incoming(store: AudioStore, database: Database) -> None:
    """Remove half-written files that nothing has been added to for a day, and downloads that nobody awaits.

    A partial download is kept for as long as its episode may resume it. The folder may be shared with
    other machines, whose clocks are not ours by some minutes.
    """
    parts: dict[Path, int] = {}
    for path in store.incoming_path("").iterdir():
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

"""Copy an archive's audio from one place to another, verified, while everything runs.

What the target holds in full already is left, so that a copy that was cut down goes on, and one run
again takes only what came since. Nothing is deleted: the old place is a backup until its owner says
otherwise.
"""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy import select

from media import schema
from media.database import Database
from media.store.errors import AudioDamagedError, AudioMissingError
from media.store.values import AudioStore, name_file

ROUNDS = 10  # over what is kept meanwhile

Progress = Callable[[int, int], None]  # files that were looked at, of so many


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file that the catalogue knows."""

    sha256: str
    suffix: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Moved:
    """What a copy did."""

    copied: int
    size_bytes: int  # of those
    lost: tuple[str, ...]  # names of files that the old place lacks, or has damaged


def copy_audio(database: Database, source: AudioStore, target: AudioStore, on_progress: Progress) -> Moved:
    """Copy all audio of a catalogue; StorageError where it cannot go on, and what was copied stays."""
    copied, size_bytes, lost = 0, 0, dict[str, None]()
    for _ in range(ROUNDS):
        wanted = [file for file in list_missing(database, target) if _name(file) not in lost]
        for number, file in enumerate(wanted):
            on_progress(number, len(wanted))
            waiting = target.incoming_path(f"move-{uuid4().hex}")
            try:
                source.fetch(file.sha256, file.suffix, waiting)
                target.keep(waiting, file.sha256, file.suffix)
                copied, size_bytes = copied + 1, size_bytes + file.size_bytes
            except (AudioMissingError, AudioDamagedError):
                lost[_name(file)] = None
            finally:
                waiting.unlink(missing_ok=True)
        if not wanted:
            break
    return Moved(copied, size_bytes, tuple(lost))


def list_missing(database: Database, store: AudioStore) -> list[Wanted]:
    """List the files of the catalogue that a place lacks, or has in another size; one listing, no hash."""
    held = schema.audio.c
    with database.read() as connection:  # before the listing: what is kept meanwhile is not missing
        rows = connection.execute(select(held.sha256, held.suffix, held.size_bytes).order_by(held.sha256))
        wanted = [Wanted(*row) for row in rows]
    there = {Wanted(file.sha256, file.suffix, file.size_bytes) for file in store.list_files()}
    return [file for file in wanted if file not in there]


def _name(file: Wanted) -> str:
    return name_file(file.sha256, file.suffix)

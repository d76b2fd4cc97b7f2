"""Audio on disk, named by its SHA-256: written under a temporary name, synced, then renamed.

A file named by its content cannot be half-written under its name, nor be taken for another.
The folder has one level of 256 subfolders; partial files wait in `incoming/`, on the same disk,
so that the last step is a rename.
"""

import hashlib
import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects import postgresql, sqlite

from media import schema
from media.errors import StorageError

READ_BYTES = 1 << 20
LEAST_FREE_BYTES = 2 << 30  # under this, doctor warns: a long episode and its copy may not fit


@dataclass(frozen=True, slots=True)
class AudioFile:
    """One kept audio file: its name, and what is known of its sound."""

    sha256: str
    suffix: str  # ".mp3"; ours, from the content, never from a feed
    media_type: str
    size_bytes: int
    duration_ms: int | None = None
    peaks: bytes | None = None  # loudest sample of each tenth of a second, 0 to 255


def audio_path(folder: Path, sha256: str, suffix: str) -> Path:
    """Say where the file of this name is, or would be."""
    return folder / sha256[:2] / f"{sha256}{suffix}"


def incoming_path(folder: Path, name: str) -> Path:
    """Say where a partial file of this name waits, and make that folder."""
    incoming = folder / "incoming"
    try:
        incoming.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"{incoming}: {error}", path=str(incoming), reason=str(error)) from error
    return incoming / name


def hash_file(path: Path) -> str:
    """Compute a file's SHA-256, a block at a time."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while block := file.read(READ_BYTES):
                digest.update(block)
    except OSError as error:
        raise StorageError(f"{path}: {error}", path=str(path), reason=str(error)) from error
    return digest.hexdigest()


def keep_file(folder: Path, complete: Path, sha256: str, suffix: str) -> Path:
    """Move a complete file, on the same disk, to its lasting name; durable when this returns."""
    lasting = audio_path(folder, sha256, suffix)
    try:
        lasting.parent.mkdir(parents=True, exist_ok=True)
        with complete.open("rb") as file:
            os.fsync(file.fileno())
        complete.replace(lasting)
        directory = os.open(lasting.parent, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
    except OSError as error:
        raise StorageError(f"{lasting}: {error}", path=str(lasting), reason=str(error)) from error
    return lasting


def check_disk(data: Path) -> str:
    """Say how much room is left for what we write; StorageError where it is too little."""
    try:
        data.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(data).free
    except OSError as error:
        raise StorageError(f"{data}: {error}", path=str(data), reason=str(error)) from error
    said = f"{data}, {free / (1 << 30):.0f} GiB"
    if free < LEAST_FREE_BYTES or not os.access(data, os.W_OK):
        raise StorageError(f"{data}: {free} bytes free", path=str(data), reason=said)
    return said


def add_audio(connection: Connection, file: AudioFile) -> None:
    """Insert the row of a kept file, or fill in what is newly known of it."""
    row = {
        "sha256": file.sha256,
        "suffix": file.suffix,
        "media_type": file.media_type,
        "size_bytes": file.size_bytes,
        "duration_ms": file.duration_ms,
        "peaks": file.peaks,
    }
    known = {name: value for name, value in row.items() if value is not None}
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = insert(schema.audio).values(row)
    connection.execute(statement.on_conflict_do_update(index_elements=["sha256"], set_=known))


def get_audio(connection: Connection, sha256: str) -> AudioFile | None:
    """Read the row of a kept file, without its peaks or where people speak."""
    columns = [column for column in schema.audio.c if column.name not in {"peaks", "speech"}]
    row = connection.execute(select(*columns).where(schema.audio.c.sha256 == sha256)).first()
    return None if row is None else AudioFile(**row._mapping)


def get_peaks(connection: Connection, sha256: str) -> bytes | None:
    """Read the peaks of a kept file."""
    return connection.execute(select(schema.audio.c.peaks).where(schema.audio.c.sha256 == sha256)).scalar()


def keep_speech(connection: Connection, sha256: str, speech: Iterable[tuple[int, int]]) -> None:
    """Keep where people speak in a listening copy, in ms."""
    spans = [list(span) for span in speech]
    connection.execute(update(schema.audio).where(schema.audio.c.sha256 == sha256).values(speech=spans))


def read_speech(connection: Connection, sha256: str) -> tuple[tuple[int, int], ...] | None:
    """Read where people speak in a listening copy; None where nobody looked."""
    spans = connection.execute(select(schema.audio.c.speech).where(schema.audio.c.sha256 == sha256)).scalar()
    return None if spans is None else tuple((start_ms, end_ms) for start_ms, end_ms in spans)

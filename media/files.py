"""What the catalogue knows of audio files, which `media.store` keeps: a row each, by SHA-256.

Kept files are never changed: a copy in which something is silenced has another name.
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
    """Say where the file of this name is, or would be, in a folder of audio."""
    return folder / sha256[:2] / f"{sha256}{suffix}"


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

"""Back an archive up into a folder while everything runs, each time whole, copying only what is new.

    audio/ab/abcd….mp3         by hash, shared by all backups of the folder
    2026-11-22T224032Z/        one backup: `catalogue.sqlite` as of one moment, whichever database it
                               was read from, and `manifest.json` with its hash, counts and schema

Audio goes first, then the catalogue is read at one moment, then the audio that came meanwhile: a
backup holds every file that its catalogue names. It takes its name once all of it is on the disk.
The work queue is in none: what it says was done may be undone by the restore, and an episode under
way costs no more than to begin it again.
"""

import fcntl
import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from media import schema
from media.database import Database
from media.errors import StorageError
from media.files import audio_path, hash_file
from media.keeping.copying import Tally, copy_rows, tally_rows
from media.keeping.errors import BackupBusyError, BackupDamagedError, NoBackupError
from media.keeping.moving import compare
from media.store.errors import AudioDamagedError, AudioMissingError
from media.store.folder import sync_folder
from media.store.values import AudioStore, name_file

FORMAT, VERSION = "entendu-backup", 1
CATALOGUE, MANIFEST, AUDIO = "catalogue.sqlite", "manifest.json", "audio"
PARTIAL = ".partial"
PRIVATE = 0o700  # it holds what is not public, and the hashes of passwords
TRIES = 3  # of reading the catalogue, where audio that it names was deleted meanwhile

Progress = Callable[[str, int], None]  # a table or "audio", and how many rows or files more
Sound = tuple[str, str]  # hash, suffix


@dataclass(frozen=True, slots=True)
class Backup:
    """A whole backup."""

    folder: Path
    made_at: datetime
    revision: str  # of the schema
    tables: Mapping[str, Tally]
    sha256: str  # of the catalogue's copy
    copied: int = 0  # audio files that were not there yet
    lost: tuple[str, ...] = ()  # audio that the archive itself had no more, or damaged


def write_backup(
    database: Database, store: AudioStore, to: Path, now: datetime, on_progress: Progress
) -> Backup:
    """Write a backup beside the earlier ones in a folder; StorageError leaves those as they were."""
    with _named(to), _alone(to):
        for stale in to.glob(f"*{PARTIAL}"):
            shutil.rmtree(stale)
        with database.read() as connection:
            sounds = _list_sounds(connection)
        copied = _copy_sounds(store, to / AUDIO, sounds, on_progress)[0]
        partial = to / f"{now:%Y-%m-%dT%H%M%SZ}{PARTIAL}"
        for attempt in range(1, TRIES + 1):
            partial.mkdir(PRIVATE)
            tables = _copy_catalogue(database, partial / CATALOGUE, on_progress)
            count, lost = _copy_sounds(store, to / AUDIO, _named_sounds(partial / CATALOGUE), on_progress)
            copied += count
            with database.read() as connection:
                gone = {*map(name_of, lost)} - {*map(name_of, _list_sounds(connection))}
            if not gone or attempt == TRIES:
                break
            shutil.rmtree(partial)  # what was deleted meanwhile is no part of a newer moment
        backup = Backup(
            to / partial.name.removesuffix(PARTIAL), now, database.find_revision() or "", tables,
            hash_file(partial / CATALOGUE), copied, tuple(map(name_of, lost)),
        )  # fmt: skip
        _write_manifest(partial / MANIFEST, backup)
        partial.rename(backup.folder)
        sync_folder(to)
    return backup


def name_of(sound: Sound) -> str:
    """Name a file as it lies in a folder of audio."""
    return name_file(*sound)


def list_backups(folder: Path) -> list[Backup]:
    """List the whole backups in a folder, oldest first."""
    manifests = sorted(folder.glob(f"*/{MANIFEST}"))
    return [read_backup(path.parent) for path in manifests if not path.parent.name.endswith(PARTIAL)]


def find_backup(folder: Path) -> Backup:
    """Find the backup that this folder is, or the latest in it; NoBackupError where there is none."""
    if (folder / MANIFEST).is_file():
        return read_backup(folder)
    held = list_backups(folder)
    if not held:
        raise NoBackupError(f"{folder} holds no backup", path=str(folder))
    return held[-1]


def read_backup(folder: Path) -> Backup:
    """Read what a backup says of itself; BackupDamagedError where that cannot be understood."""
    path = folder / MANIFEST
    try:
        held: dict[str, Any] = json.loads(path.read_bytes())
        if (held["format"], held["version"]) != (FORMAT, VERSION):
            raise ValueError("no manifest of ours")
        tables = {name: Tally(*tally) for name, tally in held["tables"].items()}
        made_at = datetime.fromisoformat(held["made_at"])
        return Backup(folder, made_at, held["revision"], tables, held["sha256"], lost=tuple(held["lost"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        reason = f"{path.name}: {error}"
        raise BackupDamagedError(f"{path}: {error!r}", path=str(folder), reason=reason) from error


def check_backup(backup: Backup) -> None:
    """Hold that a backup's catalogue is what was written; BackupDamagedError where it is not."""
    path = backup.folder / CATALOGUE
    if not path.is_file() or hash_file(path) != backup.sha256:
        reason = f"{CATALOGUE} is not what was written"
        raise BackupDamagedError(f"{path} is not {backup.sha256}", path=str(backup.folder), reason=reason)


def prune_backups(folder: Path, keep: int) -> list[Path]:
    """Remove all but the latest backups, and the audio that none of those names; return what was removed."""
    with _named(folder), _alone(folder):
        held = list_backups(folder)
        removed = [backup.folder for backup in held[:-keep]]
        for path in removed:
            (path / MANIFEST).unlink()  # from here on it is no backup
            shutil.rmtree(path)
        needed = {name for backup in held[-keep:] for name in _names_in(backup)}
        for path in (folder / AUDIO).glob("??/*") if removed else ():
            if path.relative_to(folder / AUDIO).as_posix() not in needed:
                path.unlink()
    return removed


def _names_in(backup: Backup) -> Iterator[str]:
    return map(name_of, _named_sounds(backup.folder / CATALOGUE))


def _copy_catalogue(database: Database, to: Path, on_progress: Progress) -> dict[str, Tally]:
    """Copy the catalogue as of one moment into a file of SQLite, whole on the disk when this returns."""
    if database.engine.dialect.name == "sqlite":
        with database.snapshot() as connection, closing(sqlite3.connect(to)) as copy:
            held = connection.connection.driver_connection
            assert isinstance(held, sqlite3.Connection)  # noqa: S101 -- for the type checker
            held.backup(copy)
    target = Database(f"sqlite:///{to}")
    try:
        if database.engine.dialect.name == "sqlite":
            with target.read() as connection:
                tables = tally_rows(connection)
        else:
            target.upgrade()
            with database.snapshot() as there, target.write() as here:
                tables = copy_rows(there, here, on_progress)
                compare(tables, tally_rows(here))
        target.check()
    finally:
        target.close()
    settle_file(to)
    return tables


def settle_file(path: Path) -> None:
    """Make a file of SQLite one file, without a log beside it, and have it last."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
    with path.open("rb") as file:
        os.fsync(file.fileno())
    sync_folder(path.parent)


def _list_sounds(connection: Connection) -> list[Sound]:
    rows = connection.execute(select(schema.audio.c.sha256, schema.audio.c.suffix))
    return sorted((row.sha256, row.suffix) for row in rows)


def _named_sounds(catalogue: Path) -> list[Sound]:
    with closing(sqlite3.connect(catalogue)) as connection:
        return sorted(connection.execute("SELECT sha256, suffix FROM audio"))


def _copy_sounds(
    store: AudioStore, to: Path, sounds: list[Sound], on_progress: Progress
) -> tuple[int, list[Sound]]:
    """Copy the audio that is not there yet, verified; return how many, and what there is no whole file of."""
    copied, lost = 0, []
    for sound in sounds:
        path = audio_path(to, *sound)
        if not path.is_file():
            path.parent.mkdir(PRIVATE, parents=True, exist_ok=True)
            arriving = path.with_name(path.name + PARTIAL)
            try:
                store.fetch(*sound, arriving)
            except (AudioMissingError, AudioDamagedError):
                lost.append(sound)
                continue
            with arriving.open("rb") as file:
                os.fsync(file.fileno())
            arriving.rename(path)
            sync_folder(path.parent)
            copied += 1
        on_progress(AUDIO, 1)
    return copied, lost


def _write_manifest(path: Path, backup: Backup) -> None:
    held = {
        "format": FORMAT,
        "version": VERSION,
        "made_at": backup.made_at.isoformat(),
        "revision": backup.revision,
        "sha256": backup.sha256,
        "tables": backup.tables,
        "lost": backup.lost,
    }
    with path.open("w", encoding="utf-8") as file:
        json.dump(held, file, ensure_ascii=False, indent=1)
        file.flush()
        os.fsync(file.fileno())
    sync_folder(path.parent)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Be the only one to write to a folder of backups; BackupBusyError where somebody is."""
    folder.mkdir(PRIVATE, parents=True, exist_ok=True)
    descriptor = os.open(folder / "lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise BackupBusyError(f"{folder} is locked", path=str(folder)) from error
    finally:
        os.close(descriptor)


@contextmanager
def _named(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise StorageError(f"{path}: {error}", path=str(path), reason=reason) from error

"""Restore a backup into an empty place: audio first, then the catalogue, which appears whole or not at all.

A backup of an earlier version is brought to this program's schema on the way. Who was signed in,
which machines worked and what they had in hand is left out: people sign in again, and episodes
under way are begun again.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Connection, delete, func, make_url, select

from media import schema
from media.correction import tables
from media.database import CatalogueNewerError, Database
from media.errors import StorageError
from media.files import audio_path, hash_file
from media.keeping.backups import AUDIO, CATALOGUE, Backup, Progress, Sound, check_backup, settle_file
from media.keeping.copying import copy_rows, tally_rows
from media.keeping.errors import BackupNewerError, TakenError
from media.keeping.moving import compare, open_empty, put_back_work
from media.people.tables import attempt
from media.store.folder import sync_folder
from media.store.values import AudioStore, name_file

ARRIVING = ".restoring"
LEFT_OUT = (
    schema.session, schema.worker, schema.drain, schema.node, schema.index_offer, attempt, tables.claim,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored."""

    episodes: int
    sounds: int  # audio files that were not there yet
    lost: tuple[str, ...]  # audio that the backup does not hold, or holds damaged


def restore_backup(backup: Backup, url: str, store: AudioStore, on_progress: Progress) -> Restored:
    """Restore a backup as the catalogue at an address; KeepingError, and there is no catalogue there."""
    check_backup(backup)
    with _placed(url) as (waiting, put):
        shutil.copyfile(backup.folder / CATALOGUE, waiting)
        catalogue = Database(f"sqlite:///{waiting}")
        try:
            _prepare(catalogue, backup)
            with catalogue.read() as connection:
                count = select(func.count()).select_from(schema.episode)
                episodes = connection.execute(count).scalar_one()
                wanted = connection.execute(select(schema.audio.c.sha256, schema.audio.c.suffix)).all()
            sounds = [(row.sha256, row.suffix) for row in wanted]
            kept, lost = _keep_sounds(backup.folder.parent / AUDIO, sounds, store, on_progress)
            if isinstance(put, Database):
                with catalogue.read() as there, put.write() as here:
                    compare(copy_rows(there, here, on_progress), tally_rows(here))
        finally:
            catalogue.close()
        if isinstance(put, Path):
            settle_file(waiting)
            waiting.rename(put)
            sync_folder(put.parent)
    return Restored(episodes, kept, lost)


@contextmanager
def _placed(url: str) -> Iterator[tuple[Path, Path | Database]]:
    """Say where the catalogue is prepared, and where it is put then; TakenError where something is."""
    place = make_url(url)
    try:
        if place.get_backend_name() != "sqlite":
            target = open_empty(url)
            try:
                with TemporaryDirectory(prefix="entendu-") as folder:
                    yield Path(folder) / CATALOGUE, target
            finally:
                target.close()
            return
        file = Path(place.database or "")
        if file.exists():
            raise TakenError(f"{file} exists", path=str(file))
        file.parent.mkdir(parents=True, exist_ok=True)
        waiting = file.with_name(file.name + ARRIVING)
        for left in file.parent.glob(f"{waiting.name}*"):  # of a restore that was cut down
            left.unlink()
        yield waiting, file
    except OSError as error:
        reason = error.strerror or str(error)
        raise StorageError(f"{url}: {error}", path=error.filename or url, reason=reason) from error


def _prepare(catalogue: Database, backup: Backup) -> None:
    """Bring a backup's catalogue to this schema, without what was true of its moment alone."""
    try:
        is_current = catalogue.is_current()
    except CatalogueNewerError as error:
        path = str(backup.folder)
        raise BackupNewerError(f"{path}: {error}", path=path, version=backup.revision) from error
    if not is_current:
        catalogue.upgrade()
    with catalogue.write() as connection:
        _forget_moment(connection)
        put_back_work(connection)


def _forget_moment(connection: Connection) -> None:
    for table in LEFT_OUT:
        connection.execute(delete(table))


def _keep_sounds(
    source: Path, sounds: list[Sound], store: AudioStore, on_progress: Progress
) -> tuple[int, tuple[str, ...]]:
    """Keep the audio that is not there yet, by its content; what is not whole is left out, and named."""
    kept, lost = 0, []
    for sha256, suffix in sounds:
        path = audio_path(source, sha256, suffix)
        if not store.holds(sha256, suffix):
            waiting = store.incoming_path(f"restore-{sha256}{suffix}")
            if path.is_file():
                shutil.copyfile(path, waiting)
            if not path.is_file() or hash_file(waiting) != sha256:
                waiting.unlink(missing_ok=True)
                lost.append(name_file(sha256, suffix))
                continue
            store.keep(waiting, sha256, suffix)
            kept += 1
        on_progress(AUDIO, 1)
    return kept, tuple(lost)

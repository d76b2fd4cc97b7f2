"""A backup is whole as of one moment, whatever is written meanwhile, and comes back on an empty host."""

import json
import shutil
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text, update

from media import schema
from media.correction.authors import Author
from media.correction.saving import save_text
from media.database import Database
from media.errors import EntenduError, StorageError
from media.files import AudioFile, add_audio
from media.keeping import backups
from media.keeping.backups import find_backup, list_backups, prune_backups, write_backup
from media.keeping.copying import read_counters, tally_rows
from media.keeping.errors import (
    BackupBusyError,
    BackupDamagedError,
    BackupNewerError,
    NoBackupError,
    TakenError,
)
from media.keeping.restoring import LEFT_OUT, restore_backup
from media.keeping.sound import verify_sound
from media.keeping.verifying import Acknowledged, find_lost, verify_catalogue
from media.store.folder import FolderStore
from media.transcripts import list_turns
from tests.media.archive.test_archive import SOUND, fill
from tests.media.conftest import NOW

MOMENTARY = {table.name for table in LEFT_OUT}


def silently(_what: str, _count: int) -> None:
    """Say nothing of how far it is."""


@pytest.fixture
def store(database: Database, tmp_path: Path) -> FolderStore:
    """The audio of an archive that people have worked on."""
    fill(database, tmp_path / "audio", withdrawn=True)
    return FolderStore(tmp_path / "audio")


def test_it_is_restored_equal_on_an_empty_host(database: Database, store: FolderStore, tmp_path: Path):
    """FAULTS 20."""
    with database.read() as connection:
        tables, counters = tally_rows(connection), read_counters(connection)
    backup = write_backup(database, store, tmp_path / "backups", NOW, silently)
    assert backup.tables == tables and backup.copied == 1 and backup.lost == ()
    url, elsewhere = (
        f"sqlite:///{tmp_path / 'host' / 'catalogue.sqlite'}",
        FolderStore(tmp_path / "host/audio"),
    )
    restored = restore_backup(find_backup(tmp_path / "backups"), url, elsewhere, silently)
    assert (restored.episodes, restored.sounds, restored.lost) == (2, 1, ())
    held = Database(url)
    with held.read() as connection:
        same = {name: tally for name, tally in tables.items() if name not in MOMENTARY}
        assert {name: tally for name, tally in tally_rows(connection).items() if name in same} == same
        assert read_counters(connection) == counters
    assert verify_catalogue(held) == [] and verify_sound(held, elsewhere, NOW) == []
    with pytest.raises(TakenError):
        restore_backup(backup, url, elsewhere, silently)
    held.close()


def test_it_is_restored_on_postgresql(
    database: Database, store: FolderStore, tmp_path: Path, postgres_url: str
):
    from tests.conftest import _fresh_database

    backup = write_backup(database, store, tmp_path / "backups", NOW, silently)
    url = _fresh_database(postgres_url, f"r{tmp_path.name}")
    restore_backup(backup, url, FolderStore(tmp_path / "host"), silently)
    held = Database(url)
    with held.read() as connection:
        assert tally_rows(connection)["turn_version"] == backup.tables["turn_version"]
    assert verify_catalogue(held) == []
    held.close()


def test_it_copies_only_what_is_new_and_old_ones_go(database: Database, store: FolderStore, tmp_path: Path):
    to = tmp_path / "backups"
    made = [write_backup(database, store, to, NOW + timedelta(days=day), silently) for day in range(3)]
    assert [backup.copied for backup in made] == [1, 0, 0]
    with database.write() as connection:
        connection.execute(update(schema.episode).values(original_sha256=None, listening_sha256=None))
        connection.execute(text("DELETE FROM redaction"))
        connection.execute(schema.audio.delete())
    last = write_backup(database, store, to, NOW + timedelta(days=3), silently)
    assert prune_backups(to, 2) == [made[0].folder, made[1].folder]
    assert [held.folder for held in list_backups(to)] == [made[2].folder, last.folder]
    assert list((to / "audio").glob("??/*"))  # the older one names it
    assert prune_backups(to, 1) == [made[2].folder]
    assert not list((to / "audio").glob("??/*"))


def test_it_holds_every_acknowledged_save_of_before_it(
    database: Database, store: FolderStore, tmp_path: Path
):
    """FAULTS 20, I1: taken while somebody saves, it is one moment, with all that was saved before."""
    saved: list[Acknowledged] = []
    enough, stop = threading.Event(), threading.Event()

    def save_on() -> None:
        while not stop.is_set():
            with database.write() as connection:
                held = list_turns(connection, 1)[0]
                words = f"Bonjour pour la fois {held.version + 1}."
                save_text(connection, held.id, held.version, words, Author(1, "Zoé"), NOW)
            saved.append(Acknowledged(held.id, held.version + 1, words))
            if len(saved) == 5:
                enough.set()

    saving = threading.Thread(target=save_on)
    saving.start()
    enough.wait()
    before = list(saved)
    backup = write_backup(database, store, tmp_path / "backups", NOW, silently)
    stop.set()
    saving.join()
    held = Database(f"sqlite:///{backup.folder / 'catalogue.sqlite'}")
    with held.read() as connection:
        assert find_lost(connection, before) == []
    assert verify_catalogue(held) == []
    held.close()


def test_sound_that_was_deleted_meanwhile_makes_it_read_again(
    database: Database, store: FolderStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    passing = "ab" + "0" * 62
    with database.write() as connection:
        add_audio(connection, AudioFile(passing, ".mp3", "audio/mpeg", 1))

    def copy_then_delete(*given):
        tables = copy_catalogue(*given)
        with database.write() as connection:
            connection.execute(schema.audio.delete().where(schema.audio.c.sha256 == passing))
        return tables

    copy_catalogue = backups._copy_catalogue
    monkeypatch.setattr(backups, "_copy_catalogue", copy_then_delete)
    backup = write_backup(database, store, tmp_path / "backups", NOW, silently)
    assert backup.lost == () and backup.tables["audio"].rows == 1


def test_what_the_archive_itself_has_lost_is_named_and_the_rest_is_kept(
    database: Database, store: FolderStore, tmp_path: Path
):
    (kept,) = store.list_files()
    path = store.find(kept.sha256, kept.suffix)
    assert path is not None
    path.write_bytes(SOUND[1:])
    backup = write_backup(database, store, tmp_path / "backups", NOW, silently)
    name = f"{kept.sha256[:2]}/{kept.sha256}.mp3"
    assert backup.lost == (name,)
    url = f"sqlite:///{tmp_path / 'host' / 'catalogue.sqlite'}"
    restored = restore_backup(find_backup(backup.folder), url, FolderStore(tmp_path / "host"), silently)
    assert restored.lost == (name,) and restored.episodes == 2


def test_a_backup_that_failed_or_was_cut_down_leaves_the_others(
    database: Database, store: FolderStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    to = tmp_path / "backups"
    with pytest.raises(NoBackupError):
        find_backup(tmp_path)
    first = write_backup(database, store, to, NOW, silently)

    def fill_the_disk(*_given):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr(backups, "_write_manifest", fill_the_disk)
        with pytest.raises(StorageError, match="No space left"):
            write_backup(database, store, to, NOW + timedelta(days=1), silently)
    assert find_backup(to).folder == first.folder
    third = write_backup(database, store, to, NOW + timedelta(days=2), silently)
    assert find_backup(to).folder == third.folder and not list(to.glob("*.partial"))
    with backups._alone(to), pytest.raises(BackupBusyError):
        write_backup(database, store, to, NOW, silently)


@pytest.mark.parametrize("damage", ["catalogue", "manifest", "later"])
def test_a_damaged_or_later_backup_is_refused_and_nothing_is_there(tmp_path: Path, damage: str):
    database = Database(f"sqlite:///{tmp_path / 'c.sqlite'}")
    database.upgrade()
    fill(database, tmp_path / "audio")
    backup = write_backup(database, FolderStore(tmp_path / "audio"), tmp_path / "backups", NOW, silently)
    database.close()
    catalogue, manifest = backup.folder / "catalogue.sqlite", backup.folder / "manifest.json"
    if damage == "catalogue":
        catalogue.write_bytes(catalogue.read_bytes()[:-1] + b"?")
    elif damage == "manifest":
        manifest.write_text('{"format": "entendu-backup"')
    else:
        later = Database(f"sqlite:///{catalogue}")
        with later.write() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        later.close()
        backups.settle_file(catalogue)
        held = json.loads(manifest.read_text())
        manifest.write_text(json.dumps(held | {"sha256": backups.hash_file(catalogue)}))
    url = f"sqlite:///{tmp_path / 'host' / 'catalogue.sqlite'}"
    with pytest.raises(EntenduError) as caught:
        restore_backup(find_backup(backup.folder), url, FolderStore(tmp_path / "host"), silently)
    assert isinstance(caught.value, BackupNewerError if damage == "later" else BackupDamagedError)
    assert not (tmp_path / "host" / "catalogue.sqlite").exists()
    shutil.rmtree(tmp_path / "backups")

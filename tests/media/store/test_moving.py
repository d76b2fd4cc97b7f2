"""Audio goes from a folder into a bucket and back, verified; what is there already is left."""

import hashlib
import random
from pathlib import Path

import pytest

from media.database import Database
from media.files import AudioFile, add_audio, audio_path
from media.store import bucket as bucket_module
from media.store.bucket import BucketStore
from media.store.errors import StorageDownError
from media.store.folder import FolderStore
from media.store.moving import copy_audio, list_missing
from media.store.values import name_file
from tests.storage import Line, put_behind


def keep_some(database: Database, folder: FolderStore, count: int) -> list[str]:
    drawn, names = random.Random(5), []
    for number in range(count):
        content = drawn.randbytes(100 + number)
        sha256 = hashlib.sha256(content).hexdigest()
        path = folder.incoming_path("x")
        path.write_bytes(content)
        folder.keep(path, sha256, ".mp3")
        with database.write() as connection:
            add_audio(connection, AudioFile(sha256, ".mp3", "audio/mpeg", len(content)))
        names.append(sha256)
    return sorted(names)


def silent(done: int, total: int) -> None:
    """Show nothing."""


def test_audio_goes_to_a_bucket_and_back(
    database: Database, store: BucketStore, bucket: str, tmp_path: Path
) -> None:
    old, back = FolderStore(tmp_path / "old"), FolderStore(tmp_path / "back")
    names = keep_some(database, old, 5)
    assert [file.sha256 for file in list_missing(database, store)] == names
    audio_path(old.folder, names[0], ".mp3").unlink()
    put_behind(bucket, name_file(names[1], ".mp3"), b"half")  # as another program may have left it
    moved = copy_audio(database, old, store, silent)
    assert (moved.copied, moved.lost) == (4, (name_file(names[0], ".mp3"),))
    assert copy_audio(database, old, store, silent).copied == 0
    assert [file.sha256 for file in list_missing(database, store)] == names[:1]
    assert copy_audio(database, store, back, silent).copied == 4
    for name in names[1:]:
        back.verify(name, ".mp3")
    assert not [*back.incoming_path("").iterdir(), *store.incoming_path("").iterdir()]


def test_a_copy_that_was_cut_down_goes_on_and_leaves_what_is_damaged(
    database: Database, store: BucketStore, line: Line, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FAULTS 10, 20."""
    monkeypatch.setattr(bucket_module, "PAUSE_S", 0.0)
    monkeypatch.setattr(bucket_module, "RETRIES", 0)
    old = FolderStore(tmp_path / "old")
    names = keep_some(database, old, 4)

    def cut(done: int, total: int) -> None:
        line.left = 0 if done == 2 else None

    with pytest.raises(StorageDownError):
        copy_audio(database, old, store, cut)
    line.left = None
    audio_path(old.folder, names[3], ".mp3").write_bytes(b"damaged")
    assert copy_audio(database, old, store, silent).lost == (name_file(names[3], ".mp3"),)
    assert [file.sha256 for file in list_missing(database, store)] == names[3:]
    assert not list(store.incoming_path("").iterdir())

"""A folder of audio: a file appears under its name whole or not at all."""

from pathlib import Path

import pytest

from media import files
from media.errors import StorageError
from media.settings import Settings
from media.store.errors import AudioMissingError, StorageDownError, StoreSettingError
from media.store.folder import FolderStore
from media.store.opening import open_place, open_store
from tests.storage import NAME, SOUND


def test_a_file_is_kept_under_the_hash_of_what_it_holds(tmp_path: Path):
    """FAULTS 19: written under a temporary name, then renamed."""
    store = FolderStore(tmp_path)
    partial = store.incoming_path("download-1")
    partial.write_bytes(SOUND)
    store.keep(partial, files.hash_file(partial), ".mp3")
    assert store.find(NAME, ".mp3") == files.audio_path(tmp_path, NAME, ".mp3")
    assert files.audio_path(tmp_path, NAME, ".mp3").read_bytes() == SOUND
    assert not partial.exists()


def test_what_cannot_be_kept_says_which_file_and_leaves_no_name(tmp_path: Path):
    store = FolderStore(tmp_path)
    with pytest.raises(StorageError) as caught:
        store.keep(tmp_path / "absent", NAME, ".mp3")
    assert NAME in str(caught.value.message.values["path"])
    assert not store.holds(NAME, ".mp3")


def test_nothing_is_written_where_a_share_is_not_mounted(tmp_path: Path):
    store = open_store(Settings(data=tmp_path / "data", audio_url=str(tmp_path / "share")))
    assert isinstance(store, FolderStore)
    with pytest.raises(StorageDownError, match="mounted"):
        store.incoming_path("x")
    with pytest.raises(StorageDownError):
        store.holds(NAME, ".mp3")
    assert not (tmp_path / "share").exists()
    (tmp_path / "share").mkdir()
    assert store.check() == str(tmp_path / "share")
    with pytest.raises(AudioMissingError), store.at_hand(NAME, ".mp3"):
        pass


def test_an_address_of_another_kind_is_refused_in_words(tmp_path: Path):
    with pytest.raises(StoreSettingError, match="gopher"):
        open_place("gopher://host/audio", Settings(data=tmp_path))


def test_what_is_not_ours_is_not_listed(tmp_path: Path):
    store = FolderStore(tmp_path)
    for name in ("ab/notes.txt", f"ab/{NAME}.mp3", f"{NAME[:2]}/{NAME}", f"incoming/{NAME}.mp3"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"")
    assert not list(store.list_files())

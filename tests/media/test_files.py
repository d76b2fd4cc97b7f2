"""Audio is named by its content, and appears under that name whole or not at all."""

import hashlib
from pathlib import Path

import pytest

from media import files
from media.database import Database
from media.errors import StorageError
from media.files import AudioFile

SOUND = b"\xff\xfb" + b"sound" * 1000
NAME = hashlib.sha256(SOUND).hexdigest()


def test_a_file_is_kept_under_the_hash_of_what_it_holds(tmp_path: Path):
    """FAULTS 19: written under a temporary name, then renamed."""
    partial = files.incoming_path(tmp_path, "download-1")
    partial.write_bytes(SOUND)
    kept = files.keep_file(tmp_path, partial, files.hash_file(partial), ".mp3")
    assert kept == files.audio_path(tmp_path, NAME, ".mp3")
    assert kept.read_bytes() == SOUND
    assert not partial.exists()


def test_what_cannot_be_kept_says_which_file_and_leaves_no_name(tmp_path: Path):
    with pytest.raises(StorageError) as caught:
        files.keep_file(tmp_path, tmp_path / "absent", NAME, ".mp3")
    assert NAME in str(caught.value.message.values["path"])
    assert not files.audio_path(tmp_path, NAME, ".mp3").exists()


def test_a_row_learns_what_is_newly_known_and_forgets_nothing(database: Database):
    with database.write() as connection:
        files.add_audio(connection, AudioFile(NAME, ".mp3", "audio/mpeg", len(SOUND), peaks=b"\x01\x02"))
        files.add_audio(connection, AudioFile(NAME, ".mp3", "audio/mpeg", len(SOUND), duration_ms=5))
        held = files.get_audio(connection, NAME)
        assert held == AudioFile(NAME, ".mp3", "audio/mpeg", len(SOUND), duration_ms=5)
        assert files.get_peaks(connection, NAME) == b"\x01\x02"
        assert files.get_audio(connection, "0" * 64) is None

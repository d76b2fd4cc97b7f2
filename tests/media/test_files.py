"""What the catalogue knows of a kept file is added to, and never forgotten."""

from media import files
from media.database import Database
from media.files import AudioFile

NAME = "5" * 64


def test_a_row_learns_what_is_newly_known_and_forgets_nothing(database: Database):
    with database.write() as connection:
        files.add_audio(connection, AudioFile(NAME, ".mp3", "audio/mpeg", 10, peaks=b"\x01\x02"))
        files.add_audio(connection, AudioFile(NAME, ".mp3", "audio/mpeg", 10, duration_ms=5))
        held = files.get_audio(connection, NAME)
        assert held == AudioFile(NAME, ".mp3", "audio/mpeg", 10, duration_ms=5)
        assert files.get_peaks(connection, NAME) == b"\x01\x02"
        assert files.get_audio(connection, "0" * 64) is None

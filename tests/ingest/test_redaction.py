"""The copy that is heard has no withdrawn sound; the whole one is kept, and comes back when it may."""

import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from imageio_ffmpeg import get_ffmpeg_exe
from sqlalchemy import Connection, select

from ingest.redaction import forget_whole_copy, redact_copy
from ingest.sound.audio import decode_samples
from media import episodes, files, shows, transcripts
from media.database import Database, open_database
from media.people import tables, withdrawals
from media.settings import Settings
from media.transcript import Transcript, Word, speech_turn

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path)


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    held = open_database(settings)
    yield held
    held.close()


@pytest.fixture
def episode(settings: Settings, database: Database, tmp_path: Path) -> int:
    """Ten seconds of a tone, and one turn said over the fourth and fifth."""
    seconds = np.arange(10 * 32_000) / 32_000
    samples = (8_000 * np.sin(2 * np.pi * 330 * seconds)).astype("<i2")
    made = tmp_path / "made.mp3"
    command = [get_ffmpeg_exe(), "-v", "error", "-f", "s16le", "-ar", "32000", "-i", "-", "-b:a", "64k"]
    subprocess.run([*command, "-write_xing", "0", str(made)], input=samples.tobytes(), check=True)
    sha256, size = files.hash_file(made), made.stat().st_size
    files.keep_file(settings.audio_folder, made, sha256, ".mp3")
    with database.write() as connection:
        peaks = bytes([200] * 100)
        files.add_audio(connection, files.AudioFile(sha256, ".mp3", "audio/mpeg", size, 10_000, peaks))
        show = shows.add_show(connection, "Émission", NOW)
        held = episodes.add_episode(connection, show.id, "g", "Épisode", NOW, listening_sha256=sha256)
        turn = speech_turn([Word("mon", 4_000, 4_500), Word("adresse", 4_500, 6_000)], 1)
        transcripts.save_machine_transcript(connection, held, Transcript((turn,), "fr", "t"), "r", NOW)
    return held


def heard_sha(connection: Connection, episode: int) -> str | None:
    return episodes.get_episode(connection, episode).listening_sha256


def loudest(settings: Settings, sha256: str, start_ms: int, end_ms: int) -> float:
    path = files.audio_path(settings.audio_folder, sha256, ".mp3")
    return float(np.abs(decode_samples(path, start_ms=start_ms, end_ms=end_ms)).max())


def withdraw(connection: Connection, settings: Settings, episode: int) -> int:
    turn = transcripts.list_turns(connection, episode)[0]
    act = withdrawals.withdraw_words(connection, turn.id, None, "x", None, NOW)
    redact_copy(connection, settings.audio_folder, episode)
    return act


def test_withdrawn_sound_is_in_no_copy_that_is_heard_and_comes_back(
    settings: Settings, database: Database, episode: int
):
    with database.write() as connection:
        whole = heard_sha(connection, episode)
        act = withdraw(connection, settings, episode)
        silent = heard_sha(connection, episode)
        assert silent and whole and silent != whole
        assert loudest(settings, silent, 4_100, 5_900) < 1e-3
        assert loudest(settings, silent, 1_000, 3_000) > 0.1
        assert files.get_peaks(connection, silent) == bytes([200] * 38 + [0] * 24 + [200] * 38)
        assert episodes.get_episode(connection, episode).duration_ms == 10_000
        withdrawals.lift_withdrawal(connection, act, "x", None, NOW)
        redact_copy(connection, settings.audio_folder, episode)
        assert heard_sha(connection, episode) == whole


def test_a_copy_made_anew_is_silenced_again(settings: Settings, database: Database, episode: int):
    with database.write() as connection:
        whole = heard_sha(connection, episode)
        withdraw(connection, settings, episode)
        silent = heard_sha(connection, episode)
        episodes.update_episode(connection, episode, {"listening_sha256": whole})
        forget_whole_copy(connection, episode)
        redact_copy(connection, settings.audio_folder, episode)
        assert heard_sha(connection, episode) == silent


def test_where_no_silent_copy_can_be_made_none_is_heard(settings: Settings, database: Database, episode: int):
    with database.write() as connection:
        whole = heard_sha(connection, episode)
        assert whole
        files.audio_path(settings.audio_folder, whole, ".mp3").write_bytes(b"not a sound")
        act = withdraw(connection, settings, episode)
        assert heard_sha(connection, episode) is None
        assert connection.execute(select(tables.redaction.c.whole_sha256)).scalar_one() == whole
        withdrawals.lift_withdrawal(connection, act, "x", None, NOW)
        redact_copy(connection, settings.audio_folder, episode)
        assert heard_sha(connection, episode) == whole


def test_an_episode_without_sound_needs_no_copy(settings: Settings, database: Database, episode: int):
    with database.write() as connection:
        episodes.update_episode(connection, episode, {"listening_sha256": None})
        withdraw(connection, settings, episode)
        assert heard_sha(connection, episode) is None

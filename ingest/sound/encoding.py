"""Sound and pictures made into files by the confined ffmpeg: clips, and the films of social networks.

It reads descriptors and writes the one that it is given, never a name, and no more bytes than a
film may have. What it reads is raw: our own samples and our own pictures, so that no demuxer or
decoder of foreign data starts here. It writes to a file and not to a pipe, because the formats
note lengths at their beginning once they are known: an MP3's delay, by which players take its
first and last samples where we cut, is such a note (http://gabriel.mp3-tech.org/mp3infotag.html).
"""

import subprocess
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from ingest.errors import AudioDecodeError
from ingest.sound.ffmpeg import Limits, Said, confined, read_through
from ingest.sound.passages import AudioSegment

MAX_WRITTEN_BYTES = 128 * 1024 * 1024  # two minutes of stereo WAV are 23 MB, of film 20
SOUND_LIMITS = Limits(wall_s=60, stall_s=60)
FILM_LIMITS = Limits(wall_s=300, stall_s=300)
QUIETLY = ("-hide_banner", "-nostats", "-loglevel", "warning", "-y")
CLOSED = ("-protocol_whitelist", "fd,pipe", "-threads", "1")
TO_STDOUT = ("-fd", "1", "fd:")
MAX_TAG_LENGTH = 1_000
KEY_PICTURE_S = 5  # at most between two pictures that a player can begin at
FILM_CODECS = (
    *("-c:v", "libx264", "-preset", "veryfast", "-tune", "stillimage", "-crf", "23", "-profile:v", "main"),
    *("-pix_fmt", "yuv420p", "-threads", "1"),
    *("-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709"),
    *("-c:a", "aac", "-b:a", "128k", "-ar", "48000"),
)


@dataclass(frozen=True, slots=True)
class Picture:
    """The shape of a film's pictures: planar 4:2:0, a byte a sample, even sides."""

    width: int
    height: int
    per_second: int


def encode_sound(
    sound: AudioSegment, codec: Sequence[str], container: str, tags: Mapping[str, str], to: IO[bytes]
) -> None:
    """Write samples as a file of this container; `codec` is ffmpeg's options. The tree of AudioError."""
    wanted = [*_samples_at(0, sound), *_metadata(tags), *codec, "-f", container, *TO_STDOUT]
    with (
        _laid_down(sound) as samples,
        confined([*QUIETLY, *wanted], samples, to, written_bytes=MAX_WRITTEN_BYTES) as process,
    ):
        _finish(process, SOUND_LIMITS)


def encode_film(
    pictures: Iterable[bytes], shape: Picture, sound: AudioSegment, tags: Mapping[str, str], to: IO[bytes]
) -> None:
    """Write pictures and sound as MP4: H.264 and AAC, its index first. The tree of AudioError."""
    with _laid_down(sound) as samples:
        listed = samples.fileno()
        arguments = [*QUIETLY, *_pictures(shape), *_samples_at(listed, sound), *_metadata(tags)]
        arguments += [*FILM_CODECS, "-g", str(shape.per_second * KEY_PICTURE_S)]
        arguments += ["-f", "mp4", "-moov_size", str(_index_bytes(sound, shape)), *TO_STDOUT]
        with confined(
            arguments, subprocess.PIPE, to, written_bytes=MAX_WRITTEN_BYTES, open_too=[listed]
        ) as process:
            feeder = threading.Thread(target=_feed, args=(process.stdin, pictures), daemon=True)
            feeder.start()
            try:
                _finish(process, FILM_LIMITS)
            finally:
                process.kill()  # or the feeder would wait for ever
                feeder.join()


def _pictures(shape: Picture) -> Sequence[str]:
    """Say how to read the pictures that come on standard input."""
    return (
        *(*CLOSED, "-format_whitelist", "rawvideo", "-codec_whitelist", "rawvideo", "-f", "rawvideo"),
        *("-pix_fmt", "yuv420p", "-s", f"{shape.width}x{shape.height}"),
        *("-framerate", str(shape.per_second), "-i", "pipe:0"),
    )


@contextmanager
def _laid_down(sound: AudioSegment) -> Iterator[IO[bytes]]:
    """Lay samples down in a file without a name, for ffmpeg to read by its descriptor."""
    with TemporaryFile() as file:
        file.write(sound.raw_data)
        file.seek(0)
        yield file


def _samples_at(descriptor: int, sound: AudioSegment) -> Sequence[str]:
    """Say how to read the samples that are laid down at this descriptor."""
    return (
        *(*CLOSED, "-format_whitelist", "s16le", "-codec_whitelist", "pcm_s16le", "-f", "s16le"),
        *("-ar", str(sound.frame_rate), "-ac", str(sound.channels), "-fd", str(descriptor), "-i", "fd:"),
    )


def _metadata(tags: Mapping[str, str]) -> Iterator[str]:
    """Write tags as arguments; whatever cannot be in one is left out of it."""
    for name, value in tags.items():
        plain = "".join(char if char.isprintable() else " " for char in value)[:MAX_TAG_LENGTH].strip()
        if plain:
            yield from ("-metadata", f"{name}={plain}")


def _index_bytes(sound: AudioSegment, shape: Picture) -> int:
    """How much room to keep for the index of an MP4 before its content: 24 bytes a picture or AAC frame."""
    entries = len(sound) * (shape.per_second + 48_000 / 1_024) / 1_000
    return 16_384 + 24 * int(entries)


def _feed(stdin: IO[bytes] | None, pictures: Iterable[bytes]) -> None:
    if stdin is None:
        return
    with suppress(BrokenPipeError), stdin:  # ffmpeg says itself why it stopped reading
        for picture in pictures:
            stdin.write(picture)


def _finish(process: subprocess.Popen[bytes], limits: Limits) -> None:
    name = Path("clip")
    for _ in read_through(name, process, limits, Said()):
        raise AudioDecodeError("ffmpeg wrote where nothing was asked", name=name.name)

"""ffmpeg, shut in: bytes go in by one descriptor, bytes come out by another, and nothing else.

Its demuxer is forced by our sniffing and it may open neither file nor host: the input is an
open descriptor (`fd:`), the output a pipe, every other protocol is off. It writes no file, has a
ceiling of memory, of processor time and of wall time, and no video decoder may start (FAULTS 9,
39 to 42). It runs through `/bin/sh`, whose `ulimit` needs no code between fork and exec: the
caller may have threads. What encodes (`ingest.sound.encoding`) is shut in alike.
Options: https://ffmpeg.org/ffmpeg-all.html
"""

import os
import re
import selectors
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import IO, TypeAlias

from imageio_ffmpeg import get_ffmpeg_exe

from ingest.errors import AudioDecodeError, AudioError, DecodeTooSlowError, NoSoundError
from ingest.sound.sniffing import skip_tags, sniff_file

MEMORY_BYTES = 768 * 1024 * 1024  # of addresses; 200 MB are enough for what we decode
WALL_LIMIT_S = 3600  # twelve hours of sound take two minutes
STALL_LIMIT_S = 60  # without one byte out
READ_BYTES = 64 * 1024
SAID_BYTES = 16 * 1024
NICENESS = 10

DEMUXERS = {"mp4": "mov"}  # where ffmpeg's name differs from ours
DECODERS = (
    "mp3,mp3float,mp2,mp2float,mp1,mp1float,aac,aac_fixed,aac_latm,ac3,eac3,vorbis,opus,libopus,flac,alac,"
    "wmav1,wmav2,wmapro,amrnb,amrwb,libopencore_amrnb,libopencore_amrwb,speex,libspeex,adpcm_ms,"
    "adpcm_ima_wav,adpcm_ima_qt,adpcm_swf,pcm_s16le,pcm_s16be,pcm_u8,pcm_s8,pcm_s24le,pcm_s24be,pcm_s32le,"
    "pcm_s32be,pcm_f32le,pcm_f32be,pcm_f64le,pcm_f64be,pcm_alaw,pcm_mulaw"
)
ENVIRONMENT = {"MALLOC_ARENA_MAX": "1"}  # or each thread reserves 64 MB of addresses
CONFINE = (
    f"ulimit -v {MEMORY_BYTES // 1024}; ulimit -s 2048; ulimit -t {WALL_LIMIT_S}; ulimit -c 0; "
    'ulimit -f "$0"; exec "$@"'
)
FILE_BLOCK_BYTES = 512  # what `ulimit -f` counts in, in a shell called sh
NO_SOUND = re.compile(r"matches no streams|does not contain any stream")


Descriptor: TypeAlias = IO[bytes] | int  # an open file, or `subprocess.PIPE`


@dataclass(frozen=True, slots=True)
class Limits:
    """How long one run of ffmpeg may keep us waiting; what we do between two reads is not counted."""

    wall_s: float = WALL_LIMIT_S
    stall_s: float = STALL_LIMIT_S


UNHURRIED = Limits()


@dataclass(slots=True)
class Said:
    """What ffmpeg wrote on its standard error: the beginning and the end, however much it was."""

    head: bytes = b""
    tail: bytes = b""

    def add(self, data: bytes) -> None:
        """Keep the first and the last bytes."""
        room = SAID_BYTES - len(self.head)
        self.head += data[:room]
        self.tail = (self.tail + data[room:])[-SAID_BYTES:] if len(data) > room else self.tail

    @property
    def text(self) -> str:
        """Both ends, as text."""
        return (self.head + b"\n" * bool(self.tail) + self.tail).decode(errors="replace")


def stream_sound(
    path: Path,
    output: Sequence[str],
    *,
    seek: Sequence[str] = (),
    skip_bytes: int | None = None,
    limits: Limits = UNHURRIED,
) -> Iterator[bytes]:
    """Decode a file's first sound track; yield what ffmpeg writes, as it comes.

    `output` is ffmpeg's output options, format included; `skip_bytes` begins where a caller knows
    that a frame does, instead of after the tags. The tree of AudioError leaves while iterating.
    """
    yield from _run(path, [*_input(path, "warning", seek, skip_bytes), *output, "pipe:1"], limits, Said())


def describe_sound(path: Path, *, limits: Limits = UNHURRIED) -> str:
    """Ask ffmpeg what a file holds; return its own words, to be parsed by `ingest.sound.audio`."""
    said = Said()
    for _ in _run(path, [*_input(path, "info"), "-c", "copy", "-t", "0", "-f", "null", "-"], limits, said):
        raise AudioDecodeError(f"{path}: ffmpeg wrote where nothing was asked", name=path.name)
    return said.text


@contextmanager
def confined(
    arguments: Sequence[str],
    stdin: Descriptor,
    stdout: Descriptor = subprocess.PIPE,
    *,
    written_bytes: int = 0,
    open_too: Sequence[int] = (),
) -> Iterator[subprocess.Popen[bytes]]:
    """Run ffmpeg shut in; it is killed at the end, however that comes.

    It may write that many bytes to the files that it was given open, and none to any other.
    """
    blocks = str(written_bytes // FILE_BLOCK_BYTES)
    command = ["/bin/sh", "-c", CONFINE, blocks, get_ffmpeg_exe(), *arguments]
    with subprocess.Popen(  # noqa: S603 -- our own words; files are descriptors, their names never given
        command, stdin=stdin, stdout=stdout, stderr=subprocess.PIPE, env=ENVIRONMENT, pass_fds=open_too
    ) as process:
        try:
            with suppress(OSError):  # it may have ended already
                os.setpriority(os.PRIO_PROCESS, process.pid, NICENESS)
            yield process
        finally:
            process.kill()


def read_through(path: Path, process: subprocess.Popen[bytes], limits: Limits, said: Said) -> Iterator[bytes]:
    """Yield what ffmpeg writes until it ends, and keep what it says; `path` only names the sound.

    The tree of AudioError leaves while iterating.
    """
    yield from _read(path, process, limits, said)
    if status := _settle(path, process, limits):
        raise _failure(path, status, said.text)


def _input(path: Path, loglevel: str, seek: Sequence[str] = (), skip_bytes: int | None = None) -> list[str]:
    family = sniff_file(path)
    demuxer = DEMUXERS.get(family, family)
    with path.open("rb") as file:
        tags, _ = skip_tags(file)
    tags = tags if skip_bytes is None else skip_bytes
    return [
        *("-hide_banner", "-nostdin", "-nostats", "-loglevel", loglevel, "-threads", "1"),
        *("-protocol_whitelist", "fd,pipe", "-format_whitelist", demuxer, "-codec_whitelist", DECODERS),
        *("-f", demuxer, "-skip_initial_bytes", str(tags)),  # ffmpeg would hold their artwork
        *(*seek, "-fd", "0", "-i", "fd:"),
        *("-map", "0:a:0", "-map_metadata", "-1", "-map_chapters", "-1"),
    ]


def _run(path: Path, arguments: Sequence[str], limits: Limits, said: Said) -> Iterator[bytes]:
    with path.open("rb") as source, confined(arguments, source) as process:
        yield from read_through(path, process, limits, said)


def _read(path: Path, process: subprocess.Popen[bytes], limits: Limits, said: Said) -> Iterator[bytes]:
    """Yield standard output, note standard error, until both end; count the time spent waiting."""
    waited = 0.0
    with selectors.DefaultSelector() as selector:
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                selector.register(stream, selectors.EVENT_READ)
        silent_since = monotonic()
        while selector.get_map():
            began = monotonic()
            ready = selector.select(min(limits.stall_s, max(limits.wall_s - waited, 0)))
            waited += monotonic() - began
            if waited >= limits.wall_s or monotonic() - silent_since >= limits.stall_s:
                detail = f"{path}: ffmpeg killed after {waited:.0f} s: {said.text[-500:]}"
                raise DecodeTooSlowError(detail, name=path.name, seconds=round(waited))
            for key, _ in ready:
                data = os.read(key.fd, READ_BYTES)
                if not data:
                    selector.unregister(key.fileobj)
                elif key.fileobj is process.stdout:
                    yield data
                    silent_since = monotonic()
                else:
                    said.add(data)


def _settle(path: Path, process: subprocess.Popen[bytes], limits: Limits) -> int:
    try:
        return process.wait(limits.stall_s)
    except subprocess.TimeoutExpired as error:
        detail = f"{path}: ffmpeg closed its pipes and did not end"
        raise DecodeTooSlowError(detail, name=path.name, seconds=round(limits.stall_s)) from error


def _failure(path: Path, status: int, said: str) -> AudioError:
    if NO_SOUND.search(said):
        return NoSoundError(f"{path} has no sound track", name=path.name)
    return AudioDecodeError(f"{path}: ffmpeg ended with status {status}: {said[-2000:]}", name=path.name)

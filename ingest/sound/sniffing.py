"""What a file is, told from its first bytes and never from its name or its sender's word.

The answer forces ffmpeg's demuxer (`ingest.sound.ffmpeg`), so that a playlist posing as an MP3 is never
read as a playlist (FAULTS 39). Only containers that carry their own sound are in the table: HLS,
DASH, SDP, ffconcat and the like name other files, and are refused here, before any decoder runs.
"""

import re
from pathlib import Path
from typing import IO

from ingest.errors import AudioDecodeError, EmptyFileError, NotAudioError, PlaylistError, WebPageError
from ingest.sound.mpeg import find_chain, id3_length

HEAD_BYTES = 64 * 1024
MAX_TAGS = 8  # ID3 tags in a row; more is an attack, not a file
TS_PACKET = 188

MAGIC = (  # (offset, bytes, family); families are ffmpeg's demuxer names
    (0, b"OggS", "ogg"),
    (0, b"fLaC", "flac"),
    (8, b"WAVE", "wav"),
    (0, b"\x1a\x45\xdf\xa3", "matroska"),
    (4, b"ftyp", "mp4"),
    (4, b"moov", "mp4"),
    (4, b"mdat", "mp4"),
    (4, b"wide", "mp4"),
    (8, b"AIFF", "aiff"),
    (8, b"AIFC", "aiff"),
    (8, b"AVI ", "avi"),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "asf"),
    (0, b"FLV\x01", "flv"),
    (0, b"#!AMR", "amr"),
)
FOREIGN = (b"\x89PNG", b"PK\x03\x04", b"GIF8", b"\xff\xd8\xff", b"%PDF", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf")
PLAYLIST = re.compile(
    rb"#EXTM3U|ffconcat|<MPD[\s>]|v=0\r?\no=|\[playlist\]|<smil|<asx|<playlist", re.IGNORECASE
)
WEB_PAGE = re.compile(rb"<(!doctype html|html|head|body)[\s>]", re.IGNORECASE)


def sniff_media(head: bytes) -> str | None:
    """Name the container of bytes that open a file (after its ID3 tags), or None: not audio or video.

    >>> sniff_media(b"OggS\\x00"), sniff_media(b"#EXTM3U\\n"), sniff_media(b"<!DOCTYPE html>")
    ('ogg', None, None)
    """
    for offset, magic, family in MAGIC:
        if head[offset : offset + len(magic)] == magic:
            return family
    if head.startswith(FOREIGN) or PLAYLIST.search(head[:4096]) or WEB_PAGE.search(head[:4096]):
        return None
    if _is_transport_stream(head):
        return "mpegts"
    chain = find_chain(head)
    return chain[0] if chain else None


def sniff_file(path: Path) -> str:
    """Name the container of a file; the tree of NotAudioError says what else it is."""
    if not path.stat().st_size:
        raise EmptyFileError(f"{path} is empty", name=path.name)
    with path.open("rb") as file:
        _, head = skip_tags(file)
    if family := sniff_media(head):
        return family
    raise _refusal(path, head)


def skip_tags(file: IO[bytes]) -> tuple[int, bytes]:
    """Find where a file begins once its ID3 tags are passed, and read what is there.

    Tags are passed by their length and never read: their artwork may be huge (FAULTS 41).
    """
    begin = 0
    for _ in range(MAX_TAGS):
        file.seek(begin)
        head = file.read(HEAD_BYTES)
        if not (tag := id3_length(head)):
            return begin, head
        begin += tag
    return begin, b""


def _is_transport_stream(head: bytes) -> bool:
    return len(head) > 3 * TS_PACKET and all(head[i * TS_PACKET] == 0x47 for i in range(4))


def _refusal(path: Path, head: bytes) -> NotAudioError | AudioDecodeError:
    opening = head[:4096]
    if not head:
        return AudioDecodeError(f"{path} is only tags", name=path.name)
    if PLAYLIST.search(opening):
        return PlaylistError(f"{path} is a playlist: {opening[:80]!r}", name=path.name)
    if WEB_PAGE.search(opening):
        return WebPageError(f"{path} is a web page: {opening[:80]!r}", name=path.name)
    return NotAudioError(f"{path} is no audio that we know: {opening[:16]!r}", name=path.name)

"""The frames of MPEG audio (MP3, and AAC in ADTS), read without decoding them.

Three questions are answered here: are these bytes such a stream, is every frame of the same bit
rate, and how long did the encoder say that it would be. Browsers seek an MP3 by arithmetic that
only holds at constant bit rate; such a file is listened to as it is, frame for frame.
Frame headers: ISO/IEC 11172-3 §2.4.1.3 and 13818-3; the Xing and Info tags: http://gabriel.mp3-tech.org/mp3infotag.html
"""

import mmap
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

Bytes: TypeAlias = bytes | mmap.mmap  # sliced and indexed alike; a whole file is mapped, not read

CHAIN = 3  # frames in a row that make a stream; one alone is found in any large file
SEARCH_BYTES = 32 * 1024  # junk tolerated before the first frame

KBPS_MPEG1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
KBPS_MPEG2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
RATES_MPEG1 = (44_100, 48_000, 32_000)
HEADER_BYTES = 4
CRC_BYTES = 2
MAX_TRAILING_TAGS = 8  # ID3 tags after the last frame; more is an attack, not a file
OVERLAPPING = 2  # frames: one that the sound overlaps with, one that the filter remembers
TAG_BYTES = 256  # enough of a first frame to read its Xing, Info or VBRI tag
TAGS = (b"Xing", b"Info")
MAKERS = (b"LAME", b"Lavc", b"Lavf")  # encoders whose delay is written where players look
MAKER_OFFSET, DELAY_OFFSET = 120, 141  # from the tag
DECODER_DELAY = 529  # samples that every layer III decoder adds
TRAILERS = (b"TAG", b"APETAGEX", b"LYRICSBEGIN")


@dataclass(frozen=True, slots=True)
class Frame:
    """One MP3 frame's header."""

    size: int  # bytes, header included
    kbps: int
    sample_rate: int
    samples: int  # by channel
    channels: int
    lowest: bool  # MPEG-2 or 2.5: half the samples, smaller side information


@dataclass(frozen=True, slots=True)
class Stream:
    """The frames of an MP3 file that are heard: where they lie, and how long they play."""

    begin: int  # bytes from the start of the file, after tags, the Info frame and the encoder's delay
    end: int
    frames: int
    first: Frame

    @property
    def duration_ms(self) -> int:
        """How long the frames play."""
        return self.frames * self.first.samples * 1000 // self.first.sample_rate


def read_frame(data: Bytes, at: int) -> Frame | None:
    """Read the MP3 (layer III) frame header at this offset; None where there is none."""
    if at + HEADER_BYTES > len(data) or data[at] != 0xFF or data[at + 1] & 0xE6 != 0xE2:
        return None
    version, rate_index = data[at + 1] >> 3 & 3, data[at + 2] >> 2 & 3
    kbps_index = data[at + 2] >> 4
    if version == 1 or rate_index == 3 or kbps_index in (0, 15):  # reserved, or free format
        return None
    mpeg1 = version == 3
    rate = RATES_MPEG1[rate_index] >> (0 if mpeg1 else 1 if version == 2 else 2)
    kbps = (KBPS_MPEG1 if mpeg1 else KBPS_MPEG2)[kbps_index]
    samples = 1152 if mpeg1 else 576
    size = samples // 8 * kbps * 1000 // rate + (data[at + 2] >> 1 & 1)
    return Frame(size, kbps, rate, samples, 1 if data[at + 3] >> 6 == 3 else 2, not mpeg1)


def find_chain(head: bytes) -> tuple[str, int] | None:
    """Find frames in a row: "mp3" or "aac" (ADTS), and the offset of the first. Junk before is tolerated."""
    begin = -1
    while (begin := head.find(0xFF, begin + 1, SEARCH_BYTES)) >= 0:
        if _chained(head, begin, _mp3_size):
            return "mp3", begin
        if _chained(head, begin, _adts_size):
            return "aac", begin
    return None


def scan_constant(data: Bytes, begin: int) -> Stream | None:
    """Walk every MP3 frame from this offset; None unless all are of one rate and nothing lies between.

    A last frame cut short is left out, and so are the tags that follow the frames. So are whole
    frames of the encoder's delay, which players of the tagged original skip: without its tag they
    would play it, and every time would be late by it.
    """
    chain = find_chain(data[begin : begin + 2 * SEARCH_BYTES])
    if chain is None or chain[0] != "mp3":
        return None
    at = begin + chain[1]
    head = data[at : at + TAG_BYTES]
    declared, delay = read_declared_frames(head), read_delay(head)
    if declared is not None and (tag := read_frame(data, at)):
        at += tag.size
    first, start, frames = read_frame(data, at), at, 0
    while first and (frame := read_frame(data, at)):
        if (frame.kbps, frame.sample_rate, frame.channels) != (first.kbps, first.sample_rate, first.channels):
            return None
        if at + frame.size > len(data):
            break
        at, frames = at + frame.size, frames + 1
    if first is None or not frames or not _ends(data, at):
        return None
    skipped = min(round(delay / first.samples), frames - 1)
    for _ in range(skipped):
        start += frame.size if (frame := read_frame(data, start)) else 0
    return Stream(start, at, frames - skipped, first)


def find_frame(data: Bytes, begin: int, number: int) -> int | None:
    """Find where a frame of a constant stream begins, counted from 0 at `begin`.

    Every header on the way is checked, since padding makes some frames a byte longer: a guess from the
    bit rate may be frames off, and sound would be late by that. None where the stream ends before.
    """
    first = read_frame(data, begin)
    if first is None:
        return None
    version, rates = data[begin + 1] & 0xFE, data[begin + 2] & 0xFC
    bare, at, end = first.size - (data[begin + 2] >> 1 & 1), begin, len(data) - HEADER_BYTES
    for _ in range(number):
        at += bare + (data[at + 2] >> 1 & 1)
        if at > end or data[at] != 0xFF or data[at + 1] & 0xFE != version or data[at + 2] & 0xFC != rates:
            return None
    return at


def count_run_up(first: Frame) -> int:
    """Count the frames to decode before one that is to sound as it does in the whole.

    A frame borrows data from those before (main_data_begin, at most 511 bytes or 255), its sound
    overlaps with the one before, and the filter remembers that one too.
    """
    side, reach = ((9, 17), 255) if first.lowest else ((17, 32), 511)
    room = first.size - HEADER_BYTES - CRC_BYTES - side[first.channels - 1] - 1  # without its padding
    return -(-reach // max(room, 1)) + OVERLAPPING


def id3_length(head: bytes) -> int:
    """Measure the ID3v2 tag that opens these bytes, its header included; 0 where there is none."""
    if len(head) < 10 or head[:3] != b"ID3" or any(byte & 0x80 for byte in head[6:10]):
        return 0
    body = head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9]
    return 10 + body + (10 if head[5] & 0x10 else 0)  # the footer of ID3v2.4


def read_declared_frames(data: bytes) -> int | None:
    """Read how many frames the encoder promised, in the tag that the first frame of an MP3 holds."""
    frame = read_frame(data, 0)
    if frame is None:
        return None
    tag = _tag_offset(frame)
    if data[tag : tag + 4] in TAGS and len(data) >= tag + 12 and data[tag + 7] & 1:
        return int.from_bytes(data[tag + 8 : tag + 12])
    if data[36:40] == b"VBRI" and len(data) >= 54:
        return int.from_bytes(data[50:54])
    return None


def read_delay(data: bytes) -> int:
    """Read how many samples at its start a player skips, because the encoder says so; 0 where unsaid."""
    frame = read_frame(data, 0)
    tag = _tag_offset(frame) if frame else 0
    made_by = data[tag + MAKER_OFFSET : tag + MAKER_OFFSET + 4]
    if not frame or data[tag : tag + 4] not in TAGS or made_by not in MAKERS:
        return 0
    at = tag + DELAY_OFFSET
    return (data[at] << 4 | data[at + 1] >> 4) + DECODER_DELAY if len(data) > at + 1 else 0


def read_declared_ms(data: bytes) -> int | None:
    """Read how long the tag that the first frame of an MP3 holds says that it plays."""
    frame, frames = read_frame(data, 0), read_declared_frames(data)
    return frames * frame.samples * 1000 // frame.sample_rate if frame and frames else None


def _tag_offset(frame: Frame) -> int:
    side = (9, 17) if frame.lowest else (17, 32)
    return HEADER_BYTES + side[frame.channels - 1]


def _chained(data: bytes, at: int, size_of: Callable[[bytes, int], int]) -> bool:
    for _ in range(CHAIN):
        if not (size := size_of(data, at)):
            return False
        at += size
        if at == len(data):  # a very short file
            return True
    return True


def _mp3_size(data: bytes, at: int) -> int:
    frame = read_frame(data, at)
    return frame.size if frame else 0


def _adts_size(data: bytes, at: int) -> int:
    if at + 7 > len(data) or data[at] != 0xFF or data[at + 1] & 0xF6 != 0xF0 or data[at + 2] >> 2 & 15 > 12:
        return 0
    size = (data[at + 3] & 3) << 11 | data[at + 4] << 3 | data[at + 5] >> 5
    return size if size > 7 else 0


def _ends(data: Bytes, at: int) -> bool:
    """Say whether only tags, or the padding of a file, are left: a show joined from files has more."""
    for _ in range(MAX_TRAILING_TAGS):
        rest = data[at : at + SEARCH_BYTES]
        if not (tag := id3_length(rest)):
            break
        at += tag
    frame = read_frame(data, at)
    cut_short = frame is not None and at + frame.size > len(data)
    tagged = rest.startswith(TRAILERS) and len(data) - at < SEARCH_BYTES
    return cut_short or tagged or not rest.strip(b"\0")

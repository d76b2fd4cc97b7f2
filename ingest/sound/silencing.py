"""Silence stretches of a listening copy, byte by byte: nothing else changes, neither sound nor time.

A frame of MP3 may keep the beginning of its data in frames before it (the bit reservoir), so that
three things are done. Frames of the stretch become frames of silence; what they keep in frames
before is wiped, where no other frame has its data; frames after that began in a wiped one are
silent too, one to three of them. What is wiped is gone from the copy, not merely skipped.
Layer III: ISO/IEC 11172-3 §2.4.1.7 and 13818-3.
"""

import mmap
import shutil
from array import array
from collections.abc import Iterable, Sequence
from pathlib import Path

from ingest.errors import AudioDecodeError
from ingest.sound.listening import PEAK_MS, find_stream, written_whole
from ingest.sound.mpeg import HEADER_BYTES, Frame, read_frame

MARGIN_MS = 150  # on each side: words' times are not exact, and frames overlap
CRC_BYTES = 2
CRC_POLYNOMIAL = 0x8005

Span = tuple[int, int]


def silence_spans(path: Path, spans: Iterable[Span], to: Path) -> None:
    """Write a copy of a listening copy in which these stretches, in ms, are silent.

    AudioDecodeError where it is no MP3 of constant bit rate; the copy is complete, or not there.
    """
    stream = find_stream(path)
    if stream is None:
        raise AudioDecodeError(f"{path} is no listening copy", name=path.name)
    with written_whole(to) as file:
        with path.open("rb") as whole:
            shutil.copyfileobj(whole, file)
        file.flush()
        with mmap.mmap(file.fileno(), 0) as data:
            sound = _Frames(data, stream.begin, stream.frames)
            for first, last in _frame_spans(spans, stream.first, stream.frames):
                sound.silence(first, last)


def silence_peaks(peaks: bytes, spans: Iterable[Span]) -> bytes:
    """Draw nothing where nothing is heard."""
    drawn = bytearray(peaks)
    for start_ms, end_ms in spans:
        first = max(0, start_ms - MARGIN_MS) // PEAK_MS
        last = min(len(drawn), -(-(end_ms + MARGIN_MS) // PEAK_MS))
        drawn[first:last] = bytes(max(0, last - first))
    return bytes(drawn)


def _frame_spans(spans: Iterable[Span], frame: Frame, count: int) -> list[Span]:
    """Turn stretches of time into runs of frames, the last included, none touching another."""
    runs: list[Span] = []
    per_ms = frame.sample_rate / (frame.samples * 1000)
    for start_ms, end_ms in sorted(spans):
        first = max(0, int((start_ms - MARGIN_MS) * per_ms))
        last = min(count - 1, int((end_ms + MARGIN_MS) * per_ms))
        if runs and first <= runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], max(last, runs[-1][1]))
        elif first <= last:
            runs.append((first, last))
    return runs


class _Frames:
    """The frames of a file that is being changed in place."""

    def __init__(self, data: mmap.mmap, begin: int, count: int) -> None:
        self._data = data
        self._starts = array("Q", [begin])
        for _ in range(count):
            frame = read_frame(data, self._starts[-1])
            self._starts.append(self._starts[-1] + (frame.size if frame else 0))

    def silence(self, first: int, last: int) -> None:
        """Make these frames silent, the last included, and whatever hangs on their data."""
        self._wipe_before(first, self._borrowed(first))
        for at in range(first, last + 1):
            begin, end = self._area(at)
            self._data[begin:end] = bytes(end - begin)
            self._quieten(at)
        kept, at = 0, last + 1
        while at < len(self._starts) - 1 and self._borrowed(at) > kept:
            begin, end = self._area(at)
            kept += end - begin
            self._quieten(at)
            at += 1

    def _wipe_before(self, at: int, borrowed: int) -> None:
        while borrowed > 0 and at > 0:
            at -= 1
            begin, end = self._area(at)
            begin = max(begin, end - borrowed)
            self._data[begin:end] = bytes(end - begin)
            borrowed -= end - begin

    def _borrowed(self, at: int) -> int:
        """How many bytes of this frame's data stand before its own area (main_data_begin)."""
        begin, _ = self._side(at)
        if self._frame(at).lowest:
            return self._data[begin]
        return self._data[begin] << 1 | self._data[begin + 1] >> 7

    def _quieten(self, at: int) -> None:
        """Describe no sound: no data, no gain, nothing borrowed."""
        begin, end = self._side(at)
        self._data[begin:end] = bytes(end - begin)
        if begin - self._starts[at] > HEADER_BYTES:
            start = self._starts[at]
            check = _crc(self._data[start + 2 : start + HEADER_BYTES] + bytes(end - begin))
            self._data[begin - CRC_BYTES : begin] = check.to_bytes(CRC_BYTES)

    def _side(self, at: int) -> tuple[int, int]:
        start = self._starts[at]
        frame = self._frame(at)
        has_check = not self._data[start + 1] & 1
        begin = start + HEADER_BYTES + (CRC_BYTES if has_check else 0)
        lengths: Sequence[int] = (9, 17) if frame.lowest else (17, 32)
        return begin, begin + lengths[frame.channels - 1]

    def _area(self, at: int) -> tuple[int, int]:
        return self._side(at)[1], self._starts[at + 1]

    def _frame(self, at: int) -> Frame:
        frame = read_frame(self._data, self._starts[at])
        if frame is None:
            raise AudioDecodeError(f"no frame at byte {self._starts[at]}", name="")
        return frame


def _crc(data: bytes) -> int:
    """Compute the check of a frame, as §2.4.3.1 says."""
    check = 0xFFFF
    for byte in data:
        for bit in range(7, -1, -1):
            carry = (check >> 15) ^ (byte >> bit & 1)
            check = (check << 1 & 0xFFFF) ^ (CRC_POLYNOMIAL if carry else 0)
    return check

"""MP3 frames, read without decoding them."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.sound.mpeg import find_chain, read_declared_ms, read_frame, scan_constant
from tests.ingest.sounds import encode


def frame(kbps_index: int = 5, padding: int = 0) -> bytes:
    """Write an MPEG-1 layer III frame: 44.1 kHz, mono, silent."""
    header = bytes([0xFF, 0xFB, kbps_index << 4 | padding << 1, 0xC0])
    size = read_frame(header, 0)
    assert size
    return header + bytes(size.size - 4)


def test_a_header_tells_size_rate_and_samples() -> None:
    read = read_frame(frame(), 0)
    assert read
    assert (read.size, read.kbps, read.sample_rate, read.samples, read.channels) == (208, 64, 44_100, 1152, 1)
    assert read_frame(frame(padding=1), 0) != read


@pytest.mark.parametrize(
    "header", [b"\xff\xfb\xf0\xc0", b"\xff\xfb\x00\xc0", b"\xff\xfb\x5c\xc0", b"\xff\xeb\x50\xc0"]
)
def test_reserved_values_are_no_header(header: bytes) -> None:
    assert read_frame(header, 0) is None


def test_constant_frames_are_one_stream_between_junk_and_tags() -> None:
    stream = scan_constant(b"junk" + frame() * 40 + b"TAG" + bytes(125), 0)
    assert stream
    assert (stream.begin, stream.end, stream.frames) == (4, 4 + 40 * 208, 40)
    assert stream.duration_ms == 40 * 1152 * 1000 // 44_100


def test_a_cut_last_frame_is_left_out() -> None:
    stream = scan_constant((frame() * 10)[:-50], 0)
    assert stream
    assert stream.frames == 9


@pytest.mark.parametrize("middle", [frame(9), b"garbage between frames"])
def test_another_rate_or_garbage_in_the_middle_is_not_constant(middle: bytes) -> None:
    assert scan_constant(frame() * 10 + middle + frame() * 10, 0) is None


def test_the_encoders_delay_is_left_out_and_its_promise_read(tmp_path: Path) -> None:
    data = encode(tmp_path / "constant.mp3", seconds=2).read_bytes()
    stream = scan_constant(data, int.from_bytes(data[6:10]) + 10)
    assert stream
    chain = find_chain(data[stream.begin - 1500 :])
    assert chain
    whole = encode(
        tmp_path / "plain.mp3", "-b:a", "96k", "-write_xing", "0", "-id3v2_version", "0", seconds=2
    )
    untagged = scan_constant(whole.read_bytes(), 0)
    assert untagged
    assert untagged.frames == stream.frames + 1  # 1105 samples of delay are nearest to one frame
    begin = find_chain(data)
    assert begin
    assert read_declared_ms(data[begin[1] :]) == untagged.duration_ms


@given(
    st.lists(st.sampled_from([frame(), frame(padding=1), frame(9), b"\xff", b"TAG", bytes(3)]), max_size=30),
    st.binary(max_size=9),
)
def test_whatever_is_found_lies_within_the_data(parts: list[bytes], junk: bytes) -> None:
    data = b"".join(parts) + junk
    stream = scan_constant(data, 0)
    if stream:
        assert 0 <= stream.begin < stream.end <= len(data)
        assert read_frame(data, stream.begin) == stream.first
    read_declared_ms(data)


def test_tags_without_end_after_the_frames_end_the_search(tmp_path: Path) -> None:
    """FAULTS 41: a hundred thousand empty tags took the reader beyond its depth."""
    sound = encode(tmp_path / "constant.mp3", seconds=1)
    data, tag = sound.read_bytes(), b"ID3\x04\0\0\0\0\0\0"
    assert scan_constant(data + tag * 3, 0) is not None
    assert scan_constant(data + tag * 100_000, 0) is None

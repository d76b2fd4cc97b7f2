"""The listening copy: constant, complete, and on the same clock as what is recognised."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import AudioDecodeError, AudioError, AudioTooLongError
from ingest.sound.audio import SAMPLE_RATE, decode_blocks
from ingest.sound.chunks import Span
from ingest.sound.listening import COPY_KBPS, find_stream, hear_copy, make_listening_copy, measure_peaks
from tests.ingest.sounds import FORMATS, encode

CLICKS = "aevalsrc='lt(mod(t,1.3),0.01)*sin(6000*t)':d={seconds}"  # a click each 1.3 s


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_becomes_constant_mp3_without_tags(name: str, tmp_path: Path) -> None:
    original = encode(tmp_path / name)
    copy = make_listening_copy(original, tmp_path / "copy.mp3")
    stream = find_stream(copy.path)
    assert stream
    assert (stream.begin, stream.end) == (0, copy.path.stat().st_size), "frames and nothing else"
    assert stream.first.kbps == (96 if name == "constant.mp3" else COPY_KBPS)
    assert copy.duration_ms == stream.duration_ms
    assert abs(copy.duration_ms - 4000) < 120
    assert not copy.truncated
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted({name, "copy.mp3"})


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "sound.aac"])
def test_a_moment_of_the_copy_is_that_moment_of_the_original(name: str, tmp_path: Path) -> None:
    original = encode(tmp_path / name, *FORMATS[name], sound=CLICKS, seconds=8)
    copy = make_listening_copy(original, tmp_path / "copy.mp3")
    first, second = (np.concatenate(list(decode_blocks(path))) for path in (original, copy.path))
    assert abs(lag_ms(first, second)) <= 2


def test_a_constant_mp3_is_copied_frame_for_frame(tmp_path: Path) -> None:
    original = encode(tmp_path / "constant.mp3")
    copy = make_listening_copy(original, tmp_path / "copy.mp3")
    assert copy.path.read_bytes() in original.read_bytes()


@pytest.mark.parametrize("name", ["constant.mp3", "variable.mp3", "sound.wav", "sound.flac"])
@pytest.mark.parametrize("percent", [10, 50, 90, 97, 100])
def test_a_truncated_file_is_kept_and_flagged_faults_37(name: str, percent: int, tmp_path: Path) -> None:
    whole = encode(tmp_path / name, *FORMATS[name], seconds=20).read_bytes()
    cut = tmp_path / f"cut{Path(name).suffix}"
    cut.write_bytes(whole[: len(whole) * percent // 100])
    copy = make_listening_copy(cut, tmp_path / "copy.mp3")
    assert copy.truncated == (percent < 98)
    assert abs(copy.duration_ms - 200 * percent) < 900


def test_a_refused_file_leaves_nothing_behind(tmp_path: Path) -> None:
    long = encode(tmp_path / "heavy.mp3", seconds=20)
    with pytest.raises(AudioTooLongError):
        make_listening_copy(long, tmp_path / "copy.mp3", max_hours=5 / 3600)
    constant = encode(tmp_path / "constant.mp3", seconds=20)
    with pytest.raises(AudioTooLongError):
        make_listening_copy(constant, tmp_path / "copy.mp3", max_hours=5 / 3600)
    (tmp_path / "text.mp3").write_text("not audio")
    with pytest.raises(AudioError):
        make_listening_copy(tmp_path / "text.mp3", tmp_path / "copy.mp3")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["constant.mp3", "heavy.mp3", "text.mp3"]


def test_a_file_of_tags_alone_is_damaged(tmp_path: Path) -> None:
    tags = tmp_path / "tags.mp3"
    tags.write_bytes(b"ID3\x04\0\0\0\0\0\x04abcd")
    with pytest.raises(AudioDecodeError):
        make_listening_copy(tags, tmp_path / "copy.mp3")


@pytest.mark.slow
def test_ten_minutes_of_silence_are_an_empty_hearing(tmp_path: Path) -> None:
    silence = encode(tmp_path / "silence.mp3", "-b:a", "32k", sound="anullsrc=d={seconds}", seconds=600)
    hearing = hear_copy(make_listening_copy(silence, tmp_path / "copy.mp3").path)
    assert hearing.speech == ()
    assert abs(hearing.duration_ms - 600_000) < 100
    assert len(hearing.peaks) in (6_000, 6_001)
    assert max(hearing.peaks) == 0


@pytest.mark.slow
def test_a_real_voice_is_found_where_it_speaks(shared: Path, tmp_path: Path) -> None:
    copy = make_listening_copy(shared / "audio" / "radio-reelle.mp3", tmp_path / "copy.mp3")
    hearing = hear_copy(copy.path)
    assert hearing.duration_ms == pytest.approx(120_492, abs=40)
    heard = sum(span.length_ms for span in hearing.speech)
    assert 55_000 < heard < 70_000
    assert any(span.start_ms <= 60_000 and span.end_ms >= 65_000 for span in hearing.speech)
    assert all(isinstance(span, Span) for span in hearing.speech)


@given(st.lists(st.floats(-1, 1, width=32), max_size=5000))
def test_peaks_are_one_byte_each_100_ms(values: list[float]) -> None:
    samples = np.array(values, np.float32)
    peaks = measure_peaks(samples)
    assert len(peaks) == -(-len(samples) // (SAMPLE_RATE // 10))
    if values:
        assert max(peaks) == int(np.abs(samples).max() * 255)


def lag_ms(first: np.ndarray, second: np.ndarray) -> float:
    """Measure how much later the second signal is, by correlation."""
    length = len(first) + len(second)
    spectrum = np.fft.rfft(second, length) * np.conj(np.fft.rfft(first, length))
    best = int(np.argmax(np.fft.irfft(spectrum, length)))
    return (best if best < length // 2 else best - length) * 1000 / SAMPLE_RATE


def test_a_show_joined_from_tagged_files_is_heard_to_its_end(tmp_path: Path) -> None:
    one = encode(tmp_path / "constant.mp3", seconds=4).read_bytes()
    tag = b"ID3\x04\x00\x00" + bytes([0, 0, 0, 20]) + b"\0" * 20
    joined = tmp_path / "joined.mp3"
    joined.write_bytes(tag + one + tag + one + b"TAG" + b"\0" * 125)
    copy = make_listening_copy(joined, tmp_path / "copy.mp3")
    assert 7_900 <= copy.duration_ms <= 8_200

"""Withdrawn sound is silent in the copy that is heard; all else is as it was, byte for byte in the end."""

import subprocess
from pathlib import Path

import numpy as np
import pytest
from imageio_ffmpeg import get_ffmpeg_exe

from ingest.errors import AudioDecodeError
from ingest.sound.audio import SAMPLES_PER_MS, decode_samples
from ingest.sound.listening import find_stream
from ingest.sound.mpeg import read_frame
from ingest.sound.silencing import MARGIN_MS, silence_peaks, silence_spans

RATE = 32_000
SECONDS = 12
SETTLED_MS = 200  # frames near a stretch that hang on its data are silent too
QUIET = 1e-3

# Loud and quiet by turns, so that the encoder borrows bits from frames before.
KINDS = {
    "mono, MPEG-1": ["-ar", "32000", "-ac", "1", "-b:a", "64k"],
    "stereo, padded frames": ["-ar", "44100", "-ac", "2", "-b:a", "128k"],
    "MPEG-2": ["-ar", "24000", "-ac", "1", "-b:a", "48k"],
    "without reservoir": ["-ar", "32000", "-ac", "1", "-b:a", "64k", "-reservoir", "0"],
}


@pytest.fixture(scope="module", params=KINDS, ids=str)
def sound(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sound") / "whole.mp3"
    seconds = np.arange(SECONDS * RATE) / RATE
    swell = np.abs(np.sin(2 * np.pi * 3 * seconds)) ** 4
    noise = np.random.default_rng(1).standard_normal(len(seconds)) * 0.1 * swell
    samples = ((0.2 * np.sin(2 * np.pi * 330 * seconds) + noise) * 20_000).astype("<i2")
    command = [get_ffmpeg_exe(), "-v", "error", "-f", "s16le", "-ar", str(RATE), "-ac", "1", "-i", "-"]
    command += [*KINDS[request.param], "-write_xing", "0", "-id3v2_version", "0", str(path)]
    subprocess.run(command, input=samples.tobytes(), check=True)
    return path


def heard(path: Path, start_ms: int, end_ms: int) -> np.ndarray:
    samples = decode_samples(path, start_ms=0, end_ms=SECONDS * 1000)
    return samples[start_ms * SAMPLES_PER_MS : end_ms * SAMPLES_PER_MS]


def test_a_stretch_is_silent_and_the_rest_is_as_it_was(sound: Path, tmp_path: Path):
    spans = [(3_000, 4_000), (8_000, 8_200)]
    silence_spans(sound, spans, tmp_path / "heard.mp3")
    whole, copy = find_stream(sound), find_stream(tmp_path / "heard.mp3")
    assert whole == copy
    before = heard(sound, 0, SECONDS * 1000)
    after = heard(tmp_path / "heard.mp3", 0, SECONDS * 1000)
    assert len(before) == len(after)
    changed = np.zeros(len(before), bool)
    for start, end in spans:
        assert np.abs(heard(tmp_path / "heard.mp3", start, end)).max() < QUIET
        assert np.abs(heard(sound, start, end)).max() > 0.1
        near = slice(
            (start - MARGIN_MS - SETTLED_MS) * SAMPLES_PER_MS, (end + MARGIN_MS + SETTLED_MS) * SAMPLES_PER_MS
        )
        changed[near] = True
    assert np.abs(after - before)[~changed].max() < QUIET


def test_what_is_silent_left_no_byte_behind(sound: Path, tmp_path: Path):
    silence_spans(sound, [(3_000, 6_000)], tmp_path / "heard.mp3")
    data, stream = (tmp_path / "heard.mp3").read_bytes(), find_stream(sound)
    assert stream is not None
    at, frames = stream.begin, []
    while frame := read_frame(data, at):
        frames.append(data[at + 4 : at + frame.size])
        at += frame.size
    ms = stream.first.samples * 1000 / stream.first.sample_rate
    assert not any(any(body) for body in frames[int(3_000 / ms) : int(6_000 / ms)])


@pytest.mark.parametrize("spans", [[(0, 500)], [(11_500, 20_000)], [(0, 60_000)], [], [(4_000, 3_000)]])
def test_any_stretch_can_be_asked_for(sound: Path, tmp_path: Path, spans: list[tuple[int, int]]):
    silence_spans(sound, spans, tmp_path / "heard.mp3")
    assert find_stream(tmp_path / "heard.mp3") == find_stream(sound)
    for start, end in spans:
        silent = heard(tmp_path / "heard.mp3", start, min(end, SECONDS * 1000))
        assert not len(silent) or np.abs(silent).max() < QUIET


def test_only_a_listening_copy_can_be_silenced(tmp_path: Path):
    (tmp_path / "page.mp3").write_bytes(b"<html>" * 100)
    with pytest.raises(AudioDecodeError):
        silence_spans(tmp_path / "page.mp3", [(0, 1_000)], tmp_path / "heard.mp3")
    assert not (tmp_path / "heard.mp3").exists()


def test_nothing_is_drawn_where_nothing_is_heard():
    drawn = silence_peaks(bytes([9] * 100), [(5_000, 5_500)])
    assert drawn == bytes([9] * 48 + [0] * 9 + [9] * 43)
    assert silence_peaks(bytes([9] * 10), [(900, 99_000)]) == bytes([9] * 7 + [0] * 3)

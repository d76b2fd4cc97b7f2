"""Who speaks when, on real and synthetic shows; and no voice print outlives the answer."""

import json
import pickle
import weakref
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.scores import SpokenBy, diarisation_error, read_rttm
from ingest.sound.audio import SAMPLE_RATE, Samples, decode_blocks
from ingest.sound.chunks import Span, find_speech
from ingest.voices.speakers import VoiceSpan, diarise, hear_stretches, join_voices, number_voices
from ingest.voices.voiceprints import VoicePrinter, find_speaker_model

NOISE = np.random.default_rng(5).normal(scale=0.1, size=6 * SAMPLE_RATE).astype(np.float32)
LEAST_HEARD_MS = 12_000  # whoever speaks as long is never lost


@pytest.fixture(scope="session")
def speaker_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The speaker model, written once a session."""
    return find_speaker_model(tmp_path_factory.mktemp("models"))


def spoken(spans: tuple[VoiceSpan, ...]) -> list[SpokenBy]:
    return [SpokenBy(span.start_ms, span.end_ms, span.voice) for span in spans]


def heard(audio: Path, model: Path, speakers: int | None = None) -> tuple[VoiceSpan, ...]:
    speech = find_speech(decode_blocks(audio))
    return diarise(decode_blocks(audio), speech, speakers=speakers, model=model)


def true_voices(path: Path) -> list[SpokenBy]:
    turns = json.loads(path.read_text("utf-8"))["turns"]
    return [SpokenBy(round(t["start"] * 1000), round(t["end"] * 1000), t["speaker"]) for t in turns]


def at_length(truth: list[SpokenBy]) -> set[object]:
    said = {name: sum(s.end_ms - s.start_ms for s in truth if s.voice == name) for *_, name in truth}
    return {name for name, ms in said.items() if ms >= LEAST_HEARD_MS}


@pytest.mark.slow
@pytest.mark.parametrize("speakers", [None, 3])
def test_a_show_of_five_voices_is_told_apart(shared: Path, speaker_model: Path, speakers: int | None) -> None:
    truth = true_voices(shared / "audio/emission-courte.json")
    spans = heard(shared / "audio/emission-courte.mp3", speaker_model, speakers)
    score = diarisation_error(truth, spoken(spans))
    assert score.error < 0.02  # goal: 5 %; measured: 0.6 %
    assert at_length(truth) <= score.pairs.keys()
    assert list(dict.fromkeys(span.voice for span in spans)) == sorted({span.voice for span in spans})
    assert all(before.end_ms <= after.start_ms for before, after in pairwise(spans))


@pytest.mark.slow
@pytest.mark.parametrize("speakers", [None, 2, 5])
def test_two_voices_on_the_telephone_are_two(shared: Path, speaker_model: Path, speakers: int | None) -> None:
    truth = read_rttm(shared / "audio/deux-voix.rttm")
    spans = heard(shared / "audio/deux-voix.wav", speaker_model, speakers)
    assert len({span.voice for span in spans}) == 2
    assert diarisation_error(truth, spoken(spans)).error < 0.08  # measured: 5.0 %; no words overlap in ours


@pytest.mark.slow
def test_voice_prints_do_not_outlive_the_answer(
    shared: Path, speaker_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prints are biometric data: nothing but times and numbers comes out, and nothing is written."""
    taken: list[weakref.ref[np.ndarray]] = []
    take = VoicePrinter.take_prints

    def watched(printer: VoicePrinter, windows: list[np.ndarray]) -> np.ndarray:
        prints = take(printer, windows)
        taken.append(weakref.ref(prints))
        return prints

    monkeypatch.setattr(VoicePrinter, "take_prints", watched)
    before = sorted(speaker_model.parent.iterdir())
    spans = heard(shared / "audio/deux-voix.wav", speaker_model)
    assert taken and all(prints() is None for prints in taken)
    assert {type(value) for span in spans for value in (span.start_ms, span.end_ms, span.voice)} == {int}
    assert len(pickle.dumps(spans)) < 100 + 20 * len(spans)
    assert sorted(speaker_model.parent.iterdir()) == before


@pytest.mark.slow
def test_an_episode_without_speech_has_no_voice(speaker_model: Path) -> None:
    assert diarise([NOISE], (), speakers=2, model=speaker_model) == ()


@pytest.mark.slow
def test_the_shortest_speech_has_a_voice(speaker_model: Path) -> None:
    spans = diarise([NOISE], [Span(1_000, 1_096), Span(5_000, 5_400)], speakers=None, model=speaker_model)
    assert {span.voice for span in spans} == {1}


@settings(deadline=None)
@given(st.lists(st.integers(0, len(NOISE)), max_size=6), st.sets(st.integers(0, 7_000), max_size=8))
def test_stretches_hold_the_speech_however_the_sound_is_cut(cuts: list[int], edges: set[int]) -> None:
    starts_ends = sorted(edges)
    speech = [Span(a, b) for a, b in zip(starts_ends[::2], starts_ends[1::2], strict=False)]
    whole = list(hear_stretches([NOISE], speech))
    parts = list(hear_stretches(np.split(NOISE, sorted(cuts)), speech))
    assert [s.start_ms for s in whole] == [s.start_ms for s in parts]
    assert [len(s.frames) for s in whole] == [len(s.frames) for s in parts]
    assert all(len(stretch.frames) for stretch in whole)
    assert sum(len(s.frames) for s in whole) <= len(NOISE) // 160


def test_a_short_pause_lies_inside_a_stretch_and_a_long_one_between() -> None:
    speech = [Span(0, 1_000), Span(1_400, 2_000), Span(2_600, 3_000)]
    stretches = list(hear_stretches(blocks(), speech))
    assert [(s.start_ms, len(s.frames)) for s in stretches] == [(0, 200), (2_600, 40)]


def test_speech_past_the_end_of_the_sound_is_cut_there() -> None:
    (stretch,) = hear_stretches(blocks(), [Span(5_000, 9_000)])
    assert stretch.start_ms + 10 * len(stretch.frames) == pytest.approx(6_000, abs=30)


def test_a_voice_goes_on_over_a_short_silence_and_not_over_another_voice() -> None:
    spans = [
        VoiceSpan(0, 10, 4),
        VoiceSpan(900, 1_000, 4),
        VoiceSpan(1_000, 1_100, 2),
        VoiceSpan(1_100, 2_000, 4),
    ]
    joined = [VoiceSpan(0, 1_000, 4), VoiceSpan(1_000, 1_100, 2), VoiceSpan(1_100, 2_000, 4)]
    assert list(join_voices(spans)) == joined
    assert [span.voice for span in number_voices(joined)] == [1, 2, 1]


def blocks() -> Iterator[Samples]:
    yield from np.array_split(NOISE, 5)

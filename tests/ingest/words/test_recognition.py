"""Words come from speech alone, at their times, and a doubtful window is heard again."""

import json
import re
import statistics
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import ingest.words.recognition
from ingest.errors import MissingModelError
from ingest.sound.audio import Samples, decode_samples
from ingest.sound.chunks import Span, find_speech
from ingest.sound.listening import hear_copy, make_listening_copy
from ingest.words.loops import find_doubts
from ingest.words.recognition import (
    HOTWORDS_CHARACTERS,
    ChunkTask,
    Heard,
    Recogniser,
    detect_language,
    detect_task,
    fit_to_speech,
    is_suspect,
    join_hotwords,
    load_model,
    recognise_chunk,
    recognise_task,
)
from ingest.words.spelling import Piece
from ingest.words.weights import find_model
from ingest.words.windows import Window
from ingest.work.pool import Pool
from media.settings import Settings
from tests.ingest.sound.test_chunks import gaps, speech_of

TEN_S = Window((Span(0, 10_000),))


def heard(words: int, ratio: float = 1.5) -> list[Heard]:
    """Say so many words, one each 300 ms."""
    return [Heard(tuple(Piece(f" m{i}", i * 300, i * 300 + 300, 0.9) for i in range(words)), ratio)]


def once(words: list[tuple[str, int]]) -> dict[str, int]:
    """Keep the starts of words that come once only, by their letters."""
    keys = [re.sub(r"\W", "", text.lower()) for text, _ in words]
    return {key: start for key, (_, start) in zip(keys, words, strict=True) if keys.count(key) == 1}


@pytest.mark.parametrize(
    ("words", "ratio", "spoken_ms", "suspect"),
    [
        (30, 1.5, 10_000, False),
        (16, 1.5, 10_000, True),
        (17, 1.5, 10_000, False),
        (30, 2.5, 10_000, True),
        (0, 1.5, 3_999, False),
        (0, 1.5, 4_000, True),
        (8, 1.5, 4_000, False),
    ],
)
def test_few_words_for_the_speech_or_dense_text_is_suspect(
    words: int, ratio: float, spoken_ms: int, suspect: bool
) -> None:
    assert is_suspect(heard(words, ratio), TEN_S, [Span(0, spoken_ms)]) == suspect


def test_a_suspect_window_is_heard_alone_and_without_hotwords(monkeypatch: pytest.MonkeyPatch) -> None:
    given_names: list[str | None] = []

    def together(_: object, sounds: list[Samples], __: str, names: str | None) -> list[list[Heard]]:
        given_names.append(names)
        return [heard(5) for _ in sounds]

    def alone(_: object, __: Samples, language: str) -> list[Heard]:
        assert language == "fr"
        return heard(40)

    monkeypatch.setattr(ingest.words.recognition, "_hear_together", together)
    monkeypatch.setattr(ingest.words.recognition, "_hear_alone", alone)
    samples, speech = np.zeros(16_000 * 20, np.float32), [Span(2_000, 18_000)]
    chunk = recognise_chunk(Recogniser(None, 5, 2), samples, speech, 60_000, "fr", ["April"])
    assert given_names == ["April"]
    assert len(chunk.words) == 40
    assert chunk.words[1].start_ms == 62_000, "a window begins a little before speech"
    assert chunk.doubts == ()


def test_a_word_stretched_over_a_pause_is_brought_back_into_speech() -> None:
    speech = [Span(0, 1_000), Span(5_000, 9_000)]
    (piece,) = fit_to_speech([Piece(" Bonjour", 900, 5_600, 0.9)], speech)
    assert (piece.start_ms, piece.end_ms) == (5_000, 5_600)
    (piece,) = fit_to_speech([Piece(" rien", 2_000, 2_400, 0.9)], speech)
    assert (piece.start_ms, piece.end_ms) == (2_000, 2_400), "far from speech, it is left to be doubted"


@given(gaps, st.lists(st.tuples(st.integers(0, 200_000), st.integers(0, 3_000)), max_size=20))
def test_fitting_only_ever_shortens(lengths: list[tuple[int, int]], times: list[tuple[int, int]]) -> None:
    pieces = [Piece(" m", start, start + length, 0.5) for start, length in times]
    for before, after in zip(pieces, fit_to_speech(pieces, speech_of(lengths)), strict=True):
        assert before.start_ms <= after.start_ms <= after.end_ms <= before.end_ms


@given(st.lists(st.text(max_size=30), max_size=60))
def test_hotwords_fit_and_come_once_in_order(terms: list[str]) -> None:
    joined = join_hotwords(terms)
    assert joined is None or 0 < len(joined) <= HOTWORDS_CHARACTERS
    assert join_hotwords(["April", " April ", "", "Libre  à vous"]) == "April, Libre à vous"


def test_a_folder_that_is_no_model_is_said(tmp_path: Path) -> None:
    (tmp_path / "model.bin").write_bytes(b"nothing")
    with pytest.raises(MissingModelError):
        load_model(tmp_path, "cpu", 5)


@pytest.mark.slow
def test_a_real_broadcast_gives_its_words_at_their_times(shared: Path, recogniser: Recogniser) -> None:
    samples = decode_samples(shared / "audio" / "radio-reelle.mp3", start_ms=45_000, end_ms=93_000)
    speech = find_speech([samples])
    assert detect_language(recogniser, samples, speech).code == "fr"
    chunk = recognise_chunk(recogniser, samples, speech, 45_000, "fr")
    reference = json.loads((shared / "audio" / "radio-reelle.json").read_text())["words"]
    expected = once([(word["text"], word["start_ms"]) for word in reference])
    found = once([(word.text, word.start_ms or 0) for word in chunk.words])
    late_ms = [abs(found[key] - expected[key]) for key in expected.keys() & found.keys()]
    assert len(late_ms) > 0.5 * len(expected)
    assert statistics.median(late_ms) < 150
    assert statistics.quantiles(late_ms, n=10)[-1] < 500, "a click starts near enough to its word"
    times = [time for word in chunk.words for time in (word.start_ms or 0, word.end_ms or 0)]
    assert times == sorted(times)
    assert 45_000 <= times[0] < times[-1] <= 93_000
    assert not any(doubt for doubt in chunk.doubts)


@pytest.mark.slow
def test_noise_and_silence_say_nothing_that_passes_for_speech(recogniser: Recogniser) -> None:
    noise = np.random.default_rng(3).normal(0, 0.1, 16_000 * 20).astype(np.float32)
    assert recognise_chunk(recogniser, noise, find_speech([noise]), 0, "fr").words == ()
    forced = recognise_chunk(recogniser, noise, [Span(0, 20_000)], 0, "fr")
    doubted = {index for doubt in forced.doubts for index in range(doubt.first_word, doubt.last_word + 1)}
    assert len(forced.words) - len(doubted) < 8
    assert find_doubts(forced.words, []) or not forced.words


@pytest.mark.slow
def test_a_chunk_is_recognised_in_a_process_of_the_pool(
    shared: Path, tmp_path: Path, model_settings: Settings
) -> None:
    copy = make_listening_copy(shared / "audio" / "deux-voix.wav", tmp_path / "copy.mp3").path
    speech = hear_copy(copy).speech
    task = ChunkTask(
        audio=copy,
        chunk=Span(2_000, 28_000),
        speech=speech,
        language="en",
        hotwords=(),
        model=find_model(model_settings),
        device="cpu",
        beam_size=2,
    )
    with Pool(1) as pool:
        assert pool.run(detect_task, task).code == "en"
        chunk = pool.run(recognise_task, task)
    assert len(chunk.words) > 30
    assert all(2_000 <= (word.start_ms or 0) <= 28_000 for word in chunk.words)

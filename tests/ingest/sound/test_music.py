"""Music is what is loud where nobody speaks."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ingest.sound.chunks import Span
from ingest.sound.music import SAMPLE_RATE, find_music

SPEECH = (Span(2_000, 4_000), Span(8_000, 9_000), Span(10_000, 11_000))


def sound(*levels_dbfs: float) -> np.ndarray:
    """One second of noise at each of these levels."""
    noise = np.random.default_rng(3)
    rows = [noise.normal(size=SAMPLE_RATE) * 10 ** (level / 20) for level in levels_dbfs]
    return np.concatenate(rows).astype(np.float32)


def test_a_long_loud_gap_is_music_and_a_silent_or_short_one_is_not() -> None:
    heard = sound(-63, -63, -20, -20, -63, -22, -22, -63, -20, -22, -20, -63, -63, -63)
    assert find_music([heard], SPEECH) == (Span(5_000, 7_000),)


def test_music_before_and_after_all_speech_is_found() -> None:
    assert find_music([sound(-20, -20)], ()) == (Span(0, 2_000),)
    assert find_music([sound(-20, -20, -20, -20)], [Span(0, 1_000)]) == (Span(1_000, 4_000),)


def test_ten_minutes_of_silence_hold_no_music() -> None:
    second = np.zeros(SAMPLE_RATE, np.float32)
    assert find_music((second for _ in range(600)), ()) == ()


def test_no_sound_holds_no_music() -> None:
    assert find_music([], ()) == ()


@given(st.lists(st.integers(0, 14 * SAMPLE_RATE), max_size=8))
def test_how_the_sound_is_cut_in_blocks_changes_nothing(cuts: list[int]) -> None:
    heard = sound(-63, -63, -20, -20, -63, -22, -22, -63, -20, -22, -20, -63, -63, -63)
    assert find_music(np.split(heard, sorted(cuts)), SPEECH) == (Span(5_000, 7_000),)

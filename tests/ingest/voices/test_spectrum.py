"""Log-mel frames are those that the speaker model was taught with."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.voices.spectrum import BANDS, FRAME_LENGTH, FRAME_STEP, SAMPLE_RATE, mel_frames

NOISE = np.random.default_rng(5).normal(scale=0.1, size=SAMPLE_RATE).astype(np.float32)


def heard(blocks: list[np.ndarray]) -> np.ndarray:
    return np.concatenate([np.empty((0, BANDS), np.float32), *mel_frames(blocks)])


@given(st.lists(st.integers(0, len(NOISE)), max_size=12))
def test_how_the_sound_is_cut_in_blocks_changes_nothing(cuts: list[int]) -> None:
    np.testing.assert_allclose(heard(np.split(NOISE, sorted(cuts))), heard([NOISE]), atol=1e-4)


@pytest.mark.parametrize(
    ("samples", "frames"), [(0, 0), (FRAME_LENGTH - 1, 0), (FRAME_LENGTH, 1), (FRAME_LENGTH + FRAME_STEP, 2)]
)
def test_a_frame_is_heard_whole_or_not_at_all(samples: int, frames: int) -> None:
    assert heard([NOISE[:samples]]).shape == (frames, BANDS)


@pytest.mark.parametrize("hertz", [200, 1_000, 4_000])
def test_a_pure_tone_is_loudest_in_the_band_of_its_pitch(hertz: int) -> None:
    tone = np.sin(2 * np.pi * hertz * np.arange(SAMPLE_RATE) / SAMPLE_RATE).astype(np.float32)
    low, high = 1127 * np.log1p(20 / 700), 1127 * np.log1p(8_000 / 700)
    band = (1127 * np.log1p(hertz / 700) - low) / (high - low) * (BANDS + 1) - 1
    assert abs(heard([tone]).mean(axis=0).argmax() - band) <= 1


def test_silence_has_a_floor_and_no_infinity() -> None:
    assert np.isfinite(heard([np.zeros(SAMPLE_RATE, np.float32)])).all()

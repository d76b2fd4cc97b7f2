"""Turn sound into log-mel frames, as the speaker model was taught to hear it.

Kaldi's filter bank (80 bands of 20–8000 Hz, Povey window, pre-emphasis, no dither), which CAM++
was trained on, in NumPy, block after block: memory does not grow with the length of an episode.
Frame `i` hears the 25 ms that start at `i` × 10 ms.
"""

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]
Frames = NDArray[np.float32]

SAMPLE_RATE = 16_000
FRAME_MS = 10  # from one frame to the next
FRAME_STEP = SAMPLE_RATE * FRAME_MS // 1000  # 160 samples
FRAME_LENGTH = SAMPLE_RATE * 25 // 1000  # 400 samples
FFT_LENGTH = 512
BANDS = 80
LOWEST_HZ, HIGHEST_HZ = 20, SAMPLE_RATE / 2
PRE_EMPHASIS = np.float32(0.97)
SAMPLE_SCALE = np.float32(32_768)  # the model heard 16-bit samples
ENERGY_FLOOR = np.float32(np.finfo(np.float32).eps)
FRAMES_AT_ONCE = 2_048  # 20 s: bounds the memory of one transform


def mel_frames(blocks: Iterable[Samples]) -> Iterator[Frames]:
    """Yield log-mel frames, float32 of shape (n_frames, 80), of blocks heard as one sound.

    Blocks are float32, mono, 16 kHz, of any lengths. Frames are yielded as soon as they are heard
    whole, at most `FRAMES_AT_ONCE` together; a last incomplete frame is dropped.
    """
    filters, window = _mel_filters(), _povey_window()
    kept = np.empty(0, np.float32)
    for block in blocks:
        sound = np.concatenate((kept, block))
        count = max(0, 1 + (len(sound) - FRAME_LENGTH) // FRAME_STEP)
        for first in range(0, count, FRAMES_AT_ONCE):
            last = min(count, first + FRAMES_AT_ONCE)
            heard = sound[first * FRAME_STEP : (last - 1) * FRAME_STEP + FRAME_LENGTH]
            yield _log_mel(heard, filters, window)
        kept = sound[count * FRAME_STEP :]


def _log_mel(sound: Samples, filters: Frames, window: Samples) -> Frames:
    cut = np.lib.stride_tricks.sliding_window_view(sound, FRAME_LENGTH)[::FRAME_STEP] * SAMPLE_SCALE
    cut -= cut.mean(axis=1, keepdims=True)
    before = np.concatenate((cut[:, :1], cut[:, :-1]), axis=1)
    power = np.abs(np.fft.rfft((cut - PRE_EMPHASIS * before) * window, FFT_LENGTH)) ** 2
    heard: Frames = np.log(np.maximum(power[:, :-1].astype(np.float32) @ filters, ENERGY_FLOOR))
    return heard


def _povey_window() -> Samples:
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(FRAME_LENGTH) / (FRAME_LENGTH - 1))
    return (hann**0.85).astype(np.float32)


def _mel_filters() -> Frames:
    """Triangles evenly spaced in mels, of shape (FFT_LENGTH / 2, BANDS)."""
    edges = np.linspace(_mels(LOWEST_HZ), _mels(HIGHEST_HZ), BANDS + 2)
    at = _mels(np.arange(FFT_LENGTH // 2) * SAMPLE_RATE / FFT_LENGTH)[:, None]
    rising = (at - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - at) / (edges[2:] - edges[1:-1])
    return np.maximum(0, np.minimum(rising, falling)).astype(np.float32)


def _mels(hertz: NDArray[np.float64] | float) -> NDArray[np.float64]:
    return 1127 * np.log1p(np.asarray(hertz, np.float64) / 700)

"""Draw the path of voices through an episode's speech: who has each twentieth of a second.

Viterbi over steps of 50 ms. A step resembles each voice as the prints that cover it do, those
whose middle is near counting more. Changing voice costs `CHANGE_PRICE` steps of resemblance, much
less in a pause, and little between stretches that silence parts.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

STEP_FRAMES = 5  # 50 ms
CHANGE_PRICE = 4.0  # steps × cosine
PAUSE_DISCOUNT = 0.8  # what the deepest pause of a stretch takes off
SILENCE_PRICE = 0.5  # between stretches
LEAST_DEPTH = 0.5  # of the mean log-mel, below which a stretch has no pauses to speak of


class Run(NamedTuple):
    """Consecutive frames of one stretch, in one voice."""

    stretch: int
    first: int
    last: int  # excluded; may round up past the stretch's last frame
    voice: int  # from 0


class VoicePath:
    """Resemblance of each step of some stretches to each voice, as prints are weighed in."""

    def __init__(self, stretches: Sequence[NDArray[np.float16]], voices: int) -> None:
        depths = [_pause_depths(frames) for frames in stretches]
        self._starts = np.cumsum([0, *map(len, depths)])
        self._prices = CHANGE_PRICE * (1 - PAUSE_DISCOUNT * np.concatenate(depths))
        self._prices[self._starts[:-1]] = SILENCE_PRICE
        self._sums = np.zeros((self._starts[-1], voices))
        self._weights = np.full((self._starts[-1], 1), np.finfo(np.float32).tiny)

    def weigh(
        self, stretch: int, first_frame: int, frames: int, cosines: NDArray[np.float32], weight: float = 1.0
    ) -> None:
        """Let a print of these frames of a stretch speak for the steps that it covers."""
        start = self._starts[stretch] + first_frame // STEP_FRAMES
        end = min(start - (-frames // STEP_FRAMES), self._starts[stretch + 1])
        middle = (end - start) / 2
        nearness = weight * (1 - np.abs(np.arange(end - start) + 0.5 - middle) / (middle + 0.5))[:, None]
        self._sums[start:end] += nearness * cosines
        self._weights[start:end] += nearness

    def runs(self) -> Iterator[Run]:
        """Draw the path with what has been weighed, and yield it voice after voice."""
        path = _viterbi(self._sums / self._weights, self._prices)
        for stretch, (start, end) in enumerate(pairwise(self._starts)):
            changes = 1 + np.flatnonzero(np.diff(path[start:end]))
            for first, last in pairwise((0, *changes, end - start)):
                voice = path[start + first]
                yield Run(stretch, int(first) * STEP_FRAMES, int(last) * STEP_FRAMES, int(voice))


def _pause_depths(frames: NDArray[np.float16]) -> NDArray[np.float64]:
    """How deep in a pause each step is: 0 at the stretch's middle loudness, 1 at its lowest."""
    loudness = frames.mean(axis=1, dtype=np.float32)
    loudness = np.pad(loudness, (0, -len(loudness) % STEP_FRAMES), mode="edge")
    steps = loudness.reshape(-1, STEP_FRAMES).mean(axis=1)
    middle = np.median(steps)
    return np.asarray(np.clip((middle - steps) / max(middle - steps.min(), LEAST_DEPTH), 0, 1), np.float64)


def _viterbi(scores: NDArray[np.float64], prices: NDArray[np.float64]) -> NDArray[np.intp]:
    """The voices whose summed scores, less the prices of changing, are highest."""
    count, voices = scores.shape
    same, came_from = np.arange(voices), np.empty(scores.shape, np.int16)
    best = scores[0]
    for step in range(1, count):
        leader = best.argmax()
        changed = best[leader] - prices[step]
        came_from[step] = np.where(best >= changed, same, leader)
        best = np.maximum(best, changed) + scores[step]
    path = np.empty(count, np.intp)
    path[-1] = best.argmax()
    for step in range(count - 1, 0, -1):
        path[step - 1] = came_from[step, path[step]]
    return path

"""Find music and jingles: what is loud where nobody speaks.

Measured (shared/SPEECH.md §5): long gaps in the speech were music 17 times of 17, at −22 dBFS
where silence was at −63. It does not tell music from other loud sounds, and hears none under talk.
"""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from ingest.sound.audio import SAMPLE_RATE, Samples
from ingest.sound.chunks import Span

SHORTEST_MS = 1_500
LOUD_DBFS = -45.0
STEP_MS = 100
STEP_SAMPLES = SAMPLE_RATE * STEP_MS // 1000


class SoundLevels:
    """How loud an episode is, each tenth of a second; feed it blocks of any length."""

    def __init__(self) -> None:
        self._powers: list[NDArray[np.float32]] = []
        self._rest = np.zeros(0, np.float32)

    def feed(self, block: Samples) -> None:
        """Hear one more block."""
        sound = np.concatenate((self._rest, block))
        whole = len(sound) - len(sound) % STEP_SAMPLES
        self._powers.append((sound[:whole].reshape(-1, STEP_SAMPLES) ** 2).mean(axis=1))
        self._rest = sound[whole:]

    def music(self, speech: Sequence[Span]) -> tuple[Span, ...]:
        """Return the loud parts of the long gaps in an episode's speech, both given in order."""
        powers = np.concatenate(self._powers) if self._powers else np.zeros(0, np.float32)
        loud = np.flatnonzero(powers > 10 ** (LOUD_DBFS / 10)) * STEP_MS
        found = []
        for start_ms, end_ms in _gaps(speech, len(powers) * STEP_MS):
            inside = loud[(loud >= start_ms) & (loud + STEP_MS <= end_ms)]
            if len(inside) * STEP_MS >= SHORTEST_MS:
                found.append(Span(int(inside[0]), int(inside[-1]) + STEP_MS))
        return tuple(found)


def find_music(blocks: Iterable[Samples], speech: Sequence[Span]) -> tuple[Span, ...]:
    """Find music in a whole episode's blocks (float32, mono, 16 kHz), given where people speak."""
    levels = SoundLevels()
    for block in blocks:
        levels.feed(block)
    return levels.music(speech)


def _gaps(speech: Sequence[Span], duration_ms: int) -> Iterator[tuple[int, int]]:
    """Yield where nobody speaks for `SHORTEST_MS` or more."""
    edges = [0, *(edge for span in speech for edge in (span.start_ms, span.end_ms)), duration_ms]
    for start_ms, end_ms in zip(edges[::2], edges[1::2], strict=True):
        if end_ms - start_ms >= SHORTEST_MS:
            yield start_ms, end_ms

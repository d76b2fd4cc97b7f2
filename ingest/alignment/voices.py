"""Whose voice is whose: the names of a text and the voices that were heard, by the speech they share.

A voice heard by ear has no name; a text has names and no voice. Where the text's turns have their
times, each voice was heard to speak so long under each name. The pairing that shares the most in
all is taken, and of it what is plain; the rest is left and said to be unsure. Pure.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

LEAST_SHARED_MS = 3_000  # of speech under a name, before a voice is given it
LEAST_SHARE = 0.6  # of what a voice says
PLAIN_SHARE = 0.85  # from here on, a second voice under a name is the same person's
TOLD_MS = 3_000  # a voice heard for less is not spoken of


@dataclass(frozen=True, slots=True)
class Said:
    """A stretch that a voice speaks."""

    voice: int
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class VoicePair:
    """A name of the text and a voice that was heard, and what speaks for their being one."""

    text_voice: int
    heard_voice: int
    shared_ms: int
    heard_ms: int  # by that voice in all
    is_sure: bool


def pair_voices(text: Sequence[Said], heard: Iterable[Said]) -> list[VoicePair]:
    """Pair each heard voice with the name that it most likely bears; `text` is in order, heard are words."""
    shared, spoken = _count_shared(text, heard)
    ours = sorted({one for one, _ in shared})
    theirs = sorted(voice for voice, ms in spoken.items() if ms >= TOLD_MS)
    if not ours or not theirs:
        return []
    table = np.array([[shared[one, two] for two in theirs] for one in ours])
    chosen = {theirs[two]: ours[one] for one, two in zip(*linear_sum_assignment(-table), strict=True)}
    return list(_judge(shared, spoken, chosen, ours, theirs))


def _judge(
    shared: Mapping[tuple[int, int], int],
    spoken: Mapping[int, int],
    chosen: Mapping[int, int],
    ours: Sequence[int],
    theirs: Sequence[int],
) -> Iterator[VoicePair]:
    for two in theirs:
        one = max(ours, key=lambda voice: shared.get((voice, two), 0))
        ms, share = shared.get((one, two), 0), shared.get((one, two), 0) / spoken[two]
        least = LEAST_SHARE if chosen.get(two) == one else PLAIN_SHARE
        yield VoicePair(one, two, ms, spoken[two], ms >= LEAST_SHARED_MS and share >= least)


def _count_shared(
    text: Sequence[Said], heard: Iterable[Said]
) -> tuple[Counter[tuple[int, int]], Counter[int]]:
    """Count the ms that each heard voice speaks in the text's stretches of each voice, and in all."""
    starts = [said.start_ms for said in text]
    shared: Counter[tuple[int, int]] = Counter()
    spoken: Counter[int] = Counter()
    for word in heard:
        length = word.end_ms - word.start_ms
        spoken[word.voice] += length
        at = bisect_right(starts, (word.start_ms + word.end_ms) // 2) - 1
        if at >= 0 and (word.start_ms + word.end_ms) // 2 <= text[at].end_ms:
            shared[text[at].voice, word.voice] += length
    return shared, spoken

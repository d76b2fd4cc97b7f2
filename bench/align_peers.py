"""What alignment is measured against: the common ways, plainly done, with the same words and speech.

Both are ours to lose to: `by_difflib` is what most programs do (equal words by difflib, the rest in
proportion); `by_edits` is the floor that shared/SPEECH.md §4 measured (edit distance, equal and
replaced words as anchors, speech time, turns moved to a start of speech within 0.6 s).
"""

from collections.abc import Callable, Sequence
from difflib import SequenceMatcher

import numpy as np
from rapidfuzz.distance import Levenshtein

from ingest.alignment.clock import SpeechClock
from ingest.alignment.tokens import HeardParts, Parts, cut_heard, cut_words
from ingest.alignment.values import Spans
from media.transcript import Word

REACH_MS = 600.0

Pairs = list[tuple[int, int]]


def by_difflib(
    turns: Sequence[Sequence[str]], heard: Sequence[Word], speech: Spans, duration_ms: int
) -> list[float]:
    """Start each turn where its first word is, by difflib; the rest in proportion to characters."""
    ours, theirs, firsts = _cut(turns, heard)
    blocks = SequenceMatcher(None, ours.texts, theirs.parts.texts, autojunk=False).get_matching_blocks()
    pairs = [(block.a + step, block.b + step) for block in blocks for step in range(block.size)]
    placed = _interpolate(ours, theirs, pairs, duration_ms, lambda ms: ms, lambda ms: ms)
    return [float(placed[first]) for first in firsts]


def by_edits(
    turns: Sequence[Sequence[str]], heard: Sequence[Word], speech: Spans, duration_ms: int
) -> list[float]:
    """Start each turn as shared/SPEECH.md §4 recommends."""
    ours, theirs, firsts = _cut(turns, heard)
    pairs = [
        (op.src_start + step, op.dest_start + step)
        for op in Levenshtein.opcodes(ours.texts, theirs.parts.texts)
        if op.tag in ("equal", "replace")
        for step in range(op.src_end - op.src_start)
    ]
    clock = SpeechClock(speech)
    placed = _interpolate(ours, theirs, pairs, duration_ms, clock.spoken, clock.begins)
    begins = np.array([start for start, _ in speech], float)
    near = [float(begins[np.abs(begins - placed[first]).argmin()]) for first in firsts]
    return [
        start if abs(start - placed[first]) <= REACH_MS else float(placed[first])
        for start, first in zip(near, firsts, strict=True)
    ]


def _cut(turns: Sequence[Sequence[str]], heard: Sequence[Word]) -> tuple[Parts, HeardParts, list[int]]:
    keys: dict[str, int] = {}
    ours = cut_words((word for turn in turns for word in turn), keys)
    counts = np.cumsum([0, *(len(turn) for turn in turns)])
    return ours, cut_heard(heard, keys), np.searchsorted(ours.owners, counts[:-1]).tolist()


def _interpolate(
    ours: Parts,
    theirs: HeardParts,
    pairs: Pairs,
    duration_ms: int,
    there: Callable[[float], float],
    back: Callable[[float], float],
) -> np.ndarray:
    at = np.concatenate(([0.0], np.cumsum(ours.lengths)))
    known = [(float(at[one]), there(float(theirs.starts[two]))) for one, two in pairs]
    known = [(-1.0, there(0.0)), *known, (float(at[-1]), there(float(duration_ms)))]
    xs, ys = zip(*known, strict=True)
    placed = np.interp(at[:-1], xs, np.maximum.accumulate(ys))
    return np.array([back(float(value)) for value in placed])

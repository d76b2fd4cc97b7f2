"""Score what was heard against the truth: voices, turn starts, words.

The diarisation error rate is NIST's (missed + invented + given to another voice, over what was
said), at 10 ms, with a collar around each true boundary where nothing is counted, and the voices
paired as best they can be. Overlapping speech counts. Used by `make bench` and by tests.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

FRAME_MS = 10
COLLAR_MS = 250


class SpokenBy(NamedTuple):
    """A stretch of one voice; any hashable names a voice."""

    start_ms: int
    end_ms: int
    voice: object


class DiarisationScore(NamedTuple):
    """Error rates, as parts of the speech that counts."""

    error: float
    missed: float
    invented: float
    confused: float
    pairs: dict[object, object]  # true voice: found voice


def diarisation_error(
    truth: Sequence[SpokenBy], found: Sequence[SpokenBy], *, collar_ms: int = COLLAR_MS
) -> DiarisationScore:
    """Compare who spoke when with the truth; `truth` holds some speech."""
    length = 1 + max(span.end_ms for span in (*truth, *found)) // FRAME_MS
    counted = _outside_collars(truth, length, collar_ms)
    true_names, true = _activity(truth, length)
    found_names, heard = _activity(found, length)
    true, heard = true[:, counted], heard[:, counted]
    overlap = true.astype(np.int64) @ heard.T.astype(np.int64)
    rows, columns = linear_sum_assignment(overlap, maximize=True)
    spoken, said = true.sum(0, dtype=np.int64), heard.sum(0, dtype=np.int64)
    right, total = overlap[rows, columns].sum(), spoken.sum()
    missed = np.maximum(spoken - said, 0).sum() / total
    invented = np.maximum(said - spoken, 0).sum() / total
    confused = (np.minimum(spoken, said).sum() - right) / total
    pairs = {
        true_names[row]: found_names[column]
        for row, column in zip(rows, columns, strict=True)
        if overlap[row, column]
    }
    return DiarisationScore(
        float(missed + invented + confused), float(missed), float(invented), float(confused), pairs
    )


def start_errors_ms(true_starts_ms: Sequence[int], found_starts_ms: Sequence[int]) -> NDArray[np.int64]:
    """How far each true start is from the nearest found one."""
    found = np.asarray(found_starts_ms, np.int64)
    return np.array([np.abs(found - start).min() for start in true_starts_ms], np.int64)


def read_rttm(path: Path) -> list[SpokenBy]:
    """Read the SPEAKER lines of a NIST rich transcription time marks file."""
    rows = (line.split() for line in path.read_text("utf-8").splitlines())
    return [
        SpokenBy(start := round(float(row[3]) * 1000), start + round(float(row[4]) * 1000), row[7])
        for row in rows
        if row and row[0] == "SPEAKER"
    ]


def _activity(spans: Iterable[SpokenBy], length: int) -> tuple[list[object], NDArray[np.bool_]]:
    spans = list(spans)
    names = list(dict.fromkeys(span.voice for span in spans))
    active = np.zeros((len(names), length), np.bool_)
    for start_ms, end_ms, voice in spans:
        active[names.index(voice), start_ms // FRAME_MS : end_ms // FRAME_MS] = True
    return names, active


def _outside_collars(truth: Iterable[SpokenBy], length: int, collar_ms: int) -> NDArray[np.bool_]:
    counted = np.ones(length, np.bool_)
    for start_ms, end_ms, _ in truth:
        for edge_ms in (start_ms, end_ms):
            counted[max(0, edge_ms - collar_ms) // FRAME_MS : (edge_ms + collar_ms) // FRAME_MS] = False
    return counted


def word_errors(truth: Sequence[str], found: Sequence[str]) -> float:
    """Word error rate: substitutions, deletions and insertions over the words that were said."""
    numbers = {word: number for number, word in enumerate({*truth, *found})}
    heard = np.array([numbers[word] for word in found], np.int64)
    steps = np.arange(len(found) + 1)
    row = steps.copy()
    for count, word in enumerate(truth, 1):
        replaced = row[:-1] + (heard != numbers[word])
        best = np.minimum(replaced, row[1:] + 1)
        # an insertion costs one more than the cell on its left: a running minimum, less the steps
        row = np.minimum.accumulate(np.concatenate(([count], best)) - steps) + steps
    return float(row[-1]) / len(truth)

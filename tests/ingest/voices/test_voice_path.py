"""The path changes voice where the prints do, in a pause if there is one, and not for a moment."""

import numpy as np
from numpy.typing import NDArray

from ingest.voices.spectrum import BANDS
from ingest.voices.voice_path import STEP_FRAMES, Run, VoicePath

ONE, OTHER = np.array([0.9, 0.6], np.float32), np.array([0.6, 0.9], np.float32)


def speech(frames: int, pause_at: int | None = None) -> NDArray[np.float16]:
    """Even speech, with a tenth of a second's pause."""
    loud = np.full((frames, BANDS), 10, np.float16)
    if pause_at is not None:
        loud[pause_at : pause_at + 10] = 0
    return loud


def test_a_stretch_in_one_voice_is_one_run() -> None:
    path = VoicePath([speech(203)], 1)
    path.weigh(0, 0, 203, ONE[:1])
    assert list(path.runs()) == [Run(0, 0, 205, 0)]


def test_a_change_falls_in_the_pause_near_it() -> None:
    path = VoicePath([speech(600, pause_at=320)], 2)
    path.weigh(0, 0, 300, ONE)
    path.weigh(0, 300, 300, OTHER)
    first, second = path.runs()
    assert (first.voice, second.voice) == (0, 1)
    assert 320 <= second.first <= 330


def test_a_moment_that_sounds_like_another_changes_nothing() -> None:
    path = VoicePath([speech(600)], 2)
    path.weigh(0, 0, 600, ONE)
    path.weigh(0, 300, 4 * STEP_FRAMES, OTHER)
    assert [run.voice for run in path.runs()] == [0]


def test_stretches_apart_change_voice_freely() -> None:
    path = VoicePath([speech(40), speech(40), speech(40)], 2)
    for stretch, cosines in enumerate((ONE, OTHER, ONE)):
        path.weigh(stretch, 0, 40, cosines)
    assert [(run.stretch, run.voice) for run in path.runs()] == [(0, 0), (1, 1), (2, 0)]


def test_steps_that_no_print_covers_follow_their_neighbours() -> None:
    path = VoicePath([speech(200), speech(10), speech(200)], 2)
    path.weigh(0, 0, 200, OTHER)
    path.weigh(2, 0, 200, OTHER)
    assert {run.voice for run in path.runs()} == {1}

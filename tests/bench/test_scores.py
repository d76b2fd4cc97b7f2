"""The scores that goals are measured by are themselves right."""

from pathlib import Path

import pytest

from bench.scores import SpokenBy, diarisation_error, read_rttm, start_errors_ms

TRUTH = [SpokenBy(0, 10_000, "A"), SpokenBy(10_000, 20_000, "B")]


def test_the_truth_has_no_error_whatever_the_names() -> None:
    found = [SpokenBy(0, 10_000, 7), SpokenBy(10_000, 20_000, 3)]
    score = diarisation_error(TRUTH, found)
    assert score.error == 0
    assert score.pairs == {"A": 7, "B": 3}


def test_one_voice_for_two_equal_ones_is_half_wrong() -> None:
    score = diarisation_error(TRUTH, [SpokenBy(0, 20_000, 1)])
    assert (score.error, score.confused) == (pytest.approx(0.5), pytest.approx(0.5))


def test_missed_and_invented_speech_are_told_apart() -> None:
    found = [SpokenBy(0, 5_000, 1), SpokenBy(10_000, 20_000, 2), SpokenBy(20_500, 22_500, 2)]
    score = diarisation_error(TRUTH, found, collar_ms=0)
    assert (score.missed, score.invented, score.confused) == (pytest.approx(0.25), pytest.approx(0.1), 0)


def test_the_collar_forgives_a_change_a_quarter_of_a_second_off() -> None:
    found = [SpokenBy(0, 10_240, 1), SpokenBy(10_240, 20_000, 2)]
    assert diarisation_error(TRUTH, found).error == 0
    assert diarisation_error(TRUTH, found, collar_ms=0).error > 0


def test_overlapping_voices_both_count() -> None:
    truth = [SpokenBy(0, 10_000, "A"), SpokenBy(0, 10_000, "B")]
    assert diarisation_error(truth, [SpokenBy(0, 10_000, 1)]).missed == pytest.approx(0.5)


def test_each_true_start_is_measured_to_the_nearest_found() -> None:
    assert start_errors_ms([0, 1_000, 5_000], [30, 4_900]).tolist() == [30, 970, 100]


def test_rttm_is_read_in_milliseconds(tmp_path: Path) -> None:
    path = tmp_path / "two.rttm"
    path.write_text("SPEAKER s 1 6.690 0.430 <NA> <NA> x <NA> <NA>\n\nSPKR-INFO s 1 <NA>\n", "utf-8")
    assert read_rttm(path) == [SpokenBy(6_690, 7_120, "x")]

"""Where people speak, and where an episode is cut."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.sound.chunks import (
    LAST_SLACK,
    SLACK,
    WINDOW_MS,
    Span,
    SpeechDetector,
    clip_spans,
    find_speech,
    join_spans,
    pad_spans,
    plan_chunks,
    share_speech,
    spans_of,
    split_span,
)

gaps = st.lists(st.tuples(st.integers(1, 5_000), st.integers(1, 20_000)), max_size=60)


def speech_of(lengths: list[tuple[int, int]]) -> list[Span]:
    """Lay silences and speech end to end."""
    spans, at = [], 0
    for silence, spoken in lengths:
        spans.append(Span(at + silence, at + silence + spoken))
        at += silence + spoken
    return spans


def total_ms(spans: list[Span]) -> int:
    return sum(span.length_ms for span in spans)


def test_noise_and_silence_are_no_speech() -> None:
    noise = np.random.default_rng(1).normal(0, 0.05, 16_000 * 4).astype(np.float32)
    assert find_speech([noise]) == []
    assert find_speech([np.zeros(16_000, np.float32)]) == []
    assert find_speech([]) == []


def test_the_detector_hears_the_same_however_the_stream_is_cut() -> None:
    sound = np.random.default_rng(2).normal(0, 0.2, 16_000 * 3 + 77).astype(np.float32)
    whole, torn = SpeechDetector(), SpeechDetector()
    whole.feed(sound)
    for piece in np.split(sound, [1, 700, 701, 20_000, 30_001]):
        torn.feed(piece)
    assert whole.finish() == torn.finish()
    assert np.allclose(np.concatenate(whole.probabilities), np.concatenate(torn.probabilities), atol=1e-5)


def test_speech_begins_at_the_threshold_and_ends_under_the_release() -> None:
    heard = np.array([0.1] * 10 + [0.3] * 5 + [0.4] + [0.25] * 9 + [0.1] * 10, np.float32)
    (span,) = spans_of(heard, 35 * WINDOW_MS)
    assert span == Span(15 * WINDOW_MS - 30, 25 * WINDOW_MS + 30)


@pytest.mark.parametrize(("silent", "spans"), [(4, 1), (5, 2)])
def test_a_breath_does_not_end_speech(silent: int, spans: int) -> None:
    heard = np.array([0.9] * 10 + [0.0] * silent + [0.9] * 10, np.float32)
    assert len(spans_of(heard, len(heard) * WINDOW_MS)) == spans


def test_a_click_is_not_speech() -> None:
    assert spans_of(np.array([0.0, 0.9, 0.9, 0.0, 0.0], np.float32), 160) == []


@given(st.lists(st.floats(0, 1, width=32), max_size=300))
def test_spans_are_ordered_disjoint_and_within(probabilities: list[float]) -> None:
    duration = len(probabilities) * WINDOW_MS
    spans = spans_of(np.array(probabilities, np.float32), duration)
    edges = [edge for span in spans for edge in (span.start_ms, span.end_ms)]
    assert edges == sorted(edges)
    assert all(span.length_ms > 0 for span in spans)
    assert not edges or (edges[0] >= 0 and edges[-1] <= duration)


@given(gaps, st.integers(0, 2_000))
def test_padding_keeps_spans_apart_and_speech_inside(lengths: list[tuple[int, int]], pad: int) -> None:
    speech = speech_of(lengths)
    padded = pad_spans(speech, pad, speech[-1].end_ms + 10 if speech else 0)
    assert len(padded) == len(speech)
    for before, after in zip(speech, padded, strict=True):
        assert after.start_ms <= before.start_ms < before.end_ms <= after.end_ms
    assert all(a.end_ms <= b.start_ms for a, b in pairwise(padded))


@given(gaps, st.integers(1, 6_000))
def test_joined_spans_are_apart_by_the_gap(lengths: list[tuple[int, int]], gap: int) -> None:
    joined = join_spans(speech_of(lengths), gap)
    assert all(b.start_ms - a.end_ms >= gap for a, b in pairwise(joined))


@given(gaps, st.integers(1_000, 100_000), st.integers(20_000, 200_000))
def test_chunks_hold_all_speech_once_and_none_is_too_long(
    lengths: list[tuple[int, int]], target: int, most: int
) -> None:
    speech = speech_of(lengths)
    chunks = plan_chunks(speech, target, most_ms=most)
    assert all(chunk.length_ms <= most for chunk in chunks)
    assert all(a.end_ms <= b.start_ms for a, b in pairwise(chunks))
    assert sum(total_ms(clip_spans(speech, chunk)) for chunk in chunks) == total_ms(speech)


@given(st.lists(st.tuples(st.integers(160, 900), st.integers(300, 4_000)), min_size=30, max_size=400))
def test_chunks_are_near_the_target_where_people_breathe(lengths: list[tuple[int, int]]) -> None:
    speech, target = speech_of(lengths), 60_000
    spoken = [total_ms(clip_spans(speech, chunk)) for chunk in plan_chunks(speech, target)]
    assert all(target * (1 - SLACK) <= each <= target * (1 + SLACK) for each in spoken[:-1])
    assert spoken[-1] <= target * (1 + LAST_SLACK)


def test_a_chunk_ends_at_the_widest_silence_near_its_target() -> None:
    speech = speech_of([(200, 950)] * 58 + [(900, 950)] + [(200, 950)] * 60)
    assert plan_chunks(speech, 56_000)[0].end_ms == speech[57].end_ms


def test_long_silence_is_in_no_chunk_of_more_than_ten_minutes() -> None:
    speech = [Span(0, 5_000), Span(3_600_000, 3_605_000)]
    assert plan_chunks(speech, 60_000) == speech


@pytest.mark.parametrize(
    ("minutes", "workers", "share"), [(5, 2, 75), (5, 4, 37), (60, 2, 105), (1, 2, 30), (0.5, 2, 30)]
)
def test_every_worker_has_its_share(minutes: float, workers: int, share: int) -> None:
    assert share_speech([Span(0, int(minutes * 60_000))], workers) // 1000 == share


@given(st.integers(0, 1_000), st.integers(1, 100_000), st.integers(1, 9_000))
def test_a_span_is_split_evenly(start: int, length: int, most: int) -> None:
    parts = split_span(Span(start, start + length), most)
    assert parts[0].start_ms == start
    assert parts[-1].end_ms == start + length
    assert all(a.end_ms == b.start_ms for a, b in pairwise(parts))
    assert max(part.length_ms for part in parts) <= most
    assert max(part.length_ms for part in parts) - min(part.length_ms for part in parts) <= 1

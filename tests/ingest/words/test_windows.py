"""Windows of half a minute: full, cut at silences, and able to say where a moment was."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from ingest.sound.chunks import Span, clip_spans
from ingest.words.windows import KEPT_SILENCE_MS, MARGIN_MS, MOST_MS, Window, pack_windows
from tests.ingest.sound.test_chunks import gaps, speech_of


@given(gaps)
def test_windows_fit_and_hold_all_speech_once(lengths: list[tuple[int, int]]) -> None:
    speech = speech_of(lengths)
    windows = pack_windows(speech, speech[-1].end_ms + 50 if speech else 0)
    pieces = [piece for window in windows for piece in window.pieces]
    assert all(0 < window.length_ms <= MOST_MS for window in windows)
    assert all(a.end_ms <= b.start_ms for a, b in pairwise(pieces))
    held = sum(part.length_ms for piece in pieces for part in clip_spans(speech, piece))
    assert held == sum(span.length_ms for span in speech)


def test_long_silences_are_left_out_and_short_ones_kept() -> None:
    speech = [Span(5_000, 6_000), Span(6_000 + KEPT_SILENCE_MS - 1, 8_000), Span(20_000, 21_000)]
    (window,) = pack_windows(speech, 30_000)
    assert window.pieces == (
        Span(5_000 - MARGIN_MS, 8_000 + MARGIN_MS),
        Span(20_000 - MARGIN_MS, 21_000 + MARGIN_MS),
    )


def test_a_window_ends_at_the_widest_silence_near_its_end() -> None:
    speech = speech_of([(200, 900)] * 25 + [(700, 900)] + [(200, 900)] * 20)
    first, second = pack_windows(speech, speech[-1].end_ms)
    assert speech[24].end_ms < first.pieces[-1].end_ms < speech[25].start_ms
    assert first.pieces[-1].end_ms == second.pieces[0].start_ms


def test_speech_without_a_breath_is_cut_where_it_must_be() -> None:
    assert len(pack_windows([Span(0, 100_000)], 100_000)) == 4


@given(st.lists(st.tuples(st.integers(1, 9_000), st.integers(1, 5_000)), min_size=1, max_size=6), st.data())
def test_a_moment_finds_its_way_back(lengths: list[tuple[int, int]], data: st.DataObject) -> None:
    window = Window(tuple(speech_of(lengths)))
    places = [ms for piece in window.pieces for ms in range(piece.start_ms, piece.end_ms, 97)]
    chosen = data.draw(st.sampled_from(places))
    inside = sum(min(max(chosen - piece.start_ms, 0), piece.length_ms) for piece in window.pieces)
    assert window.place(inside) == chosen


def test_both_ends_of_a_word_stay_in_the_piece_of_its_middle() -> None:
    window = Window((Span(1_000, 2_000), Span(9_000, 10_000)))
    assert window.place(900, toward_ms=1_200) == 9_000
    assert window.place(1_500, toward_ms=1_200) == 9_500
    assert window.place(1_100, toward_ms=950) == 2_000

"""Turns keep every word, once and in order, whatever the voices and the music say."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ingest.sound.chunks import Span
from ingest.turns import (
    LONGEST_TURN_WORDS,
    SHORTEST_REST_WORDS,
    build_turns,
    nearest_voices,
    settle_changes,
    smooth_flickers,
    split_long_turn,
)
from ingest.voices.speakers import VoiceSpan
from media.transcript import Doubt, DoubtKind, Turn, TurnKind, Word, speech_turn

TEXTS = (
    "oui",
    "non.",
    "libre",
    "vous\N{NO-BREAK SPACE}!",
    "April,",
    "fin…",
    "d’accord",
    "ça\N{NO-BREAK SPACE}?»",
)


@st.composite
def spoken(draw: st.DrawFn, least: int = 0, most: int = 60) -> tuple[Word, ...]:
    """Words in order, some of them over others or drawn out, as a recogniser gives them."""
    steps = st.tuples(st.sampled_from(TEXTS), st.integers(0, 900), st.integers(0, 2_500))
    at, words = 0, []
    for text, gap_ms, length_ms in draw(st.lists(steps, min_size=least, max_size=most)):
        at += gap_ms
        words.append(Word(text, at, at + length_ms, 0.9))
        at += length_ms // 2
    return tuple(words)


@st.composite
def in_order(draw: st.DrawFn) -> tuple[Span, ...]:
    """Spans that do not overlap."""
    edges = sorted(draw(st.sets(st.integers(0, 60_000), max_size=16)))
    return tuple(Span(start, end) for start, end in zip(edges[::2], edges[1::2], strict=False))


@st.composite
def voiced(draw: st.DrawFn) -> tuple[VoiceSpan, ...]:
    """Voices' spans that do not overlap."""
    spans = draw(in_order())
    return tuple(VoiceSpan(span.start_ms, span.end_ms, draw(st.integers(1, 4))) for span in spans)


@st.composite
def doubted(draw: st.DrawFn, words: int) -> tuple[Doubt, ...]:
    """Runs of words that somebody is not sure of."""
    if not words:
        return ()
    ends = st.tuples(st.integers(0, words - 1), st.integers(0, words - 1))
    return tuple(
        Doubt(draw(st.sampled_from(DoubtKind)), min(pair), max(pair))
        for pair in draw(st.lists(ends, max_size=3))
    )


def said(*texts: str, start_ms: int = 0, each_ms: int = 200) -> tuple[Word, ...]:
    """Words that follow one another without a pause."""
    starts = range(start_ms, start_ms + len(texts) * each_ms, each_ms)
    return tuple(Word(text, at, at + each_ms) for text, at in zip(texts, starts, strict=True))


def doubted_words(turns: Sequence[Turn]) -> set[tuple[DoubtKind, int]]:
    """Each doubt's kind, with the index in the episode of each of its words."""
    before, found = 0, set()
    for turn in turns:
        for doubt in turn.doubts:
            found |= {(doubt.kind, before + at) for at in range(doubt.first_word, doubt.last_word + 1)}
        before += len(turn.words)
    return found


@given(st.data())
def test_every_word_comes_out_once_in_order_with_its_doubts(data: st.DataObject) -> None:
    words = data.draw(spoken())
    doubts = data.draw(doubted(len(words)))
    turns = build_turns(words, doubts, data.draw(voiced()), data.draw(in_order()), data.draw(in_order()))
    assert [word.text for turn in turns for word in turn.words] == [word.text for word in words]
    expected = {(d.kind, at) for d in doubts for at in range(d.first_word, d.last_word + 1)}
    assert doubted_words(turns) == expected


@example((Word("oui", 0, 4), Word("oui", 2, 2)), (), (Span(3, 4),), ())  # overlapping words, as heard
@given(spoken(), voiced(), in_order(), in_order())
def test_times_never_go_back(
    words: tuple[Word, ...], voices: tuple[VoiceSpan, ...], speech: tuple[Span, ...], music: tuple[Span, ...]
) -> None:
    turns = build_turns(words, (), voices, speech, music)
    starts = [turn.start_ms or 0 for turn in turns]
    assert starts == sorted(starts)
    heard = [word.start_ms or 0 for turn in turns for word in turn.words]
    assert heard == sorted(heard)
    assert all((turn.start_ms or 0) <= (turn.end_ms or 0) for turn in turns)


@given(spoken(), voiced(), in_order(), in_order())
def test_turns_hold_words_or_music_and_no_word_is_over_music_that_starts(
    words: tuple[Word, ...], voices: tuple[VoiceSpan, ...], speech: tuple[Span, ...], music: tuple[Span, ...]
) -> None:
    for turn in build_turns(words, (), voices, speech, music):
        assert bool(turn.words) == (turn.kind is TurnKind.SPEECH)
        assert len(turn.words) <= LONGEST_TURN_WORDS
        if turn.kind is TurnKind.MUSIC:
            assert not [w for w in words if turn.start_ms <= (w.start_ms or 0) < turn.end_ms]  # type: ignore[operator]


@given(spoken(1, 400))
def test_splitting_a_long_turn_keeps_its_text_and_splits_no_further(words: tuple[Word, ...]) -> None:
    turn = replace(speech_turn(words, 3), doubts=(Doubt(DoubtKind.LOOP, 0, len(words) - 1),))
    pieces = split_long_turn(turn)
    assert " ".join(piece.text for piece in pieces) == turn.text
    assert {piece.voice for piece in pieces} == {3}
    assert doubted_words(pieces) == doubted_words([turn])
    assert all(split_long_turn(piece) == (piece,) for piece in pieces)
    assert len(pieces) == 1 or min(len(piece.words) for piece in pieces) >= SHORTEST_REST_WORDS


def test_a_long_turn_is_cut_where_a_sentence_ends() -> None:
    words = said(*["mot"] * 79, "fin.", *["mot"] * 60)
    assert [len(piece.words) for piece in split_long_turn(speech_turn(words))] == [80, 60]


def test_a_word_goes_to_the_voice_that_overlaps_it_most() -> None:
    voices = [VoiceSpan(0, 1_000, 1), VoiceSpan(1_000, 2_000, 2)]
    words = [Word("a", 300, 1_200), Word("b", 900, 1_900)]
    assert nearest_voices(words, voices) == [1, 2]


def test_a_word_that_no_voice_overlaps_goes_to_the_nearest() -> None:
    voices = [VoiceSpan(0, 1_000, 1), VoiceSpan(3_000, 4_000, 2)]
    words = [Word("a", 1_200, 1_400), Word("b", 2_600, 2_900), Word("c", 9_000, 9_100)]
    assert nearest_voices(words, voices) == [1, 2, 2]


def test_words_without_voices_make_turns_without_a_voice() -> None:
    (turn,) = build_turns(said("Bonjour.", "Merci."), (), (), (), ())
    assert (turn.voice, turn.text) == (None, "Bonjour. Merci.")


def test_a_lone_word_without_a_pause_is_no_turn() -> None:
    words = said("je", "suis", "euh", "d’accord")
    assert smooth_flickers(words, [1, 1, 2, 1]) == [1, 1, 1, 1]


def test_a_lone_word_between_pauses_stays_a_turn() -> None:
    words = (*said("je", "suis"), Word("oui", 900, 1_100), *said("d’accord", start_ms=1_600))
    assert smooth_flickers(words, [1, 1, 2, 1]) == [1, 1, 2, 1]


def test_a_change_of_voice_moves_to_the_sentence_end_beside_it() -> None:
    words = said("Vous", "venez", "de", "loin.", "Oui,", "de", "Brest.")
    assert settle_changes(words, [1, 1, 1, 2, 2, 2, 2]) == [1, 1, 1, 1, 2, 2, 2]
    assert settle_changes(words, [1, 1, 1, 1, 1, 2, 2]) == [1, 1, 1, 1, 2, 2, 2]


def test_a_pause_does_not_keep_a_change_from_its_sentence() -> None:
    words = (*said("ce", "vélo."), Word("Ok,", 900, 1_260), *said("je", "commence", start_ms=1_660))
    assert settle_changes(words, [1, 1, 1, 2, 2]) == [1, 1, 2, 2, 2]


def test_a_turn_starts_where_speech_does() -> None:
    words = (*said("Merci."), Word("Bonjour", 700, 1_300))
    voices = [VoiceSpan(0, 200, 1), VoiceSpan(950, 1_300, 2)]
    turns = build_turns(words, (), voices, [Span(0, 180), Span(950, 1_300)], ())
    assert [(turn.start_ms, turn.end_ms) for turn in turns] == [(0, 180), (950, 1_300)]


def test_music_parts_a_voice_in_two_turns() -> None:
    words = (*said("Une", "pause."), *said("De", "retour.", start_ms=6_000))
    turns = build_turns(words, (), [VoiceSpan(0, 7_000, 1)], (), [Span(500, 5_800)])
    assert [(turn.kind.value, turn.text) for turn in turns] == [
        ("speech", "Une pause."),
        ("music", ""),
        ("speech", "De retour."),
    ]


def test_music_under_words_is_no_event() -> None:
    words = said(*["mot"] * 20)
    assert [turn.kind for turn in build_turns(words, (), (), (), [Span(100, 3_900)])] == [TurnKind.SPEECH]


def test_music_alone_is_an_episode_of_one_event() -> None:
    (event,) = build_turns((), (), (), (), [Span(0, 60_000)])
    assert (event.kind, event.start_ms, event.end_ms) == (TurnKind.MUSIC, 0, 60_000)


def test_a_word_without_times_is_refused() -> None:
    with pytest.raises(ValueError, match="has its times"):
        build_turns([Word("écrit")], (), (), (), ())

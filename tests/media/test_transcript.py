"""Words, turns and doubts keep their order, their times and their owners under every operation."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.packing import dump_transcript, load_transcript
from media.transcript import (
    Doubt,
    DoubtKind,
    Transcript,
    Turn,
    TurnKind,
    Word,
    pack_words,
    speech_turn,
    split_turn,
    unpack_words,
)

texts = st.text(st.characters(exclude_categories=["Z", "C"]), min_size=1, max_size=12)
probabilities = st.none() | st.integers(0, 1000).map(lambda thousandths: thousandths / 1000)


@st.composite
def words(draw: st.DrawFn, least: int = 1) -> tuple[Word, ...]:
    clock, said = 0, []
    timed = draw(st.booleans())
    for text in draw(st.lists(texts, min_size=least, max_size=25)):
        start = clock + draw(st.integers(0, 400))
        clock = start + draw(st.integers(0, 900))
        times = (start, clock) if timed else (None, None)
        marks = draw(st.none() | st.just("en")), bool(said) and draw(st.booleans())
        said.append(Word(text, *times, draw(probabilities), draw(st.booleans()), *marks))
    return tuple(said)


@st.composite
def turns(draw: st.DrawFn, least: int = 1) -> Turn:
    said = draw(words(least))
    doubts = []
    for _ in range(draw(st.integers(0, 3))):
        first, last = sorted(draw(st.lists(st.integers(0, len(said) - 1), min_size=2, max_size=2)))
        doubts.append(Doubt(draw(st.sampled_from(DoubtKind)), first, last))
    return speech_turn(said, draw(st.none() | st.integers(1, 9)), doubts)


@given(words())
def test_packed_words_come_back_equal(said: tuple[Word, ...]):
    assert unpack_words(pack_words(said)) == said


@given(turns())
def test_offsets_slice_each_word_out_of_the_text(turn: Turn):
    sliced = [
        turn.text[at : at + len(word.text)] for at, word in zip(turn.word_offsets, turn.words, strict=True)
    ]
    assert sliced == [word.text for word in turn.words]


@given(turns(least=2), st.data())
def test_splitting_keeps_every_word_in_order_and_every_doubt_on_its_words(turn: Turn, data: st.DataObject):
    at = data.draw(st.integers(1, len(turn.words) - 1))
    left, right = split_turn(turn, at)
    begun = replace(turn.words[at], paragraph=False)
    assert left.words + right.words == (*turn.words[:at], begun, *turn.words[at + 1 :])
    assert (left.start_ms, right.end_ms) == (turn.start_ms, turn.end_ms)
    doubted = [(d.kind, i) for d in left.doubts for i in range(d.first_word, d.last_word + 1)]
    doubted += [(d.kind, i + at) for d in right.doubts for i in range(d.first_word, d.last_word + 1)]
    expected = [(d.kind, i) for d in turn.doubts for i in range(d.first_word, d.last_word + 1)]
    assert sorted(doubted) == sorted(expected)


@given(turns(), st.sampled_from([0, -1, 10**6]))
def test_a_cut_outside_the_turn_is_refused(turn: Turn, at: int):
    with pytest.raises(ValueError, match="cannot be cut"):
        split_turn(turn, at)


@given(st.lists(turns(), max_size=4), st.sampled_from(["fr", "en"]))
def test_a_kept_transcript_comes_back_equal(said: list[Turn], language: str):
    music = Turn(kind=TurnKind.MUSIC, start_ms=5, end_ms=900)
    transcript = Transcript((*said, music), language, "test")
    assert load_transcript(dump_transcript(transcript)) == transcript


@pytest.mark.parametrize("text", ["", "deux mots", "a\tb", "a\nb"])
def test_a_word_holds_no_breaking_space(text: str):
    with pytest.raises(ValueError, match="breaking space"):
        Word(text)


def test_a_word_may_hold_the_no_break_space_of_french_punctuation():
    assert Word("vous\N{NO-BREAK SPACE}!").text == "vous\N{NO-BREAK SPACE}!"


@pytest.mark.parametrize("times", [(5, 4), (-1, 2), (None, 3)])
def test_impossible_times_are_refused(times: tuple[int, int]):
    with pytest.raises(ValueError, match="word"):
        Word("mot", *times)

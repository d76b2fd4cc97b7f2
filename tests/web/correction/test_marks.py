"""Marks cut a turn's text without changing it, and a doubt's reason is told once."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from media.transcript import Doubt, DoubtKind, Word, speech_turn
from web.correction.marks import cut_marks


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12), st.data())
def test_pieces_joined_are_the_text_and_each_doubt_is_told_once(
    probabilities: list[float], data: st.DataObject
) -> None:
    words = [Word(f"mot{at}", at * 300, at * 300 + 200, given) for at, given in enumerate(probabilities)]
    first = data.draw(st.integers(0, len(words) - 1))
    last = data.draw(st.integers(first, len(words) - 1))
    turn = replace(speech_turn(words), doubts=(Doubt(DoubtKind.UNHEARD, first, last),))
    pieces = cut_marks(turn, 0.5)
    assert " ".join(piece.text for piece in pieces) == turn.text
    told = [piece for piece in pieces if piece.reason]
    assert [piece.text.split()[-1] for piece in told] == [words[last].text]
    assert " ".join(piece.text for piece in pieces if piece.doubt).split() == [
        word.text for word in words[first : last + 1]
    ]

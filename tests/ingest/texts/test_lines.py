"""A line's words are those that the editor would cut, and each knows its characters."""

import unicodedata
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from ingest.texts.lines import Line, Piece
from media.correction.typed import split_words

TEXTS = st.text(alphabet="abé1 «»!?.:;\xa0\u202f\u2003\t\u200b\x00\u0301e", max_size=60) | st.text(
    max_size=60
)


@given(st.lists(TEXTS, max_size=4))
def test_words_are_those_of_the_editor(texts: list[str]):
    pieces, at = [], 0
    for text in texts:
        pieces.append(Piece(text, at, at + len(text)))
        at += len(text) + 3  # markup that nobody sees
    line = Line(0, at, tuple(pieces))
    words = line.words()
    assert tuple(word.text for word in words) == split_words(line.text)
    for one, other in pairwise(words):
        assert one.begin < one.end <= other.begin < other.end


@given(TEXTS)
def test_a_word_of_a_plain_line_is_what_stands_there(text: str):
    for word in Line(0, len(text), (Piece(text, 0, len(text)),)).words():
        kept = unicodedata.normalize("NFC", "".join(text[word.begin : word.end].split()))
        assert [char for char in word.text if char.isalnum()] == [char for char in kept if char.isalnum()]

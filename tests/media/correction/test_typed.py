"""Whatever is typed or pasted becomes words, and loses nothing that can be read."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.correction.typed import find_doubts, find_marks, split_words
from media.transcript import Doubt, DoubtKind, Word


@given(st.text(max_size=200))
def test_any_text_becomes_words_that_can_be_kept(text: str):
    for word in split_words(text):
        Word(word).text.encode()
        assert not any(unicodedata.category(char) in ("Cc", "Cs") for char in word)


@given(st.text(max_size=120))
def test_words_written_again_are_the_same_words(text: str):
    words = split_words(text)
    assert split_words(" ".join(words)) == words


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("a\x00b \x1b[31mc\x9f", ["ab", "[31mc"]),
        ("admin\u202egnp.exe \u2066x\u2069", ["admingnp.exe", "x"]),
        ("<b onclick=x>gras</b>", ["<b", "onclick=x>gras</b>"]),
        ("\ud800 seul", ["seul"]),
        ("مرحبا بك", ["مرحبا", "بك"]),
        ("vous\N{NARROW NO-BREAK SPACE}! oui\N{NO-BREAK SPACE}: 30\N{NO-BREAK SPACE}000", None),
        ("vous ! « Oui » 5 %", ["vous\xa0!", "«\xa0Oui\xa0»", "5\xa0%"]),
        ("", []),
        ("  \n\t ", []),
    ],
)
def test_hostile_text_is_only_text(typed: str, kept: list[str] | None):
    assert list(split_words(typed)) == (typed.split(" ") if kept is None else kept)


@pytest.mark.parametrize(
    ("text", "doubts", "at_ms"),
    [
        ("libre, ???, qui", [(1, 1)], None),
        ("l’époque ??? [32 min 50] fin", [(1, 4)], 1_970_000),
        ("??? [1 h 02 min 03]", [(0, 5)], 3_723_000),
        ("il dit [inaudible] puis", [(2, 2)], None),
        ("c’est [Lentille ?] là", [(1, 1)], None),
        ("c’est [deux mots ?] là", [(1, 2)], None),
        ("vraiment ?? oui [Rires] [nota bene]", [], None),
    ],
)
def test_doubts_written_in_the_text_are_found(text: str, doubts: list[tuple[int, int]], at_ms: int | None):
    words = split_words(text)
    assert list(find_doubts(words)) == [Doubt(DoubtKind.MARKED, *place) for place in doubts]
    assert [mark.at_ms for mark in find_marks(words)] == [at_ms] * len(doubts)

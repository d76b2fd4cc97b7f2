"""Pieces of text become words that hold their punctuation."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.words.spelling import Piece, spell_words
from media.transcript import BREAKING_SPACE

NB = "\N{NO-BREAK SPACE}"


def spell(*texts: str) -> list[str]:
    """Spell pieces of ten milliseconds each."""
    return [word.text for word in spell_words(Piece(t, i * 10, i * 10 + 9, 0.5) for i, t in enumerate(texts))]


@pytest.mark.parametrize(
    ("pieces", "words"),
    [
        ([" Libre", " à", " vous", " !"], ["Libre", "à", f"vous{NB}!"]),
        ([" vous", " ?", " »"], [f"vous{NB}?{NB}»"]),
        ([" «", " Dark", " pattern", " »,", " dit"], [f"«{NB}Dark", f"pattern{NB}»,", "dit"]),
        ([" (", "oui", ")"], ["(oui)"]),
        ([" c", "'est", " bien"], ["c'est", "bien"]),
        ([" aujourd", "’", "hui"], ["aujourd’hui"]),
        ([" Marie", "-Noëlle", ","], ["Marie-Noëlle,"]),
        ([" bienvenu", "·es"], ["bienvenu·es"]),
        ([" trois", " –", " quatre"], [f"trois{NB}–", "quatre"]),
        (
            [" 10", ",5", " %"],
            [
                "10,5",
            ],
        ),
        ([" ...", " Oui"], ["Oui"]),
        (["你", "好", "。"], ["你", "好。"]),
        ([" deux mots"], [f"deux{NB}mots"]),
        ([" ", "", " «"], []),
    ],
)
def test_marks_hang_on_their_words(pieces: list[str], words: list[str]) -> None:
    expected = [*words[:-1], f"10,5{NB}%"] if " %" in pieces else words
    assert spell(*pieces) == expected


def test_a_joined_word_lasts_from_its_first_piece_to_its_last_at_its_least_sure() -> None:
    (word,) = spell_words([Piece(" c", 100, 150, 0.9), Piece("'est", 150, 300, 0.4)])
    assert (word.start_ms, word.end_ms, word.probability) == (100, 300, 0.4)


texts = st.text(st.sampled_from("aé1'’-«»!?., ()·\N{NO-BREAK SPACE}\n"), max_size=6)
pieces = st.builds(Piece, texts, st.integers(0, 500), st.integers(0, 500), st.floats(-1, 2))


@given(st.lists(pieces, max_size=20))
def test_every_letter_is_kept_in_order_and_times_never_run_back(given_pieces: list[Piece]) -> None:
    words = spell_words(given_pieces)
    letters = re.sub(r"[\W_]", "", "".join(piece.text for piece in given_pieces))
    assert re.sub(r"[\W_]", "", "".join(word.text for word in words)) == letters
    assert not any(BREAKING_SPACE.search(word.text) for word in words)
    times = [time for word in words for time in (word.start_ms or 0, word.end_ms or 0)]
    assert times == sorted(times)


@given(st.lists(st.sampled_from([" mot", " autre", " !", " ?", ",", " »", "."]), max_size=20))
def test_closing_marks_are_all_kept_once_a_word_came(texts: list[str]) -> None:
    spelt = "".join(spell(" début", *texts)).replace(NB, "")
    assert spelt == "".join([" début", *texts]).replace(" ", "")

"""Words are taken apart and put together, and compared as whole words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.volunteering.writing import identify, is_number, looks_like_name, take_apart


@given(st.text(max_size=30))
def test_a_word_taken_apart_is_put_together_again(word: str):
    parts = take_apart(word)
    assert parts.before + parts.core + parts.after == word
    assert not parts.core or (parts.core[0].isalnum() and parts.core[-1].isalnum())


@pytest.mark.parametrize(
    ("word", "core", "elided"),
    [
        ("l’élu,", "élu", True),
        ("L'Étalab", "Étalab", True),
        ("jusqu’au", "au", True),
        ("aujourd’hui", "aujourd’hui", False),
        ("quelqu’un", "quelqu’un", False),
        ("porte-clé", "porte-clé", False),
        ("«\N{NO-BREAK SPACE}MoveFlow\N{NO-BREAK SPACE}»", "MoveFlow", False),
        ("élu·es", "élu·es", False),
    ],
)
def test_an_elided_article_and_the_marks_hang_on_a_word(word: str, core: str, elided: bool):
    parts = take_apart(word)
    assert (parts.core, parts.is_elided) == (core, elided)


def test_accents_and_plurals_make_other_words_and_case_does_not():
    assert identify("Élu") == identify("e\N{COMBINING ACUTE ACCENT}lu")
    assert len({identify(word) for word in ("élu", "elu", "élus", "élue")}) == 4


def test_names_and_numbers_are_told():
    assert looks_like_name("Valbrune", begins_sentence=False)
    assert not looks_like_name("Alors", begins_sentence=True)
    assert looks_like_name("DSI", begins_sentence=True)
    assert is_number("2019")
    assert is_number("quatre-vingts")
    assert not is_number("une")

"""Languages other than French: their own stems, folded alike, and none of the French rules."""

import pytest

from search.analysis import find_tokens, index_text, iter_tokens
from search.languages import SNOWBALL, find_language


def terms(text: str, language: str) -> list[str]:
    return [term for token in iter_tokens(text, language) for term in token.terms]


@pytest.mark.parametrize(
    "language, one, other",
    [
        ("en", "city", "cities"), ("en-GB", "Running", "runs"), ("es", "canción", "canciones"),
        ("de", "Häuser", "häuser"), ("it", "l’amico", "l'amico"), ("pt_BR", "nação", "NACAO"),
        ("ru", "ёлка", "елка"), ("el", "Ελλάδα", "ελλαδα"), ("ja", "ｶﾞ", "ガ"), (None, "cheval", "chevaux"),
    ],
)  # fmt: skip
def test_forms_of_a_word_answer_to_each_other_in_their_language(language, one, other):
    assert terms(one, language) == terms(other, language)


def test_french_rules_are_for_french():
    assert terms("l’an n'est", "fr") == ["l", "an", "n", "est"]
    assert "lan" in terms("l’an", "en")
    assert terms("the student-e-s", "en")[0] == "the"
    assert "studente" not in terms("student·e", "en")


def test_a_language_without_a_stemmer_is_folded():
    assert terms("Ðà Nẵng", "vi") == terms("ðà nẵng", "vi")
    assert find_language("xx").stem("words") == "words"


def test_vowels_written_as_marks_are_kept_and_chinese_is_cut_by_the_letter():
    assert terms("की", "xx") != terms("का", "xx")
    assert terms("機械学習", "zh") == ["機", "械", "学", "習"]


@pytest.mark.parametrize("language", [*SNOWBALL, "fr", "xx", "", None])
def test_every_language_indexes_and_finds_any_text(language):
    text = "Élu·e·s d’aujourd’hui à 30 000 €, plate-forme; naïve Straße 日本語 हिन्दी Ελλάδα ёлка العربية"
    positions, forms, width = index_text(text, language)
    tokens = list(iter_tokens(text, language))
    assert width == len({token.position for token in tokens})
    assert list(find_tokens(text, frozenset(positions), language=language)) == tokens
    assert all("\0" in form for form in forms)

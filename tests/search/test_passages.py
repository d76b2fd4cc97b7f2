"""Passages cover their turn, and a phrase falls whole into one of them."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from search.analysis import index_text
from search.passages import MAX_PASSAGE_WORDS, OVERLAP_WORDS, sentence_starts, split_words
from search.query import MAX_QUERY_TERMS

WORDS = st.lists(
    st.sampled_from(["mot", "Mot", "fin.", "l’été", "«\u00a0Ah\u00a0!\u00a0»", "élu·e·s"]), max_size=900
)


@given(WORDS)
def test_passages_cover_the_turn_and_overlap(texts):
    words = texts
    cuts = list(split_words(words))
    assert {at for first, last in cuts for at in range(first, last + 1)} == set(range(len(words)))
    assert all(last - first < MAX_PASSAGE_WORDS for first, last in cuts)
    for (_, last), (first, _) in pairwise(cuts):
        assert first <= last + 1 - OVERLAP_WORDS


@given(WORDS.filter(bool), st.data())
def test_any_phrase_of_the_turn_is_whole_in_one_passage(texts, data):
    words = texts
    first = data.draw(st.integers(0, len(words) - 1))
    last = min(len(words), first + MAX_QUERY_TERMS) - 1
    assert any(begin <= first and last <= end for begin, end in split_words(words))


def test_long_turns_are_cut_where_sentences_end():
    words = ("Voilà une phrase de huit mots en tout. " * 60).split()
    starts = set(sentence_starts(words))
    cuts = list(split_words(words))
    assert len(cuts) > 2
    assert all(first in starts and (last + 1 in starts or last + 1 == len(words)) for first, last in cuts)


def test_a_question_mark_before_a_comma_ends_no_sentence():
    words = ["de", "la", "DSI\u00a0?,", "qu’on", "ait.", "Oui", "etc.", "et", "non"]
    assert [words[at] for at in sentence_starts(words)] == ["de", "Oui"]


def test_positions_fit_in_two_bytes():
    text = "anticonstitutionnellement-" * 5 + " " + " ".join(["l’a-b-c·d.e"] * MAX_PASSAGE_WORDS)
    assert index_text(text).width < 1 << 16

"""What a person typed, read into clauses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.query import MAX_QUERY_LENGTH, MAX_QUERY_TERMS, parse_query


def sources(text: str) -> list[tuple[str, bool]]:
    return [(clause.source, clause.quoted) for clause in parse_query(text).clauses]


@pytest.mark.parametrize(
    "text", ['la "mairie libre"', "la « mairie libre »", "la “mairie libre”", "la „mairie libre“"]
)
def test_all_quotation_marks_make_a_phrase(text):
    assert sources(text) == [("la", False), ("mairie libre", True)]


@pytest.mark.parametrize(
    "text, ignored", [('"mairie', '"'), ("mairie »", "»"), ("« mairie", "«"), ("mairie ()", None)]
)
def test_a_mark_without_its_pair_is_ignored_and_said(text, ignored):
    parsed = parse_query(text)
    assert [clause.source for clause in parsed.clauses] == ["mairie"]
    assert parsed.ignored == ((ignored,) if ignored else ())


def test_the_article_of_a_word_is_not_required_but_that_of_a_phrase_is():
    [word] = parse_query("l’association").clauses
    [phrase] = parse_query("« l’association »").clauses
    assert word.paths == ((("association",),),)
    assert phrase.paths == ((("l",), ("association",)),)


def test_a_compound_is_looked_for_in_parts_and_joined():
    [clause] = parse_query("plate-forme").clauses
    assert clause.paths == ((("plate",), ("forme",)), (("plateforme",),))


def test_a_query_is_cut_at_300_characters_and_at_16_terms():  # FAULTS 46
    long = parse_query("a" * MAX_QUERY_LENGTH + " reste")
    assert len(long.clauses) == 1 and long.ignored == (" reste",)
    exact = " ".join(f"mot{number}" for number in range(MAX_QUERY_TERMS))
    assert len(parse_query(exact).clauses) == MAX_QUERY_TERMS
    over = parse_query(exact + " trop")
    assert len(over.clauses) == MAX_QUERY_TERMS and over.ignored == ("trop",)
    assert parse_query("mairie MAIRIE mairies").ignored == ()


@given(st.text() | st.text(st.sampled_from("a \"«»“”-'’·()s.")))
def test_no_text_raises_and_every_clause_has_a_way_to_match(text):
    parsed = parse_query(text)
    assert all(clause.paths and all(clause.paths) for clause in parsed.clauses)
    assert sum(max(map(len, clause.paths)) for clause in parsed.clauses) <= MAX_QUERY_TERMS

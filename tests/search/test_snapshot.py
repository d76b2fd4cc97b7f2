"""What a snapshot tells of the index: names, languages, terms, and phrases wherever they fall in a turn."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from whoosh import query

from media.episodes import update_episode
from search.evaluation import evaluate
from search.folder import IndexFolder
from search.passages import MAX_PASSAGE_WORDS, OVERLAP_WORDS
from search.schema import EXACT, LANGUAGE, TEXT
from search.snapshot import Snapshot, open_snapshot

LONG_TURN = [f"mot{at}" for at in range(3 * MAX_PASSAGE_WORDS)]


def newest(library) -> Snapshot:
    current = IndexFolder(library.settings.index_folder).current
    assert current is not None
    return open_snapshot(current)


def test_names_are_counted_without_what_was_replaced(library):
    library.add([("Zoé", "la mairie"), ("Léa", "la ville")])
    episode_id = library.add([("Léa", "le parc")], show="Autre")
    library.sync()
    library.log(episode_id)
    library.sync()
    snapshot = newest(library)
    assert snapshot.list_names("speaker") == [("Léa", 2), ("Zoé", 1)]
    assert dict(snapshot.list_names("show")) == {"libre-a-vous": 2, "autre": 1}


def test_terms_and_written_forms_are_listed_in_order_with_their_frequencies(library):
    library.add([(None, "des élus et un élu"), (None, "Élu à la mairie")])
    library.sync()
    snapshot = newest(library)
    assert list(snapshot.list_terms("e").items()) == [("elu", 2), ("et", 1)]
    assert dict(snapshot.list_terms("elu\0", EXACT)) == {"elu\0élu": 2, "elu\0élus": 1}
    assert "mairie" in snapshot.list_terms()
    assert not snapshot.list_terms("mairie", EXACT)  # always written as it stands


def test_the_index_knows_which_languages_were_spoken(library):
    library.add([(None, "la mairie"), (None, "la ville")])
    english = library.add([(None, "the running horses")])
    with library.database.write() as connection:
        update_episode(connection, english, {"spoken_language": "en"}, library.now)
    library.sync()
    snapshot = newest(library)
    assert snapshot.languages == ("fr", "en")
    assert len(evaluate(query.Term(LANGUAGE, "en"), snapshot).documents) == 1
    assert "run" in snapshot.list_terms()


def test_columns_are_leaves_of_a_tree(library):
    library.add([("Zoé", "la mairie"), ("Léa", "la mairie")])
    library.sync()
    snapshot = newest(library)
    tree = query.And([query.Term(TEXT, "mairie"), query.Term("speaker", "Zoé")])
    assert evaluate(tree, snapshot).documents.tolist() == [0]
    assert len(evaluate(query.NumericRange("day", 0, None), snapshot).documents) == 2
    assert not len(evaluate(query.NumericRange("day", None, 0), snapshot).documents)


@pytest.fixture
def long_turn(library):
    library.add([(None, " ".join(LONG_TURN))])
    library.sync()
    return newest(library)


@settings(deadline=None, max_examples=60)
@given(st.integers(0, len(LONG_TURN) - 1), st.integers(2, OVERLAP_WORDS))
def test_any_phrase_of_a_long_turn_is_found(long_turn, first, length):
    words = LONG_TURN[first : first + length]
    assert len(evaluate(query.Phrase(TEXT, words), long_turn).documents)
    if len(words) > 1:
        assert not len(evaluate(query.Phrase(TEXT, words[::-1]), long_turn).documents)


def test_required_and_excluded_words_are_looked_for_in_the_whole_turn(long_turn):
    first, last = query.Term(TEXT, LONG_TURN[0]), query.Term(TEXT, LONG_TURN[-1])
    assert len(evaluate(query.And([first, last]), long_turn).documents)
    assert not len(evaluate(query.And([first, query.Not(last)]), long_turn).documents)
    assert not len(evaluate(query.AndNot(first, last), long_turn).documents)


def test_a_prefix_of_too_many_words_is_partial(long_turn, monkeypatch):
    whole = evaluate(query.Prefix(TEXT, "mot"), long_turn)
    monkeypatch.setattr("search.evaluation.MAX_EXPANSIONS", 5)
    some = evaluate(query.Prefix(TEXT, "mot"), long_turn)
    assert (whole.partial, some.partial) == (True, True)
    assert 0 < len(some.documents) <= len(whole.documents)
    assert not evaluate(query.Prefix(TEXT, "mot539"), long_turn).partial

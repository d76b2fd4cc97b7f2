"""Our evaluation finds and scores what stock Whoosh does, and stops when it is late."""

import itertools
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from whoosh import query
from whoosh.index import FileIndex
from whoosh.searching import Searcher

from search.evaluation import evaluate
from search.folder import IndexFolder
from search.schema import HEADING, TEXT
from search.snapshot import Snapshot, open_snapshot
from search.storage import SealedStorage

WORDS = ["mairie", "marie", "libre", "logiciel", "oiseau", "le", "la", "et"]
WEIGHTS = [1, 1, 2, 3, 1, 9, 9, 9]
TITLES = ["mairie libre", "le logiciel", "oiseau"]

words = st.sampled_from([*WORDS, "absent"])
boosts = st.sampled_from([1.0, 1.0, 1.0, 2.5])
leaves = st.one_of(
    st.builds(query.Term, st.sampled_from([TEXT, TEXT, HEADING]), words, boosts),
    st.builds(
        query.Phrase,
        st.just(TEXT),
        st.lists(words, min_size=2, max_size=4),
        st.integers(1, 4),
        boosts,
    ),
    # Whoosh scores a prefix by all of its words in spite of its own `constantscore`; we do not.
    st.builds(
        query.ConstantScoreQuery,
        st.builds(query.Prefix, st.just(TEXT), st.sampled_from(["ma", "l", "oiseau", "z"])),
        boosts,
    ),
    st.builds(query.Every, boost=boosts),
    st.just(query.NullQuery),
)


def join(branches: st.SearchStrategy[query.Query]) -> st.SearchStrategy[query.Query]:
    several = st.lists(branches, min_size=2, max_size=4)  # of one, Whoosh forgets the boost
    return st.one_of(
        st.builds(query.And, several, boosts),
        st.builds(lambda one, other: query.And([one, query.Not(other)]), branches, branches),
        st.builds(query.Or, several, boosts),
        st.builds(query.ConstantScoreQuery, branches, boosts),
    )


def join_what_whoosh_errs_on(branches: st.SearchStrategy[query.Query]) -> st.SearchStrategy[query.Query]:
    """Join by what stock Whoosh gets wrong.

    AndNot returns excluded documents, Not deleted ones; DisjunctionMax mixes the scores of two
    documents; AndMaybe under a conjunction skips past its optional part.
    """
    return st.one_of(
        st.builds(query.Not, branches),
        st.builds(query.DisjunctionMax, st.lists(branches, min_size=1, max_size=4)),
        st.builds(query.AndNot, branches, branches),
        st.builds(query.AndMaybe, branches, branches),
    )


trees = st.recursive(leaves, join, max_leaves=8)


@pytest.fixture
def many_segments(library):
    """Several segments, one of them with deleted passages."""
    rng = random.Random(7)
    library.sync()
    for number in range(6):
        texts = [" ".join(rng.choices(WORDS, WEIGHTS, k=rng.randint(1, 40))) for _ in range(40)]
        episode_id = library.add([(None, text) for text in texts], title=rng.choice(TITLES))
        if number % 2:  # two episodes in a segment
            library.sync()
    with library.database.write() as connection:
        connection.exec_driver_sql(f"UPDATE turn SET words = '[]' WHERE episode_id = {episode_id}")
    library.log(episode_id)
    library.sync()
    return IndexFolder(library.settings.index_folder).current


def stock_scores(tree: query.Query, searcher: Searcher) -> dict[int, float]:
    return {hit.docnum: hit.score for hit in searcher.search(tree, limit=None)}


@pytest.fixture
def compare(many_segments):
    snapshot = open_snapshot(many_segments)
    assert len(snapshot.parts) > 1 and snapshot.has_dead
    with FileIndex(SealedStorage(many_segments, snapshot.seal)).searcher() as searcher:
        yield lambda tree: check_equal(tree, snapshot, searcher)


def check_equal(tree: query.Query, snapshot: Snapshot, searcher: Searcher) -> None:
    ours = evaluate(tree, snapshot)
    theirs = stock_scores(tree, searcher)
    assert ours.documents.tolist() == sorted(theirs)
    expected = [theirs[document] for document in ours.documents.tolist()]
    assert ours.scores.tolist() == pytest.approx(expected, rel=1e-4)


def test_any_tree_finds_and_scores_what_stock_whoosh_does(compare):
    @settings(deadline=None, max_examples=200)
    @given(trees)
    def holds(tree: query.Query) -> None:
        compare(tree)

    holds()


def test_the_best_of_several_and_exclusion_are_right_where_stock_whoosh_is_not(many_segments):
    snapshot = open_snapshot(many_segments)

    def scores(tree: query.Query) -> dict[int, float]:
        found = evaluate(tree, snapshot)
        return dict(zip(found.documents.tolist(), found.scores.tolist(), strict=True))

    @settings(deadline=None, max_examples=100)
    @given(join_what_whoosh_errs_on(trees))
    def holds(tree: query.Query) -> None:
        parts = [scores(branch) for branch in tree.children()]
        if isinstance(tree, query.Not):
            expected = {
                document: 1.0
                for document in np.flatnonzero(snapshot.live).tolist()
                if document not in parts[0]
            }
        elif isinstance(tree, query.AndNot):
            expected = {document: score for document, score in parts[0].items() if document not in parts[1]}
        elif isinstance(tree, query.AndMaybe):
            expected = {document: score + parts[1].get(document, 0) for document, score in parts[0].items()}
        else:
            everything = sorted(set().union(*parts))
            expected = {
                document: max(part[document] for part in parts if document in part) for document in everything
            }
        assert scores(tree) == pytest.approx(expected)

    holds()


def test_an_evaluation_past_its_deadline_is_partial(many_segments):
    snapshot = open_snapshot(many_segments)
    ticks = itertools.count()
    late = evaluate(query.Term(TEXT, "le"), snapshot, deadline=-1, clock=lambda: next(ticks))
    whole = evaluate(query.Term(TEXT, "le"), snapshot)
    assert late.partial and not whole.partial
    assert set(late.documents) < set(whole.documents)

"""Sets of documents as arrays are sets, whichever of two ways is taken."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from search.engine.arrays import among, meet, unite, unite_best, unite_documents

SIZE = 400

sets = st.one_of(
    st.sets(st.integers(0, SIZE - 1), max_size=5), st.sets(st.integers(0, SIZE - 1), min_size=150)
)


def as_array(held: set[int]) -> np.ndarray:
    return np.array(sorted(held), np.int32)


@settings(deadline=None)
@given(sets, sets)
def test_two_sets_meet_where_both_have_a_document(one, other):
    here, there = meet(as_array(one), as_array(other), SIZE)
    assert as_array(one)[here].tolist() == as_array(other)[there].tolist() == sorted(one & other)
    assert among(as_array(one), as_array(other), SIZE).tolist() == [each in other for each in sorted(one)]


@settings(deadline=None)
@given(st.lists(sets, min_size=1, max_size=4))
def test_a_union_adds_scores_or_takes_the_best(several):
    parts = [
        (as_array(held), np.full(len(held), weight, np.float32)) for weight, held in enumerate(several, 1)
    ]
    everything = sorted(set().union(*several))
    assert unite_documents([documents for documents, _ in parts], SIZE).tolist() == everything
    for unison, choose in ((unite, sum), (unite_best, max)):
        documents, scores = unison(parts, SIZE)
        weights = [[weight for weight, held in enumerate(several, 1) if each in held] for each in everything]
        assert documents.tolist() == everything
        assert scores.tolist() == [choose(each) for each in weights]

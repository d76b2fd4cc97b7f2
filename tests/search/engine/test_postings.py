"""What is packed into arrays is read back, whatever its size; what is merged is what was there."""

from io import BytesIO

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from search.engine.array_file import read_arrays, write_arrays
from search.engine.inversion import FieldInversion
from search.engine.postings import FieldPostings

words = st.text("abé\0œ漢", min_size=1, max_size=3)
places = st.lists(st.one_of(st.integers(0, 300), st.integers(0, 65_535)), min_size=1, max_size=5, unique=True)
texts = st.dictionaries(words, places.map(sorted), max_size=6)
# Few documents of many: steps of more than two bytes.
documents = st.dictionaries(st.integers(0, 300_000), texts, max_size=8)


def invert(held: dict[int, dict[str, list[int]]]) -> FieldPostings:
    inversion = FieldInversion()
    for document, positions in sorted(held.items()):
        inversion.add(document, positions)
    return write_and_read(inversion)


def write_and_read(inversion: FieldInversion) -> FieldPostings:
    file = BytesIO()
    write_arrays(file, inversion.pack("text"))
    return FieldPostings("text", read_arrays(file.getvalue()))


def read_back(field: FieldPostings) -> dict[int, dict[str, list[int]]]:
    held: dict[int, dict[str, list[int]]] = {}
    for at, term in enumerate(field.terms):
        found = field.read(at)
        assert len(found.documents) == field.frequencies[at]
        assert found.positions is not None
        parts = np.split(found.positions, np.cumsum(found.counts)[:-1])
        for document, positions in zip(found.documents.tolist(), parts, strict=True):
            held.setdefault(document, {})[term] = positions.tolist()
    return held


def without_empty(held: dict[int, dict[str, list[int]]]) -> dict[int, dict[str, list[int]]]:
    return {document: positions for document, positions in held.items() if positions}


@settings(deadline=None, max_examples=60)
@given(documents)
def test_postings_are_read_back_as_they_were_written(held):
    field = invert(held)
    assert field.terms == sorted({term for positions in held.values() for term in positions})
    assert read_back(field) == without_empty(held)


@settings(deadline=None, max_examples=60)
@given(documents, st.data())
def test_a_merge_keeps_what_is_alive_under_its_new_number(held, data):
    dead = data.draw(st.sets(st.sampled_from(sorted(held)))) if held else set()
    alive = [document for document in sorted(held) if document not in dead]
    moved = np.full(300_001, -1, np.int32)
    moved[alive] = np.arange(len(alive), dtype=np.int32) + 1
    inversion = FieldInversion()
    inversion.add(0, {"added": [7]})
    inversion.add_segment(invert(held), moved)
    expected = {at: held[document] for at, document in enumerate(alive, 1)}
    assert read_back(write_and_read(inversion)) == {0: {"added": [7]}, **without_empty(expected)}


@settings(deadline=None, max_examples=60)
@given(documents, words)
def test_terms_are_found_by_name_and_by_beginning(held, word):
    field = invert(held)
    at = field.find(word)
    assert (None if at is None else field.terms[at]) == (word if word in field.terms else None)
    first, last = field.find_range(word)
    assert field.terms[first:last] == [term for term in field.terms if term.startswith(word)]

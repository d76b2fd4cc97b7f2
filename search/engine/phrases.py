"""Where words stand in a row, or near one another in their order, by arithmetic on whole arrays.

A place is one number, the document shifted left and the position below it, so that a list of
places is ascending and "the next position" is plus one. The rarest word is looked at first, and
of the others only what stands in the documents that are left.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from search.engine.arrays import NO_DOCUMENTS, Documents, among, meet, spread
from search.engine.postings import Postings

POSITION_BITS = (
    17  # one more than a position has: words moved in line with the last one stay in their document
)

Placed = NDArray[np.int64]  # ascending


def find_row(words: Sequence[Postings], slop: int, within: Documents | None, size: int) -> Documents:
    """Find the documents in which each word stands at most `slop` positions after the one before."""
    documents = _holding_all(words, size)
    if within is not None:
        documents = documents[among(documents, within, size)]
    if not len(documents):
        return NO_DOCUMENTS
    if slop == 1:
        by_rarity = sorted(range(len(words)), key=lambda at: len(words[at].documents))
        starts = None
        for at in by_rarity:
            found = _places(words[at], documents, size) + (len(words) - at)
            starts = found if starts is None else _in_both(starts, found)
            documents = _documents_of(starts)
        return documents
    ends = _places(words[0], documents, size)
    for word in words[1:]:
        ends = _following(_places(word, documents, size), ends, slop)
        documents = _documents_of(ends)
    return documents


def _holding_all(words: Sequence[Postings], size: int) -> Documents:
    first, *others = sorted((word.documents for word in words), key=len)
    for other in others:
        here, _ = meet(first, other, size)
        first = first[here]
    return first


def _places(word: Postings, documents: Documents, size: int) -> Placed:
    """List the places of a word in documents, all of which hold it."""
    assert word.positions is not None  # noqa: S101 -- phrases are asked of fields that keep positions
    counts = word.counts
    positions = word.positions
    if len(documents) < len(word.documents):
        ends = np.cumsum(counts, dtype=np.int64)
        _, at = meet(documents, word.documents, size)
        counts = counts[at]
        begins = ends[at] - counts
        positions = positions[spread(begins, counts)]
    return np.asarray((np.repeat(documents, counts).astype(np.int64) << POSITION_BITS) + positions)


def _in_both(one: Placed, other: Placed) -> Placed:
    if len(one) > len(other):
        one, other = other, one
    if not len(one):
        return one
    at = np.searchsorted(other, one)
    at[at == len(other)] = 0
    return np.asarray(one[other[at] == one])


def _following(places: Placed, ends: Placed, slop: int) -> Placed:
    """Keep the places that stand 1 to `slop` positions after some end."""
    if not len(ends):
        return ends
    at = np.searchsorted(ends, places) - 1  # the last end before each place
    before = ends[np.maximum(at, 0)]
    return places[(at >= 0) & (places - before <= slop)]


def _documents_of(places: Placed) -> Documents:
    documents = (places >> POSITION_BITS).astype(np.int32)
    return documents[np.flatnonzero(np.diff(documents, prepend=-1))]

"""Turn documents, each with its terms, into terms, each with its documents, in flat arrays.

What comes in is only appended; one sort at the end puts it in the order of the terms. Whoosh's
own pool keeps a Python tuple for each posting, and sorts those.
"""

from array import array
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from search.engine.array_file import Arrays
from search.engine.arrays import spread
from search.engine.postings import AllPostings, FieldPostings, pack_field


class _Places(dict[str, int]):
    """Number terms from 0 in the order in which they are first asked for."""

    def __missing__(self, term: str) -> int:
        place = self[term] = len(self)
        return place


class FieldInversion:
    """The postings of a field so far; documents come in ascending order."""

    def __init__(self) -> None:
        self._places = _Places()
        self._terms, self._counts, self._positions = array("i"), array("H"), array("H")
        self._documents: list[int] = []
        self._sizes: list[int] = []  # postings of each of those documents
        self._parts: list[AllPostings] = []

    def add(self, document: int, positions: Mapping[str, Sequence[int]]) -> None:
        """Add a document's terms with their positions."""
        self._terms.extend(map(self._places.__getitem__, positions))
        self._documents.append(document)
        self._sizes.append(len(positions))
        self._counts.extend(map(len, positions.values()))
        self._positions.extend(chain.from_iterable(positions.values()))

    def add_set(self, document: int, terms: Iterable[str]) -> None:
        """Add a document's terms, for a field that keeps no positions."""
        before = len(self._terms)
        self._terms.extend(map(self._places.__getitem__, terms))
        size = len(self._terms) - before
        self._documents.append(document)
        self._sizes.append(size)
        self._counts.extend([1] * size)

    def add_segment(self, held: FieldPostings, moved: NDArray[np.int32]) -> None:
        """Add a segment's documents under other numbers, ascending too; -1 leaves one out."""
        everything = held.read_all()
        documents = moved[everything.documents]
        kept = documents >= 0
        places = np.fromiter(map(self._places.__getitem__, held.terms), np.int32, len(held.terms))
        positions = everything.positions
        if len(positions):
            begins = np.cumsum(everything.counts, dtype=np.int64) - everything.counts
            positions = positions[spread(begins[kept], everything.counts[kept])]
        self._close_part()
        terms = places[everything.terms[kept]]
        self._parts.append(AllPostings(terms, documents[kept], everything.counts[kept], positions))

    def pack(self, field: str) -> Arrays:
        """Make the arrays of the field in a segment, with the terms that a document holds."""
        self._close_part()
        joined = AllPostings(*(np.concatenate(columns) for columns in zip(*self._parts, strict=True)))
        used = np.zeros(len(self._places), np.bool_)
        used[joined.terms] = True
        if not used.all():
            renumbered = np.cumsum(used, dtype=np.int32) - np.int32(1)
            joined = joined._replace(terms=renumbered[joined.terms])
        terms = [term for term, is_used in zip(self._places, used.tolist(), strict=True) if is_used]
        return pack_field(field, terms, joined)

    def _close_part(self) -> None:
        documents = np.repeat(np.array(self._documents, np.int32), self._sizes)
        part = AllPostings(
            np.array(self._terms, np.int32),
            documents,
            np.array(self._counts, np.uint16),
            np.array(self._positions, np.uint16),
        )
        self._parts.append(part)
        self._terms, self._counts, self._positions = array("i"), array("H"), array("H")
        self._documents, self._sizes = [], []

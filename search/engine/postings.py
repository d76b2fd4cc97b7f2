"""Where terms stand in the documents of a segment, as a few arrays for each field.

The postings of all terms follow one another, in the order of the terms. A document is a step from
the one before it, in two bytes; how many times, and each position, in one byte. The few that need
more have their upper part in a list beside it. So a segment is written, read and merged by
arithmetic on whole arrays, and a term is a slice.
"""

from bisect import bisect_left
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from search.engine.array_file import Arrays
from search.engine.arrays import NO_DOCUMENTS, Documents, spread

SEPARATOR = "\n"  # between terms, none of which holds it
AFTER_ALL = chr(0x10FFFF)  # above any letter


class Postings(NamedTuple):
    """Where a term stands: in which documents, how many times, and at which positions."""

    documents: Documents
    counts: NDArray[Any]  # one or two bytes each
    positions: NDArray[Any] | None  # of each document in turn, ascending; None where not kept


class AllPostings(NamedTuple):
    """The postings of many terms: each has its term's place in a list."""

    terms: NDArray[np.int32]
    documents: NDArray[np.int32]
    counts: NDArray[np.uint16]
    positions: NDArray[np.uint16]  # of each posting in turn; empty where not kept


NO_POSTINGS = Postings(NO_DOCUMENTS, np.empty(0, np.uint8), np.empty(0, np.uint8))


class FieldPostings:
    """The terms of a field in a segment, and their postings."""

    def __init__(self, field: str, arrays: Arrays) -> None:
        self._arrays = {name.removeprefix(f"{field}."): array for name, array in arrays.items()}
        blob = self._arrays["terms"].tobytes().decode()
        self.terms: list[str] = blob.split(SEPARATOR) if blob else []  # ascending
        self.frequencies = self._arrays["frequencies"]  # how many documents hold each
        self._starts = _starts_of(self.frequencies)
        self._position_starts = _starts_of(self._arrays["totals"])

    def find(self, term: str) -> int | None:
        """Find a term's place among the terms."""
        at = bisect_left(self.terms, term)
        return at if at < len(self.terms) and self.terms[at] == term else None

    def find_range(self, prefix: str) -> tuple[int, int]:
        """Find the first of the terms that begin so, and the first after them."""
        return bisect_left(self.terms, prefix), bisect_left(self.terms, prefix + AFTER_ALL)

    def read(self, at: int) -> Postings:
        """Read the postings of the term at a place."""
        begin, end = int(self._starts[at]), int(self._starts[at + 1])
        counts = self._unpack("counts", begin, end)
        documents = np.cumsum(self._unpack("steps", begin, end), dtype=np.int32)
        if not len(self._arrays["positions"]):
            return Postings(documents, counts, None)
        places = int(self._position_starts[at]), int(self._position_starts[at + 1])
        return Postings(documents, counts, self._unpack("positions", *places))

    def read_all(self) -> AllPostings:
        """Read the postings of every term."""
        steps = self._unpack("steps", 0, int(self._starts[-1]))
        sums = np.cumsum(steps, dtype=np.int64)
        before = np.concatenate([np.zeros(1, np.int64), sums])[self._starts[:-1]]
        return AllPostings(
            np.repeat(np.arange(len(self.terms), dtype=np.int32), self.frequencies),
            (sums - np.repeat(before, self.frequencies)).astype(np.int32),
            self._unpack("counts", 0, len(steps)).astype(np.uint16),
            self._unpack("positions", 0, len(self._arrays["positions"])).astype(np.uint16),
        )

    def _unpack(self, name: str, begin: int, end: int) -> NDArray[Any]:
        low = self._arrays[name][begin:end]
        places = self._arrays[f"{name}.beyond"]
        if not len(places):
            return low
        first, last = np.searchsorted(places, [begin, end])
        if first == last:
            return low
        whole = low.astype(np.uint32 if low.itemsize > 1 else np.uint16)
        upper = self._arrays[f"{name}.upper"][first:last].astype(whole.dtype)
        whole[places[first:last] - begin] |= upper << np.array(8 * low.itemsize, whole.dtype)
        return whole


def pack_field(field: str, terms: Sequence[str], held: AllPostings) -> Arrays:
    """Make the arrays of a field; `held` has its documents ascending for each term."""
    order = np.argsort(np.array(terms, np.object_)) if len(terms) else np.empty(0, np.int64)
    ranks = np.empty(len(terms), np.int32)
    ranks[order] = np.arange(len(terms), dtype=np.int32)
    ranked = ranks[held.terms]
    by_term = np.argsort(ranked, kind="stable")
    ranked, documents, counts = ranked[by_term], held.documents[by_term], held.counts[by_term]
    positions = held.positions
    if len(positions):
        begins = _starts_of(held.counts)[:-1]
        positions = positions[spread(begins[by_term], counts)]
    frequencies = np.bincount(ranked, minlength=len(terms))
    totals = np.bincount(ranked, counts, len(terms)) if len(positions) else np.zeros(len(terms))
    steps = np.diff(documents, prepend=np.int32(0))
    firsts = _starts_of(frequencies)[:-1]
    steps[firsts] = documents[firsts]
    return {
        f"{field}.terms": np.frombuffer(SEPARATOR.join(terms[at] for at in order).encode(), np.uint8),
        f"{field}.frequencies": frequencies.astype(np.uint32),
        f"{field}.totals": totals.astype(np.uint32),
        **_pack(f"{field}.steps", steps.astype(np.uint32), np.dtype(np.uint16)),
        **_pack(f"{field}.counts", counts, np.dtype(np.uint8)),
        **_pack(f"{field}.positions", positions, np.dtype(np.uint8)),
    }


def _pack(name: str, numbers: NDArray[Any], low: np.dtype[Any]) -> Arrays:
    bits = 8 * low.itemsize
    beyond = np.flatnonzero(numbers >> np.array(bits, numbers.dtype))
    upper = numbers[beyond] >> np.array(bits, numbers.dtype)
    return {
        name: numbers.astype(low),
        f"{name}.beyond": beyond.astype(np.uint32),
        f"{name}.upper": upper.astype(np.uint16 if bits > 8 else np.uint8),
    }


def _starts_of(counts: NDArray[Any]) -> NDArray[np.int64]:
    """Number where each begins when they follow one another, and where the last ends."""
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(counts, dtype=np.int64)])

"""One segment of the index as arrays: its columns, and the postings of a term once somebody asks.

A segment never changes, only its deletions do, and those are the snapshot's; so what was read of
it serves every later snapshot that has it. Postings are kept as long as all of them together fit.
"""

import threading
from array import array
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh.columns import NumericColumn
from whoosh.reading import SegmentReader, TermNotFound
from whoosh.util.numeric import byte_to_length

from search.engine.arrays import NO_DOCUMENTS, Documents, unite_documents
from search.engine.postings import NO_POSTINGS, Postings
from search.schema import INDEXED, NAMES, NUMBERS, SCORED

MAX_CACHED_BYTES = 256 << 20
AFTER_ALL = chr(0x10FFFF)  # above any letter
ENTRY_BYTES = 500  # of a posting list without its arrays, about
LENGTHS = np.array([byte_to_length(code) for code in range(256)], np.float32)


@dataclass(frozen=True, slots=True)
class Names:
    """A column of names: for each document the place of its name in a list."""

    refs: NDArray[np.uint32]
    values: tuple[str, ...]


@dataclass(frozen=True)
class Columns:
    """What is known of each document without its text, by document number."""

    numbers: dict[str, NDArray[Any]]
    names: dict[str, Names]
    lengths: dict[str, NDArray[np.uint8]]  # terms in each field that is scored, in Whoosh's code

    def __len__(self) -> int:
        return len(self.numbers["turn"])


class PostingCache:
    """Postings read lately, of all segments, within so many bytes; threads share it."""

    def __init__(self, max_bytes: int = MAX_CACHED_BYTES) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._held: OrderedDict[Hashable, tuple[Postings, int]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> Postings | None:
        """Return what is held under a key."""
        with self._lock:
            if key not in self._held:
                return None
            self._held.move_to_end(key)
            return self._held[key][0]

    def put(self, key: Hashable, postings: Postings) -> None:
        """Hold postings, and let go of those asked for longest ago."""
        size = ENTRY_BYTES + sum(part.nbytes for part in postings if part is not None)
        with self._lock:
            self._bytes += size - self._held.pop(key, (None, 0))[1]
            self._held[key] = postings, size
            while self._bytes > self._max_bytes:
                _, (_, freed) = self._held.popitem(last=False)
                self._bytes -= freed


class SegmentArrays:
    """A segment, read once; threads share it."""

    def __init__(self, reader: SegmentReader, cache: PostingCache) -> None:
        self._reader = reader
        self._reading = threading.Lock()
        self._cache = cache
        self.segment_id: str = reader.segment().segment_id()
        self.columns = _read_columns(reader)

    def postings(self, field: str, term: str) -> Postings:
        """Read the postings of a term."""
        key = self.segment_id, field, term
        held = self._cache.get(key)
        if held is None:
            held = self._read_postings(field, term)
            self._cache.put(key, held)
        return held

    def postings_of_prefix(self, field: str, prefix: str, most: int) -> tuple[Documents, bool]:
        """Find the documents that hold a term that begins so, and tell whether all terms were looked at."""
        terms, frequencies = self.vocabulary[field]
        first, last = bisect_left(terms, prefix), bisect_left(terms, prefix + AFTER_ALL)
        is_whole = last - first <= most
        key = self.segment_id, field, prefix, most
        held = self._cache.get(key)
        if held is None:
            chosen = range(first, last)
            if not is_whole:
                chosen = first + np.argsort(frequencies[first:last])[-most:]
            found = [self._read_postings(field, terms[at]).documents for at in chosen]
            held = Postings(
                unite_documents(found or [NO_DOCUMENTS], len(self.columns)), NO_POSTINGS.counts, None
            )
            self._cache.put(key, held)
        return held.documents, is_whole

    def list_terms(self, field: str, prefix: str) -> Iterator[tuple[str, int]]:
        """Yield the terms that begin so, ascending, and how many documents hold each."""
        terms, frequencies = self.vocabulary[field]
        first, last = bisect_left(terms, prefix), bisect_left(terms, prefix + AFTER_ALL)
        return zip(terms[first:last], frequencies[first:last].tolist(), strict=True)

    def frequency(self, field: str, term: str) -> int:
        """Count the documents that hold a term, deleted ones included."""
        with self._reading:
            return int(self._reader.doc_frequency(field, term))

    @cached_property
    def vocabulary(self) -> dict[str, tuple[list[str], NDArray[np.int64]]]:
        """The terms of each field, ascending, and how many documents hold each, deleted ones included."""
        held: dict[str, tuple[list[str], NDArray[np.int64]]] = {}
        with self._reading:
            for field in INDEXED:
                items = sorted(
                    (text.decode(), info.doc_frequency())
                    for (name, text), info in self._reader._terms.items_from(field, b"")
                    if name == field
                )
                held[field] = [text for text, _ in items], np.array([count for _, count in items], np.int64)
        return held

    def _read_postings(self, field: str, term: str) -> Postings:
        with self._reading:
            try:
                matcher = self._reader._terms.matcher(field, term.encode(), self._reader.schema[field].format)
            except TermNotFound:
                return NO_POSTINGS
            documents, counts, positions = array("i"), array("H"), bytearray()
            while matcher.is_active():
                documents.append(matcher.id())
                counts.append(int(matcher.weight()))
                positions += matcher.value() or b""
                matcher.next()
        return Postings(
            np.frombuffer(documents, np.int32),
            np.frombuffer(counts, np.uint16),
            np.frombuffer(positions, np.uint16),
        )


def _read_columns(reader: Any) -> Columns:
    count = reader.doc_count_all()
    numbers = {name: _read_numbers(reader, name, count) for name in NUMBERS}
    names = {name: _read_names(reader, name, count) for name in NAMES}
    lengths = {name: _read_lengths(reader, name, count) for name in SCORED}
    return Columns(numbers, names, lengths)


def _read_numbers(reader: Any, name: str, count: int) -> NDArray[Any]:
    return _numbers_of(reader._perdoc.column_reader(name, reader.schema[name].column_type), count)


def _read_lengths(reader: Any, name: str, count: int) -> NDArray[Any]:
    if not reader._perdoc.has_column(f"_{name}_len"):
        return np.zeros(count, np.uint8)
    return _numbers_of(reader._perdoc.column_reader(f"_{name}_len", NumericColumn("B")), count)


def _numbers_of(column: Any, count: int) -> NDArray[Any]:
    """Read Whoosh's big-endian numbers; it leaves out the default at the end of a column."""
    packed = column._dbfile.get(column._basepos, column._count * column._fixedlen)
    held = np.frombuffer(packed, np.dtype(column._typecode).newbyteorder(">"))
    numbers = np.full(count, column._default, held.dtype.newbyteorder("="))
    numbers[: len(held)] = held[:count]
    return numbers


def _read_names(reader: Any, name: str, count: int) -> Names:
    column = reader._perdoc.column_reader(name, reader.schema[name].column_type)
    packed = column._dbfile.get(column._basepos, count * column._itemsize)
    refs = np.frombuffer(packed, np.dtype(column._typecode).newbyteorder(">")).astype(np.uint32)
    return Names(refs, tuple(value.decode() for value in column._uniques))

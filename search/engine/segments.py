"""One segment of the index as arrays: its columns, and the postings of a term once somebody asks.

A segment never changes, only its deletions do, and those are the snapshot's; so what was read of
it serves every later snapshot that has it. Postings are kept as long as all of them together fit.
"""

import threading
from collections import OrderedDict
from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh.codec.whoosh3 import LENGTHS_COLUMN
from whoosh.reading import SegmentReader
from whoosh.util.numeric import byte_to_length

from search.engine.arrays import NO_DOCUMENTS, Documents, unite_documents
from search.engine.columns import Columns, read_columns
from search.engine.postings import NO_POSTINGS, FieldPostings, Postings
from search.schema import SCORED

MAX_CACHED_BYTES = 256 << 20
ENTRY_BYTES = 500  # of a posting list without its arrays, about
LENGTHS = np.array([byte_to_length(code) for code in range(256)], np.float32)


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

    def __init__(self, segment_id: str, columns: Columns, fields: Mapping[str, FieldPostings]) -> None:
        self.segment_id = segment_id
        self.columns = columns
        self.fields = fields
        self._counted: dict[str, Mapping[str, int]] = {}  # all terms of a field, once asked for

    def postings(self, field: str, term: str, cache: PostingCache) -> Postings:
        """Find where a term stands."""
        at = self.fields[field].find(term)
        if at is None:
            return NO_POSTINGS
        key = self.segment_id, field, at
        held = cache.get(key)
        if held is None:
            held = self.fields[field].read(at)
            cache.put(key, held)
        return held

    def postings_of_prefix(
        self, field: str, prefix: str, most: int, cache: PostingCache
    ) -> tuple[Documents, bool]:
        """Find the documents with a term that begins so, and tell whether all such terms were looked at."""
        held = self.fields[field]
        first, last = held.find_range(prefix)
        key = self.segment_id, field, prefix, most
        found = cache.get(key)
        if found is None:
            chosen = list(range(first, last))
            if len(chosen) > most:
                chosen = (first + np.argsort(held.frequencies[first:last])[-most:]).tolist()
            parts = [held.read(at).documents for at in chosen]
            found = NO_POSTINGS._replace(
                documents=unite_documents(parts or [NO_DOCUMENTS], len(self.columns))
            )
            cache.put(key, found)
        return found.documents, last - first <= most

    def list_terms(self, field: str, prefix: str) -> Mapping[str, int]:
        """Map the terms that begin so, in order, to how many documents hold each."""
        if prefix:
            return self._count_terms(field, *self.fields[field].find_range(prefix))
        if field not in self._counted:
            self._counted[field] = self._count_terms(field, 0, len(self.fields[field].terms))
        return self._counted[field]

    def _count_terms(self, field: str, first: int, last: int) -> Mapping[str, int]:
        held = self.fields[field]
        return dict(zip(held.terms[first:last], held.frequencies[first:last].tolist(), strict=True))

    def frequency(self, field: str, term: str) -> int:
        """Count the documents that hold a term, deleted ones included."""
        at = self.fields[field].find(term)
        return 0 if at is None else int(self.fields[field].frequencies[at])


def open_segment(storage: Any, schema: Any, segment: Any) -> SegmentArrays:
    """Read a segment."""
    reader = SegmentReader(storage, schema, segment)
    lengths = {field: _read_lengths(reader._perdoc, field, segment.doc_count_all()) for field in SCORED}
    columns = read_columns(reader._terms.arrays, lengths)
    return SegmentArrays(segment.segment_id(), columns, reader._terms.fields)


def _read_lengths(documents: Any, field: str, count: int) -> NDArray[np.uint8]:
    column = documents.column_reader(f"_{field}_len", LENGTHS_COLUMN)
    return np.frombuffer(column._dbfile.get(column._basepos, count), np.uint8)

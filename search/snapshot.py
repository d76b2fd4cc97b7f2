"""One commit of the index, open for reading by many threads.

Everything is an array over all documents, never changed once made. Segments are read once and
shared by the snapshots that have them, so that a small commit costs little to open. A new commit
is a new snapshot: whoosh3's `Searcher.refresh()` brings deleted passages back.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh.index import TOC

from search.engine.arrays import Documents
from search.engine.columns import join_columns
from search.engine.postings import NO_POSTINGS, Postings
from search.engine.segments import PostingCache, SegmentArrays, open_segment
from search.errors import IndexCorruptedError
from search.schema import LANGUAGE, SCORED, TEXT
from search.storage import SealedStorage, latest_generation, read_seal

MAX_MASKS = 64  # filters remembered
MAX_PREFIXES = 256  # beginnings of which the terms are remembered

Mask = NDArray[np.bool_]


class Snapshot:
    """The index as one commit left it."""

    def __init__(self, folder: Path, older: "Snapshot | None" = None) -> None:
        self.folder = folder
        self.seal = read_seal(folder)
        same = older if older is not None and older.folder == folder else None
        self._storage: SealedStorage = SealedStorage(folder, self.seal, same._storage if same else None)
        self._cache: PostingCache = older._cache if older is not None else PostingCache()
        toc = TOC.read(self._storage, "MAIN", gen=self.seal.generation)
        self.parts = self._open_parts(toc.schema, toc.segments, same)
        self.columns = join_columns([part.columns for part in self.parts])
        self.offsets: list[int] = np.cumsum([0, *(len(part.columns) for part in self.parts)])[:-1].tolist()
        self.live = self._find_live(toc.segments)
        self.has_dead = not self.live.all()
        self.turn_numbers, self.turn_begins = self._number_turns()
        self.turns_are_passages = len(self.turn_begins) == len(self.columns) + 1
        self._words = {
            field: float(sum(segment._fieldlengths.get(field, 0) for segment in toc.segments))
            for field in SCORED
        }
        self.mask_of = lru_cache(MAX_MASKS)(self._mask)
        self.list_terms = lru_cache(MAX_PREFIXES)(self._list_terms)

    @property
    def generation(self) -> int:
        """Which commit this is."""
        return self.seal.generation

    def postings(self, field: str, term: str) -> Postings:
        """Find where a term stands, in all segments; deleted documents too."""
        found = [(offset, part.postings(field, term, self._cache)) for offset, part in self._places()]
        found = [(offset, held) for offset, held in found if len(held.documents)]
        if not found:
            return NO_POSTINGS
        if len(found) == 1:
            offset, held = found[0]
            return held._replace(documents=held.documents + np.int32(offset)) if offset else held
        positions = [held.positions for _, held in found if held.positions is not None]
        return Postings(
            np.concatenate([held.documents + np.int32(offset) for offset, held in found]),
            np.concatenate([held.counts for _, held in found]),
            np.concatenate(positions) if len(positions) == len(found) else None,
        )

    def postings_of_prefix(self, field: str, prefix: str, most: int) -> tuple[Documents, bool]:
        """Find the documents with a term that begins so; False where a segment had more than `most` terms."""
        found = [
            (offset, part.postings_of_prefix(field, prefix, most, self._cache))
            for offset, part in self._places()
        ]
        documents = [held + np.int32(offset) if offset else held for offset, (held, _) in found]
        is_whole = all(whole for _, (_, whole) in found)
        return np.concatenate(documents) if len(documents) != 1 else documents[0], is_whole

    def mean_length(self, field: str) -> float:
        """Tell how many terms a document has in a field that is scored, in the mean."""
        return self._words[field] / max(1, len(self.columns)) or 1.0

    def frequency(self, field: str, term: str) -> int:
        """Count the documents that hold a term, deleted ones included."""
        return sum(part.frequency(field, term) for part in self.parts)

    def list_names(self, column: str) -> list[tuple[str, int]]:
        """List the names of a column with the number of passages that have each, most first."""
        return self._names[column]

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """The languages of the passages, the commonest first."""
        return tuple(name for name, _ in self.list_names(LANGUAGE))

    def name_mask(self, column: str, wanted: frozenset[str]) -> Mask:
        """Tell which documents have one of these names."""
        names = self.columns.names[column]
        return np.isin(names.refs, [ref for ref, name in enumerate(names.values) if name in wanted])

    def _mask(self, column: str, low: int, high: int) -> Mask:
        """Tell which documents have a number of this column in [low, high]."""
        numbers = self.columns.numbers[column]
        return np.asarray((numbers >= low) & (numbers <= high))

    def _list_terms(self, prefix: str = "", field: str = TEXT) -> Mapping[str, int]:
        """Map the terms that begin so, in order, to how many documents hold each.

        Passages replaced lately still count, until their segment is merged. Some terms, which hold
        `FORM`, are the further positions of a compound.
        """
        listed = sorted((part.list_terms(field, prefix) for part in self.parts), key=len, reverse=True)
        counts: dict[str, int] = dict(listed[0]) if listed else {}
        known = len(counts)
        for terms in listed[1:]:
            for term, count in terms.items():
                counts[term] = counts.get(term, 0) + count
        return counts if len(counts) == known else dict(sorted(counts.items()))

    @cached_property
    def _names(self) -> dict[str, list[tuple[str, int]]]:
        counted = {}
        for column, names in self.columns.names.items():
            counts = np.bincount(names.refs[self.live], minlength=len(names.values))
            held = [
                (name, int(count)) for name, count in zip(names.values, counts, strict=True) if count and name
            ]
            counted[column] = sorted(held, key=lambda one: (-one[1], one[0]))
        return counted

    def _places(self) -> list[tuple[int, SegmentArrays]]:
        return list(zip(self.offsets, self.parts, strict=True))

    def _open_parts(
        self, schema: Any, segments: Sequence[Any], same: "Snapshot | None"
    ) -> list[SegmentArrays]:
        known = {part.segment_id: part for part in same.parts} if same else {}
        return [
            known.get(segment.segment_id()) or open_segment(self._storage, schema, segment)
            for segment in segments
        ]

    def _find_live(self, segments: Sequence[Any]) -> Mask:
        live = np.ones(len(self.columns), np.bool_)
        for offset, segment in zip(self.offsets, segments, strict=True):
            if segment.deleted_count():
                live[offset + np.fromiter(segment.deleted_docs(), np.int64)] = False
        return live

    def _number_turns(self) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Number turns from 0, for each document; and the document at which each begins, with the end.

        Passages of a turn adjoin, in one segment.
        """
        turns = self.columns.numbers["turn"]
        is_first = np.diff(turns, prepend=turns[:1]) != 0
        is_first[self.offsets if len(turns) else []] = True
        begins = np.append(np.flatnonzero(is_first), len(turns)).astype(np.int32)
        return np.cumsum(is_first, dtype=np.int32) - np.int32(1), begins


def open_snapshot(folder: Path, older: Snapshot | None = None) -> Snapshot:
    """Open the newest commit of an index folder; IndexCorruptedError where it cannot be read.

    A commit may replace the files while they are being opened: then the newer one is opened.
    """
    while True:
        generation = latest_generation(folder)
        try:
            return Snapshot(folder, older)
        except Exception as error:
            if latest_generation(folder) != generation:
                continue
            if isinstance(error, IndexCorruptedError):
                raise
            raise IndexCorruptedError(f"{folder}: {error!r}", path=str(folder)) from error

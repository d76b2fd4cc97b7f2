"""One commit of the index, open for reading by many threads.

Columns are numpy arrays over all documents, shared and never changed. Whoosh's segment readers
seek in their files, so each search borrows a set of its own; they read bytes that all share.
A new commit is a new snapshot: whoosh3's `Searcher.refresh()` brings deleted passages back.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh.columns import NumericColumn
from whoosh.index import TOC
from whoosh.reading import SegmentReader
from whoosh.util.numeric import byte_to_length

from search.errors import IndexCorruptedError
from search.schema import TEXT
from search.storage import SealedStorage, latest_generation, read_seal

MAX_READERS = 4  # sets of readers; more would only wait for the interpreter's lock
MAX_MASKS = 64  # filters remembered
LENGTHS = np.array([byte_to_length(code) for code in range(256)], np.float32)
NUMBERS = ("episode", "turn", "first_word", "last_word", "day", "state")
NAMES = ("show", "speaker")

Mask = NDArray[np.bool_]


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
    lengths: NDArray[np.float32]  # terms in the text, to Whoosh's precision of one byte

    def __len__(self) -> int:
        return len(self.lengths)


class Snapshot:
    """The index as one commit left it."""

    def __init__(self, folder: Path, older: "Snapshot | None" = None) -> None:
        self.folder = folder
        self.seal = read_seal(folder)
        same = older if older is not None and older.folder == folder else None
        held = same._storage if same else None
        self._storage: SealedStorage = SealedStorage(folder, self.seal, held)
        toc = TOC.read(self._storage, "MAIN", gen=self.seal.generation)
        self._schema, self._segments = toc.schema, toc.segments
        self._idle: SimpleQueue[list[Any]] = SimpleQueue()
        self._permits = threading.BoundedSemaphore(MAX_READERS)
        self._parts = _read_parts(self, same)
        self.columns = _join_columns(self._parts)
        self.offsets = np.cumsum([0, *(len(part) for part in self._parts)])[:-1].tolist()
        self.live = self._find_live()
        turns = self.columns.numbers["turn"]
        self.turn_numbers = np.cumsum(np.diff(turns, prepend=turns[:1]) != 0)  # documents of a turn adjoin
        words = float(sum(segment._fieldlengths.get(TEXT, 0) for segment in self._segments))
        self.mean_length = words / max(1, len(self.columns))
        self.mask_of = lru_cache(MAX_MASKS)(self._mask)

    @property
    def generation(self) -> int:
        """Which commit this is."""
        return self.seal.generation

    @property
    def parts(self) -> Sequence[Columns]:
        """Columns of each segment, in order."""
        return self._parts

    @contextmanager
    def borrow_readers(self) -> Iterator[list[Any]]:
        """Lend a thread the readers of every segment; waits while all sets are lent."""
        with self._permits:
            try:
                readers = self._idle.get_nowait()
            except Empty:
                readers = self._open_readers()
            yield readers  # not given back after an exception: they may be in any state
            self._idle.put(readers)

    def name_mask(self, column: str, wanted: frozenset[str]) -> Mask:
        """Tell which documents have one of these names."""
        names = self.columns.names[column]
        return np.isin(names.refs, [ref for ref, name in enumerate(names.values) if name in wanted])

    def _mask(self, column: str, low: int, high: int) -> Mask:
        """Tell which documents have a number of this column in [low, high]."""
        numbers = self.columns.numbers[column]
        return np.asarray((numbers >= low) & (numbers <= high))

    def _open_readers(self) -> list[Any]:
        return [SegmentReader(self._storage, self._schema, segment) for segment in self._segments]

    def _find_live(self) -> Mask:
        live = np.ones(len(self.columns), np.bool_)
        for offset, segment in zip(self.offsets, self._segments, strict=True):
            if segment.deleted_count():
                live[offset + np.fromiter(segment.deleted_docs(), np.int64)] = False
        return live


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


def _read_parts(snapshot: Snapshot, older: Snapshot | None) -> list[Columns]:
    known = {}
    if older is not None:
        known = dict(zip((s.segment_id() for s in older._segments), older._parts, strict=True))
    readers = snapshot._open_readers()
    snapshot._idle.put(readers)
    return [known.get(reader.segment().segment_id()) or _read_columns(reader) for reader in readers]


def _read_columns(reader: Any) -> Columns:
    count = reader.doc_count_all()
    numbers = {name: _read_numbers(reader, name, count) for name in NUMBERS}
    names = {name: _read_names(reader, name, count) for name in NAMES}
    codes = _numbers_of(reader._perdoc.column_reader(f"_{TEXT}_len", NumericColumn("B")), count)
    return Columns(numbers, names, LENGTHS[codes])


def _read_numbers(reader: Any, name: str, count: int) -> NDArray[Any]:
    return _numbers_of(reader._perdoc.column_reader(name, reader.schema[name].column_type), count)


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


def _join_columns(parts: Sequence[Columns]) -> Columns:
    if not parts:
        numbers = {name: np.empty(0, np.int64) for name in NUMBERS}
        nobody = {name: Names(np.empty(0, np.uint32), ()) for name in NAMES}
        return Columns(numbers, nobody, np.empty(0, np.float32))
    return Columns(
        {name: np.concatenate([part.numbers[name] for part in parts]) for name in NUMBERS},
        {name: _join_names([part.names[name] for part in parts]) for name in NAMES},
        np.concatenate([part.lengths for part in parts]),
    )


def _join_names(parts: Sequence[Names]) -> Names:
    places: dict[str, int] = {}
    refs = []
    for part in parts:
        moved = [places.setdefault(value, len(places)) for value in part.values]
        refs.append(np.array(moved, np.uint32)[part.refs])
    return Names(np.concatenate(refs), tuple(places))

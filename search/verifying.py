"""Verify the index against the catalogue, entry by entry: what is found is what is said, and nothing else.

Each side makes the same mark of a passage: its columns, and a sum over its terms, each with its
positions, so that no order matters and nothing large is held. An episode that changed after the
last change that the index has followed is left out: it is late, not wrong.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from media.changes import list_changes
from media.database import Database
from media.errors import N_, Message
from media.keeping.findings import Finding, FindingKind
from media.searched import list_searchable
from media.settings import Settings
from search.analysis import index_text
from search.engine.bulk_writer import names_of, numbers_of
from search.engine.postings import FieldPostings
from search.engine.segments import SegmentArrays
from search.errors import IndexCorruptedError
from search.folder import IndexFolder
from search.indexing import read_passages
from search.passages import Passage
from search.schema import EXACT, HEADING, NAMES, NUMBERS, TEXT
from search.snapshot import Snapshot, open_snapshot

Progress = Callable[[int], None]  # how many episodes more were looked at
Mark = tuple[Any, ...]  # of a passage: its columns, and the sum of its terms

HASH_BITS = 64
MASK = (1 << HASH_BITS) - 1
# What a term's place in a passage adds: by chance, so that places which are exchanged do not cancel out.
PLACES: NDArray[np.uint64] = np.random.default_rng(7).integers(1 << 63, size=1 << 16, dtype=np.uint64)
MAX_CACHED_TERMS = 200_000


def verify_index(
    settings: Settings, database: Database, on_progress: Progress | None = None
) -> list[Finding]:
    """List what is wrong with this machine's index; an index that cannot be read is one finding."""
    looked_at = on_progress or (lambda _: None)
    folder = IndexFolder(settings.index_folder)
    try:
        if folder.current is None or folder.is_damaged:
            raise IndexCorruptedError(f"{folder.path} holds no index", path=str(folder.path))
        snapshot = open_snapshot(folder.current)
        held = _mark_entries(snapshot)
    except IndexCorruptedError as error:
        return [Finding(FindingKind.INDEX, error.message)]
    return list(_compare(database, snapshot.seal.last_change, held, looked_at))


def _compare(
    database: Database, followed: int, held: dict[int, list[Mark]], looked_at: Progress
) -> Iterator[Finding]:
    said = N_("The index does not hold what the catalogue says of the episode %(number)d.")
    with database.snapshot() as connection:
        late = _list_late(connection, followed)
        for episode_id in sorted({*list_searchable(connection), *held}):
            if episode_id not in late and _mark_episode(connection, episode_id) != held.get(episode_id, []):
                yield Finding(FindingKind.INDEX, Message(said, {"number": episode_id}), episode_id)
            looked_at(1)


def _mark_episode(connection: Connection, episode_id: int) -> list[Mark] | None:
    """Mark what the catalogue says of an episode; None where its words cannot be read."""
    try:
        return sorted(mark_passage(passage) for passage in read_passages(connection, episode_id))
    except ValueError:
        return None


def _list_late(connection: Connection, followed: int) -> set[int]:
    late: set[int] = set()
    while changes := list_changes(connection, followed):
        late |= {change.episode_id for change in changes}
        followed = changes[-1].id
    return late


def mark_passage(passage: Passage) -> Mark:
    """Mark a passage as the catalogue has it."""
    text, heading = index_text(passage.text, passage.language), index_text(passage.heading, passage.language)
    total = 0
    for field, indexed in ((TEXT, text), (HEADING, heading)):
        for term, positions in indexed.positions.items():
            total += _hash_term(field, term) * (1 + 2 * sum(_PLACE_OF[at] for at in positions))
    total += sum(_hash_term(EXACT, form) for form in text.forms)
    numbers, names = numbers_of(passage), names_of(passage)
    columns = (*(numbers[name] for name in NUMBERS), *(names[name] for name in NAMES))
    return *columns, total & MASK


_PLACE_OF: list[int] = PLACES.tolist()


@lru_cache(MAX_CACHED_TERMS)
def _hash_term(field: str, term: str) -> int:
    digest = hashlib.blake2b(f"{field}\0{term}".encode(), digest_size=HASH_BITS // 8)
    return int.from_bytes(digest.digest(), "little")


def _mark_entries(snapshot: Snapshot) -> dict[int, list[Mark]]:
    """Mark what is alive in the index, by episode."""
    marks: dict[int, list[Mark]] = {}
    for offset, part in zip(snapshot.offsets, snapshot.parts, strict=True):
        live = snapshot.live[offset : offset + len(part.columns)]
        for mark in _mark_segment(part, np.flatnonzero(live)):
            marks.setdefault(mark[0], []).append(mark)
    return {episode_id: sorted(held) for episode_id, held in marks.items()}


def _mark_segment(part: SegmentArrays, live: NDArray[np.intp]) -> Iterable[Mark]:
    sums = np.zeros(len(part.columns), np.uint64)
    for field in (TEXT, HEADING, EXACT):
        _add_terms(field, part.fields[field], sums)
    numbers = [part.columns.numbers[name][live].tolist() for name in NUMBERS]
    names = []
    for name in NAMES:
        column = part.columns.names[name]
        names.append([column.values[ref] for ref in column.refs[live].tolist()])
    return zip(*numbers, *names, sums[live].tolist(), strict=True)


def _add_terms(field: str, held: FieldPostings, sums: NDArray[np.uint64]) -> None:
    """Add, for each document, what its terms in one field come to."""
    everything = held.read_all()
    if not len(everything.documents):
        return
    terms = np.fromiter((_hash_term(field, term) for term in held.terms), np.uint64, len(held.terms))
    weights = np.ones(len(everything.documents), np.uint64)
    if len(everything.positions):
        begins = np.cumsum(everything.counts, dtype=np.int64) - everything.counts
        weights += np.uint64(2) * np.add.reduceat(PLACES[everything.positions], begins)
    np.add.at(sums, everything.documents, terms[everything.terms] * weights)

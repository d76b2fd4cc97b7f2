"""Whoosh's writer of segments, with our arrays in place of its pool of postings.

Documents come as passages. Replacing an episode reads no file, and merging segments adds their
arrays, so that a commit costs what it adds. Each commit makes one segment.
"""

from array import array
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh.index import FileIndex
from whoosh.util.numeric import length_to_byte
from whoosh.writing import SegmentWriter

from search.analysis import IndexedText, index_text
from search.engine.codec import PassageCodec, PassageSegment
from search.engine.columns import Columns, join_columns, name_column, pack_columns
from search.engine.inversion import FieldInversion
from search.engine.segments import LENGTHS, open_segment
from search.passages import EPOCH, Passage
from search.schema import (
    EDITIONS,
    EXACT,
    HEADING,
    INDEXED,
    NAMES,
    NO_DAY,
    NO_SPEAKER,
    NUMBERS,
    SCORED,
    STATES,
    TEXT,
)


class BulkWriter(SegmentWriter):  # type: ignore[misc]
    """A commit in the making: episodes out, passages in, segments merged."""

    def __init__(self, storage: Any) -> None:
        super().__init__(FileIndex(storage), codec=PassageCodec())
        self._fields = {field: FieldInversion() for field in INDEXED}
        self._numbers = {name: array("q") for name in NUMBERS}
        self._names: dict[str, list[str]] = {name: [] for name in NAMES}
        self._lengths = {field: array("L") for field in SCORED}
        self._merged: list[Columns] = []
        self._heading: tuple[str, str, IndexedText] | None = None  # passages in a row have the same

    def delete_episode(self, episode_id: int) -> None:
        """Take an episode's passages out of the segments that are there."""
        for segment in self.segments:
            segment.delete_episode(episode_id)

    def add_passage(self, passage: Passage) -> None:
        """Add a passage; those of an episode follow one another."""
        first, count = self.newsegment.episodes.get(passage.episode_id, (self.docnum, 0))
        self.newsegment.episodes[passage.episode_id] = first, count + 1
        text = index_text(passage.text, passage.language)
        for field, indexed in ((TEXT, text), (HEADING, self._index_heading(passage))):
            self._fields[field].add(self.docnum, indexed.positions)
            self._lengths[field].append(sum(map(len, indexed.positions.values())))
        self._fields[EXACT].add_set(self.docnum, text.forms)
        for number, value in numbers_of(passage).items():
            self._numbers[number].append(value)
        for name, text_of in names_of(passage).items():
            self._names[name].append(text_of)
        self._added = True
        self.docnum += 1

    def take_over(self, segments: Sequence[Any], chosen: Sequence[Any]) -> list[Any]:
        """Take over what is alive in the chosen segments, after the passages added; return the others."""
        for segment in chosen:
            if segment.doc_count_all() > segment.deleted_count():
                self._add_segment(segment)
        return [segment for segment in segments if segment not in chosen]

    def _add_segment(self, segment: PassageSegment) -> None:
        held = open_segment(self.storage, self.schema, segment)
        kept = np.ones(len(held.columns), np.bool_)
        kept[list(segment.deleted_docs())] = False
        moved = np.where(kept, self.docnum + np.cumsum(kept) - 1, -1).astype(np.int32)
        for field, inversion in self._fields.items():
            inversion.add_segment(held.fields[field], moved)
        for episode_id, (first, count) in segment.episodes.items():
            self.newsegment.episodes[episode_id] = int(moved[first]), count
        self._merged.append(held.columns.take(kept))
        self._added = True
        self.docnum += int(kept.sum())

    def _index_heading(self, passage: Passage) -> IndexedText:
        if self._heading is None or self._heading[:2] != (passage.heading, passage.language):
            indexed = index_text(passage.heading, passage.language)
            self._heading = passage.heading, passage.language, indexed
        return self._heading[2]

    def _flush_segment(self) -> None:
        """Write the segment, where Whoosh would sort its pool."""
        added = Columns(
            {name: np.array(self._numbers[name], kind) for name, kind in NUMBERS.items()},
            {name: name_column(names) for name, names in self._names.items()},
            {field: _encode_lengths(np.array(lengths)) for field, lengths in self._lengths.items()},
        )
        columns = join_columns([added, *self._merged])
        for field, codes in columns.lengths.items():
            self.perdocwriter.add_lengths(field, codes, float(LENGTHS[codes].sum()))
        self.perdocwriter.close()
        arrays = pack_columns(columns)
        for field, inversion in self._fields.items():
            arrays.update(inversion.pack(field))
        self.fieldwriter.write(arrays)
        self.fieldwriter.close()


def _encode_lengths(lengths: NDArray[Any]) -> NDArray[np.uint8]:
    different, places = np.unique(lengths, return_inverse=True)
    return np.array([length_to_byte(length) for length in different.tolist()], np.uint8)[places]


def numbers_of(passage: Passage) -> dict[str, int]:
    """Say what the columns of numbers hold of a passage."""
    return {
        "episode": passage.episode_id,
        "turn": passage.turn_id,
        "said": passage.said_id,
        "edition": EDITIONS.index(passage.edition),
        "first_word": passage.first_word,
        "last_word": passage.last_word,
        "day": NO_DAY if passage.published is None else (passage.published - EPOCH).days,
        "state": STATES.index(passage.state),
    }


def names_of(passage: Passage) -> dict[str, str]:
    """Say what the columns of names hold of a passage."""
    return {"show": passage.show, "speaker": passage.speaker or NO_SPEAKER, "language": passage.language}

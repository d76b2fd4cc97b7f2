"""A Whoosh codec for our segments: one file of arrays, and Whoosh's own column of lengths.

Whoosh's segments, tables of contents and readers stay as they are; what its readers walk is made
from the arrays, so that stock Whoosh searches an index of ours, as the tests have it do.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh.codec.base import TermsReader
from whoosh.codec.whoosh3 import LENGTHS_COLUMN, W3Codec, W3PerDocWriter, W3Segment, W3TermInfo
from whoosh.matching import ListMatcher
from whoosh.reading import TermNotFound

from search.engine.array_file import Arrays, read_arrays, write_arrays
from search.engine.postings import FieldPostings
from search.schema import INDEXED

EXTENSION = ".arr"


class PassageSegment(W3Segment):  # type: ignore[misc]
    """A segment that knows where each episode's passages are, so that they can be replaced unread."""

    def __init__(self, codec: "PassageCodec", name: str) -> None:
        super().__init__(codec, name)
        self.episodes: dict[int, tuple[int, int]] = {}  # first document, and how many

    def delete_episode(self, episode_id: int) -> None:
        """Mark an episode's documents as deleted."""
        first, count = self.episodes.pop(episode_id, (0, 0))
        for document in range(first, first + count):
            self.delete_document(document)


class PassageCodec(W3Codec):  # type: ignore[misc]
    """What Whoosh's writer and reader ask for a segment's parts."""

    length_stats = False

    def new_segment(self, storage: Any, indexname: str) -> PassageSegment:
        """Make a segment without documents."""
        return PassageSegment(self, indexname)

    def per_document_writer(self, storage: Any, segment: Any) -> "LengthsWriter":
        """Make what writes the lengths of documents."""
        return LengthsWriter(self, storage, segment)

    def field_writer(self, storage: Any, segment: Any) -> "ArraysWriter":
        """Make what writes everything else."""
        return ArraysWriter(storage, segment)

    def terms_reader(self, storage: Any, segment: Any) -> "ArrayTermsReader":
        """Make what reads terms and their postings."""
        file = segment.open_file(storage, EXTENSION)
        content = file.get(0, storage.file_length(segment.make_filename(EXTENSION)))
        return ArrayTermsReader(read_arrays(content))


class LengthsWriter(W3PerDocWriter):  # type: ignore[misc]
    """Writes how many terms each document has in a field, all documents at once."""

    def add_lengths(self, field: str, codes: NDArray[np.uint8], total: int) -> None:
        """Add the lengths of all documents in a field, in Whoosh's code, and their sum."""
        self._create_column(f"_{field}_len", LENGTHS_COLUMN)
        column = self._get_column(f"_{field}_len")
        column._dbfile.write(codes.tobytes())
        column._count = self._doccount = len(codes)
        self._fieldlengths[field] = total


class ArraysWriter:
    """Writes the arrays of a segment."""

    def __init__(self, storage: Any, segment: Any) -> None:
        self._file = segment.create_file(storage, EXTENSION)
        self.is_closed = False

    def write(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Write all arrays."""
        write_arrays(self._file, arrays)

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        self.is_closed = True


class ArrayTermsReader(TermsReader):  # type: ignore[misc]
    """The terms of a segment: as arrays for us, and as Whoosh's readers want them."""

    def __init__(self, arrays: Arrays) -> None:
        self.arrays = arrays
        self.fields = {field: FieldPostings(field, _arrays_of(field, arrays)) for field in INDEXED}

    def __contains__(self, term: tuple[str, bytes]) -> bool:
        return self.fields[term[0]].find(term[1].decode()) is not None

    def indexed_field_names(self) -> tuple[str, ...]:
        """List the fields."""
        return INDEXED

    def terms(self) -> Iterator[tuple[str, bytes]]:
        """Yield every term, by field."""
        return ((field, term.encode()) for field in sorted(self.fields) for term in self.fields[field].terms)

    def terms_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[str, bytes]]:
        """Yield the terms from this one on, whatever their field."""
        return (term for term in self.terms() if term >= (fieldname, prefix))

    def items(self) -> Iterator[tuple[tuple[str, bytes], W3TermInfo]]:
        """Yield every term with its statistics."""
        return ((term, self.term_info(*term)) for term in self.terms())

    def items_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[tuple[str, bytes], W3TermInfo]]:
        """Yield the terms from this one on, with their statistics."""
        return ((term, self.term_info(*term)) for term in self.terms_from(fieldname, prefix))

    def term_info(self, fieldname: str, text: bytes) -> W3TermInfo:
        """Make the statistics of a term."""
        documents, weights, _ = self._lists_of(fieldname, text)
        return W3TermInfo(
            weight=sum(weights),
            df=len(documents),
            minlength=1,
            maxlength=1 << 16,
            maxweight=max(weights),
            minid=documents[0],
            maxid=documents[-1],
        )

    def frequency(self, fieldname: str, text: bytes) -> float:
        """Count how many times a term is there."""
        return float(sum(self._lists_of(fieldname, text)[1])) if (fieldname, text) in self else 0.0

    def doc_frequency(self, fieldname: str, text: bytes) -> int:
        """Count the documents that hold a term."""
        at = self.fields[fieldname].find(text.decode())
        return 0 if at is None else int(self.fields[fieldname].frequencies[at])

    def matcher(self, fieldname: str, text: bytes, format_: Any, scorer: Any = None) -> ListMatcher:
        """Make a matcher that walks a term's postings."""
        documents, weights, values = self._lists_of(fieldname, text)
        info = self.term_info(fieldname, text)
        return ListMatcher(
            documents, weights, values, format_, scorer=scorer, term=(fieldname, text), terminfo=info
        )

    def cursor(self, fieldname: str, fieldobj: Any) -> Any:
        """Refuse: nothing that we ask of Whoosh needs one."""
        raise NotImplementedError(fieldname, fieldobj)

    def _lists_of(self, field: str, text: bytes) -> tuple[list[int], list[float], list[bytes]]:
        held = self.fields[field]
        at = held.find(text.decode())
        if at is None:
            raise TermNotFound(f"No term {field}:{text!r}")
        documents, counts, positions = held.read(at)
        values = [b""] * len(documents)
        if positions is not None:
            ends = np.cumsum(counts, dtype=np.int64)
            values = [part.astype("<u2").tobytes() for part in np.split(positions, ends[:-1])]
        return documents.tolist(), counts.astype(float).tolist(), values


def _arrays_of(field: str, arrays: Arrays) -> Arrays:
    return {name: array for name, array in arrays.items() if name.startswith(f"{field}.")}

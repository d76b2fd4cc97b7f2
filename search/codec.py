"""How postings lie on the disk: Whoosh's blocks, with a block's positions as one run of bytes.

Whoosh pickles each posting's positions as an object of its own, which makes an index twice as
large and a phrase slow to read. It also looks into a column for every posting, to note the
shortest and longest text of each block, which nothing here reads.
"""

from itertools import accumulate
from typing import Any

from whoosh.codec.whoosh3 import W3Codec, W3LeafMatcher, W3PostingsWriter

from search.schema import POSITION_BYTES, ShortPositions


class PassageCodec(W3Codec):  # type: ignore[misc]
    """Whoosh's codec, with positions joined."""

    length_stats = False

    def postings_writer(self, dbfile: Any, byteids: bool = False) -> W3PostingsWriter:
        """Make a writer of posting lists."""
        return _JoinedWriter(
            dbfile, self._blocklimit, byteids, compression=self._compression, inlinelimit=self._inlinelimit
        )

    def postings_reader(
        self, dbfile: Any, terminfo: Any, format_: Any, term: Any = None, scorer: Any = None
    ) -> Any:
        """Make a matcher over a posting list."""
        if terminfo.is_inlined():
            return super().postings_reader(dbfile, terminfo, format_, term=term, scorer=scorer)
        offset, length = terminfo.extent()
        return _JoinedMatcher(dbfile, offset, length, format_, term=term, scorer=scorer)


class _JoinedWriter(W3PostingsWriter):  # type: ignore[misc]
    def _mini_values(self) -> Any:
        if isinstance(self._format, ShortPositions):
            return b"".join(self._values)
        return super()._mini_values()


class _JoinedMatcher(W3LeafMatcher):  # type: ignore[misc]
    def _read_values(self) -> None:
        if not isinstance(self.format, ShortPositions):
            super()._read_values()
            return
        if self._data is None:
            self._read_data()
        if self._weights is None:
            self._read_weights()
        joined = self._data[2]
        ends = list(accumulate(int(weight) * POSITION_BYTES for weight in self._weights))
        self._values = [joined[begin:end] for begin, end in zip([0, *ends], ends, strict=False)]

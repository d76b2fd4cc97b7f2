"""Where the pieces, paragraphs, words and parts of a text are in one another, there and back."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

import numpy as np

from ingest.alignment.gaps import FoundGap
from ingest.alignment.tokens import EVENT, MUSIC, Floats, Parts
from ingest.alignment.values import DatedWord, Gap, PlacedPiece, PlacedWord, TextPiece
from media.texts.alignment import GapKind

SENTENCE_ENDS = ".?!…"
CLOSING_MARKS = "»”\"')]\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}"
NO_SEAM, SENTENCE, PARAGRAPH, TURN = range(4)


@dataclass(frozen=True, slots=True)
class Layout:
    """A text's pieces, and the numbers of their words and parts in the whole text."""

    text: tuple[TextPiece, ...]
    parts: Parts
    words: tuple[int, ...]  # first word of each piece, and how many there are
    edges: tuple[int, ...]  # first part of each word, and how many there are

    @property
    def turn_firsts(self) -> list[int]:
        """List the first part of each turn."""
        return [self.edges[self.words[at]] for at, piece in enumerate(self.text) if piece.words]

    def find_part(self, place: DatedWord) -> int:
        """Find the part that a dated word begins with."""
        return self.edges[self.words[place.piece] + place.word]

    def find_seams(self) -> list[int]:
        """Say how strong a break stands before each part."""
        seams = [NO_SEAM] * self.edges[-1]
        for at, piece in enumerate(self.text):
            firsts = self.edges[self.words[at] : self.words[at + 1]]
            for word, first in enumerate(firsts):
                if word == 0:
                    seams[first] = TURN if piece.words else NO_SEAM
                elif word in piece.paragraphs:
                    seams[first] = PARAGRAPH
                elif piece.words[word - 1].rstrip(CLOSING_MARKS).endswith(tuple(SENTENCE_ENDS)):
                    seams[first] = SENTENCE
        return seams

    def join_words(self, starts: Floats, ends: Floats, matched: Floats) -> list[PlacedWord]:
        """Make words of parts: heard where most of their characters were matched."""
        if not len(starts):
            return []
        first = np.array(self.edges[:-1])
        last = np.array(self.edges[1:]) - 1
        sure = np.add.reduceat(matched * self.parts.lengths, first)
        heard = sure > np.add.reduceat(self.parts.lengths, first) / 2
        begun = np.rint(starts[first]).astype(int)
        ended = np.maximum(np.rint(ends[last]).astype(int), begun)
        rows = zip(begun.tolist(), ended.tolist(), heard.tolist(), strict=True)
        return [PlacedWord(*row) for row in rows]

    def place_pieces(
        self, words: Sequence[PlacedWord], sure: Floats, gaps: Sequence[FoundGap]
    ) -> Iterator[PlacedPiece]:
        """Give each piece its times: turns those of their words, events those of the music that they are."""
        lost = self._lost_words(gaps)
        for at, piece in enumerate(self.text):
            first, stop = self.words[at], self.words[at + 1]
            start_ms, end_ms = words[first].start_ms, words[stop - 1].end_ms
            if not piece.words:
                yield PlacedPiece(start_ms, end_ms)
                continue
            edges = [self.edges[first + word] for word in (0, *piece.paragraphs)] + [self.edges[stop]]
            yield PlacedPiece(
                start_ms,
                end_ms,
                tuple(words[first:stop]),
                tuple(self._confidence(sure, one, two) for one, two in pairwise(edges)),
                tuple(_join_runs(word - first for word in lost if first <= word < stop)),
            )

    def show_gap(self, gap: FoundGap) -> Gap:
        """Say a gap in words of the text."""
        start, end = round(gap.start_ms), round(max(gap.start_ms, gap.end_ms))
        if gap.kind is GapKind.SPEECH:
            return Gap(gap.kind, start, end)
        return Gap(gap.kind, start, end, self._find_word(gap.first), self._find_word(gap.stop - 1))

    def _find_word(self, part: int) -> tuple[int, int]:
        word = int(self.parts.owners[part])
        piece = int(np.searchsorted(self.words, word, "right")) - 1
        return piece, word - self.words[piece]

    def _lost_words(self, gaps: Sequence[FoundGap]) -> list[int]:
        owners = self.parts.owners
        held = (owners[gap.first : gap.stop].tolist() for gap in gaps if gap.kind is GapKind.TEXT)
        return sorted({word for words in held for word in words})

    def _confidence(self, sure: Floats, first: int, stop: int) -> float:
        lengths = self.parts.lengths[first:stop]
        return round(float((sure[first:stop] * lengths).sum() / lengths.sum()), 3) if stop > first else 0.0


def lay_out(text: Sequence[TextPiece], parts: Parts) -> Layout:
    """Count a text's words and parts."""
    words = tuple(accumulate((len(write_piece(piece)) for piece in text), initial=0))
    edges = tuple(np.searchsorted(parts.owners, np.arange(words[-1] + 1)).tolist())
    return Layout(tuple(text), parts, words, edges)


def write_piece(piece: TextPiece) -> tuple[str, ...]:
    """Write a piece as words: an event is one, which music may match."""
    return piece.words or (MUSIC if piece.musical else EVENT,)


def _join_runs(words: Iterable[int]) -> Iterator[tuple[int, int]]:
    first = last = None
    for word in words:
        if first is not None and last is not None and word > last + 1:
            yield first, last
            first = None
        first = word if first is None else first
        last = word
    if first is not None and last is not None:
        yield first, last

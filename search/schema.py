"""What the index holds of a passage: a Whoosh schema of its terms, and columns beside them.

No text is stored: excerpts are cut from the catalogue. What narrows or sorts a search is a column
of ours, an array. Whoosh pickles these classes into its files by name: moving or changing one, or
the analysis, or the arrays, asks for another `INDEX_VERSION`, and so for a rebuild.
"""

from array import array
from typing import Any

import numpy as np
from whoosh import fields, formats
from whoosh.analysis import IDTokenizer

from media.transcript import Edition, TurnState

INDEX_VERSION = "3"

TEXT = "text"
HEADING = "heading"  # titles of the episode and of the chapter
# The spelling of each word that is not written as its term, after it: « elu\\0élus ». A term without
# any is always written as it stands; so most words, and the commonest, cost nothing.
EXACT = "exact"
INDEXED = (TEXT, HEADING, EXACT)
SCORED = (TEXT, HEADING)  # by BM25

SHOW, SPEAKER, LANGUAGE = "show", "speaker", "language"
NAMES = (SHOW, SPEAKER, LANGUAGE)  # columns
NUMBERS: dict[str, np.dtype[Any]] = {  # columns
    "episode": np.dtype(np.uint32),
    "turn": np.dtype(np.uint32),  # under which it is found, counted and shown once
    "said": np.dtype(np.uint32),  # the turn that holds its words: another where an episode has two texts
    "edition": np.dtype(np.uint8),  # of these words
    "first_word": np.dtype(np.uint32),
    "last_word": np.dtype(np.uint32),
    "day": np.dtype(np.int32),
    "state": np.dtype(np.uint8),
}

STATES = tuple(TurnState)  # a column holds the index of one
EDITIONS = tuple(Edition)  # as well
NO_DAY = -(1 << 31)  # undated; days are counted from 1970-01-01, UTC
NO_SPEAKER = ""


class ShortPositions(formats.Positions):  # type: ignore[misc]
    """Positions of a term in a passage as two-byte numbers."""

    def decode_positions(self, packed: bytes) -> list[int]:
        """Unpack positions."""
        return array("H", packed).tolist()


class PassageText(fields.TEXT):  # type: ignore[misc]
    """A field of terms with their positions, which come from our analysis and not through Whoosh's."""

    def __init__(self) -> None:
        super().__init__(analyzer=IDTokenizer(), phrase=True)
        self.format = ShortPositions()


def build_schema() -> fields.Schema:
    """Build the schema of a passage."""
    return fields.Schema(text=PassageText(), heading=PassageText(), exact=fields.ID())

"""What the index holds of a passage, as a Whoosh schema: terms with positions, and columns.

No text is stored: excerpts are cut from the catalogue. What narrows or sorts a search is a
column. Positions are plain two-byte numbers, so that they can be read without unpickling and by
any evaluator. Whoosh pickles these classes into its files by name: moving or changing one, or
the analysis, asks for another `INDEX_VERSION`, and so for a rebuild.
"""

from array import array
from collections.abc import Iterator
from typing import Any

from whoosh import columns, fields, formats
from whoosh.analysis import Analyzer, Token

from media.transcript import TurnState
from search.analysis import index_positions, iter_tokens

INDEX_VERSION = "2"

TEXT = "text"
HEADING = "heading"  # titles of the episode and of the chapter
# The spelling of each word that differs from its term, after it and `FORM`: « elu\0élus ». A term
# without such forms was always written as it stands.
EXACT = "exact"
EPISODE_KEY = "episode_key"  # a term for each episode: to replace its passages
FORM = "\0"

SHOW, SPEAKER, LANGUAGE = "show", "speaker", "language"
NUMBERS = ("episode", "turn", "first_word", "last_word", "day", "state")  # columns
NAMES = (SHOW, SPEAKER, LANGUAGE)  # columns
INDEXED = (TEXT, HEADING, EXACT, EPISODE_KEY)
SCORED = (TEXT, HEADING)  # by BM25

POSITION_BYTES = array("H").itemsize

STATES = tuple(TurnState)  # a column holds the index of one
NO_DAY = -(1 << 31)  # undated; days are counted from 1970-01-01, UTC
NO_SPEAKER = ""


class FrenchAnalyzer(Analyzer):  # type: ignore[misc]
    """Our analyzer, as Whoosh's own parts know one."""

    def __call__(self, value: str, **options: Any) -> Iterator[Token]:
        """Yield a Whoosh token for each term."""
        for token in iter_tokens(value):
            for text in token.terms:
                held = Token(**options)
                held.text, held.original = text, value[token.begin : token.end]
                held.pos, held.startchar, held.endchar = token.position, token.begin, token.end
                yield held

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)

    __hash__ = None  # type: ignore[assignment]  # as Whoosh's analyzers


class ShortPositions(formats.Positions):  # type: ignore[misc]
    """Positions of a term in a passage as two-byte numbers."""

    def encode(self, positions: list[int]) -> bytes:
        """Pack ascending positions."""
        return array("H", positions).tobytes()

    def decode_positions(self, packed: bytes) -> list[int]:
        """Unpack positions."""
        return array("H", packed).tolist()

    def decode_frequency(self, packed: bytes) -> int:
        """Count positions."""
        return len(packed) // POSITION_BYTES


class PassageText(fields.TEXT):  # type: ignore[misc]
    """A text field that takes its terms from our analysis at once, without a token object each."""

    def __init__(self) -> None:
        super().__init__(analyzer=FrenchAnalyzer(), phrase=True)
        self.format = ShortPositions()

    def index(self, value: str, **_: Any) -> Iterator[tuple[bytes, int, float, bytes]]:
        """Yield each term with its frequency, weight and packed positions."""
        for text, positions in index_positions(value)[0].items():
            yield text.encode(), len(positions), float(len(positions)), self.format.encode(positions)


def build_schema() -> fields.Schema:
    """Build the schema of a passage."""
    return fields.Schema(
        text=PassageText(),
        heading=PassageText(),
        episode_key=fields.ID(),
        episode=fields.COLUMN(columns.NumericColumn("I")),
        turn=fields.COLUMN(columns.NumericColumn("I")),
        first_word=fields.COLUMN(columns.NumericColumn("I")),
        last_word=fields.COLUMN(columns.NumericColumn("I")),
        day=fields.COLUMN(columns.NumericColumn("i", default=NO_DAY)),
        state=fields.COLUMN(columns.NumericColumn("B")),
        show=fields.COLUMN(columns.RefBytesColumn()),
        speaker=fields.COLUMN(columns.RefBytesColumn()),
        language=fields.COLUMN(columns.RefBytesColumn()),
    )

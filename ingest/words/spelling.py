"""The recogniser's pieces of text, made into words that join by single spaces.

Whisper writes French punctuation apart (" !", " »"), as French typography does. A word of ours
holds its punctuation: what stands apart hangs on its word by a no-break space, closing marks on
the word before and opening ones on the word after (`media.transcript`).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from media.transcript import Word

NO_BREAK = "\N{NO-BREAK SPACE}"
OPENING = frozenset("«“‘([{¿¡")
SPACES = re.compile(r"\s+")
SPOKEN = re.compile(r"[^\W_]")  # a letter or a digit of any script


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of text as the recogniser gave it, its leading space kept, and when it was heard."""

    text: str
    start_ms: int
    end_ms: int
    probability: float


def spell_words(pieces: Iterable[Piece]) -> tuple[Word, ...]:
    """Make words of pieces, in order; times never run backwards. Marks alone make no word.

    >>> [w.text for w in spell_words([Piece(" Oui", 0, 9, 1), Piece(" !", 9, 9, 1), Piece(" «", 9, 9, 1)])]
    ['Oui\\xa0!']
    """
    words: list[Word] = []
    opening = ""
    for piece in pieces:
        text = SPACES.sub(NO_BREAK, piece.text.strip())
        apart = NO_BREAK if piece.text[:1].isspace() else ""
        if words and not apart and _continues(words[-1].text, text):
            words[-1] = _lengthen(words[-1], text, piece)
        elif SPOKEN.search(text):
            words.append(_word(opening + text, piece, words[-1] if words else None))
            opening = ""
        elif text and set(text) <= OPENING:
            opening += text + (NO_BREAK if text[-1] == "«" else "")
        elif text and words:
            words[-1] = replace(words[-1], text=words[-1].text + apart + text)
    return tuple(words)


def _continues(before: str, text: str) -> bool:
    """Tell whether text without a space before it belongs to the word before: "c" + "'est".

    Scripts without spaces give letters after letters; each piece is then a word.
    """
    return bool(text) and SPOKEN.search(text) is not None and not (before[-1].isalnum() and text[0].isalnum())


def _lengthen(word: Word, text: str, piece: Piece) -> Word:
    end, sure = max(piece.end_ms, word.end_ms or 0), min(word.probability or 0.0, _share(piece.probability))
    return replace(word, text=word.text + text, end_ms=end, probability=sure)


def _word(text: str, piece: Piece, previous: Word | None) -> Word:
    start = max(piece.start_ms, (previous and previous.end_ms) or 0)
    return Word(text, start, max(piece.end_ms, start), _share(piece.probability))


def _share(probability: float) -> float:
    return min(max(probability, 0.0), 1.0)

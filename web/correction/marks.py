"""What is marked in a turn's text for those who correct it: doubts, languages, unsure words. Pure.

The recogniser's probabilities are not alike from one recording to the next, so that a word is
marked as unsure by its rank in its episode: about one in twenty, never one that it was sure of.
Once a person has read a turn nothing of it is marked unsure.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from media.transcript import DoubtKind, Turn, TurnState, Word

UNSURE_SHARE = 0.05  # of the words that no person has read
SURE = 0.7  # the recogniser's probability from which a word is never marked


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of a turn's text that is marked in one way."""

    text: str
    doubt: DoubtKind | None = None
    reason: DoubtKind | None = None  # of a doubt that ends with this run: it is told once
    language: str | None = None
    unsure: bool = False


def find_threshold(turns: Iterable[Turn]) -> float:
    """Find the probability under which about one word in twenty of an episode lies."""
    given = sorted(word.probability for turn in turns for word in turn.words if word.probability is not None)
    return min(SURE, given[int(UNSURE_SHARE * len(given))]) if given else 0.0


def cut_marks(turn: Turn, threshold: float) -> tuple[Piece, ...]:
    """Cut a turn's text where marks begin and end; the pieces joined by spaces are the text."""
    doubts: dict[int, DoubtKind] = {}
    last_words = {doubt.last_word: doubt.kind for doubt in turn.doubts}
    for doubt in turn.doubts:
        doubts |= dict.fromkeys(range(doubt.first_word, doubt.last_word + 1), doubt.kind)
    unread = turn.state is TurnState.MACHINE
    marked = [
        (place, (doubts.get(place), word.language, unread and _is_unsure(word, threshold)))
        for place, word in enumerate(turn.words)
    ]
    runs = [(mark, [place for place, _ in run]) for mark, run in groupby(marked, key=lambda held: held[1])]
    return tuple(
        Piece(
            " ".join(turn.words[place].text for place in places),
            doubt,
            last_words.get(places[-1]),
            language,
            unsure,
        )
        for (doubt, language, unsure), places in runs
    )


def _is_unsure(word: Word, threshold: float) -> bool:
    return word.probability is not None and word.probability < threshold

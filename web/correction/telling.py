"""What differs between two texts, told in sentences and shown in place. Pure.

A sentence says one change, so that a screen reader says it too; below them stands the whole text,
with what was removed and what was added marked, and long stretches without change left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from media.correction.comparing import compare_words
from media.correction.typed import split_words

MOST_SENTENCES = 12
WORDS_AROUND = 12  # kept on each side of a change, of a text that is long


@dataclass(frozen=True, slots=True)
class Part:
    """A run of words: kept by both texts, or removed from one, or added to the other."""

    kept: str = ""
    removed: str = ""
    added: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """How two texts differ."""

    parts: tuple[Part, ...]
    changes: tuple[Part, ...]  # those that a sentence tells
    more: int  # changes beyond them


def tell_changes(before: str, after: str) -> Told:
    """Compare two texts word by word.

    >>> [(part.removed, part.added) for part in tell_changes("avec mooflow ici", "avec MoveFlow ici").changes]
    [('mooflow', 'MoveFlow')]
    """
    runs = list(compare_words(split_words(before), split_words(after)))
    parts = tuple(
        Part(kept=_shorten(run.before, first=place == 0, last=place == len(runs) - 1))
        if run.kept
        else Part(removed=" ".join(run.before), added=" ".join(run.after))
        for place, run in enumerate(runs)
    )
    changes = tuple(part for part in parts if not part.kept)
    return Told(parts, changes[:MOST_SENTENCES], max(0, len(changes) - MOST_SENTENCES))


def _shorten(words: Sequence[str], *, first: bool, last: bool) -> str:
    """Leave out the middle of a long stretch, or what is beyond the first or last change."""
    head = 0 if first else WORDS_AROUND
    tail = 0 if last else WORDS_AROUND
    if len(words) <= head + tail + WORDS_AROUND or (first and last):
        return " ".join(words)
    end = words[len(words) - tail :] if tail else []
    return " ".join([*words[:head], "[…]", *end])

"""Which words of one text are those of another: a longest common subsequence, by bits.

A row of the classic table is one integer, of which a bit is a word of the first text (Hyyrö,
“Bit-parallel LCS-length computation revisited”, 2004): a word of the second costs a few
operations on it, whatever people typed. Words that stand unchanged at both ends, which is
nearly all of them at a usual save, cost a comparison. Pure.
"""

import unicodedata
from collections.abc import Sequence
from functools import lru_cache

KEPT_KEYS = 65_536  # words whose keys are remembered


def align_words(first: Sequence[str], second: Sequence[str]) -> list[tuple[int, int]]:
    """Pair the indices of equal items, both growing, as many pairs as can be.

    >>> align_words(["le", "petit", "chat"], ["le", "chat", "dort"])
    [(0, 0), (2, 1)]
    """
    shorter = min(len(first), len(second))
    head = 0
    while head < shorter and first[head] == second[head]:
        head += 1
    tail = 0
    while tail < shorter - head and first[-1 - tail] == second[-1 - tail]:
        tail += 1
    inner = _common(first[head : len(first) - tail], second[head : len(second) - tail])
    return [
        *((at, at) for at in range(head)),
        *((one + head, other + head) for one, other in inner),
        *((len(first) - at, len(second) - at) for at in range(tail, 0, -1)),
    ]


@lru_cache(maxsize=KEPT_KEYS)
def word_key(text: str) -> str:
    """Reduce a word to what must be equal for its time to stay: letters, accents and digits.

    >>> word_key("«\\xa0Été,"), word_key("ete"), word_key("l’eau") == word_key("L'eau")
    ('été', 'ete', True)
    """
    folded = unicodedata.normalize("NFC", text).casefold()
    kept = "".join(char for char in folded if char.isalnum() or unicodedata.combining(char))
    return unicodedata.normalize("NFC", kept) or folded


def _common(first: Sequence[str], second: Sequence[str]) -> list[tuple[int, int]]:
    if not first or not second:
        return []
    places: dict[str, int] = {}
    for at, item in enumerate(first):
        places[item] = places.get(item, 0) | 1 << at
    every = (1 << len(first)) - 1
    row, rows = every, []
    for item in second:
        hits = row & places.get(item, 0)
        row = (row + hits | row - hits) & every
        rows.append(row)
    return _walk_back(rows, len(first))


def _walk_back(rows: Sequence[int], length: int) -> list[tuple[int, int]]:
    """Follow the rows from the end: a clear bit says that the common part grew there."""
    pairs = []
    one, other = length - 1, len(rows) - 1
    while one >= 0 and other >= 0:
        if rows[other] >> one & 1:
            one -= 1
        elif other and not rows[other - 1] >> one & 1:
            other -= 1
        else:
            pairs.append((one, other))
            one, other = one - 1, other - 1
    pairs.reverse()
    return pairs

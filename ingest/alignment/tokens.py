"""Words made comparable: what a human writes and what a recogniser writes of the same sound.

Case, accents and punctuation go; elisions and compounds come apart, because one side writes
« l'April » where the other writes « la prille », and « peut être » for « peut-être ». A part keeps
the word that it comes from, and of a heard word its share of the time.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from media.transcript import Word

APART = re.compile(r"[^\W_]+")
LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "·": "", "•": "", "‧": ""})
MUSIC = "♪"  # stands for music on both sides, and takes no time of speech
EVENT = "*"  # an event that no recogniser hears
UNSEEN = 50.0  # parts: in a text of three words, none is as common as it seems
KEPT_KEYS = 65_536  # words whose parts are remembered

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]


@lru_cache(maxsize=KEPT_KEYS)
def word_parts(text: str) -> tuple[str, ...]:
    """Cut a word into its comparable parts; none for a word without letter or digit.

    >>> word_parts("l’Éducation"), word_parts("bienvenu·es"), word_parts("93.1,"), word_parts("???")
    (('l', 'education'), ('bienvenues',), ('93', '1'), ())
    """
    folded = unicodedata.normalize("NFKD", text.lower().translate(LIGATURES))
    return tuple(APART.findall("".join(char for char in folded if not unicodedata.combining(char))))


@dataclass(frozen=True, slots=True)
class Parts:
    """One side's parts, in order."""

    texts: tuple[str, ...]
    keys: Integers  # shape (n,), equal where the texts are equal, on both sides
    owners: Integers  # index of the word that each comes from
    lengths: Floats  # characters, and one for what separates

    def __len__(self) -> int:
        return len(self.texts)


@dataclass(frozen=True, slots=True)
class HeardParts:
    """The recogniser's parts, each with its share of its word's time, in ms."""

    parts: Parts
    starts: Floats
    ends: Floats


def cut_words(words: Iterable[str], keys: dict[str, int]) -> Parts:
    """Cut words into parts; `keys` numbers their texts, and grows.

    A word without letters has one part all the same, which is like none of the other side.
    """
    texts: list[str] = []
    owners: list[int] = []
    lengths: list[int] = []
    for at, word in enumerate(words):
        for part in (MUSIC,) if word == MUSIC else word_parts(word) or ("",):
            texts.append(part)
            owners.append(at)
            lengths.append(0 if word in (MUSIC, EVENT) else (len(part) or len(word)) + 1)
    numbers = [keys.setdefault(text, len(keys)) for text in texts]
    return Parts(
        tuple(texts),
        np.array(numbers, np.int64),
        np.array(owners, np.int64),
        np.array(lengths, np.float64),
    )


def cut_heard(words: Sequence[Word], keys: dict[str, int]) -> HeardParts:
    """Cut heard words into parts, in the order of time; words without times are left out."""
    timed = [
        (word.start_ms, word.end_ms, word.text)
        for word in words
        if word.start_ms is not None and (word_parts(word.text) or word.text == MUSIC)
    ]
    timed.sort(key=lambda word: word[0] or 0)
    parts = cut_words((text for _, _, text in timed), keys)
    if not len(parts):
        return HeardParts(parts, np.zeros(0), np.zeros(0))
    first = np.array([start for start, _, _ in timed], np.float64)[parts.owners]
    last = np.array([end for _, end, _ in timed], np.float64)[parts.owners]
    whole = np.maximum(np.bincount(parts.owners, parts.lengths), 1.0)[parts.owners]
    reached = np.cumsum(parts.lengths)
    opened = np.r_[True, parts.owners[1:] != parts.owners[:-1]]
    before = np.maximum.accumulate(np.where(opened, reached - parts.lengths, 0.0))
    starts = first + (last - first) * (reached - parts.lengths - before) / whole
    ends = np.where(parts.lengths > 0, first + (last - first) * (reached - before) / whole, last)
    starts = np.maximum.accumulate(starts)
    return HeardParts(parts, starts, np.maximum(ends, starts))


def weigh_keys(parts: Sequence[Parts], count: int) -> Floats:
    """Say how much a key tells, in nats: the rarer in both texts together, the more. Shape (count,)."""
    said = np.zeros(count)
    for side in parts:
        said += np.bincount(side.keys, minlength=count)
    weights: Floats = -np.log(np.maximum(said, 1) / (said.sum() + UNSEEN))
    return weights

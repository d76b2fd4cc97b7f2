"""Where sentences begin in a run of words, so that a quotation snaps to them. Pure.

The same rule as excerpts follow: what ends a sentence, then a capital; « M. » and « J.-B. » end nothing.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from search.excerpts import ABBREVIATION, ABBREVIATION_LENGTH, SENTENCE_BREAK


def find_sentences(texts: Sequence[str]) -> list[int]:
    """List the words that begin a sentence, the first word among them.

    >>> find_sentences(["Oui.", "M.", "Morvan", "vient", "!", "Il", "parle."])
    [0, 1, 5]
    """
    if not texts:
        return []
    starts, at, done = [0], 0, 0
    text = " ".join(texts)
    for found in SENTENCE_BREAK.finditer(text):
        point = found.start()
        if text[point] == "." and ABBREVIATION.search(text, max(0, point - ABBREVIATION_LENGTH), point):
            continue
        at += text.count(" ", done, found.end())
        starts.append(at)
        done = found.end()
    return starts


def sentence_start(starts: Sequence[int], word: int) -> int:
    """Find where the sentence of a word begins."""
    return starts[max(0, bisect_right(starts, word) - 1)]


def sentence_end(starts: Sequence[int], word: int, count: int) -> int:
    """Find the last word of a word's sentence, of a text of `count` words."""
    at = bisect_right(starts, word)
    return (starts[at] if at < len(starts) else count) - 1


def sentence_before(starts: Sequence[int], word: int) -> int:
    """Find the nearest start of a sentence before a word; the first where there is none."""
    return starts[max(0, bisect_left(starts, word) - 1)]

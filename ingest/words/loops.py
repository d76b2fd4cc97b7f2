"""Words that nobody said: a recogniser that repeats itself, or writes where nothing is spoken.

Language models caught by music or noise repeat a phrase, or pour out words faster than a mouth
can. Such words stay readable and are marked as doubts; they are never passed off as speech. What
people do repeat ("oui oui oui", a refrain said twice) is left alone: the thresholds say how often.
"""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import groupby

from ingest.sound.chunks import Span
from media.transcript import Doubt, DoubtKind, Word

LONGEST = 12  # words of a repeated phrase
TIMES = {1: 6, 2: 5, 3: 4}  # repetitions in a row that no one utters, by the phrase's length
TIMES_LONGER = 3
MARGIN_MS = 400  # a word may lie this far from detected speech
FASTEST_MS = 40  # a word; in a run of RUSHED words, less than this each cannot be uttered
RUSHED = 5

MARKS = re.compile(r"[\W_]+")


def find_doubts(words: Sequence[Word], speech: Sequence[Span]) -> tuple[Doubt, ...]:
    """Mark loops, and words heard where nobody speaks; in order of their first word, disjoint."""
    kinds: list[DoubtKind | None] = [None] * len(words)
    for first, last in [*unheard_runs(words, speech), *rushed_runs(words)]:
        kinds[first : last + 1] = [DoubtKind.UNHEARD] * (last - first + 1)
    for first, last in loop_runs([_key(word.text) for word in words]):
        kinds[first : last + 1] = [DoubtKind.LOOP] * (last - first + 1)
    return tuple(_doubts(kinds))


def loop_runs(keys: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Find phrases repeated in a row; yield the first and last word of the repetitions.

    The phrase's first utterance is not in the run: it may well have been said.

    >>> list(loop_runs("et voilà la ville la ville la ville la ville la ville".split()))
    [(4, 11)]
    """
    at = 0
    while at < len(keys):
        if run := _loop_at(keys, at):
            yield run
            at = run[1] + 1
        else:
            at += 1


def unheard_runs(words: Sequence[Word], speech: Sequence[Span]) -> Iterator[tuple[int, int]]:
    """Find words further than MARGIN_MS from any detected speech; yield each run's first and last."""
    yield from _runs([_is_unheard(word, speech) for word in words])


def rushed_runs(words: Sequence[Word]) -> Iterator[tuple[int, int]]:
    """Find runs of words too fast for a mouth; yield each run's first and last."""
    rushed = [False] * len(words)
    for first in range(len(words) - RUSHED + 1):
        begin, end = words[first].start_ms, words[first + RUSHED - 1].end_ms
        if begin is not None and end is not None and end - begin < RUSHED * FASTEST_MS:
            rushed[first : first + RUSHED] = [True] * RUSHED
    yield from _runs(rushed)


def _loop_at(keys: Sequence[str], at: int) -> tuple[int, int] | None:
    for size in range(1, LONGEST + 1):
        phrase, times = keys[at : at + size], 1
        while keys[at + times * size : at + (times + 1) * size] == phrase and len(phrase) == size:
            times += 1
        if times >= TIMES.get(size, TIMES_LONGER):
            return at + size, at + times * size - 1
    return None


def _is_unheard(word: Word, speech: Sequence[Span]) -> bool:
    if word.start_ms is None or word.end_ms is None:
        return False
    near = bisect_left(speech, word.start_ms - MARGIN_MS, key=lambda span: span.end_ms)
    return near == len(speech) or speech[near].start_ms > word.end_ms + MARGIN_MS


def _runs(flags: Sequence[bool]) -> Iterator[tuple[int, int]]:
    for flag, members in groupby(range(len(flags)), key=lambda index: flags[index]):
        if flag:
            held = list(members)
            yield held[0], held[-1]


def _doubts(kinds: Sequence[DoubtKind | None]) -> Iterator[Doubt]:
    for kind, members in groupby(range(len(kinds)), key=lambda index: kinds[index]):
        if kind:
            held = list(members)
            yield Doubt(kind, held[0], held[-1])


def _key(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text.casefold())
    return MARKS.sub("", "".join(char for char in folded if not unicodedata.combining(char)))

"""Find in an episode's other text what was withdrawn of one: the same words, said or smoothed.

What was said and what was published do not tell the same words: hesitations vanish, sentences are
rewritten, and times may be estimated. So this takes rather too much than too little: whole sentences
where a passage of some length was withdrawn, and all of a run whose times are only estimated. Where
either text has no times, the words themselves are looked for, in runs that both share. Pure.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from media.transcript import Word

NEAR_MS = 1_500  # another text may have a word this far from where the first has it
FAR_MS = 30_000  # its sentences are looked for no further than this
SHARED_RUN = 3  # words in a row that two texts share
TELLING_RUN = 5  # as many tell the passage by themselves
TELLING_SHARE = 0.6  # of the passage's words, in shorter runs
LONG_PASSAGE = 6  # words: whole sentences go with it
SENTENCE_END = re.compile(r"[.!?…][»”\")\]\s]*$")

Times = tuple[int, int]


def find_elsewhere(
    words: Sequence[Word], folded: Sequence[str], times: Times | None, wanted: Sequence[str]
) -> set[int]:
    """Find the words of a turn that tell a passage of the other text, by index.

    `folded` are the turn's words and `wanted` the passage's as they are compared; `times` are the
    passage's, None where it has none.
    """
    is_timed = any(word.start_ms is not None for word in words)
    if times is None or not is_timed:
        found = set(_find_shared(folded, wanted))
    else:
        start_ms, end_ms = times
        found = {at for at, word in enumerate(words) if _overlaps(word, start_ms, end_ms)}
        touched = {
            at for at, word in enumerate(words) if _overlaps(word, start_ms - NEAR_MS, end_ms + NEAR_MS)
        }
        found |= {at for at in touched if folded[at] in wanted}
        found |= {at for run in _estimated_runs(words) if not touched.isdisjoint(run) for at in run}
        found |= {
            at
            for at in _find_shared(folded, wanted)
            if words[at].start_ms is None or _overlaps(words[at], start_ms - FAR_MS, end_ms + FAR_MS)
        }
    if not found or len(wanted) < LONG_PASSAGE:
        return found
    return {at for run in _sentences(words) if not found.isdisjoint(run) for at in run}


def _find_shared(folded: Sequence[str], wanted: Sequence[str]) -> Iterable[int]:
    """Find the words that stand in runs of both, where they are enough to tell the passage."""
    length = min(SHARED_RUN, len(wanted))
    if not length:
        return ()
    known = {tuple(wanted[at : at + length]) for at in range(len(wanted) - length + 1)}
    starts = [at for at in range(len(folded) - length + 1) if tuple(folded[at : at + length]) in known]
    shared = sorted({at + step for at in starts for step in range(length)})
    if len(shared) >= TELLING_SHARE * len(wanted):
        return shared
    return [at for run in _runs(shared) if len(run) >= TELLING_RUN for at in run]


def _estimated_runs(words: Sequence[Word]) -> Iterator[range]:
    """Yield the runs of words whose times are only estimated."""
    estimated = [at for at, word in enumerate(words) if word.start_ms is not None and not word.heard]
    return _runs(estimated)


def _runs(places: Iterable[int]) -> Iterator[range]:
    run: range | None = None
    for at in places:
        if run is not None and at == run.stop:
            run = range(run.start, at + 1)
            continue
        if run is not None:
            yield run
        run = range(at, at + 1)
    if run is not None:
        yield run


def _sentences(words: Sequence[Word]) -> Iterator[range]:
    first = 0
    for at, word in enumerate(words):
        if SENTENCE_END.search(word.text) or at == len(words) - 1:
            yield range(first, at + 1)
            first = at + 1


def _overlaps(word: Word, start_ms: int, end_ms: int) -> bool:
    if word.start_ms is None or word.end_ms is None:
        return False
    if word.start_ms == word.end_ms:
        return start_ms <= word.start_ms < end_ms
    return word.start_ms < end_ms and word.end_ms > start_ms

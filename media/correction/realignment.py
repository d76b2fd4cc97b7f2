"""Give a corrected text its times again, from the machine's words, which never change.

A word that the machine heard, whatever its capitals and punctuation, keeps its exact time. Words
between two of those share, by their lengths, the time of what they replace or, where that is too
short for them to be said, the whole gap; their times are flagged as estimated. A doubt dated by
its author (« ??? [32 min 50] ») stands at its date where that lies in the gap. Times never go
back and never leave the turn. Pure.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import accumulate

from media.correction.alignment import align_words, word_key
from media.correction.typed import find_doubts, find_marks, split_words
from media.transcript import Doubt, DoubtKind, Word

MIN_MS_A_CHARACTER = 30  # said faster than this, words were not said in that time


def realign(text: str, machine: Sequence[Word], start_ms: int | None, end_ms: int | None) -> tuple[Word, ...]:
    """Cut a typed text into words, timed by the machine's words of the turn from start to end.

    Without times (a text that has no audio), unchanged words stay as they are and others have none.
    """
    typed = split_words(text)
    pairs = align_words([word_key(word.text) for word in machine], [word_key(word) for word in typed])
    kept = {at: _kept(machine[of], typed[at]) for of, at in pairs}
    if start_ms is None or end_ms is None:
        return tuple(kept.get(at) or Word(word) for at, word in enumerate(typed))
    within = [_clip(word, start_ms, end_ms) for word in machine]
    timed = [(of, at) for of, at in pairs if within[of].start_ms is not None]
    words = _fill_gaps(typed, within, timed, start_ms, end_ms)
    return tuple(
        word if (held := kept.get(at)) is None else replace(held, start_ms=word.start_ms, end_ms=word.end_ms)
        for at, word in enumerate(words)
    )


def carry_marks(before: Sequence[Word], after: Sequence[Word]) -> tuple[Word, ...]:
    """Keep on words that stay as they are what people said of them: a language, “this was heard right”.

    Paragraphs begin where they began, at the word itself or at the one that took its place.
    """
    pairs = align_words([word.text for word in before], [word.text for word in after])
    carried = [replace(word, paragraph=False) if word.paragraph else word for word in after]
    for old, new in pairs:
        held = before[old]
        if (held.language, held.probability) != (after[new].language, after[new].probability):
            carried[new] = replace(carried[new], language=held.language, probability=held.probability)
    for at in _carry_paragraphs(before, pairs, len(after)):
        carried[at] = replace(carried[at], paragraph=True)
    return tuple(carried)


def _carry_paragraphs(before: Sequence[Word], pairs: Sequence[tuple[int, int]], length: int) -> Iterator[int]:
    """Find where paragraphs begin in a text of this length, by the words that stay."""
    places = dict(pairs)
    for at, word in enumerate(before):
        if word.paragraph:
            old, new = max((pair for pair in pairs if pair[0] <= at), default=(-1, -1))
            limit = min((after for first, after in pairs if first > at), default=length)
            place = places.get(at, min(new + at - old, limit))
            if 0 < place < length:
                yield place


def carry_doubts(before: Sequence[Word], doubts: Sequence[Doubt], after: Sequence[Word]) -> tuple[Doubt, ...]:
    """Keep the doubts on the words that stay; those written in the text are read from the new text.

    A reviewer's remark goes: the turn was corrected since.
    """
    old, new = ([word.text for word in words] for words in (before, after))
    written = set(find_doubts(old))
    moved = dict(align_words(old, new)) if doubts else {}
    kept = []
    for doubt in doubts:
        if doubt in written or doubt.kind is DoubtKind.DISCUSSED:
            continue
        places = [moved[at] for at in range(doubt.first_word, doubt.last_word + 1) if at in moved]
        if places:
            kept.append(Doubt(doubt.kind, places[0], places[-1]))
    return tuple(sorted({*kept, *find_doubts(new)}, key=lambda doubt: (doubt.first_word, doubt.last_word)))


def _kept(machine: Word, typed: str) -> Word:
    return machine if machine.text == typed else replace(machine, text=typed, probability=None)


def _clip(word: Word, start_ms: int, end_ms: int) -> Word:
    if word.start_ms is None or word.end_ms is None:
        return word
    first = min(max(word.start_ms, start_ms), end_ms)
    return replace(word, start_ms=first, end_ms=min(max(word.end_ms, first), end_ms))


def _fill_gaps(
    typed: Sequence[str],
    machine: Sequence[Word],
    pairs: Sequence[tuple[int, int]],
    start_ms: int,
    end_ms: int,
) -> Iterator[Word]:
    """Yield every typed word with times: the machine's where paired, a share of the gap elsewhere."""
    before, done = -1, 0
    floor = start_ms
    for of, at in [*pairs, (len(machine), len(typed))]:
        ceiling = end_ms if of == len(machine) else machine[of].start_ms or 0
        if at > done:
            low, high = _room(typed[done:at], machine[before + 1 : of], min(floor, ceiling), ceiling)
            yield from _share(typed[done:at], low, high, min(floor, ceiling), ceiling)
        if at < len(typed):
            yield Word(typed[at], machine[of].start_ms, machine[of].end_ms)
            before, done, floor = of, at + 1, machine[of].end_ms or 0


def _room(typed: Sequence[str], replaced: Sequence[Word], low: int, high: int) -> tuple[int, int]:
    """Find the time that some words share: that of the words that they replace, if they fit, else the gap."""
    heard = [word for word in replaced if word.start_ms is not None]
    if heard:
        first = min(max(heard[0].start_ms or 0, low), high)
        last = min(max(heard[-1].end_ms or 0, first), high)
        if last - first >= MIN_MS_A_CHARACTER * sum(map(len, typed)):
            return first, last
        if high - low <= last - first:
            return first, last
    return low, high


def _share(typed: Sequence[str], low: int, high: int, floor: int, ceiling: int) -> Iterator[Word]:
    """Share the time from low to high by length; dated doubts stand at their dates within the gap."""
    done = 0
    for mark in find_marks(typed):
        if mark.at_ms is not None and floor <= mark.at_ms <= ceiling and mark.first_word >= done:
            yield from _spread(typed[done : mark.first_word], min(low, mark.at_ms), mark.at_ms)
            done, low, high = mark.first_word, mark.at_ms, max(high, mark.at_ms)
            floor = mark.at_ms
    yield from _spread(typed[done:], low, high)


def _spread(typed: Sequence[str], low: int, high: int) -> Iterator[Word]:
    reached = [0, *accumulate(len(word) + 1 for word in typed)]
    for at, word in enumerate(typed):
        first, last = (low + (high - low) * length // reached[-1] for length in reached[at : at + 2])
        yield Word(word, first, last, heard=False)

"""Times that a document gives, made to go forward only.

Where some go back, the fewest that must go lose their time (the longest run of starts that never
goes back stays), so that one absurd cue cannot spoil all that follow it.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace

from ingest.texts.clocks import LONGEST_MS
from media.errors import N_, Message
from media.texts.values import SENTENCE_END, Block, BlockKind, ReadWord

PAUSE_MS = 1500
ENOUGH_WORDS = 100  # a turn this long ends with its sentence
TOO_MANY_WORDS = 300  # and this long, anywhere


def settle_times(blocks: Sequence[Block]) -> tuple[tuple[Block, ...], list[Message]]:
    """Leave out times that make no sense, and say how many."""
    sane = [_within_reason(block) for block in blocks]
    absurd = sum(one is not other for one, other in zip(blocks, sane, strict=True))
    timed = [at for at, block in enumerate(sane) if block.start_ms is not None]
    kept = {timed[place] for place in _longest_run([sane[at].start_ms or 0 for at in timed])}
    settled = [
        block if block.start_ms is None or at in kept else _without_times(block)
        for at, block in enumerate(sane)
    ]
    warnings = []
    if absurd:
        text = N_("%(count)s times make no sense (beyond two days, or ending before they start): left out.")
        warnings.append(Message(text, {"count": absurd}))
    if len(timed) > len(kept):
        text = N_("%(count)s times go back: left out. The words stay, in the document's order.")
        warnings.append(Message(text, {"count": len(timed) - len(kept)}))
    overlaps = _count_overlaps(settled)
    if overlaps:
        text = N_("%(count)s passages begin before the one above them ends.")
        warnings.append(Message(text, {"count": overlaps}))
    return tuple(settled), warnings


def part_unnamed(blocks: Sequence[Block]) -> tuple[Block, ...]:
    """Part speech that nobody is named for where a sentence ends before a pause, or after many words.

    Else an hour of subtitles without names would be one turn.
    """
    if any(block.speaker for block in blocks):
        return tuple(blocks)
    parted = []
    words, last = 0, None
    for block in blocks:
        if block.kind is BlockKind.SPEECH and block.speaker is None and last is not None and last.words:
            pause = (block.start_ms or 0) - (last.end_ms or block.start_ms or 0)
            ended = SENTENCE_END.search(last.words[-1].text[-8:]) is not None
            if (ended and (pause >= PAUSE_MS or words > ENOUGH_WORDS)) or words > TOO_MANY_WORDS:
                block = replace(block, speaker="")
                words = 0
        words += len(block.words)
        last = block if block.words else last
        parted.append(block)
    return tuple(parted)


def _within_reason(block: Block) -> Block:
    if block.start_ms is None:
        return block if block.end_ms is None else replace(block, end_ms=None)
    if not 0 <= block.start_ms <= LONGEST_MS:
        return _without_times(block)
    if block.end_ms is not None and not block.start_ms <= block.end_ms <= LONGEST_MS:
        return replace(block, end_ms=None, words=tuple(_untimed(word) for word in block.words))
    if any(word.start_ms is not None for word in block.words):
        words = _forward(block.words)
        return block if words == block.words else replace(block, words=words)
    return block


def _forward(words: Sequence[ReadWord]) -> tuple[ReadWord, ...]:
    """Take the times away of words that go back in their block, or end before they start."""
    kept = []
    floor = 0
    for word in words:
        start_ms, end_ms = word.start_ms, word.end_ms
        if start_ms is None or end_ms is None or not floor <= start_ms <= end_ms <= LONGEST_MS:
            kept.append(_untimed(word))
        else:
            kept.append(word)
            floor = start_ms
    return tuple(kept)


def _untimed(word: ReadWord) -> ReadWord:
    return (
        word if word.start_ms is None and word.end_ms is None else replace(word, start_ms=None, end_ms=None)
    )


def _without_times(block: Block) -> Block:
    return replace(block, start_ms=None, end_ms=None, words=tuple(_untimed(word) for word in block.words))


def _longest_run(starts: Sequence[int]) -> list[int]:
    """Find the places of the longest run that never goes back (patience sorting, n log n).

    >>> _longest_run([0, 90, 10, 20, 20, 30])
    [0, 2, 3, 4, 5]
    """
    ends: list[int] = []  # the lowest last value of a run of each length
    places: list[int] = []  # where it stands
    before: list[int] = []
    for at, start in enumerate(starts):
        length = bisect_right(ends, start)
        before.append(places[length - 1] if length else -1)
        ends[length : length + 1] = [start]
        places[length : length + 1] = [at]
    run = []
    at = places[-1] if places else -1
    while at >= 0:
        run.append(at)
        at = before[at]
    return run[::-1]


def _count_overlaps(blocks: Sequence[Block]) -> int:
    overlaps, last_end = 0, 0
    for block in blocks:
        if block.start_ms is not None:
            overlaps += block.start_ms < last_end
            last_end = max(last_end, block.end_ms or block.start_ms)
    return overlaps

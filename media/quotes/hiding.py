"""What of a quote may not be read: withdrawn since it was frozen, or a name that was.

A withdrawal is of times or of words. It meets a quote in two ways: by what was frozen, and by
where its words are today, since a correction or a better timing may lie between. Either hides.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from media.people.withdrawn import HiddenRun, Withdrawn
from media.quotes.reading import ReadTurn, hide_words
from media.quotes.tokens import Kept
from media.quotes.values import Fate, Passage, Piece
from media.transcript import Turn

Hidden = dict[int, HiddenRun]  # words of a span, counted from its first, and what hides them


def find_hidden(
    frozen: Sequence[Passage],
    now: Sequence[Sequence[Kept]],
    turns: Mapping[int, ReadTurn],
    withdrawn: Withdrawn,
    episode_id: int,
) -> list[Hidden]:
    """Find which frozen words of each span may not be read; `now` is empty where nobody knows."""
    found = [list_frozen_hidden(span, episode_id, withdrawn) for span in frozen]
    for hidden, words, span in zip(found, now, frozen, strict=False):
        _add_hidden_today(hidden, words, turns, sum(len(piece.words) for piece in span))
    return found


def list_frozen_hidden(span: Passage, episode_id: int, withdrawn: Withdrawn) -> Hidden:
    """Find which words of a span are withdrawn by the times and the text that were frozen."""
    found: Hidden = {}
    at = 0
    for piece in span:
        words = piece.words
        turn = Turn(words, piece.voice, start_ms=words[0].start_ms, end_ms=words[-1].end_ms)
        for run in withdrawn.list_hidden(turn, episode_id):
            found |= {at + word: run for word in range(run.first, run.last + 1)}
        at += len(words)
    return found


def tell_withdrawal(hidden: Iterable[tuple[Hidden, int]]) -> set[Fate]:
    """Say whether all words were withdrawn, or some; each span's are given with how many there are."""
    spans = list(hidden)
    gone = sum(run.since is not None for found, _ in spans for run in found.values())
    if not gone:
        return set()
    return {Fate.WITHDRAWN if gone == sum(count for _, count in spans) else Fate.PARTLY_WITHDRAWN}


def first_withdrawal(hidden: Iterable[Hidden]) -> datetime | None:
    """Say when the first of these words were withdrawn."""
    return min((run.since for found in hidden for run in found.values() if run.since), default=None)


def hide_frozen(span: Passage, hidden: Hidden, episode_id: int, withdrawn: Withdrawn) -> Passage:
    """Put notices in place of frozen words that may not be read, and of a withdrawn speaker's name."""
    shown: list[Piece] = []
    at = 0
    for piece in span:
        own = {word - at: run for word, run in hidden.items() if at <= word < at + len(piece.words)}
        runs: list[HiddenRun] = []
        for word, run in sorted(own.items()):
            if runs and runs[-1].last == word - 1 and runs[-1].notice == run.notice:
                runs[-1] = replace(runs[-1], last=word)
            else:
                runs.append(replace(run, first=word, last=word))
        name = withdrawn.hide_speaker(piece.speaker, episode_id)
        shown.append(replace(hide_words(piece, runs), speaker=name))
        at += len(piece.words)
    return tuple(shown)


def show_today(
    span: Passage, turns: Mapping[int, ReadTurn], episode_id: int, withdrawn: Withdrawn
) -> Passage:
    """Put notices in place of what may not be read of what stands in a transcript today."""
    shown: list[Piece] = []
    for piece in span:
        runs = [
            replace(
                run,
                first=max(run.first, piece.first_word) - piece.first_word,
                last=min(run.last, piece.last_word) - piece.first_word,
            )
            for run in turns[piece.turn_id].hidden
            if run.first <= piece.last_word and piece.first_word <= run.last
        ]
        name = withdrawn.hide_speaker(piece.speaker, episode_id)
        shown.append(replace(hide_words(piece, runs), speaker=name))
    return tuple(shown)


def _add_hidden_today(
    hidden: Hidden, words: Sequence[Kept], turns: Mapping[int, ReadTurn], count: int
) -> None:
    present: set[int] = set()
    for word in words:
        runs = turns[word.spot.turn_id].hidden
        run = next((run for run in runs if run.first <= word.spot.word <= run.last), None)
        present.update(word.stands_for)
        if run is not None:
            hidden |= {at: run for at in word.stands_for if 0 <= at < count and at not in hidden}
    for at in range(count):  # words that went, beside some that may not be read
        beside = hidden.get(at - 1) or hidden.get(at + 1)
        if at not in present and at not in hidden and beside is not None and beside.since:
            hidden[at] = beside

"""What may go wrong between a text and a recogniser, done to a recording whose truth is known."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from bench.align_material import Heard
from ingest.alignment.values import Hints, TextPiece
from media.correction.typed import split_words
from media.texts.alignment import GapKind
from media.transcript import TurnKind, Word

REPLACED = 2 / 3  # of the errors made up: words heard as others; the rest are dropped or added
PASSAGE_MS = 60_000


@dataclass(frozen=True)
class Sentence:
    """A sentence of the true text, and when it is said."""

    words: tuple[str, ...]
    start_ms: int | None  # None: nobody says it
    opens: bool  # begins a turn


@dataclass(frozen=True)
class Case:
    """A text, what was heard of it, and what is true."""

    sentences: tuple[Sentence | TextPiece, ...]  # events are pieces
    heard: tuple[Word, ...]
    speech: tuple[tuple[int, int], ...]
    duration_ms: int
    hints: Hints
    gap: tuple[GapKind, int, int] | None = None  # to be found; of text: its first and last sentence

    def text(self) -> list[TextPiece]:
        """Give the text as it is aligned: turns and events."""
        pieces: list[TextPiece] = []
        for each in self.sentences:
            if isinstance(each, TextPiece):
                pieces.append(each)
            elif each.opens or not pieces or not pieces[-1].words:
                pieces.append(TextPiece(each.words))
            else:
                pieces[-1] = TextPiece(pieces[-1].words + each.words)
        return pieces

    def turns(self) -> list[Sentence]:
        """List the sentences that begin a turn of the text."""
        before = [None, *self.sentences[:-1]]
        return [
            each
            for each, last in zip(self.sentences, before, strict=True)
            if isinstance(each, Sentence) and (each.opens or not isinstance(last, Sentence))
        ]


def make_case(truth: dict[str, Any], heard: Heard) -> Case:
    """Make the case in which nothing went wrong but what the recogniser did by itself."""
    rows: list[tuple[float, Sentence | TextPiece]] = [
        (event["start"], TextPiece(musical=True)) for event in truth["events"]
    ]
    for turn in truth["turns"]:
        for number, sentence in enumerate(turn["sentences"]):
            start_ms = round(1000 * sentence["start"])
            rows.append((sentence["start"], Sentence(split_words(sentence["text"]), start_ms, number == 0)))
    rows.sort(key=lambda row: row[0])
    speaking = [turn for turn in heard.turns if turn.kind is TurnKind.SPEECH]
    changes = tuple(two.start_ms or 0 for one, two in pairwise(speaking) if one.voice != two.voice)
    music = tuple((span.start_ms, span.end_ms) for span in heard.music)
    return Case(
        tuple(row for _, row in rows),
        tuple(word for turn in heard.turns for word in turn.words),
        tuple((span.start_ms, span.end_ms) for span in heard.speech),
        heard.duration_ms,
        Hints(music=music, voice_starts=changes),
    )


def edit_text(case: Case, share: float, dice: random.Random) -> Case:
    """Drop or replace a share of the human's words, half each."""
    every = [word for each in case.sentences if isinstance(each, Sentence) for word in each.words]

    def edit(each: Sentence | TextPiece) -> Sentence | TextPiece:
        if isinstance(each, TextPiece):
            return each
        kept = [
            word if dice.random() >= share else dice.choice(every) if dice.random() < 0.5 else ""
            for word in each.words
        ]
        return replace(each, words=tuple(filter(None, kept)) or each.words)

    return replace(case, sentences=tuple(edit(each) for each in case.sentences))


def corrupt_heard(case: Case, share: float, dice: random.Random) -> Case:
    """Have the recogniser err on a share of its words."""
    every = [word.text for word in case.heard]
    words: list[Word] = []
    for word in case.heard:
        chance = dice.random()
        if chance >= share:
            words.append(word)
        elif chance < share * REPLACED:
            words.append(replace(word, text=dice.choice(every)))
        elif dice.random() < 0.5:
            middle = ((word.start_ms or 0) + (word.end_ms or 0)) // 2
            words.append(replace(word, end_ms=middle))
            words.append(replace(word, text=dice.choice(every), start_ms=middle))
    return replace(case, heard=tuple(words))


def skip_text(case: Case, start_ms: int) -> Case:
    """Leave a minute out of the text."""
    end_ms = start_ms + PASSAGE_MS
    kept, opens = [], False
    for each in case.sentences:
        if isinstance(each, Sentence) and start_ms <= (each.start_ms or 0) < end_ms:
            opens = opens or each.opens
        elif isinstance(each, Sentence):
            kept.append(replace(each, opens=each.opens))
        else:
            kept.append(each)
    return replace(case, sentences=tuple(kept), gap=(GapKind.SPEECH, start_ms, end_ms))


def cut_sound(case: Case, start_ms: int) -> Case:
    """Cut a minute out of the sound."""
    end_ms = start_ms + PASSAGE_MS

    def move(ms: int) -> int:
        return ms if ms <= start_ms else max(ms - PASSAGE_MS, start_ms)

    def clip(spans: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
        moved = ((move(start), move(end)) for start, end in spans)
        return tuple((start, end) for start, end in moved if end > start)

    heard = [word for word in case.heard if not start_ms <= (word.start_ms or 0) < end_ms]
    moved = [
        replace(word, start_ms=move(word.start_ms or 0), end_ms=move(word.end_ms or 0)) for word in heard
    ]
    sentences = [
        each
        if isinstance(each, TextPiece) or each.start_ms is None
        else replace(each, start_ms=None if start_ms <= each.start_ms < end_ms else move(each.start_ms))
        for each in case.sentences
    ]
    hints = Hints(
        music=clip(case.hints.music),
        voice_starts=tuple(move(ms) for ms in case.hints.voice_starts if not start_ms <= ms < end_ms),
    )
    return Case(
        tuple(sentences),
        tuple(moved),
        clip(case.speech),
        case.duration_ms - PASSAGE_MS,
        hints,
        (GapKind.TEXT, start_ms, start_ms),
    )


Change = Callable[[Case, random.Random], Case]

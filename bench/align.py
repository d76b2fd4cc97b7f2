"""Measure alignment on a recording whose every turn is known: `make bench ALIGN=1`.

The text is the true one without its times, then edited or cut; what was heard is the bundled
model's, then corrupted, cut, or drowned in noise and heard anew. Peers (`bench.align_peers`) get
the same words and speech. Figures are over all turn starts of all seeds that are said at all.
"""

import json
import random
import resource
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from bench.align_cases import (
    PASSAGE_MS,
    Case,
    Sentence,
    corrupt_heard,
    cut_sound,
    edit_text,
    make_case,
    skip_text,
)
from bench.align_material import drown, hear
from bench.align_peers import by_difflib, by_edits
from bench.pipeline import SHARED
from bench.table import Row, print_rows
from ingest.alignment.aligning import align
from ingest.alignment.values import Alignment, Hints, TextPiece
from media.correction.typed import split_words
from media.texts.alignment import GapKind
from media.transcript import Word

SEEDS = range(20)
PASSAGES_MS = (60_000, 150_000, 200_000, 241_000, 330_000)
NOISE_DB = (0.0, 10.0)  # over the speech that it drowns
LONG_WORDS = 15_000
WORD_MS = 350
TEXTS = sorted((SHARED.parent / "transcripts").glob("*.txt"))

Starts = Callable[[Case], list[float]]
Change = Callable[[random.Random], Case]


def lay(case: Case) -> Alignment:
    """Align a case."""
    return align(case.text(), case.heard, case.speech, case.duration_ms, case.hints)


def start_ours(case: Case) -> list[float]:
    """Say when each turn begins, as we place it."""
    pieces = zip(case.text(), lay(case).pieces, strict=True)
    return [placed.start_ms for piece, placed in pieces if piece.words]


def start_peer(peer: Callable[..., list[float]]) -> Starts:
    """Say it as a peer places it."""
    return lambda case: peer(
        [piece.words for piece in case.text() if piece.words], case.heard, case.speech, case.duration_ms
    )


def measure(starts: Starts, cases: Sequence[Case]) -> list[float]:
    """List how far, in ms, the turns are placed that are said."""
    return [
        abs(placed - turn.start_ms)
        for case in cases
        for placed, turn in zip(starts(case), case.turns(), strict=True)
        if turn.start_ms is not None
    ]


def compare(what: str, cases: Sequence[Case], goal: str) -> list[Row]:
    """Compare with both peers on the same cases."""
    ours = measure(start_ours, cases)
    rows = []
    for name, peer in (("the floor", by_edits), ("difflib", by_difflib)):
        theirs = measure(start_peer(peer), cases)
        ratio = float(np.percentile(ours, 90) / np.percentile(theirs, 90))
        rows.append(Row(f"{what}, of {name}", say_errors(ours), say_errors(theirs), ratio, goal))
    return rows


def say_errors(errors: Sequence[float]) -> str:
    """Say the median, the 90th percentile and the worst."""
    return f"{np.median(errors):.0f} / {np.percentile(errors, 90):.0f} / {max(errors):.0f} ms"


def measure_gaps(whole: Case, noisy: Sequence[Case]) -> Iterator[Row]:
    """Measure what becomes of a minute that one side lacks: is it found, and are its neighbours unharmed?"""
    kinds = (
        ("a minute without text", [skip_text(whole, at) for at in PASSAGES_MS]),
        ("a minute without sound", [cut_sound(whole, at) for at in PASSAGES_MS]),
        ("a minute under noise", noisy),
    )
    for what, cases in kinds:
        found = [find_gap(case, lay(case)) for case in cases]
        least = min(found)
        told = f"{sum(share >= 0.8 for share in found)} of {len(found)} (least {least:.0%})"
        yield Row(f"{what}: found", told, "", None, "all")
        yield from compare(f"{what}: other turns", [without_passage(case) for case in cases], "unharmed")


def find_gap(case: Case, alignment: Alignment) -> float:
    """Say how much of the missing passage is in gaps of its kind, by words of text or ms of speech."""
    kind, start_ms, end_ms = case.gap or (GapKind.SPEECH, 0, 0)
    if kind is GapKind.TEXT:
        lost = sum(last - first + 1 for placed in alignment.pieces for first, last in placed.unplaced)
        every = (each for each in case.sentences if isinstance(each, Sentence))
        said = sum(len(each.words) for each in every if each.start_ms is None)
        return min(lost, said) / max(lost, said)
    silent = kind is GapKind.UNRECOGNISED  # whether the noise passed for speech is no matter
    gaps = [gap for gap in alignment.gaps if (gap.kind is not GapKind.SPEECH) is silent]
    missing = [(max(first, start_ms), min(last, end_ms)) for first, last in case.speech]
    shared = sum(
        max(0, min(gap.end_ms, last) - max(gap.start_ms, first)) for gap in gaps for first, last in missing
    )
    return shared / sum(max(0, last - first) for first, last in missing)


def without_passage(case: Case) -> Case:
    """Ask nothing of the turns that begin within the passage itself."""
    kind, start_ms, end_ms = case.gap or (GapKind.SPEECH, 0, 0)
    if kind is not GapKind.UNRECOGNISED:
        return case
    return replace(
        case,
        sentences=tuple(
            replace(each, start_ms=None)
            if isinstance(each, Sentence) and start_ms <= (each.start_ms or 0) < end_ms
            else each
            for each in case.sentences
        ),
    )


def measure_long() -> Iterator[Row]:
    """Time a show of two hours: natural text, the same a thousand words over and over, another's text."""
    texts = [split_words(path.read_text("utf-8")) for path in TEXTS]
    natural = [word for text in texts for word in text]
    natural = (natural * (1 + LONG_WORDS // len(natural)))[:LONG_WORDS]
    refrain = (natural[:1_000] * 15)[:LONG_WORDS]
    shown = (
        ("natural text", natural, natural),
        ("a refrain of 1,000 words", refrain, refrain),
        ("another's text", (texts[-1] * 3)[:LONG_WORDS], (texts[1] * 6)[:LONG_WORDS]),
    )
    for what, text, said in shown:
        case = corrupt_heard(speak(said), 0.3, random.Random(1))
        began = time.process_time()
        alignment = align([TextPiece(tuple(text))], case.heard, case.speech, case.duration_ms)
        ours = time.process_time() - began
        began = time.process_time()
        by_edits([text], case.heard, case.speech, case.duration_ms)
        peer = time.process_time() - began
        told = f"{ours:.2f} s CPU, score {alignment.score:.2f}"
        yield Row(f"{LONG_WORDS:,} words, {what}", told, f"{peer:.2f} s CPU", ours / peer, "< 1 s")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    yield Row("peak memory of this bench", f"{peak:.0f} MB", "", None, "")


def speak(words: Sequence[str]) -> Case:
    """Have words said one after the other, without a pause."""
    said = tuple(Word(word, at * WORD_MS, (at + 1) * WORD_MS) for at, word in enumerate(words))
    duration_ms = len(words) * WORD_MS
    return Case((), said, ((0, duration_ms),), duration_ms, Hints())


def measure_scores(whole: Case) -> Iterator[Row]:
    """Measure the score of other episodes' texts beside this one's."""
    said = [lay(replace_text(whole, split_words(path.read_text("utf-8")))).score for path in TEXTS[:-1]]
    own = lay(whole).score
    worst = min(lay(corrupt_heard(whole, 0.6, random.Random(seed))).score for seed in SEEDS)
    yield Row(
        "score of other texts, at most", f"{max(said):.2f}", f"own: {own:.2f}", max(said) / own, "< 0.25"
    )
    yield Row("score of its text, 60 % misheard, at least", f"{worst:.2f}", "", None, "> 0.25")


def replace_text(case: Case, words: Sequence[str]) -> Case:
    """Give a case another text."""
    return replace(case, sentences=(Sentence(tuple(words), None, True),))


def measure_radio() -> list[Row]:
    """Compare on a real station, against a larger model's words: every sentence is taken for a turn."""
    audio = SHARED / "radio-reelle.mp3"
    words: list[dict[str, Any]] = json.loads(audio.with_suffix(".json").read_text("utf-8"))["words"]
    sentences: list[Sentence] = []
    for at, word in enumerate(words):
        begins = at == 0 or words[at - 1]["text"].endswith((".", "?", "!", "…"))
        if begins:
            sentences.append(Sentence((), word["start_ms"], True))
        text = split_words(word["text"])
        sentences[-1] = replace(sentences[-1], words=sentences[-1].words + text)
    case = make_case({"turns": [], "events": []}, hear(audio, []))
    spoken = [each for each in sentences if each.words]
    return compare("a real station, sentences", [replace(case, sentences=tuple(spoken))], "")


def main() -> None:
    """Print the tables."""
    audio = SHARED / "emission-courte.mp3"
    truth: dict[str, Any] = json.loads(audio.with_suffix(".json").read_text("utf-8"))
    names = ["Libre à vous\u00a0!", "Malakoff et le logiciel libre", *truth["voices"]]
    whole = make_case(truth, hear(audio, names))
    rows = compare("the true text", [whole], "50 / 200 / 1000 ms")

    def seeds(change: Change) -> list[Case]:
        return [change(random.Random(seed)) for seed in SEEDS]

    rows += compare("15 % of the text edited", seeds(lambda dice: edit_text(whole, 0.15, dice)), "p90 200 ms")
    rows += compare("30 % misheard", seeds(lambda dice: corrupt_heard(whole, 0.3, dice)), "p90 200 ms")
    rows += compare("60 % misheard", seeds(lambda dice: corrupt_heard(whole, 0.6, dice)), "p90 750 ms")
    print_rows("Alignment: turn starts, median / 90th percentile / worst", rows + measure_radio())
    noisy = []
    for decibels in NOISE_DB:
        for start_ms in PASSAGES_MS[1:4:2]:
            end_ms = start_ms + PASSAGE_MS
            drowned = make_case(truth, hear(drown(audio, start_ms, end_ms, decibels), names))
            noisy.append(replace(drowned, gap=(GapKind.UNRECOGNISED, start_ms, end_ms)))
    print_rows("Alignment: what is missing", measure_gaps(whole, noisy))
    print_rows("Alignment: size and other texts", [*measure_long(), *measure_scores(whole)])


if __name__ == "__main__":
    main()

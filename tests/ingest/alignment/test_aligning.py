"""A text laid on heard words: every word has a time, in order, within the sound, and says how sure it is."""

import json
import random
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import Indel

from ingest.alignment.aligning import align
from ingest.alignment.matching import ALIKE
from ingest.alignment.tokens import word_parts
from ingest.alignment.values import Alignment, DatedWord, Hints, PlacedWord, TextPiece
from media.correction.typed import split_words
from media.texts.alignment import GapKind
from media.transcript import Word

WORD_MS, PAUSE_MS = 300, 400
VOCABULARY = ["la", "le", "de", "mairie", "logiciel", "libre", "libres", "l’école", "d’abord"]
VOCABULARY += ["peut-être", "trente", "93.1", "bienvenu·es", "oui", "???", "aujourd’hui"]

texts = st.lists(st.lists(st.sampled_from(VOCABULARY), max_size=12), max_size=6)
gaps = st.lists(st.integers(0, 2_000), min_size=60, max_size=60)


def say(words: Sequence[str], pauses: Sequence[int] = (), first_ms: int = 500) -> list[Word]:
    """Have words said one after the other, each after a pause."""
    heard, at = [], first_ms
    for number, word in enumerate(words):
        at += pauses[number] if number < len(pauses) else 0
        heard.append(Word(word, at, at + WORD_MS, 0.9))
        at += WORD_MS
    return heard


def speech_of(heard: Sequence[Word]) -> list[tuple[int, int]]:
    """Say when anybody speaks."""
    spans: list[tuple[int, int]] = []
    for word in heard:
        start, end = word.start_ms or 0, word.end_ms or 0
        if spans and start - spans[-1][1] < PAUSE_MS:
            spans[-1] = spans[-1][0], end
        else:
            spans.append((start, end))
    return spans


def lay(text: Sequence[Sequence[str]], heard: Sequence[Word], hints: Hints | None = None) -> Alignment:
    """Align turns of words."""
    duration_ms = max((word.end_ms or 0 for word in heard), default=0) + 1_000
    return align([TextPiece(tuple(turn)) for turn in text], heard, speech_of(heard), duration_ms, hints)


def placed(alignment: Alignment) -> list[PlacedWord]:
    """List all words' times."""
    return [word for piece in alignment.pieces for word in piece.words]


def are_alike(one: str, other: str) -> bool:
    return any(
        Indel.normalized_similarity(part, heard) >= ALIKE
        for part in word_parts(one)
        for heard in word_parts(other)
    )


@settings(max_examples=60)
@given(texts, st.lists(st.sampled_from(VOCABULARY), max_size=60), gaps)
def test_every_word_has_a_time_in_order_within_the_sound(
    text: list[list[str]], said: list[str], pauses: list[int]
):
    heard = say(said, pauses)
    alignment = lay(text, heard)
    words = placed(alignment)
    written = [word for turn in text for word in turn]
    assert len(words) == len(written) and len(alignment.pieces) == len(text)
    assert 0 <= alignment.score <= 1
    assert all(word.start_ms <= word.end_ms for word in words)
    assert all(one.end_ms <= two.start_ms for one, two in pairwise(words))
    last_ms = max((word.end_ms or 0 for word in heard), default=0) + 1_000
    assert all(word.start_ms >= 0 and word.end_ms <= last_ms for word in words)
    for word, at in zip(written, words, strict=True):
        if at.heard:  # then something like it was said at that time
            near = [
                other
                for other in heard
                if (other.start_ms or 0) <= at.end_ms and at.start_ms <= (other.end_ms or 0)
            ]
            assert any(are_alike(word, other.text) for other in near)


@settings(max_examples=40)
@given(st.lists(st.lists(st.sampled_from(VOCABULARY), min_size=1, max_size=12), min_size=1, max_size=6), gaps)
def test_what_is_said_as_it_is_written_has_the_times_that_were_heard(
    text: list[list[str]], pauses: list[int]
):
    heard = say([word for turn in text for word in turn], pauses)
    for word, at in zip(heard, placed(lay(text, heard)), strict=True):
        if word_parts(word.text):
            assert (at.start_ms, at.end_ms, at.heard) == (word.start_ms, word.end_ms, True)


@given(st.lists(st.sampled_from(VOCABULARY), max_size=30))
@settings(max_examples=20)
def test_a_text_of_which_nothing_is_heard_says_so(text: list[str]):
    alignment = lay([text], [])
    assert alignment.score == 0 and not alignment.holds
    assert not any(word.heard for word in placed(alignment))


def numbered(first: int, count: int) -> list[str]:
    """Make words that are said once."""
    dice = random.Random(first)
    return ["".join(dice.choices("abcdefghijklmnop", k=7)) for _ in range(count)]


def test_speech_without_text_is_a_gap_and_its_neighbours_keep_their_times():
    said = numbered(1, 300)
    heard = say(said)
    alignment = lay([said[:100], said[200:]], heard)
    (gap,) = alignment.gaps
    assert gap.kind is GapKind.SPEECH and (gap.start_ms, gap.end_ms) == (
        heard[99].end_ms,
        heard[200].start_ms,
    )
    assert [word.start_ms for word in placed(alignment)] == [w.start_ms for w in [*heard[:100], *heard[200:]]]


def test_text_without_speech_is_a_gap_its_words_are_unplaced_and_its_neighbours_keep_their_times():
    said = numbered(2, 200)
    heard = say(said)
    alignment = lay([said[:100], numbered(3, 80), said[100:]], heard)
    (gap,) = alignment.gaps
    assert gap.kind is GapKind.TEXT and (gap.first, gap.last) == ((1, 0), (1, 79))
    before, lost, after = alignment.pieces
    assert lost.unplaced == ((0, 79),) and lost.confidences == (0.0,)
    assert not before.unplaced and not after.unplaced and after.confidences == (1.0,)
    assert [word.start_ms for word in after.words] == [word.start_ms for word in heard[100:]]


def test_a_passage_that_the_recogniser_lost_is_a_gap_whose_words_are_spread_over_its_speech():
    said = numbered(4, 300)
    heard = say(said)
    speech = speech_of(heard)
    kept = [*heard[:100], *heard[200:]]
    alignment = align([TextPiece(tuple(said))], kept, speech, 200_000)
    assert [gap.kind for gap in alignment.gaps] == [GapKind.UNRECOGNISED]
    (piece,) = alignment.pieces
    assert not piece.unplaced
    for word, at in zip(heard[100:200], piece.words[100:200], strict=True):
        assert not at.heard and abs(at.start_ms - (word.start_ms or 0)) < 1_000


def test_the_text_of_another_episode_is_told_from_this_one():
    words = split_words(
        "Bonjour à toutes, la mairie de la ville passe au logiciel libre et nous en parlons avec elle"
    )
    others = split_words(
        "Le marché a rouvert ce matin et les maraîchers de la région ont vendu tout ce qu’ils avaient"
    )
    assert lay([words], say(words)).holds
    assert not lay([others], say(words)).holds


def test_only_a_chronicle_was_recorded_of_a_show_and_the_rest_of_the_text_has_no_speech():
    show = numbered(5, 600)
    alignment = lay([show[:200], show[200:400], show[400:]], say(show[200:400]))
    assert alignment.holds
    assert [piece.confidences for piece in alignment.pieces] == [(0.0,), (1.0,), (0.0,)]
    assert [gap.kind for gap in alignment.gaps] == [GapKind.TEXT, GapKind.TEXT]


def test_times_in_the_text_count_on_its_own_clock_and_those_that_words_refute_lose():
    said = numbered(6, 300)
    heard = say(said)
    shift = 3_600_000  # the text was written on the whole show, an hour into which this begins
    dated = [DatedWord(0, at, (heard[at].start_ms or 0) + shift) for at in (20, 120, 280)]
    wrong = DatedWord(0, 200, 10_000)
    alignment = lay([said], heard, Hints(dated=(*dated, wrong)))
    assert alignment.clock_shift_ms == -shift
    assert alignment.contradicted == (wrong,)
    assert [word.start_ms for word in placed(alignment)] == [word.start_ms for word in heard]


def test_a_time_in_the_text_places_what_the_recogniser_lost():
    said = numbered(7, 300)
    heard = say(said)
    kept = [*heard[:50], *heard[250:]]
    told = heard[180].start_ms or 0
    hints = Hints(dated=(DatedWord(0, 10, heard[10].start_ms or 0), DatedWord(0, 150, told)))
    alignment = align([TextPiece(tuple(said))], kept, speech_of(heard), 200_000, hints)
    assert placed(alignment)[150].start_ms == told


def test_music_of_the_text_is_the_music_that_was_heard():
    before, after = numbered(8, 60), numbered(9, 60)
    first = say(before)
    begun = (first[-1].end_ms or 0) + 500
    second = say(after, first_ms=begun + 30_500)
    heard = [*first, *second[3:]]  # the first words after the music were lost in it
    text = [TextPiece(tuple(before)), TextPiece(musical=True), TextPiece(tuple(after))]
    speech = speech_of([*first, *second])
    alignment = align(text, heard, speech, 100_000, Hints(music=((begun, begun + 30_000),)))
    assert (alignment.pieces[1].start_ms, alignment.pieces[1].end_ms) == (begun, begun + 30_000)
    assert alignment.pieces[2].start_ms == second[0].start_ms


def test_a_turn_begins_where_its_voice_does_though_its_first_words_were_misheard():
    one, two = numbered(10, 20), numbered(11, 20)
    pauses = [0] * 20 + [350] + [0] * 19
    heard = say([*one, *two], pauses)
    misheard = [replace(w, text="bouh") if at in (19, 20, 21) else w for at, w in enumerate(heard)]
    speech = [
        (heard[0].start_ms or 0, heard[19].end_ms or 0),
        (heard[20].start_ms or 0, heard[39].end_ms or 0),
    ]
    text = [TextPiece(tuple(one)), TextPiece(tuple(two))]
    hints = Hints(voice_starts=(heard[20].start_ms or 0,))
    alignment = align(text, misheard, speech, 20_000, hints)
    assert alignment.pieces[1].start_ms == heard[20].start_ms


def test_paragraphs_have_their_own_confidence():
    said = numbered(12, 100)
    heard = [word for at, word in enumerate(say(said)) if at < 50]
    text = [TextPiece(tuple(said), paragraphs=(50,))]
    (piece,) = align(text, heard, speech_of(heard), 20_000).pieces
    assert piece.confidences == (1.0, 0.0)


def test_the_synthetic_show_has_its_turns_where_they_are_said_whatever_is_misheard(shared: Path):
    truth = json.loads((shared / "audio" / "emission-courte.json").read_text("utf-8"))["turns"]
    heard, speech = [], []
    for sentence in (sentence for turn in truth for sentence in turn["sentences"]):
        words = split_words(sentence["text"])
        edges = (
            np.linspace(1000 * sentence["start"], 1000 * sentence["end"], len(words) + 1).round().astype(int)
        )
        heard += [Word(word, int(a), int(b)) for word, (a, b) in zip(words, pairwise(edges), strict=True)]
        speech.append((int(edges[0]), int(edges[-1])))
    text = [TextPiece(split_words(turn["text"])) for turn in truth]
    every = [word.text for word in heard]
    for seed in range(3):
        dice = random.Random(seed)
        misheard = [replace(w, text=dice.choice(every)) if dice.random() < 0.4 else w for w in heard]
        alignment = align(text, misheard, speech, 400_000)
        wrong = [
            abs(piece.start_ms - 1000 * turn["start"])
            for piece, turn in zip(alignment.pieces, truth, strict=True)
        ]
        assert alignment.holds and np.percentile(wrong, 90) <= 200

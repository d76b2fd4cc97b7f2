"""Corrected words get their times back: exact where the machine heard them, shared out elsewhere."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.correction.alignment import align_words
from media.correction.realignment import carry_doubts, carry_marks, realign
from media.correction.typed import split_words
from media.transcript import Doubt, DoubtKind, Word, merge_turns, speech_turn, split_turn
from tests.media.correction.conftest import say

vocabulary = st.sampled_from(
    ["le", "la", "de", "été", "ete", "Zoé,", "d’abord", "vous\N{NO-BREAK SPACE}!", "1998"]
)
typed_texts = st.lists(vocabulary | st.text("abcé", min_size=1, max_size=9), max_size=30).map(" ".join)


@st.composite
def heard(draw: st.DrawFn, least: int = 0) -> tuple[Word, ...]:
    """Words as a machine gives them: starts grow, ends may overlap the next start."""
    clock, words = 0, []
    for text in draw(st.lists(vocabulary, min_size=least, max_size=25)):
        clock += draw(st.integers(0, 300))
        words.append(Word(text, clock, clock + draw(st.integers(0, 500)), 0.5))
    return tuple(words)


def bounds(words: Sequence[Word]) -> tuple[int, int]:
    return (words[0].start_ms or 0, max(word.end_ms or 0 for word in words)) if words else (0, 1_000)


def text_of(words: Sequence[Word]) -> str:
    return " ".join(word.text for word in words)


def assert_in_order_within(words: Sequence[Word], start_ms: int, end_ms: int) -> None:
    clock = start_ms
    for word in words:
        assert word.start_ms is not None
        assert word.end_ms is not None
        assert clock <= word.start_ms <= word.end_ms <= end_ms
        clock = word.start_ms


@given(heard())
def test_the_machine_s_own_text_keeps_every_word_and_time(words: tuple[Word, ...]):
    assert realign(text_of(words), words, *bounds(words)) == words


@given(heard(), typed_texts)
def test_realigning_what_was_realigned_changes_nothing(words: tuple[Word, ...], text: str):
    once = realign(text, words, *bounds(words))
    assert realign(text_of(once), words, *bounds(words)) == once


@given(heard(), typed_texts)
def test_times_never_go_back_nor_leave_the_turn(words: tuple[Word, ...], text: str):
    start_ms, end_ms = bounds(words)
    timed = realign(text, words, start_ms, end_ms)
    assert_in_order_within(timed, start_ms, end_ms)
    assert [word.text for word in timed] == list(split_words(text))


@given(heard(), typed_texts, st.integers(0, 4_000), st.integers(0, 4_000))
def test_words_heard_outside_of_the_turn_stay_inside_it(
    words: tuple[Word, ...], text: str, one: int, two: int
):
    start_ms, end_ms = sorted((one, two))
    assert_in_order_within(realign(text, words, start_ms, end_ms), start_ms, end_ms)


@given(heard(least=1), st.lists(st.text("xyz", min_size=1, max_size=5), min_size=1, max_size=4), st.data())
def test_an_insertion_anywhere_moves_no_other_word(
    words: tuple[Word, ...], added: list[str], data: st.DataObject
):
    at = data.draw(st.integers(0, len(words)))
    typed = [*(word.text for word in words[:at]), *added, *(word.text for word in words[at:])]
    timed = realign(" ".join(typed), words, *bounds(words))
    assert timed[:at] + timed[at + len(added) :] == words
    assert not any(word.heard for word in timed[at : at + len(added)])


@given(heard(least=1), st.data())
def test_a_deletion_anywhere_keeps_the_times_of_what_stays(words: tuple[Word, ...], data: st.DataObject):
    words = tuple(replace(word, text=f"{word.text}{at}") for at, word in enumerate(words))
    first = data.draw(st.integers(0, len(words)))
    last = data.draw(st.integers(first, len(words)))
    left = words[:first] + words[last:]
    assert realign(text_of(left), words, *bounds(words)) == left


@given(heard(least=2), typed_texts.filter(lambda text: len(split_words(text)) > 1), st.data())
def test_splitting_then_merging_restores_words_and_times(
    words: tuple[Word, ...], text: str, data: st.DataObject
):
    start_ms, end_ms = bounds(words)
    said = realign(text, words, start_ms, end_ms)
    doubts = [Doubt(DoubtKind.LOOP, 0, len(said) - 1)]
    turn = replace(speech_turn(said, 1, doubts), start_ms=start_ms, end_ms=end_ms)
    at = data.draw(st.integers(1, len(said) - 1))
    left, right = split_turn(turn, at)
    assert right.start_ms == said[at].start_ms
    assert merge_turns(left, right) == turn


def test_case_and_punctuation_keep_the_time_and_accents_do_not():
    words = say("bonjour ete l'eau")
    timed = realign("Bonjour, été L’EAU.", words, 0, 600)
    assert [word.heard for word in timed] == [True, False, True]
    assert [(word.start_ms, word.end_ms) for word in timed] == [(0, 200), (200, 400), (400, 600)]
    assert [word.probability for word in timed] == [None, None, None]


def test_the_same_letters_written_in_two_ways_are_one_word():
    assert realign("e\N{COMBINING ACUTE ACCENT}te\N{COMBINING ACUTE ACCENT}", say("été"), 0, 200) == say(
        "été"
    )


def test_changed_words_share_the_time_of_what_they_replace_by_their_lengths():
    timed = realign("de bb dddd et", say("de mooflow là et"), 0, 800)
    assert [(word.start_ms, word.heard) for word in timed] == [
        (0, True),
        (200, False),
        (350, False),
        (600, True),
    ]


def test_words_too_many_for_what_they_replace_take_the_whole_gap():
    words = (Word("oui", 0, 100), Word("hum", 4_900, 5_000), Word("non", 9_000, 9_100))
    timed = realign("oui une longue phrase que la machine a manquée non", words, 0, 9_100)
    assert (timed[1].start_ms, timed[-2].end_ms) == (100, 9_000)


def test_a_dated_doubt_stands_at_its_date():
    words = (Word("avant", 1_900_000, 1_900_500), Word("après", 1_990_000, 1_990_400))
    timed = realign("avant ??? [32 min 50] après", words, 1_900_000, 1_990_400)
    assert timed[1].start_ms == 1_970_000
    assert_in_order_within(timed, 1_900_000, 1_990_400)


def test_a_text_without_audio_has_no_times():
    said = realign("bonjour à vous", (), None, None)
    assert [(word.text, word.start_ms, word.heard) for word in said] == [
        ("bonjour", None, True),
        ("à", None, True),
        ("vous", None, True),
    ]


@given(st.lists(st.sampled_from("abc"), max_size=9), st.lists(st.sampled_from("abc"), max_size=9))
def test_as_many_words_are_paired_as_can_be(first: list[str], second: list[str]):
    pairs = align_words(first, second)
    assert all(first[one] == second[other] for one, other in pairs)
    assert pairs == sorted(set(pairs))
    assert all(a[0] < b[0] and a[1] < b[1] for a, b in pairwise(pairs))
    table = [[0] * (len(second) + 1) for _ in range(len(first) + 1)]
    for i, one in enumerate(first):
        for j, other in enumerate(second):
            table[i + 1][j + 1] = table[i][j] + 1 if one == other else max(table[i][j + 1], table[i + 1][j])
    assert len(pairs) == table[-1][-1]


def test_what_people_said_of_a_word_stays_on_it():
    before = [replace(word, language="en", probability=None) for word in say("open source partout")]
    after = carry_marks(before, say("l’ open source ici"))
    assert [word.language for word in after] == [None, "en", "en", None]


def test_doubts_stay_on_the_words_that_stay_and_a_reviewer_s_remark_goes():
    before = say("un deux trois quatre ???")
    doubts = [Doubt(DoubtKind.LOOP, 1, 2), Doubt(DoubtKind.MARKED, 4, 4), Doubt(DoubtKind.DISCUSSED, 0, 4)]
    assert carry_doubts(before, doubts, say("zéro un deux trois")) == (Doubt(DoubtKind.LOOP, 2, 3),)


@pytest.mark.parametrize("count", [0, 1, 700])
def test_texts_that_share_no_word_are_aligned_all_the_same(count: int):
    assert align_words([f"a{at}" for at in range(count)], [f"b{at}" for at in range(count)]) == []

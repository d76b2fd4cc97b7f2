"""Words that nobody said are marked; what people do say is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.sound.chunks import Span
from ingest.words.loops import LONGEST, find_doubts, loop_runs
from media.transcript import Doubt, DoubtKind, Word

EVERYWHERE = [Span(0, 10_000_000)]


def words_of(text: str, *, start_ms: int = 0, each_ms: int = 300) -> list[Word]:
    """Say a text at a steady pace."""
    return [
        Word(word, start_ms + i * each_ms, start_ms + (i + 1) * each_ms)
        for i, word in enumerate(text.split())
    ]


@pytest.mark.parametrize(
    "said",
    [
        "oui oui oui oui c'est ça",
        "Non, non, non. Non ! je ne crois pas, je ne crois pas",
        "il faut du temps, il faut du temps, il faut des gens",
        "très très très très très bien",
    ],
)
def test_what_people_repeat_is_left_alone(said: str) -> None:
    assert find_doubts(words_of(said), EVERYWHERE) == ()


def test_a_loop_is_marked_after_its_first_utterance() -> None:
    words = words_of("et voilà " + "Merci d'avoir regardé cette vidéo ! " * 4 + "bonsoir")
    assert find_doubts(words, EVERYWHERE) == (Doubt(DoubtKind.LOOP, 8, 25),)


def test_words_where_nobody_speaks_are_marked() -> None:
    words = [*words_of("bonjour à tous"), *words_of("sous-titres de la radio", start_ms=20_000)]
    assert find_doubts(words, [Span(0, 1_000)]) == (Doubt(DoubtKind.UNHEARD, 3, 6),)
    assert find_doubts(words, [])[0].last_word == 6
    assert find_doubts(words, [Span(0, 1_000), Span(20_900, 21_000)]) == (Doubt(DoubtKind.UNHEARD, 3, 3),)


def test_words_faster_than_a_mouth_are_marked() -> None:
    words = [
        *words_of("bonjour à tous"),
        *words_of("merci à vous de votre attention", start_ms=900, each_ms=10),
    ]
    assert find_doubts(words, EVERYWHERE) == (Doubt(DoubtKind.UNHEARD, 3, 8),)


phrases = st.lists(st.sampled_from(["a", "b", "c", "d", "e", "f"]), min_size=1, max_size=LONGEST)


@given(
    st.lists(st.uuids().map(str), max_size=10),
    phrases,
    st.integers(6, 20),
    st.lists(st.uuids().map(str), max_size=10),
)
def test_a_phrase_said_six_times_in_a_row_is_always_found(
    before: list[str], phrase: list[str], times: int, after: list[str]
) -> None:
    runs = list(loop_runs([*before, *phrase * times, *after]))
    marked = {index for first, last in runs for index in range(first, last + 1)}
    looped = range(len(before) + 2 * len(phrase), len(before) + times * len(phrase))
    assert set(looped) <= marked
    assert all(len(before) <= index < len(before) + times * len(phrase) for index in marked)


@given(st.lists(st.uuids().map(str), max_size=60, unique=True))
def test_words_all_different_are_no_loop(keys: list[str]) -> None:
    assert list(loop_runs(keys)) == []


@given(
    st.lists(st.sampled_from("abc"), max_size=80),
    st.lists(st.tuples(st.integers(1, 3000), st.integers(1, 3000)), max_size=9),
)
def test_doubts_are_ordered_disjoint_and_within(keys: list[str], lengths: list[tuple[int, int]]) -> None:
    at, speech = 0, []
    for silence, spoken in lengths:
        speech.append(Span(at + silence, at + silence + spoken))
        at += silence + spoken
    doubts = find_doubts(words_of(" ".join(keys)), speech)
    edges = [edge for doubt in doubts for edge in (doubt.first_word, doubt.last_word)]
    assert edges == sorted(edges)
    assert all(0 <= edge < len(keys) for edge in edges)
    assert len({doubt.first_word for doubt in doubts}) == len(doubts)

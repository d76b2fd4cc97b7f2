"""Example queries: different in kind, found in the turns they come from."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.language import LANGUAGES
from media.transcript import Turn, TurnKind, Word, speech_turn
from search.query import parse_query
from web.examples import Examples, suggest_queries, write_lessons


def turn(text: str) -> Turn:
    return speech_turn([Word(word) for word in text.split()])


def test_a_name_a_long_word_and_a_pair() -> None:
    said = "Avec Malakoff, la souveraineté passe par le logiciel libre : Malakoff, l’outil, logiciel libre."
    assert suggest_queries([turn(said)]) == ["Malakoff", "souveraineté", '"logiciel libre"']


def test_nothing_is_suggested_of_music_or_silence() -> None:
    assert suggest_queries([Turn(kind=TurnKind.MUSIC), turn("oui non bon")]) == []


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["Z", "C"]), min_size=1), min_size=1))
def test_whatever_is_said_no_more_than_three_different(words: list[str]) -> None:
    said = speech_turn([Word(word) for word in words])
    found = suggest_queries([said])
    assert len(found) == len(set(found)) <= 3


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("queries", [(), ("Malakoff", "souveraineté", '"logiciel libre"')])
def test_every_lesson_is_understood_whole(language: str, queries: tuple[str, ...]) -> None:
    lessons = write_lessons(Examples(queries, "Awa Diop"), language)
    assert len({lesson.query for lesson in lessons}) == len(lessons) == 8
    for lesson in lessons:
        parsed = parse_query(lesson.query)
        assert parsed.root is not None
        assert parsed.ignored == ()

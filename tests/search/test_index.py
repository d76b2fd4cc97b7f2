"""Searching a real index of a real catalogue."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media.episodes import update_episode
from media.transcript import Chapter, TurnState
from search import SearchRequest, describe_result
from search.folder import IndexFolder
from search.schema import HEADING
from search.snapshot import open_snapshot


def test_real_speech_is_found_at_its_time(real_library):
    [excerpt] = real_library.search("poker Winamax").excerpts
    assert excerpt.episode == "Radio réelle"
    assert (excerpt.start_ms, excerpt.text[:8]) == (30_880, "Le plus ")
    begin, end = excerpt.highlights[0]
    assert excerpt.text[begin:end] == "poker"


def test_words_are_all_required_and_may_stand_far_apart_in_a_turn(library):
    library.add(
        [("Ana", "perroquet " + "mot " * 600 + "cacatoès"), ("Bob", "perroquet"), ("Bob", "cacatoès")]
    )
    library.sync()
    result = library.search("perroquet cacatoès")
    assert (result.total, result.excerpts[0].speaker) == (1, "Ana")


def test_a_quoted_phrase_is_found_in_that_order_only(library):
    library.add([(None, "la mairie du libre"), (None, "libre, la mairie du coin")])
    library.sync()
    assert library.texts("« mairie du libre »") == ["la mairie du libre"]
    assert library.texts("“libre la mairie”") == ["libre, la mairie du coin"]
    assert library.texts('"mairie libre"') == []


def test_singular_plural_and_inclusive_forms_answer_to_each_other(library):
    library.add([(None, "les élu·e·s"), (None, "une élue"), (None, "cet élu"), (None, "des chevaux")])
    library.sync()
    assert library.search("élu").total == 2
    assert library.search("élue").total == 2
    assert library.search("élu(e)s").total == 3
    assert library.search("cheval").total == 1


def test_filters_narrow_and_facets_count_the_other_filters(library):
    library.add([("Zoé", "la mairie"), ("Léa", "la mairie")], published=datetime(2024, 7, 2, tzinfo=UTC))
    library.add([("Léa", "la mairie")], show="Autre", published=datetime(2025, 1, 1, tzinfo=UTC))
    library.add([("Léa", "la mairie")], show="Autre", published=None)
    library.sync()
    assert library.search("mairie", speakers=("lea",)).total == 3
    assert library.search("mairie", shows=("autre",)).total == 2
    assert library.search("mairie", years=(2024,)).total == 2
    assert library.search("mairie", since=date(2024, 7, 3), until=date(2025, 1, 1)).total == 1
    assert library.search("mairie", states=(TurnState.READ,)).total == 0
    facets = library.search("mairie", speakers=("Zoé",)).facets
    assert {facet.value: facet.count for facet in facets["speaker"]} == {"Léa": 3, "Zoé": 1}
    assert [(facet.value, facet.label, facet.count) for facet in facets["show"]] == [
        ("libre-a-vous", "Libre à vous !", 1)
    ]
    years = library.search("mairie").facets["year"]
    assert [(facet.value, facet.count) for facet in years] == [("2025", 1), ("2024", 2)]


def test_three_excerpts_an_episode_then_a_count_of_the_others(library):
    many = library.add([(None, f"perroquet {number}") for number in range(7)])
    one = library.add([(None, "un perroquet parmi beaucoup d'autres oiseaux")])
    library.sync()
    result = library.search("perroquet")
    assert result.total == 8
    assert sorted(excerpt.episode_id for excerpt in result.excerpts) == [many] * 3 + [one]
    assert result.more == {many: 4}
    every = library.search("perroquet", per_episode=None, episode_id=many, sort="oldest")
    assert [excerpt.text for excerpt in every.excerpts] == [f"perroquet {number}" for number in range(7)]
    assert len(library.search("perroquet", offset=3, limit=2).excerpts) == 1


def test_newest_and_oldest_sort_by_date(library):
    for year in (2021, 2023, 2022):
        library.add([(None, f"perroquet {year}")], published=datetime(year, 1, 1, tzinfo=UTC))
    library.sync()
    assert library.texts("perroquet", sort="newest") == ["perroquet 2023", "perroquet 2022", "perroquet 2021"]
    assert library.texts("perroquet", sort="oldest") == ["perroquet 2021", "perroquet 2022", "perroquet 2023"]


def test_the_document_has_the_keys_of_the_contract(library):
    library.add([("Zoé", "la mairie de Malakoff")], title="Le libre")
    library.sync()
    document = describe_result(library.search("mairie"), "https://exemple.fr/")
    assert list(document) == [
        *("total", "query", "took_ms", "excerpts"),
        *("corrected", "suggestions", "ignored", "partial", "rebuilding"),
    ]
    [excerpt] = document["excerpts"]
    assert list(excerpt) == [
        *("show", "episode", "episode_id", "published", "speaker", "start_ms", "end_ms"),
        *("text", "highlights", "turn_id", "turn_text", "state", "edition", "url"),
    ]
    assert excerpt["url"] == f"https://exemple.fr/episode/{excerpt['episode_id']}/le-libre#t=0.000"
    assert (excerpt["highlights"], excerpt["end_ms"]) == ([[3, 9]], 1_600)


def test_without_audio_an_excerpt_has_no_time(library):
    library.add([(None, "la mairie")], timed=False)
    library.sync()
    [excerpt] = library.search("mairie").excerpts
    assert (excerpt.start_ms, excerpt.end_ms) == (None, None)


def test_what_is_no_longer_public_is_not_shown_even_before_the_index_knows(library):
    episode_id = library.add([(None, "la mairie")])
    library.sync()
    with library.database.write() as connection:
        update_episode(connection, episode_id, {"private": True})
    assert library.search("mairie").excerpts == ()


def test_before_the_first_indexing_search_says_that_it_is_being_built(library):
    library.add([(None, "la mairie")])
    result = library.search("mairie")
    assert (result.total, result.rebuilding) == (0, 0)
    library.sync()
    assert (library.search("mairie").total, library.search("mairie").rebuilding) == (1, None)


@pytest.mark.parametrize("text", ["", "  ", "!", '"', "« »", "()", "\x00", "\ud800"])
def test_a_query_without_words_finds_nothing(library, text):
    library.add([(None, "la mairie")])
    library.sync()
    assert library.search(text).total == 0


def test_titles_of_episode_and_chapter_are_indexed_apart_from_speech(library):
    library.add([(None, "la mairie")], title="Un perroquet", chapters=[Chapter(0, "Des cacatoès")])
    library.sync()
    current = IndexFolder(library.settings.index_folder).current
    snapshot = open_snapshot(current)
    assert [snapshot.frequency(HEADING, term) for term in ("perroquet", "cacatoe")] == [1, 1]
    assert library.search("perroquet").total == 0
    assert library.search("mairie").excerpts[0].chapter == "Des cacatoès"


PIECES = [
    "mairie",
    "port",
    '"',
    "«",
    "»",
    "(",
    ")",
    "-",
    "*",
    "~2",
    "OU",
    "ET",
    "SAUF",
    "intervenant:",
    "avant:2024",
]


@settings(max_examples=60)
@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=6), max_size=8).map(" ".join))
def test_any_text_is_answered(library, caplog, text):
    if not library.index.search(SearchRequest("mairie")).total:
        library.add([("Zoé", "la mairie du port")])
        library.sync()
    caplog.clear()
    result = library.search(text)
    assert (result.query, result.partial, result.rebuilding) == (text, False, None)
    assert not caplog.records
    for excerpt in result.excerpts:
        assert excerpt.turn_text == "la mairie du port"

"""Filters as a page shows them: nothing chosen is ever out of sight."""

from hypothesis import given
from hypothesis import strategies as st

from search.answers import Dropped, Facet, SearchResult
from web.facets import ALWAYS_SHOWN, Names, group_facets, list_chips, list_ways_out
from web.searches import Choices

NAMES = Names("en", {"eau": "L’eau"}, {"7": "Le pont"})
values = st.lists(st.sampled_from([f"v{number}" for number in range(12)]), max_size=12, unique=True)


@given(counted=values, chosen=values)
def test_each_value_stands_once_and_what_is_chosen_is_in_sight(counted: list[str], chosen: list[str]) -> None:
    result = SearchResult(1, "", 0, facets={"show": [Facet(value, value, 1) for value in counted]})
    choices = Choices((("q", "eau"), *(("show", value) for value in chosen)))
    groups = group_facets(result, choices, NAMES)
    shown = [option for group in groups for option in group.options]
    folded = [option for group in groups for option in group.folded]
    assert sorted(option.value for option in shown + folded) == sorted({*counted, *chosen})
    assert {option.value for option in shown if option.is_chosen} == set(chosen)
    assert not folded or (len(folded) > 1 and len(shown) >= ALWAYS_SHOWN)
    for option in shown + folded:
        assert (f"show={option.value}&" in option.address + "&") is not option.is_chosen


def test_a_speaker_is_chosen_however_the_name_was_typed() -> None:
    result = SearchResult(1, "", 0, facets={"speaker": [Facet("Hélène", "Hélène", 3)]})
    (group,) = group_facets(result, Choices((("q", "eau"), ("speaker", "helene"))), NAMES)
    (option,) = group.options
    assert (option.value, option.label, option.count, option.is_chosen) == ("helene", "Hélène", 3, True)


def test_a_chip_for_each_choice_leads_to_the_search_without_it() -> None:
    pairs = (
        ("q", "eau"),
        ("show", "eau"),
        ("year", "2024"),
        ("year", "2025"),
        ("episode", "7"),
        ("sort", "place"),
    )
    chips = list_chips(Choices(pairs), NAMES)
    assert [chip.label for chip in chips] == ["Show: L’eau", "Year: 2024", "Year: 2025", "Episode: Le pont"]
    assert chips[1].address == "/search?q=eau&show=eau&year=2025&episode=7&sort=place"


def test_a_way_out_leaves_out_a_part_or_every_value_of_a_filter() -> None:
    dropped = (
        Dropped("pont", "eau", 4),
        Dropped("", "eau pont", 2, "years"),
        Dropped("x", "eau pont", 1, "episode_id"),
    )
    choices = Choices((("q", "eau pont"), ("year", "2024"), ("year", "2025"), ("episode", "7")))
    ways = list_ways_out(SearchResult(0, "", 0, dropped=dropped), choices)
    assert [(way.filter, way.address) for way in ways] == [
        ("", "/search?q=eau&year=2024&year=2025&episode=7"),
        ("year", "/search?q=eau+pont&episode=7"),
        ("episode", "/search?q=eau+pont&year=2024&year=2025"),
    ]

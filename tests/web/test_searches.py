"""A search and its address say the same, whatever an address holds."""

from datetime import date
from urllib.parse import parse_qsl, urlsplit

from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import QueryParams

from media.transcript import TurnState
from search.answers import SearchRequest
from web.searches import MAX_VALUES, Choices, list_choices, read_search

NAMES = ["q", "show", "speaker", "year", "state", "since", "until", "episode", "sort", "page", "other"]
VALUES = [
    "2024",
    "machine",
    "read",
    "newest",
    "place",
    "2024-02-29",
    "12",
    "0",
    "-1",
    "99999999999",
    " ",
    "٣",
]
pairs = st.lists(
    st.tuples(st.sampled_from(NAMES), st.sampled_from(VALUES) | st.text(max_size=20)), max_size=30
)


def reread(address: str) -> SearchRequest:
    return read_search(QueryParams(parse_qsl(urlsplit(address).query, keep_blank_values=True)))


@given(pairs)
def test_what_is_read_of_an_address_is_written_back(pairs: list[tuple[str, str]]) -> None:
    wanted = read_search(QueryParams(pairs))
    page = wanted.offset // wanted.limit + 1
    again = reread(list_choices(wanted).address(page=page))
    assert again == wanted
    assert list_choices(again) == list_choices(wanted)


@given(pairs)
def test_a_choice_taken_away_is_gone_and_the_others_stay(pairs: list[tuple[str, str]]) -> None:
    choices = list_choices(read_search(QueryParams(pairs)))
    for name, value in choices.pairs[1:]:
        fewer = choices.minus(name, value)
        assert not fewer.has(name, value)
        assert set(fewer.pairs) == set(choices.pairs) - {(name, value)}
        assert set(fewer.plus(name, value).pairs) == set(choices.pairs)


def test_several_values_of_a_filter_are_several_pairs() -> None:
    wanted = read_search(
        QueryParams("q=eau&show=a&show=b&show=a&year=2024&year=x&state=read&since=2024-01-31")
    )
    assert (wanted.shows, wanted.years, wanted.states) == (("a", "b"), (2024,), (TurnState.READ,))
    assert wanted.since == date(2024, 1, 31)
    assert (
        list_choices(wanted).address() == "/search?q=eau&show=a&show=b&year=2024&state=read&since=2024-01-31"
    )


def test_an_address_has_limits() -> None:
    many = [("speaker", f"n{number}" * 500) for number in range(1_000)]
    wanted = read_search(QueryParams([("q", "x" * 100_000), ("page", "999999999"), *many]))
    assert len(wanted.text) == 1_000
    assert len(wanted.speakers) == MAX_VALUES
    assert max(map(len, wanted.speakers)) == 200
    assert wanted.offset == 1_990


def test_the_order_of_speech_is_for_one_episode() -> None:
    assert read_search(QueryParams("q=eau&sort=place")).sort == "relevance"
    within = Choices((("q", "eau"), ("sort", "newest"))).within(7)
    assert within.address() == "/search?q=eau&episode=7&sort=place"
    assert reread(within.address()).sort == "place"
    assert reread(within.address()).per_episode is None

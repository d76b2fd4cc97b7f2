"""What is answered beside the excerpts: facets, filters, order, and why nothing was found."""

from datetime import UTC, date, datetime, timedelta

import pytest

from media import schema
from media.episodes import EpisodeStatus, add_episode, update_episode
from media.shows import add_show, find_show
from media.transcript import TurnState
from media.transcripts import list_turns
from search import Dropped, Suggestion
from tests.search.conftest import NOW, Library


def counts(result, facet: str) -> dict[str, int]:
    return {held.value: held.count for held in result.facets[facet]}


def day(year: int, month: int = 1, of_month: int = 1) -> datetime:
    return datetime(year, month, of_month, tzinfo=UTC)


@pytest.fixture
def debates(library: Library) -> Library:
    """Three episodes of two shows, in three years, with three people."""
    library.add([("Zoé", "la mairie"), ("Léa", "la mairie du port")], published=day(2023), title="Un")
    library.add([("Léa", "la mairie"), ("Ali", "le port")], published=day(2024), title="Deux")
    library.add(
        [("Ali", "la mairie"), ("Zoé", "une école")], show="Autre", published=day(2025), title="Trois"
    )
    library.sync()
    return library


def test_several_values_of_a_facet_are_any_of_them(debates):
    assert debates.search("mairie", speakers=("zoe", "Ali")).total == 2
    assert debates.search("mairie", years=(2023, 2025)).total == 3
    assert debates.search("mairie", years=(2023, 2025), speakers=("Léa", "Ali")).total == 2
    assert debates.search("mairie", shows=("autre", "libre-a-vous")).total == 4


def test_each_facet_is_counted_with_the_other_filters_and_not_its_own(debates):
    result = debates.search("mairie", years=(2023,), speakers=("Léa",))
    assert counts(result, "year") == {"2023": 1, "2024": 1}
    assert counts(result, "speaker") == {"Léa": 1, "Zoé": 1}
    assert counts(result, "show") == {"libre-a-vous": 1}
    assert counts(result, "state") == {"machine": 1}


def test_a_chosen_value_is_kept_where_it_counts_nothing(debates):
    result = debates.search(
        "école",
        shows=("libre-a-vous",),
        speakers=("lea", "Personne"),
        years=(1999,),
        states=(TurnState.READ,),
    )
    assert result.total == 0
    assert counts(result, "show")["libre-a-vous"] == 0
    assert (counts(result, "speaker")["Léa"], counts(result, "speaker")["Personne"]) == (0, 0)
    assert counts(result, "year")["1999"] == 0
    assert counts(result, "state")["read"] == 0


def test_filters_typed_and_filters_chosen_narrow_together(debates):
    result = debates.search("mairie intervenant:léa", years=(2024,))
    assert [excerpt.episode for excerpt in result.excerpts] == ["Deux"]
    assert counts(result, "year") == {"2024": 1, "2023": 1}


def test_a_filter_alone_lists_what_a_person_said_by_time(debates):
    result = debates.search("intervenant:zoé")
    assert [(held.episode, held.text, held.highlights) for held in result.excerpts] == [
        ("Trois", "une école", ()),
        ("Un", "la mairie", ()),
    ]
    assert result.excerpts[0].match_ms == result.excerpts[0].start_ms


def test_what_is_excluded_is_not_marked(debates):
    [excerpt] = debates.search("mairie port -école").excerpts
    assert [excerpt.text[begin:end] for begin, end in excerpt.highlights] == ["mairie", "port"]
    assert debates.search("mairie -port").total == 3


def test_one_of_two_things_may_be_a_filter(debates):
    found = debates.search("école OU intervenant:ali").excerpts
    assert sorted(excerpt.text for excerpt in found) == ["la mairie", "le port", "une école"]


def test_an_empty_page_says_what_each_part_and_each_filter_keeps_away(debates):
    result = debates.search("port école", years=(2024,), shows=("autre",))
    assert result.total == 0
    assert result.dropped == ()  # nothing says both, nor either there
    result = debates.search("mairie licorne", years=(2023, 2024))
    assert result.dropped == (Dropped("licorne", "mairie", 3),)
    result = debates.search("école", years=(2023,), speakers=("Zoé",), until=date(2026, 1, 1))
    assert result.dropped == (Dropped("2023", "école", 1, "years"),)


def test_an_empty_page_names_what_is_said_nowhere_and_what_the_rest_finds(debates):
    result = debates.search("mairie licorne dragon")
    assert result.unsaid == ("licorne", "dragon")
    assert result.dropped == (Dropped("licorne, dragon", "mairie", 4),)
    assert debates.search("licorne").unsaid == ()  # there is no other part


def test_a_filter_typed_is_a_part_like_another(debates):
    result = debates.search("école intervenant:ali")
    assert result.dropped == (
        Dropped("école", "intervenant:ali", 2),
        Dropped("intervenant:ali", "école", 1),
    )


def test_an_empty_page_counts_the_episodes_awaited_within_the_filters(debates):
    with debates.database.write() as connection:
        show = find_show(connection, "autre") or add_show(connection, "Autre", NOW)
        for number, status in enumerate(EpisodeStatus):
            add_episode(connection, show.id, f"g{number}", "x", NOW, published_at=day(2025), status=status)
        undated = add_episode(connection, show.id, "undated", "x", NOW)
        add_episode(connection, show.id, "private", "x", NOW, private=True)
    assert debates.search("licorne").untranscribed == 4
    assert debates.search("licorne", shows=("autre",)).untranscribed == 4
    assert debates.search("licorne", shows=("libre-a-vous",)).untranscribed == 0
    assert debates.search("licorne", years=(2025,)).untranscribed == 3
    assert debates.search("licorne", years=(2024, 12_345)).untranscribed == 0
    assert debates.search("licorne", since=date(2025, 1, 1), until=date(2025, 1, 1)).untranscribed == 3
    assert debates.search("licorne", since=date(2025, 1, 2), until=date.max).untranscribed == 0
    assert debates.search("licorne", episode_id=undated).untranscribed == 1
    assert debates.search("mairie").untranscribed == 0


def test_corrected_words_come_before_raw_ones_that_match_as_well(library):
    first = library.add([("Zoé", "la mairie")], published=day(2025))
    second = library.add([("Zoé", "la mairie")], published=day(2024))
    set_state(library, second, TurnState.READ)
    assert [excerpt.episode_id for excerpt in library.search("mairie").excerpts] == [second, first]
    set_state(library, first, TurnState.VALIDATED)
    assert [excerpt.episode_id for excerpt in library.search("mairie").excerpts] == [first, second]


def test_in_an_episode_matches_are_given_in_the_order_of_speech(library):
    spoken = ["mairie mairie mairie", "rien", "la mairie et le port", "une mairie"]
    episode_id = library.add([("Zoé", text) for text in spoken])
    library.add([("Zoé", "mairie ailleurs")])
    library.sync()
    found = library.search("mairie", episode_id=episode_id, sort="place", per_episode=None)
    assert [excerpt.text for excerpt in found.excerpts] == [text for text in spoken if "mairie" in text]
    assert (found.total, found.listed, found.more) == (3, 3, {})


def test_a_followed_search_gives_what_was_transcribed_since_the_last_transcribed_first(library):
    ids = [library.add([("Zoé", f"la mairie {number}")], published=day(2020 + number)) for number in range(3)]
    with library.database.write() as connection:
        for hours, episode_id in zip((3, 1, 2), ids, strict=True):
            update_episode(connection, episode_id, {"transcribed_at": NOW + timedelta(hours=hours)})
    library.sync()
    newer = library.search("mairie", newer_than=NOW + timedelta(hours=1), sort="transcribed")
    assert [excerpt.episode_id for excerpt in newer.excerpts] == [ids[0], ids[2]]
    assert newer.excerpts[0].transcribed_at == NOW + timedelta(hours=3)
    assert library.search("mairie", newer_than=NOW + timedelta(hours=3)).total == 0
    set_state(library, ids[1], TurnState.VALIDATED)  # a new state is no new match
    assert library.search("mairie", newer_than=NOW + timedelta(hours=1)).total == 2


@pytest.mark.parametrize("sort", ["relevance", "newest", "oldest", "place", "transcribed"])
@pytest.mark.parametrize("per_episode", [2, None])
def test_pages_follow_one_another_without_gap_or_repetition(library, sort, per_episode):
    for number in range(5):
        spoken = [("Zoé", f"mairie {'port ' * (turn % 3)}{turn}") for turn in range(4)]
        library.add(spoken, published=day(2020 + number % 3))
    library.sync()
    asked = {"sort": sort, "per_episode": per_episode}
    whole = library.search("mairie", limit=100, **asked)
    assert whole.total == 20
    assert len(whole.excerpts) == whole.listed == (20 if per_episode is None else 10)
    assert whole.total - sum(whole.more.values()) == whole.listed
    pages = [library.search("mairie", limit=3, offset=offset, **asked) for offset in range(0, 24, 3)]
    assert [held.turn_id for page in pages for held in page.excerpts] == [e.turn_id for e in whole.excerpts]


def set_state(library: Library, episode_id: int, state: TurnState) -> None:
    """Say how far an episode's turns were checked, and index it."""
    with library.database.write() as connection:
        turns = [stored.id for stored in list_turns(connection, episode_id)]
        connection.execute(schema.turn.update().where(schema.turn.c.id.in_(turns)).values(state=state))
    library.log(episode_id)
    library.sync()


def test_where_nothing_matches_as_typed_the_nearest_spelling_is_searched_and_said(debates):
    result = debates.search("mairei")
    assert (result.corrected, result.query, result.total) == ("mairie", "mairei", 4)
    assert [excerpt.text[b:e] for excerpt in result.excerpts[:1] for b, e in excerpt.highlights] == ["mairie"]
    assert debates.search("mairei", newer_than=NOW).corrected is None


def test_filters_that_find_nothing_do_not_change_the_words(debates):
    result = debates.search("école", years=(2023,))
    assert (result.total, result.corrected) == (0, None)


def test_a_likelier_spelling_of_a_rare_word_is_offered_with_its_count(library):
    library.add([("Zoé", "une mairie")] * 70 + [("Zoé", "une mairei")])
    library.sync()
    result = library.search("mairei")
    assert (result.total, result.corrected) == (1, None)
    assert result.suggestions == (Suggestion("mairie", 70),)
    assert library.search("mairie").suggestions == ()
    assert library.search("mairei", offset=10).suggestions == ()

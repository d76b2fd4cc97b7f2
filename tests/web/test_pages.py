"""The pages as a browser without script receives them."""

import re
from typing import Any

import pytest
from starlette.testclient import TestClient

from media.episodes import update_episode
from media.transcript import TurnKind
from media.transcripts import list_turns
from search.answers import Excerpt
from tests.web.conftest import open_client
from web.results import find_heard

TALK = "/episode/{}/valbrune-passe-au-logiciel-libre"


def test_home_shows_coverage_and_queries_that_find_something(client: TestClient) -> None:
    page = client.get("/").text
    assert "5 episodes, 3 not yet transcribed" in page
    shown = page[page.index('class="examples"') : page.index("</p>", page.index('class="examples"'))]
    examples = re.findall(r'href="(/search\?q=[^"#]+)#count"', shown)
    assert len(examples) == 3
    for address in examples:
        assert client.get(address.replace("&#34;", '"')).text.count('class="card"') >= 1


def test_a_card_says_all_that_it_must(client: TestClient, archive: Any) -> None:
    page = client.get("/search?q=bibliothèque").text
    assert '<h2 id="count" tabindex="-1">1 excerpt</h2>' in page
    card = page[page.index('class="card"') : page.index("</article>")]
    for said in ("Place du Marché", "November 19, 2025", "Une facture de trop", "Voice 3", "Machine"):
        assert said in card
    assert "voice told apart automatically" in card
    assert "<mark>bibliothèque</mark>" in card
    assert re.search(rf'href="{TALK.format(archive.talk)}\?at=[\d.]+#t=[\d.]+"', card)
    assert re.search(rf'href="/episode/{archive.talk}/audio\.mp3#t=[\d.]+,[\d.]+"', card)
    assert 'data-link="http://127.0.0.1:8765/episode/' in card


def test_a_named_voice_is_not_called_automatic(client: TestClient) -> None:
    page = client.get("/search?q=simplement").text
    assert "Julien Morvan" in page
    assert "voice told apart automatically" not in page


def test_a_text_without_audio_cannot_be_listened_to(client: TestClient, archive: Any) -> None:
    page = client.get("/search?q=pain").text
    card = page[page.index('class="card"') : page.index("</article>")]
    assert "audio.mp3" not in card
    assert f"/episode/{archive.text}/le-pain-partage#t-" in card


def test_chips_survive_zero_results_and_say_what_dropping_each_would_find(client: TestClient) -> None:
    page = client.get("/search?q=bibliothèque&show=la-riviere&year=2025").text
    assert "0 excerpts" in page
    assert "Show: La Rivière" in page
    assert "Year: 2025" in page
    assert "1 excerpt in every show" in page
    assert "3 episodes are not transcribed yet" in client.get("/search?q=bibliothèque&show=la-riviere").text


def test_facets_are_a_form_with_counts(client: TestClient) -> None:
    page = client.get("/search?q=logiciel").text
    form = page[page.index('class="filters"') :]
    assert 'name="show" value="la-riviere"' in form
    assert 'name="year" value="2024"' in form
    assert 'name="sort" value="newest"' in form
    assert "Apply" in form


def test_three_excerpts_of_an_episode_then_the_others(client: TestClient) -> None:
    page = client.get("/search?q=la").text
    assert page.count('class="card"') <= 6
    others = re.search(r'href="([^"]+)#count">\s*(\d+) others? in this episode', page)
    assert others is not None
    every = client.get(others[1].replace("&amp;", "&")).text
    assert every.count('class="card"') > 3


@pytest.mark.parametrize(
    "query",
    [
        "year=abc",
        "since=31-12-2024",
        "state=perfect",
        "page=-1",
        "page=99999999999",
        "episode=x",
        "sort=best",
    ],
)
def test_a_filter_that_means_nothing_is_as_if_absent(client: TestClient, query: str) -> None:
    answer = client.get(f"/search?q=bibliothèque&{query}")
    assert answer.status_code == 200
    assert "data-state" not in answer.text


def test_no_query_leads_home(client: TestClient) -> None:
    assert client.get("/search?q=+").headers["location"] == "/"


def test_an_episode_has_chapters_turns_states_and_doubts(client: TestClient, archive: Any) -> None:
    page = client.get(TALK.format(archive.talk)).text
    with archive.database.read() as connection:
        turns = [held.turn for held in list_turns(connection, archive.talk)]
    assert page.count('<li id="t-') == len(turns)
    assert 'id="chapter-1" tabindex="-1">Ouverture' in page
    assert page.count("Music or jingle") == sum(turn.kind is TurnKind.MUSIC for turn in turns)
    assert "the recogniser repeated itself here" in page
    assert "1 doubtful passage" in page
    assert 'id="t=0.500"' in page
    assert "Speaking time" in page
    for wanted in ("vtt", "srt", "txt", "json"):
        assert f"/episode/{archive.talk}/export.{wanted}" in page
    assert "Name the voices" not in page


def test_a_moment_of_the_address_marks_its_turn(client: TestClient, archive: Any) -> None:
    page = client.get(TALK.format(archive.talk) + "?at=30.000").text
    assert page.count("turn asked") == 1
    assert '<span id="t=30.000"></span>' in page


def test_a_wrong_slug_leads_to_the_right_one(client: TestClient, archive: Any) -> None:
    for path in (f"/episode/{archive.talk}", f"/episode/{archive.talk}/autre"):
        assert client.get(path).headers["location"] == TALK.format(archive.talk)


def test_an_episode_on_its_way_says_where_it_stands(client: TestClient, archive: Any) -> None:
    assert "Being transcribed." in client.get(f"/episode/{archive.working}/en-cours").text
    page = client.get(f"/episode/{archive.failed}/en-panne").text
    assert "There is no file “panne.mp3” here." in page


def test_context_shows_the_turns_around(client: TestClient, archive: Any) -> None:
    near = client.get(f"/episode/{archive.talk}/context?turn=5&reach=1").text
    assert near.count('<li id="t-') == 3
    assert "More context" in near
    assert "More context" not in client.get(f"/episode/{archive.talk}/context?turn=5&reach=3").text
    assert client.get(f"/episode/{archive.text}/context?turn=5").status_code == 404


def test_shows_and_their_episodes_are_listed(client: TestClient) -> None:
    assert "/show/place-du-marche" in client.get("/shows").text
    page = client.get("/show/la-riviere").text
    for title in ("À venir", "En cours", "En panne", "Le pain partagé"):
        assert title in page
    assert client.get("/show/aucune").status_code == 404


def test_a_private_episode_is_invisible_everywhere(client: TestClient, archive: Any) -> None:
    """FAULTS 52."""
    hidden = f"/episode/{archive.private}"
    for end in ("/secret", "/words.json", "/audio.mp3", "/peaks", "/export.txt", "/context?turn=1"):
        assert client.get(hidden + end).status_code == 404
    assert client.get(f"/api/episodes/{archive.private}").status_code == 404
    assert "0 excerpts" in client.get("/search?q=rarissime").text
    assert client.get("/api/search?q=rarissime").json()["total"] == 0
    for path in (
        "/",
        "/shows",
        "/show/place-du-marche",
        "/api/episodes",
        "/search?q=a&episode=" + hidden[9:],
    ):
        assert "Secret" not in client.get(path).text


def test_the_language_is_chosen_by_cookie_then_browser_then_setting(client: TestClient) -> None:
    assert '<html lang="en">' in client.get("/").text
    assert '<html lang="fr">' in client.get("/", headers={"accept-language": "de;q=0.9,fr-CA;q=0.5"}).text
    assert '<html lang="fr">' in client.get("/", headers={"accept-language": "x;q=y, *"}).text
    answer = client.get("/search?q=pain&lang=fr")
    assert (answer.status_code, answer.headers["location"]) == (303, "/search?q=pain")
    assert '<html lang="fr">' in client.get("/").text
    client.cookies.clear()
    assert '<html lang="fr">' in client.get("/nothing?lang=fr").text


def test_words_in_another_language_than_the_page_say_so(own_client: TestClient, own_archive: Any) -> None:
    """WCAG 3.1.2."""
    with own_archive.database.write() as connection:
        update_episode(connection, own_archive.talk, {"spoken_language": "fr"})
    for path in (TALK.format(own_archive.talk), "/search?q=bibliothèque"):
        assert re.search(r'<(p class="words"[^>]*|blockquote) lang="fr">', own_client.get(path).text)
        french = own_client.get(path, headers={"accept-language": "fr"}).text
        assert not re.search(r'<(p class="words"[^>]*|blockquote) lang=', french)


@pytest.mark.parametrize("path", ["/nothing", "/show/none", "/episode/999/x", "/static/x/app.css"])
def test_an_unknown_address_says_so_in_words(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert "There is nothing at this address" in answer.text


def test_static_files_are_kept_for_good_under_an_address_that_changes_with_them(client: TestClient) -> None:
    address = re.search(r'href="(/static/[0-9a-f]{12}/app\.css)"', client.get("/").text)
    assert address is not None
    answer = client.get(address[1])
    assert answer.status_code == 200
    assert "immutable" in answer.headers["cache-control"]


def test_pages_are_compressed(client: TestClient, archive: Any) -> None:
    for path in (TALK.format(archive.talk), f"/episode/{archive.talk}/words.json", "/api"):
        assert client.get(path).headers["content-encoding"] == "gzip"


def test_the_lessons_of_the_query_language_find_something(client: TestClient) -> None:
    page = client.get("/").text
    lessons = re.findall(r'<dt><a href="(/search\?q=[^"#]+)#count"', page)
    assert len(lessons) == 8
    found = [client.get(address.replace("&#34;", '"')).text.count('class="card"') for address in lessons]
    assert sum(map(bool, found)) >= 6  # a name and a long word need not be said together


def test_the_home_page_leads_to_volunteering_where_there_is_such_a_page(client: TestClient) -> None:
    app: Any = client.app
    is_there = any(getattr(route, "path", None) == "/correct" for route in app.routes)
    assert ('href="/correct"' in client.get("/").text) is is_there


def test_a_new_query_keeps_the_filters_that_are_on(client: TestClient) -> None:
    page = client.get("/search?q=logiciel&show=la-riviere&year=2024&sort=newest").text
    asking = page[page.index('role="search"') : page.index("</form>")]
    for hidden in (
        'name="show" value="la-riviere"',
        'name="year" value="2024"',
        'name="sort" value="newest"',
    ):
        assert f'<input type="hidden" {hidden}>' in asking
    assert "page" not in asking


def test_what_a_form_sends_empty_is_not_in_the_address(client: TestClient) -> None:
    answer = client.get("/search?q=logiciel&sort=relevance&show=la-riviere&since=&until=")
    assert answer.headers["location"] == "/search?q=logiciel&show=la-riviere"


def test_a_page_beyond_the_last_says_so(client: TestClient) -> None:
    page = client.get("/search?q=logiciel&page=7").text
    assert "There is no page 7" in page
    assert 'href="/search?q=logiciel#count"' in page


def test_another_spelling_is_said_and_what_was_left_out_too(client: TestClient) -> None:
    page = client.get("/search?q=bibliothequue+(").text
    assert "Nothing for “bibliothequue (” as it is written. Here is what “bibliothèque” finds." in page
    assert "Left out of the search: <q>(</q>" in page
    assert "<mark>bibliothèque</mark>" in page


def test_nothing_to_look_for_is_said(client: TestClient) -> None:
    assert "Nothing is left to search for" in client.get("/search?q=%22").text


def test_while_the_index_is_rebuilt_the_page_says_so_and_not_that_nothing_is_there(own_archive: Any) -> None:
    index = own_archive.settings.index_folder
    for path in sorted(index.rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    with open_client(own_archive.settings) as client:
        page = client.get("/search?q=logiciel&show=la-riviere").text
    assert re.search(r"The index is being rebuilt: \d+% done</h2>", page)
    assert "0 excerpts" not in page
    assert "Show: La Rivière" in page


@pytest.mark.parametrize(
    ("match_ms", "end_ms", "heard"),
    [(60_000, 75_000, (59_700, 75_000)), (100, 30_000, (0, 30_000)), (60_000, 60_200, (59_700, 63_700))],
)
def test_an_excerpt_plays_from_its_word_to_its_end_and_never_a_word_alone(
    match_ms: int, end_ms: int, heard: tuple[int, int]
) -> None:
    where: Any = dict.fromkeys(Excerpt.__dataclass_fields__)
    assert find_heard(Excerpt(**{**where, "match_ms": match_ms, "end_ms": end_ms})) == heard
    assert find_heard(Excerpt(**where)) is None

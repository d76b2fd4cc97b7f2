"""An episode that is not published: those who are signed in read, hear and correct it, nobody else."""

import html
from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from media.people.privacy import WithdrawnEpisodeError, list_private, set_private
from media.people.withdrawals import withdraw_episode
from media.transcripts import list_turns
from search import sync_index
from tests.web.conftest import NOW, Archive
from tests.web.importing.conftest import Essay, token_of
from tests.web.importing.test_importing import decide


@pytest.fixture
def private(volunteer: TestClient, give: Callable[..., str], filled: Archive) -> str:
    """The address of a private episode that a volunteer imported."""
    path = decide(volunteer, give(private="yes"), do="import", private="yes")
    sync_index(filled.settings, filled.database)
    return path


def test_it_is_in_no_list_search_feed_export_or_answer(
    reader: TestClient, volunteer: TestClient, private: str, essay: Essay
):
    number = private.split("/")[2]
    for path in (
        private,
        f"/episode/{number}/words.json",
        f"/episode/{number}/export.txt",
        f"/api/episodes/{number}",
    ):
        assert reader.get(path).status_code == 404, path
    assert volunteer.get(f"/episode/{number}/export.txt").status_code == 404
    for path in (
        f"/search?q={essay.word}",
        "/show/place-du-marche",
        "/transcribed.atom",
        "/api/episodes",
        "/",
    ):
        assert essay.title not in html.unescape(reader.get(path).text), path
        assert essay.title not in html.unescape(volunteer.get(path).text), path


def test_those_who_are_signed_in_read_it_and_correct_it(
    volunteer: TestClient, filled: Archive, private: str, essay: Essay
):
    page = volunteer.get(private)
    assert essay.word in page.text and "Private:" in page.text
    assert page.headers["cache-control"].startswith("private")
    number = private.split("/")[2]
    assert volunteer.get(f"/episode/{number}/words.json").headers["cache-control"].startswith("private")
    assert essay.title in html.unescape(volunteer.get("/import").text)
    with filled.database.read() as connection:
        turn = list_turns(connection, int(number))[0]
    to = volunteer.get(f"/correct/at/{turn.id}").headers["location"]
    assert essay.word in volunteer.get(to.split("#")[0]).text
    assert volunteer.get(f"/history/{turn.id}").status_code == 200


def test_a_reviewer_publishes_it_and_takes_it_back(
    reader: TestClient, volunteer: TestClient, reviewer: TestClient, private: str
):
    form = f"/import/episode/{private.split('/')[2]}/privacy"
    token = token_of(volunteer, private.replace("/episode/", "/import/episode/").rsplit("/", 1)[0])
    assert volunteer.post(form, data={"form_token": token, "private": "no"}).status_code == 403
    own = {"form_token": token_of(reviewer)}
    assert reviewer.post(form, data={**own, "private": "no"}).status_code == 303
    assert reader.get(private).status_code == 200
    assert reviewer.post(form, data={**own, "private": "yes"}).status_code == 303
    assert reader.get(private).status_code == 404


def test_what_is_withdrawn_is_read_by_nobody_and_not_published_by_this(
    volunteer: TestClient, reviewer: TestClient, filled: Archive, private: str
):
    number = int(private.split("/")[2])
    with filled.database.write() as connection:
        withdraw_episode(connection, number, "asked", None, NOW)
    assert volunteer.get(private).status_code == 410
    with filled.database.write() as connection:
        assert number not in [episode.id for episode in list_private(connection)]
        with pytest.raises(WithdrawnEpisodeError):
            set_private(connection, number, None, NOW, private=False)
    form = {"form_token": token_of(reviewer), "private": "no"}
    assert reviewer.post(f"/import/episode/{number}/privacy", data=form).status_code == 410

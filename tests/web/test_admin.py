"""The administrator's page: what is asked, what is told."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from ingest.errors import NotThereError
from media.episodes import EpisodeStatus
from media.progress import Progress, Step
from web import admin
from web.admin import describe_job

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def token_of(page: str) -> str:
    found = re.search(r'name="form_token" value="([^"]+)"', page)
    assert found is not None
    return found[1]


@pytest.fixture
def administrator(own_client: TestClient, own_archive: Any) -> Iterator[TestClient]:
    """A browser in which an administrator is signed in."""
    token = token_of(own_client.get("/login").text)
    who = {"login": own_archive.login, "password": own_archive.password}
    own_client.post("/login", data={"form_token": token, **who})
    yield own_client


def post(client: TestClient, path: str, **fields: str) -> Any:
    return client.post(path, data={"form_token": token_of(client.get("/admin").text), **fields})


def test_the_queue_is_told_in_plain_words(administrator: TestClient) -> None:
    page = administrator.get("/admin").text
    for said in (
        "A worker is at work.",
        "recognising words",
        'value="40"',
        "40%",
        "There is no file “panne.mp3” here.",
        "<strong>1</strong> waiting",
        "There is no show here yet.",
        "1 of 4",
    ):
        assert said in page
    french = administrator.get("/admin", headers={"accept-language": "fr"}).text
    assert "reconnaissance des mots" in french
    assert "Réessayer" in french


def test_a_failed_episode_is_put_back(administrator: TestClient, own_archive: Any) -> None:
    assert post(administrator, "/admin/retry", episode=str(own_archive.failed)).status_code == 303
    counts = administrator.get("/api/status").json()["episodes"]
    assert (counts["failed"], counts["waiting"]) == (0, 2)


def test_every_failed_episode_is_put_back_at_once(administrator: TestClient) -> None:
    assert post(administrator, "/admin/retry-all").status_code == 303
    assert administrator.get("/api/status").json()["episodes"]["failed"] == 0


def test_a_voice_is_named_and_its_name_taken_back(administrator: TestClient, own_archive: Any) -> None:
    path = f"/episode/{own_archive.talk}/voices"
    page = administrator.get(f"/episode/{own_archive.talk}/valbrune-passe-au-logiciel-libre").text
    assert '<option value="Hélène Castaing">' in page
    assert post(administrator, path, voice="3", name="  Hélène   Castaing ").status_code == 303
    turns = administrator.get(f"/api/episodes/{own_archive.talk}").json()["turns"]
    named = [turn for turn in turns if turn["voice"] == 3]
    assert {(turn["speaker"], turn["attribution"]) for turn in named} == {("Hélène Castaing", "human")}
    post(administrator, path, voice="3", name="")
    turns = administrator.get(f"/api/episodes/{own_archive.talk}").json()["turns"]
    assert "Hélène Castaing" not in {turn["speaker"] for turn in turns}
    assert post(administrator, path, voice="99", name="Personne").status_code == 404
    assert post(administrator, path, voice="3", name="x" * 121).status_code == 400


def test_a_feed_that_cannot_be_read_says_why(administrator: TestClient) -> None:
    answer = post(administrator, "/admin/feeds/preview", feed="http://127.0.0.1:1/feed")
    assert answer.status_code == 422
    assert "ENTENDU_ALLOWED_HOSTS" in answer.text
    assert 'value="http://127.0.0.1:1/feed"' in answer.text


def test_a_feed_that_went_away_between_two_pages_says_so(
    administrator: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(url: str, _settings: object) -> None:
        raise NotThereError("404", url=url)

    monkeypatch.setattr(admin, "preview_feed", gone)
    answer = post(administrator, "/admin/feeds", feed="https://radio.example/feed")
    assert answer.status_code == 422
    assert "There is nothing at https://radio.example/feed (404)" in answer.text


def job(done: int, total: int, minutes: int = 10) -> Progress:
    return Progress(
        episode_id=1,
        episode_title="",
        show_title="",
        status=EpisodeStatus.WORKING,
        step=Step.RECOGNISE,
        done=done,
        total=total,
        attempts=1,
        retries=0,
        run=None,
        worker=None,
        hold=0,
        started_at=NOW - timedelta(minutes=minutes),
        updated_at=NOW,
        retry_at=None,
        failure=None,
    )


def test_the_time_left_follows_from_the_time_spent() -> None:
    assert describe_job(job(25, 100), NOW).left == timedelta(minutes=30)
    assert describe_job(job(1, 100), NOW).left is None
    assert describe_job(job(0, 0), NOW).share is None
    assert describe_job(job(5, 4), NOW).share == 1


def test_a_worker_that_writes_nothing_is_silent() -> None:
    assert not describe_job(job(1, 2), NOW).is_silent
    assert describe_job(job(1, 2), NOW + timedelta(minutes=2)).is_silent

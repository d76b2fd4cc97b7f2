"""First run, signing in and out."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from media.people.attempts import LOGIN_FROM_ADDRESS
from media.settings import Settings
from web.app import create_app

FIRST = {"name": "Samira Benali", "login": "samira", "password": "une place de marché"}


def token_of(page: str) -> str:
    found = re.search(r'name="form_token" value="([^"]+)"', page)
    assert found is not None
    return found[1]


@pytest.fixture
def new_client(tmp_path: Path) -> Iterator[TestClient]:
    """A reader of an archive that nobody has opened yet."""
    settings = Settings(data=tmp_path, site_url="http://127.0.0.1:8765")
    english = {"accept-language": "en"}
    with TestClient(create_app(settings), settings.site_url, headers=english, follow_redirects=False) as held:
        yield held


def setup(client: TestClient, **changed: str) -> Any:
    token = token_of(client.get("/setup").text)
    return client.post("/setup", data={"form_token": token, **FIRST, **changed})


def test_the_first_run_makes_the_administrator_and_is_then_over(new_client: TestClient) -> None:
    assert "/setup" in new_client.get("/").text
    answer = setup(new_client)
    assert answer.headers["location"] == "/admin"
    assert new_client.get("/admin").status_code == 200
    assert new_client.get("/setup").status_code == 404
    assert "/setup" not in new_client.get("/").text


def test_a_second_first_run_makes_nobody(new_client: TestClient) -> None:
    token = token_of(new_client.get("/setup").text)
    setup(new_client)
    new_client.cookies.delete("entendu_session")
    again = new_client.post("/setup", data={"form_token": token, **FIRST, "login": "intrus"})
    assert again.status_code in (403, 404)


@pytest.mark.parametrize("password", ["court", "x" * 201, ""])
def test_a_weak_password_is_refused_and_what_was_typed_is_kept(new_client: TestClient, password: str) -> None:
    answer = setup(new_client, password=password, feed="https://radio.example/feed")
    assert answer.status_code == 400
    assert "A password has 10 to 200 characters." in answer.text
    assert 'value="Samira Benali"' in answer.text
    assert 'value="https://radio.example/feed"' in answer.text
    assert new_client.get("/setup").status_code == 200


def test_a_feed_of_the_inner_network_is_refused_but_the_account_is_there(new_client: TestClient) -> None:
    answer = setup(new_client, feed="http://127.0.0.1:1/feed")
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert new_client.get("/admin").status_code == 200


def test_a_missing_field_is_refused(new_client: TestClient) -> None:
    assert setup(new_client, login=" ").status_code == 400
    assert setup(new_client, name="x" * 81).status_code == 400


def sign_in(client: TestClient, **fields: str) -> Any:
    token = token_of(client.get("/login").text)
    return client.post("/login", data={"form_token": token, **fields})


def test_signing_in_leads_back_to_the_page_that_was_wanted(own_client: TestClient, own_archive: Any) -> None:
    assert own_client.get("/admin").headers["location"] == "/login?next=/admin"
    who = {"login": own_archive.login, "password": own_archive.password}
    assert sign_in(own_client, **who, next="/admin").headers["location"] == "/admin"
    assert own_client.get("/login").headers["location"] == "/"


def test_a_wrong_password_says_no_more_than_that(own_client: TestClient, own_archive: Any) -> None:
    known = sign_in(own_client, login=own_archive.login, password="tout faux")
    unknown = sign_in(own_client, login="personne", password="tout faux")
    assert known.status_code == unknown.status_code == 401
    for answer in (known, unknown):
        assert "This login and password do not go together." in answer.text


def test_too_many_tries_are_told_to_wait(own_client: TestClient, own_archive: Any) -> None:
    """FAULTS 51."""
    for _ in range(LOGIN_FROM_ADDRESS.most):
        assert sign_in(own_client, login=own_archive.login, password="tout faux").status_code == 401
    refused = sign_in(own_client, login=own_archive.login, password=own_archive.password)
    assert refused.status_code == 429
    assert "Too many tries." in refused.text

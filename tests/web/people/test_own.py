"""My account: name, password, sessions, leaving; and what happens when a session has lapsed."""

import re
from typing import Any

import pytest

from media.people import accounts
from tests.web.people.conftest import Person, token_of

OTHER = "un tout autre mot de passe"


@pytest.fixture
def neighbour(visitor: Person, own_archive: Any) -> Person:
    visitor.sign_in("voisin", own_archive.password)
    return visitor


def test_a_person_changes_their_name(neighbour: Person) -> None:
    assert neighbour.post("/account/name", "/account", name=" Un  autre voisin ").status_code == 303
    page = neighbour.get("/account?done=name").text
    assert 'value="Un autre voisin"' in page
    assert "Your name was changed." in page
    assert neighbour.post("/account/name", "/account", name="").status_code == 400


def test_a_password_is_changed_and_other_sessions_end(
    neighbour: Person, own_archive: Any, administrator: Person
) -> None:
    elsewhere = administrator  # another browser
    elsewhere.client.cookies.clear()
    elsewhere.sign_in("voisin", own_archive.password)
    wrong = neighbour.post("/account/password", "/account", present="pas le bon", wanted=OTHER)
    assert wrong.status_code == 400
    assert "The present password is not right." in wrong.text
    weak = neighbour.post("/account/password", "/account", present=own_archive.password, wanted="court")
    assert "A password has 10 to 200 characters." in weak.text
    done = neighbour.post("/account/password", "/account", present=own_archive.password, wanted=OTHER)
    assert done.headers["location"] == "/account?done=password"
    assert neighbour.get("/account").status_code == 200
    assert elsewhere.get("/account").status_code == 303


def test_the_present_password_cannot_be_guessed_there(neighbour: Person, own_archive: Any) -> None:
    """FAULTS 51."""
    answers = [
        neighbour.post("/account/password", "/account", present=f"essai {n}", wanted=OTHER) for n in range(10)
    ]
    assert "Too many tries." in answers[-1].text


def test_sessions_are_seen_by_browser_family_and_ended(
    neighbour: Person, own_archive: Any, administrator: Person
) -> None:
    elsewhere = administrator
    elsewhere.client.cookies.clear()
    elsewhere.client.headers["user-agent"] = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Firefox/128.0"
    elsewhere.sign_in("voisin", own_archive.password)
    page = neighbour.get("/account").text
    assert "Firefox" in page
    assert "128" not in page and "Linux" not in page
    assert "another browser" in page
    identity = re.search(r'name="session" value="([^"]+)"', page)
    assert identity is not None
    assert neighbour.post("/account/sessions", "/account", session=identity[1]).status_code == 303
    assert elsewhere.get("/account").status_code == 303
    elsewhere.sign_in("voisin", own_archive.password)
    assert neighbour.post("/account/sessions", "/account").status_code == 303
    assert elsewhere.get("/account").status_code == 303
    assert neighbour.get("/account").status_code == 200


@pytest.mark.parametrize(("choice", "shown"), [("yes", "Un voisin"), ("no", "")])
def test_a_person_leaves_as_they_wish(neighbour: Person, own_archive: Any, choice: str, shown: str) -> None:
    with own_archive.database.read() as connection:
        held = {account.login: account.id for account in accounts.list_accounts(connection)}
    wrong = neighbour.post("/account/leave", "/account", present="pas le bon", keep_name=choice)
    assert wrong.status_code == 400
    left = neighbour.post("/account/leave", "/account", present=own_archive.password, keep_name=choice)
    assert left.headers["location"] == "/"
    assert neighbour.get("/account").status_code == 303
    assert neighbour.sign_in("voisin", own_archive.password).status_code == 401
    with own_archive.database.read() as connection:
        assert accounts.get_account(connection, held["voisin"]).name == shown


def test_the_last_administrator_does_not_leave(administrator: Person, own_archive: Any) -> None:
    refused = administrator.post("/account/leave", "/account", present=own_archive.password, keep_name="no")
    assert refused.status_code == 400
    assert "last administrator" in refused.text


def test_a_lapsed_session_is_told_in_a_sentence_and_leads_back(neighbour: Person) -> None:
    token = token_of(neighbour.get("/account").text)
    neighbour.client.cookies.clear()
    page = neighbour.client.post(
        "/account/name",
        data={"form_token": token, "name": "x"},
        headers={"referer": "http://127.0.0.1:8765/account?done=name"},
    )
    assert page.status_code == 401
    assert "You are no longer signed in." in page.text
    assert "/login?next=/account%3Fdone%3Dname" in page.text
    script = neighbour.client.post(
        "/account/name", data={"form_token": token, "name": "x"}, headers={"accept": "application/json"}
    )
    assert script.status_code == 401
    assert "You are no longer signed in." in script.json()["error"]
    assert script.json()["login"].startswith("/login?next=")
    assert neighbour.get("/account?done=name").headers["location"] == "/login?next=/account%3Fdone%3Dname"


def test_no_sentence_of_a_wrong_login_tells_who_exists(visitor: Person, own_archive: Any) -> None:
    known = visitor.sign_in("voisin", "tout faux et long")
    unknown = visitor.sign_in("personne", "tout faux et long")
    assert known.status_code == unknown.status_code == 401
    hidden = re.compile(r'value="[^"]*"')
    assert hidden.sub("", known.text) == hidden.sub("", unknown.text)

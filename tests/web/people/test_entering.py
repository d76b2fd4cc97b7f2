"""Somebody invited by a link makes an account; somebody who forgot sets a new password."""

import re
from typing import Any

import pytest

from media.people import accounts
from tests.web.people.conftest import Person

PASSWORD = "trois petits bateaux"
PEOPLE = "/admin/people"


def link_of(page: str) -> str:
    found = re.search(r'value="http://127\.0\.0\.1:8765(/invitation/[^"]+)"', page)
    assert found is not None
    return found[1]


def invite(administrator: Person, role: str = "volunteer") -> str:
    made = administrator.post(PEOPLE + "/invite", PEOPLE, role=role, note="Pour Zoé")
    assert made.status_code == 200
    return link_of(made.text)


def accept(visitor: Person, link: str, **fields: str) -> Any:
    typed = {"name": "Zoé Martin", "login": "zoe", "password": PASSWORD, **fields}
    return visitor.post(link, link, **typed)


def test_a_volunteer_comes_in_by_a_link_told_what_to_do(administrator: Person, visitor: Person) -> None:
    link = invite(administrator)
    page = visitor.get(link).text
    assert "You cannot break anything" in page
    assert "as a volunteer" in page
    answer = accept(visitor, link)
    assert answer.status_code == 303
    assert visitor.get("/account").status_code == 200
    assert visitor.get("/admin").status_code == 403
    listed = administrator.get(PEOPLE).text
    assert "Zoé Martin" in listed
    assert "used" in listed
    assert link not in listed


def test_a_link_serves_once_and_says_nothing_of_why(administrator: Person, visitor: Person) -> None:
    link = invite(administrator)
    token = accept(visitor, link)
    assert token.status_code == 303
    visitor.client.cookies.clear()
    for path in (link, "/invitation/inconnu"):
        answer = visitor.get(path)
        assert answer.status_code == 410
        assert "This link does not serve any more" in answer.text


def test_a_link_is_taken_back(administrator: Person, visitor: Person) -> None:
    link = invite(administrator)
    identity = re.search(r'name="invitation" value="(\d+)"', administrator.get(PEOPLE).text)
    assert identity is not None
    assert administrator.post(PEOPLE + "/revoke", PEOPLE, invitation=identity[1]).status_code == 303
    assert visitor.get(link).status_code == 410


def test_what_was_typed_badly_is_told_and_kept(administrator: Person, visitor: Person) -> None:
    link = invite(administrator)
    weak = accept(visitor, link, password="court")
    assert weak.status_code == 400
    assert "A password has 10 to 200 characters." in weak.text
    assert 'value="Zoé Martin"' in weak.text
    taken = accept(visitor, link, login="voisin")
    assert taken.status_code == 400
    assert "is taken" in taken.text
    assert accept(visitor, link, name=" ").status_code == 400
    assert accept(visitor, link).status_code == 303


def test_a_new_password_is_set_by_a_link_and_signs_out_elsewhere(
    administrator: Person, visitor: Person, own_archive: Any
) -> None:
    visitor.sign_in("voisin", own_archive.password)
    assert visitor.get("/account").status_code == 200
    account = re.search(r"(?s)Un voisin.*?name=\"account\" value=\"(\d+)\"", administrator.get(PEOPLE).text)
    assert account is not None
    link = link_of(administrator.post(PEOPLE + "/reset", PEOPLE, account=account[1]).text)
    assert visitor.post(link, link, password="court").status_code == 400
    held = dict(visitor.client.cookies)
    visitor.client.cookies.clear()
    assert "voisin" in visitor.get(link).text
    assert visitor.post(link, link, password=PASSWORD).status_code == 303
    visitor.client.cookies.clear()
    visitor.client.cookies.update(held)
    assert visitor.get("/account").status_code == 303
    visitor.client.cookies.clear()
    assert visitor.sign_in("voisin", own_archive.password).status_code == 401
    assert visitor.sign_in("voisin", PASSWORD).status_code == 303


def test_the_role_of_a_link_is_the_administrator_s_choice(administrator: Person, visitor: Person) -> None:
    link = invite(administrator, "reviewer")
    assert "As a reviewer" in visitor.get(link).text
    assert accept(visitor, link, role="admin").status_code == 303
    assert visitor.get("/admin").status_code == 403
    assert administrator.post(PEOPLE + "/invite", PEOPLE, role="chef").status_code == 400


@pytest.mark.parametrize(("act", "shown"), [("close", "closed on"), ("role", "administrator")])
def test_the_last_administrator_stays(administrator: Person, own_archive: Any, act: str, shown: str) -> None:
    with own_archive.database.read() as connection:
        held = {account.login: account.id for account in accounts.list_accounts(connection)}
    own, other = str(held[own_archive.login]), str(held["voisin"])
    refused = administrator.post(f"{PEOPLE}/{act}", PEOPLE, account=own, role="volunteer")
    assert refused.status_code == 400
    assert "last administrator" in refused.text
    done = administrator.post(f"{PEOPLE}/{act}", PEOPLE, account=other, role="admin")
    assert done.status_code == 303
    assert shown in administrator.get(PEOPLE).text


def test_a_closed_account_is_signed_out_and_may_be_opened_again(
    administrator: Person, visitor: Person, own_archive: Any
) -> None:
    with own_archive.database.read() as connection:
        held = {account.login: str(account.id) for account in accounts.list_accounts(connection)}
    visitor.sign_in("voisin", own_archive.password)
    administrator.post(PEOPLE + "/close", PEOPLE, account=held["voisin"])
    assert visitor.get("/account").status_code == 303
    assert visitor.sign_in("voisin", own_archive.password).status_code == 401
    administrator.post(PEOPLE + "/reopen", PEOPLE, account=held["voisin"])
    assert visitor.sign_in("voisin", own_archive.password).status_code == 303
    administrator.post(PEOPLE + "/remove", PEOPLE, account=held["voisin"], keep_name="no")
    assert visitor.get("/account").status_code == 303
    assert "voisin" not in administrator.get(PEOPLE).text
    assert administrator.post(PEOPLE + "/reopen", PEOPLE, account=held["voisin"]).status_code == 404

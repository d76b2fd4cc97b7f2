"""Nobody changes what they may not, at any route there is, nor sees what is another's (FAULTS 52)."""

import pytest

from media.people.accounts import Role
from tests.web.attacks.rules import MAY, ONE_PERSON_S, is_enough, who_may
from tests.web.attacks.walking import Address, routes, walk
from tests.web.attacks.whole import ROLES, Whole, fill_private


def test_every_route_says_who_may_use_it_and_every_rule_has_a_route(whole: Whole) -> None:
    paths = [route.path for route in routes(whole.archive.settings)]
    for path in paths:
        who_may(path)
    unused = [begin for begin in MAY if not any(path.startswith(begin.lstrip("=")) for path in paths)]
    assert not unused


@pytest.mark.parametrize("role", ROLES, ids=str)
def test_no_role_changes_what_it_may_not(whole: Whole, role: Role | None) -> None:
    """Each with a right token: what refuses is the role."""
    forbidden = [address for address in unsafe(whole) if not is_enough(role, who_may(address.route))]
    before = whole.picture()
    with whole.browse(role) as client:
        token = whole.enter(client, role)
        for address in forbidden:
            answer = client.post(address.path, data={"form_token": token, "private": "no", "role": "admin"})
            assert answer.status_code == (401 if role is None else 403), address
    assert whole.picture() == before
    assert bool(forbidden) is (role is not Role.ADMINISTRATOR)


def test_whoever_may_is_let_in_at_every_form(own_whole: Whole) -> None:
    """With an empty form: something else than the role refuses, and nothing breaks."""
    with own_whole.browse(Role.ADMINISTRATOR) as client:
        for address in unsafe(own_whole):
            token = own_whole.enter(client, Role.ADMINISTRATOR)
            answer = client.post(address.path, data={"form_token": token})
            refused = {401} if address.path == "/login" else set()  # an empty password is a wrong one
            assert answer.status_code not in {401, 403} - refused, address
            assert answer.status_code < 500, address


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.ADMINISTRATOR])
def test_what_is_one_person_s_own_is_nobody_else_s(whole: Whole, role: Role) -> None:
    """A number in an address that is somebody else's leads nowhere, to be read or changed."""
    before = whole.picture()
    with whole.browse(role) as client:
        for safe in (True, False):
            for address in walk(whole.archive.settings, whole.values, safe=safe):
                if address.holes & ONE_PERSON_S:
                    token = whole.enter(client, role)
                    answer = (
                        client.get(address.path)
                        if safe
                        else client.post(
                            address.path, data={"form_token": token, "do": "import", "answer": "skipped"}
                        )
                    )
                    assert answer.status_code in {303, 400, 404}, (address, answer.status_code)
                    assert "Une page" not in answer.text, address
    assert whole.picture() == before


def test_nothing_leads_strangers_to_a_private_episode(own_whole: Whole) -> None:
    """Not by its number, nor that of a turn, a quote, a proposal made before; found or sent."""
    values = fill_private(own_whole)
    secret = "Valbrune passe au logiciel libre"
    with own_whole.browse(None) as client:
        for address in walk(own_whole.archive.settings, values, safe=True, one_each=True):
            answer = client.get(address.path)
            assert secret not in answer.text, address
            if address.holes & {"episode", "turn"}:
                assert answer.status_code in {303, 404, 410}, (address, answer.status_code)
                assert answer.status_code != 303 or "/login" in answer.headers["location"], address
        before = own_whole.picture()
        for address in walk(own_whole.archive.settings, values, safe=False):
            if address.holes & {"episode", "turn", "quote"}:
                token = own_whole.enter(client, None)
                fields = {"form_token": token, "text": "Autre chose.", "version": "1"}
                answer = client.post(address.path, data=fields)
                assert secret not in answer.text, address
        assert own_whole.picture() == before


def unsafe(whole: Whole) -> list[Address]:
    return list(walk(whole.archive.settings, whole.values, safe=False))

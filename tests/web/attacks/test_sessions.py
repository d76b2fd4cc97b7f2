"""Sessions, passwords, who exists: nothing old opens, nothing is told, nothing logged (FAULTS 50, 51)."""

import logging
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from media import schema
from media.people import accounts
from media.people.accounts import Role
from media.people.attempts import LOGIN_FROM_ADDRESS
from tests.web.attacks.whole import LOGINS, Whole
from tests.web.conftest import NOW, PASSWORD, open_client
from web.security import make_form_token
from web.site import CONCURRENT_HASHES
from web.visits import SESSION_COOKIE

FIXED = "fixe-par-un-autre"
WANTED = "trois petits bateaux"


def sign_in(client: TestClient, login: str, password: str = PASSWORD) -> str:
    """Sign in by the form; returns the session's token."""
    client.cookies.set("entendu_visitor", "passant")
    fields = {"form_token": make_form_token("passant"), "login": login, "password": password}
    answer = client.post("/login", data=fields)
    assert answer.status_code == 303
    return str(answer.cookies[SESSION_COOKIE])


def opens(whole: Whole, token: str) -> bool:
    with open_client(whole.archive.settings) as client:
        client.cookies.set(SESSION_COOKIE, token)
        status = client.get("/account").status_code
        assert status in {200, 303}
        return status == 200


def close(whole: Whole, token: str) -> None:
    del token
    with whole.archive.database.write() as connection:
        accounts.close_account(connection, _id(connection, "voisin"), NOW)


def reset(whole: Whole, token: str) -> None:
    del token
    with whole.archive.database.write() as connection:
        accounts.change_password(connection, "voisin", WANTED)


def sign_out(whole: Whole, token: str) -> None:
    send(whole, token, "/logout")


def change_elsewhere(whole: Whole, token: str) -> None:
    del token
    with open_client(whole.archive.settings) as client:
        other = sign_in(client, "voisin")
    send(whole, other, "/account/password", present=PASSWORD, wanted=WANTED)


def leave(whole: Whole, token: str) -> None:
    send(whole, token, "/account/leave", present=PASSWORD)


def send(whole: Whole, token: str, path: str, **fields: str) -> None:
    with open_client(whole.archive.settings) as client:
        client.cookies.set(SESSION_COOKIE, token)
        answer = client.post(path, data={"form_token": make_form_token(token), **fields})
        assert answer.status_code == 303


def _id(connection: Any, login: str) -> int:
    return next(account.id for account in accounts.list_accounts(connection) if account.login == login)


@pytest.mark.parametrize("act", [sign_out, change_elsewhere, reset, close, leave])
def test_an_old_cookie_opens_nothing(own_whole: Whole, act: Callable[[Whole, str], None]) -> None:
    """FAULTS 50."""
    with open_client(own_whole.archive.settings) as client:
        client.cookies.set(SESSION_COOKIE, FIXED)
        token = sign_in(client, "voisin")
    assert token != FIXED
    assert not opens(own_whole, FIXED)
    assert opens(own_whole, token)
    act(own_whole, token)
    assert not opens(own_whole, token)


def test_a_role_that_is_taken_away_is_gone_at_once(own_whole: Whole) -> None:
    with own_whole.archive.database.write() as connection:
        other = accounts.add_account(connection, "autre", "Autre", Role.ADMINISTRATOR, PASSWORD, NOW)
    with own_whole.browse(Role.ADMINISTRATOR, "autre") as client:
        assert client.get("/admin").status_code == 200
        with own_whole.archive.database.write() as connection:
            accounts.change_role(connection, other.id, Role.VOLUNTEER)
        assert client.get("/admin").status_code == 403


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many passwords were hashed."""
    done: list[int] = []
    real = accounts.HASHER.verify

    class Counted:
        def verify(self, held: str, password: str) -> bool:
            done.append(len(password))
            return real(held, password)

    monkeypatch.setattr(accounts, "HASHER", Counted())
    return done


def test_who_has_an_account_is_told_neither_by_words_nor_by_work(own_whole: Whole, hashed: list[int]) -> None:
    """FAULTS 51: one hash, of the same cost, whoever is named; the same page; the same budget."""
    told = set()
    with own_whole.archive.database.write() as connection:
        accounts.close_account(connection, _id(connection, "relectrice"), NOW)
    for login in ("voisin", "relectrice", "personne"):
        with own_whole.browse(None) as client:
            for tries in range(LOGIN_FROM_ADDRESS.most + 2):
                fields = {"form_token": make_form_token("passant"), "login": login, "password": "tout faux"}
                answer = client.post("/login", data=fields)
                assert answer.status_code == (401 if tries < LOGIN_FROM_ADDRESS.most else 429), login
                page = answer.text.replace(login, "…")
                told.add((answer.status_code, page.partition("<main")[2].split('name="form_token"')[0]))
    assert len(hashed) == 3 * LOGIN_FROM_ADDRESS.most
    assert len(told) == 2
    with own_whole.archive.database.read() as connection:
        known = connection.execute(select(schema.account.c.password_hash)).scalars().first()
    assert known is not None
    assert accounts.UNKNOWN_HASH.split("$")[:4] == known.split("$")[:4]  # what a hash costs


def test_a_flood_of_guesses_writes_nothing_hashes_nothing_and_takes_bounded_memory(
    own_whole: Whole, hashed: list[int]
) -> None:
    """FAULTS 51: whatever comes after the budget costs a read."""
    with own_whole.browse(None) as client:
        fields = {"form_token": make_form_token("passant"), "login": "voisin", "password": "x" * 60_000}
        statuses = [client.post("/login", data=fields).status_code for _ in range(30)]
    assert statuses.count(401) == LOGIN_FROM_ADDRESS.most == len(hashed)
    assert set(hashed) == {accounts.MAX_PASSWORD_LENGTH}
    assert CONCURRENT_HASHES * 19 <= 128  # MiB


def test_no_secret_and_no_question_of_a_reader_stands_in_the_log(
    own_whole: Whole, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even in the trace of what nobody foresaw; and what is asked for forges no line."""
    caplog.set_level(logging.INFO)
    secrets = [PASSWORD, "mauvais-secret", *own_whole.values["token"], *own_whole.values["secret"]]
    with open_client(own_whole.archive.settings) as client:
        secrets.append(sign_in(client, LOGINS[Role.ADMINISTRATOR]))
        token = make_form_token(secrets[-1])
        secrets.append(token)
        app: Any = client.app
        monkeypatch.setattr(type(app.state.site.index), "search", lambda _index, _request: 1 / 0)
        client.get("/search?q=question-d-un-lecteur")
        client.get("/api/search?q=question-d-un-lecteur")
        client.get(f"/invitation/{own_whole.values['token'][0]}")
        client.get(f"/proposal/{own_whole.values['secret'][0]}")
        client.get("/nothing%0d%0aERROR%20forged")
        client.post(
            "/account/password", data={"form_token": token, "present": "mauvais-secret", "wanted": "x"}
        )
        client.post("/account/password", data={"form_token": "faux", "present": "mauvais-secret"})
        client.post("/login", data={"form_token": token, "login": "x", "password": "mauvais-secret" * 9_000})
    own = [
        record for record in caplog.records if not record.name.startswith(("httpx", "httpcore", "asyncio"))
    ]
    lines = [logging.Formatter().format(record) for record in own]
    assert lines
    for secret in [*secrets, "question-d-un-lecteur"]:
        assert not [line for line in lines if secret in line], secret
    assert not [line for line in lines if "\nERROR forged" in line]

"""What guards the site: headers, forged forms, sessions, roles, floods, hostile hosts."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from media.database import Database
from web.app import create_app
from web.errors import ForgedFormError
from web.security import MAX_BODY_BYTES, check_form_token, make_form_token
from web.visits import local_path

# A script of the page itself; data for machines is none, and runs nowhere.
OWN_SCRIPT = r'<script(?![^>]*\s(?:src=|type="application/ld\+json"))'

SignIn = Callable[..., str]


def token_of(page: str) -> str:
    found = re.search(r'name="form_token" value="([^"]+)"', page)
    assert found is not None
    return found[1]


@pytest.fixture
def sign_in(own_client: TestClient, own_archive: Any) -> SignIn:
    """Sign somebody in, and return a token for their forms."""

    def signing_in(login: str = own_archive.login) -> str:
        token = token_of(own_client.get("/login").text)
        fields = {"form_token": token, "login": login, "password": own_archive.password}
        assert own_client.post("/login", data=fields).status_code == 303
        return token_of(own_client.get("/shows").text)

    return signing_in


@pytest.mark.parametrize("path", ["/", "/search?q=pain", "/nothing", "/api", "/admin", "/login"])
def test_every_answer_carries_the_guarding_headers(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["content-security-policy"].startswith("default-src 'self'")
    assert "unsafe" not in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"


def test_no_page_holds_inline_script_or_style(client: TestClient, archive: Any) -> None:
    for path in (
        "/",
        "/search?q=pain",
        f"/episode/{archive.talk}/valbrune-passe-au-logiciel-libre",
        "/login",
    ):
        page = client.get(path).text
        assert not re.search(OWN_SCRIPT + r"|<style|\sstyle=|\son\w+=|javascript:", page)


def unsafe_paths(archive: Any) -> list[str]:
    """Every address that a form can be sent to, of whatever room, about the first of each thing."""
    app: Starlette = create_app(archive.settings)
    assert sum(isinstance(route, Mount) for route in app.routes) == 1
    posts = [
        route.path
        for route in app.routes
        if isinstance(route, Route) and route.methods and not route.methods <= {"GET", "HEAD"}
    ]
    assert "/admin/retry" in posts
    return [re.sub(r"{\w+}", "x", re.sub(r"{\w+:int}", "1", path)) for path in posts]


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:8766"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
    ids=str,
)
def test_a_form_of_another_site_is_refused_and_changes_nothing(
    own_client: TestClient, own_archive: Any, sign_in: SignIn, headers: dict[str, str]
) -> None:
    """FAULTS 49: a right token does not help."""
    token = sign_in()
    fields = {"form_token": token, "voice": "2", "name": "Intrus", "episode": str(own_archive.failed)}
    for path in unsafe_paths(own_archive):
        answer = own_client.post(path, data=fields, headers=headers)
        assert answer.status_code == 403, path
    assert "Intrus" not in own_client.get("/api/episodes/1").text
    assert own_client.get("/api/status").json()["episodes"]["failed"] == 1


@pytest.mark.parametrize("token", ["", "x", "é", "A" * 88, "=" * 20])
def test_a_form_without_its_token_is_refused(
    own_client: TestClient, own_archive: Any, sign_in: SignIn, token: str
) -> None:
    """FAULTS 49. A script hears 401, that it may keep its text; a play is no form, and only counted.

    The API takes JSON alone, which no form of another site can send.
    """
    sign_in()
    for path in unsafe_paths(own_archive):
        if not path.endswith("/plays"):
            refusals = {400} if path.startswith("/api/") else {401, 403}
            assert own_client.post(path, data={"form_token": token}).status_code in refusals, path


def test_a_token_of_before_sign_in_does_not_serve_after(own_client: TestClient, sign_in: SignIn) -> None:
    old = token_of(own_client.get("/login").text)
    sign_in()
    assert own_client.post("/logout", data={"form_token": old}).status_code == 403


@given(secret=st.text(min_size=1), other=st.text(min_size=1))
def test_a_token_serves_whoever_holds_its_cookie_and_nobody_else(secret: str, other: str) -> None:
    token = make_form_token(secret)
    check_form_token(secret, token)
    assert make_form_token(secret) != token
    if other != secret:
        with pytest.raises(ForgedFormError):
            check_form_token(other, token)


def test_a_session_begins_anew_and_ends_for_good(
    own_client: TestClient, own_archive: Any, sign_in: SignIn
) -> None:
    """FAULTS 50: a fixed token, a signed-out one and one of an old password open nothing."""
    own_client.cookies.set("entendu_session", "fixed")
    token = sign_in()
    session = own_client.cookies.get("entendu_session", domain="127.0.0.1")
    assert session
    own_client.cookies.delete("entendu_session", domain="")
    assert own_client.get("/admin").status_code == 200
    own_client.post("/logout", data={"form_token": token})
    own_client.cookies.clear()
    own_client.cookies.set("entendu_session", session)
    assert own_client.get("/admin").headers["location"] == "/login?next=/admin"


def test_cookies_are_out_of_reach_of_scripts_and_of_plain_http(own_archive: Any) -> None:
    settings = own_archive.settings.model_copy(update={"site_url": "https://archive.example"})
    with TestClient(create_app(settings), base_url="https://archive.example") as client:
        cookie = client.get("/login").headers["set-cookie"]
    assert cookie.startswith("__Host-entendu_visitor=")
    for wanted in ("HttpOnly", "SameSite=lax", "Secure", "Path=/"):
        assert wanted in cookie


ROLES = [None, "voisin", "samira"]


@pytest.mark.parametrize("login", ROLES, ids=str)
def test_each_role_does_what_it_may_and_no_more(
    own_client: TestClient, own_archive: Any, sign_in: SignIn, login: str | None
) -> None:
    """FAULTS 52."""
    token = sign_in(login) if login else token_of(own_client.get("/login").text)
    is_admin = login == own_archive.login
    assert own_client.get("/admin").status_code == (200 if is_admin else 403 if login else 303)
    fields = {"form_token": token, "voice": "2", "name": "Zoé Intruse", "episode": str(own_archive.failed)}
    for path in (f"/episode/{own_archive.talk}/voices", "/admin/retry", "/admin/retry-all"):
        assert own_client.post(path, data=fields).status_code == (303 if is_admin else 403 if login else 401)
    assert ("Zoé Intruse" in own_client.get("/api/episodes/1").text) is is_admin
    assert own_client.get("/api/status").json()["episodes"]["failed"] == (0 if is_admin else 1)
    assert own_client.get("/setup").status_code == 404


def test_a_body_larger_than_any_form_is_refused(client: TestClient) -> None:
    """FAULTS 53."""
    kind = {"content-type": "application/x-www-form-urlencoded"}
    assert client.post("/login", content=b"a=" + b"b" * MAX_BODY_BYTES, headers=kind).status_code == 413
    assert client.post("/login", content=(b"x" * 1_000 for _ in range(100)), headers=kind).status_code == 413
    many = "&".join(f"f{n}=1" for n in range(5_000))
    assert client.post("/login", content=many, headers=kind).status_code == 400


def test_whoever_leaves_in_the_middle_of_a_form_is_no_failure_of_ours(client: TestClient) -> None:
    """FAULTS 55: slow clients, who are cut off, fill no log."""
    told: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        told.append(message)

    kind = (b"content-type", b"application/x-www-form-urlencoded")
    scope = {"type": "http", "method": "POST", "path": "/login", "query_string": b"", "headers": [kind]}
    assert client.portal is not None
    client.portal.call(client.app, scope, receive, send)
    assert told[0]["status"] == 400


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"%", b"------", b"login=%ff%fe&password=%00"])
@pytest.mark.parametrize(
    "kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain"]
)
def test_a_form_that_is_not_one_is_refused(client: TestClient, content: bytes, kind: str) -> None:
    assert client.post("/login", content=content, headers={"content-type": kind}).status_code in (400, 403)


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.example"},
        {"host": "evil.example:80@127.0.0.1"},
        {"x-forwarded-host": "evil.example"},
        {"x-forwarded-proto": "javascript", "x-forwarded-for": "evil.example"},
        {"forwarded": "host=evil.example"},
    ],
    ids=str,
)
def test_no_address_comes_from_the_request(client: TestClient, archive: Any, headers: dict[str, str]) -> None:
    """FAULTS 54."""
    for path in (
        "/",
        "/search?q=pain",
        "/api",
        "/api/search?q=pain",
        "/api/episodes",
        "/episode/1",
        "/admin",
    ):
        answer = client.get(path, headers=headers)
        assert "evil.example" not in answer.text + str(answer.headers)


@pytest.mark.parametrize(
    "path", ["//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)", "\n/x", ""]
)
def test_signing_in_leads_nowhere_else(path: str) -> None:
    assert local_path(path) == "/"


def test_an_unreachable_catalogue_is_one_sentence(own_client: TestClient, tmp_path: Path) -> None:
    app: Any = own_client.app
    app.state.site = replace(app.state.site, database=Database(f"sqlite:///{tmp_path}"))
    for path in ("/", "/api/status"):
        answer = own_client.get(path)
        assert answer.status_code == 503
        assert "The archive cannot be reached just now." in answer.text
        assert answer.headers["retry-after"] == "60"
        assert str(tmp_path) not in answer.text


def test_a_failure_that_nobody_foresaw_is_one_sentence(
    own_client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    app: Any = own_client.app
    monkeypatch.setattr(app.state.site.index, "search", lambda request: 1 / 0)
    answer = own_client.get("/search?q=pain")
    assert answer.status_code == 500
    assert "Something failed on our side" in answer.text
    assert "ZeroDivisionError" not in answer.text
    assert "content-security-policy" in answer.headers

"""Two machines serve one catalogue, each with an index of its own: readers cannot tell which answers."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from media.changes import last_change
from media.settings import Settings
from media.transcripts import list_turns
from search.following import Follower
from tests.web.conftest import Archive, open_client
from web.own_changes import COOKIE

NEW_WORDS = "Le perroquet de la mairie parle breton."
LATE = "What you have just saved is kept, and will be found in a moment."
WAIT_S = 60.0


@dataclass(frozen=True)
class Pair:
    """An archive, and a browser that asks now one machine, now the other, with the same cookies."""

    archive: Archive
    here: TestClient
    there: TestClient
    there_settings: Settings

    def sign_in(self) -> None:
        """Sign in at the first machine."""
        sign_in(self.here, self.archive)
        self.carry()

    def carry(self) -> None:
        """Take the browser, with its cookies, to the other machine."""
        self.there.cookies.update(self.here.cookies)

    def correct(self, text: str = NEW_WORDS) -> int:
        """Correct the talk's third turn at the first machine; returns the turn."""
        with self.archive.database.read() as connection:
            stored = list_turns(connection, self.archive.talk)[3]
        token = form_token(self.here.get(f"/correct/{self.archive.talk}/0").text)
        fields = {"text": text, "version": stored.version, "passage": 0, "form_token": token}
        answer = self.here.post(f"/correct/turn/{stored.id}/text", data=fields)
        assert answer.status_code == 303, answer.text
        return stored.id


@pytest.fixture
def pair(own_archive: Archive, tmp_path: Path) -> Iterator[Pair]:
    """The archive's machine, and another with nothing but the catalogue's address."""
    settings = own_archive.settings
    other = settings.model_copy(
        update={"data": tmp_path / "elsewhere", "database_url": settings.catalogue_url}
    )
    Follower(other, own_archive.database).go_round()
    with open_client(settings) as here, open_client(other) as there:
        yield Pair(own_archive, here, there, other)


@contextmanager
def following(pair: Pair, *machines: Settings) -> Iterator[None]:
    """Let these machines' indexes follow the log while the block runs."""
    stop = threading.Event()

    def follow(settings: Settings) -> None:
        follower = Follower(settings, pair.archive.database)
        while not stop.wait(0.05):
            follower.go_round()

    threads = [threading.Thread(target=follow, args=(settings,)) for settings in machines]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(WAIT_S)


def sign_in(client: TestClient, archive: Archive) -> None:
    token = form_token(client.get("/login").text)
    fields = {"login": archive.login, "password": archive.password, "form_token": token}
    assert client.post("/login", data=fields).status_code == 303


def form_token(html: str) -> str:
    found = re.search(r'name="form_token" value="([^"]+)"', html)
    assert found is not None
    return found.group(1)


def test_who_saves_on_one_machine_finds_it_on_the_other(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("search.index.WAIT_S", WAIT_S)
    pair.sign_in()
    with following(pair, pair.there_settings):
        for number in range(2):
            pair.correct(f"Le perroquet numéro {number} de la mairie parle breton.")
            pair.carry()
            found = pair.there.get("/api/search", params={"q": f'"perroquet numéro {number}"'}).json()
            assert found["total"] == 1


def test_a_session_begun_on_one_machine_is_known_on_the_other(pair: Pair) -> None:
    pair.sign_in()
    token = form_token(pair.there.get(f"/correct/{pair.archive.talk}/0").text)
    assert pair.here.post("/logout", data={"form_token": token}).status_code == 303
    assert pair.there.get("/admin").status_code == 303  # to sign in


def test_pages_of_one_machine_show_at_once_what_another_saved(pair: Pair) -> None:
    pair.sign_in()
    path = pair.there.get(f"/episode/{pair.archive.talk}").headers["location"]
    before = pair.there.get(path)
    times = pair.there.get(f"/episode/{pair.archive.talk}/words.json")
    assert NEW_WORDS not in before.text
    pair.correct()
    assert NEW_WORDS in pair.there.get(path).text
    held = {"if-none-match": times.headers["etag"]}
    again = pair.there.get(f"/episode/{pair.archive.talk}/words.json", headers=held)
    assert again.status_code == 200 and again.json()["revision"] > times.json()["revision"]


def test_a_search_that_waited_in_vain_says_so(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("search.index.WAIT_S", 0.0)
    pair.sign_in()
    pair.correct()
    pair.carry()
    assert LATE in pair.there.get("/search", params={"q": "perroquet"}).text
    Follower(pair.there_settings, pair.archive.database).go_round()
    page = pair.there.get("/search", params={"q": "perroquet"}).text
    assert LATE not in page and "parle breton" in page


def test_the_cookie_of_a_change_is_given_for_changes_alone_and_to_whom_we_know(pair: Pair) -> None:
    plays = f"/episode/{pair.archive.talk}/plays"
    assert "set-cookie" not in pair.here.post(plays, json={}).headers
    pair.sign_in()
    assert COOKIE not in pair.here.cookies
    pair.correct()
    with pair.archive.database.read() as connection:
        assert pair.here.cookies[COOKIE] == str(last_change(connection))


def test_a_cookie_that_was_made_up_makes_nobody_wait(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("search.index.WAIT_S", 0.0)
    for told in ("999999999999999999", "-1", "x", "1" * 5_000, "٣", ""):
        headers = {b"cookie": f"{COOKIE}={told}".encode()}
        answer = pair.here.get("/search", params={"q": "logiciel"}, headers=headers)
        assert answer.status_code == 200 and LATE not in answer.text

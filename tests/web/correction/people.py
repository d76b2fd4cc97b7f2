"""People at browsers without script, and an archive of their own to review: fixtures of a few tests."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from starlette.testclient import TestClient

from media.correction import proposals
from media.correction.acts import save_text
from media.correction.authors import Author
from media.people import accounts, sessions
from media.people.accounts import Role
from media.transcripts import StoredTurn, list_turns
from search.indexing import sync_index
from tests.web.conftest import PASSWORD, open_client

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


@dataclass
class Person:
    """Somebody at a browser, in English, without script."""

    client: TestClient
    author: Author

    def see(self, path: str, status: int = 200) -> str:
        page = self.client.get(path, follow_redirects=True)
        assert page.status_code == status, page.text[:500]
        return page.text

    def send(self, page: str, path: str, **typed: str) -> Any:
        """Fill in the form of a page that leads to a path, and send it."""
        html = self.see(page)
        found = re.search(rf'<form[^>]*action="{re.escape(path)}".*?</form>', html, re.S)
        assert found is not None, html
        hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', found[0]))
        return self.client.post(path, data=hidden | typed)


@dataclass
class Desk:
    """An archive, and those who read and review it."""

    archive: Any

    def person(self, login: str, role: Role) -> Author:
        with self.archive.database.write() as connection:
            account = accounts.add_account(connection, login, login.title(), role, PASSWORD, NOW)
        return Author(account.id, account.name)

    @contextmanager
    def browser(self, author: Author | None = None) -> Iterator[Person]:
        with open_client(self.archive.settings) as client:
            if author is not None and author.account_id is not None:
                with self.archive.database.write() as connection:
                    account = accounts.get_account(connection, author.account_id)
                    token = sessions.open_session(connection, account, datetime.now(UTC))
                client.cookies.set("entendu_session", token)
            yield Person(client, author or Author(None, ""))

    def turn(self, place: int) -> StoredTurn:
        with self.archive.database.read() as connection:
            return list_turns(connection, self.archive.talk)[place]

    def read(self, place: int, text: str, author: Author) -> StoredTurn:
        turn = self.turn(place)
        with self.archive.database.write() as connection:
            save_text(connection, turn.id, turn.version, text, author, NOW)
        return self.turn(place)

    def propose(self, place: int, text: str, comment: str = "") -> tuple[int, str]:
        turn = self.turn(place)
        with self.archive.database.write() as connection:
            visitor = Author(None, "Une auditrice")
            return proposals.propose(connection, turn.id, turn.version, text, visitor, NOW, comment=comment)

    def finds(self, text: str) -> int:
        sync_index(self.archive.settings, self.archive.database)
        with open_client(self.archive.settings) as client:
            found = client.get("/api/search", params={"q": text}).json()
            return 0 if found["corrected"] else int(found["total"])


@pytest.fixture
def desk(own_archive: Any) -> Desk:
    return Desk(own_archive)


@pytest.fixture
def zoe(desk: Desk) -> Author:
    return desk.person("zoe", Role.VOLUNTEER)


@pytest.fixture
def reviewer(desk: Desk) -> Iterator[Person]:
    with desk.browser(desk.person("luk", Role.REVIEWER)) as person:
        yield person


@pytest.fixture
def visitor(desk: Desk) -> Iterator[Person]:
    with desk.browser() as person:
        yield person

"""People who bring texts in: signed in, with the form's token at hand."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from media.people import accounts
from media.people.accounts import Role
from tests.web.conftest import NOW, PASSWORD, Archive, make_archive, open_client

NUMBERS = count(1)  # of pages, one a test
TOKEN = re.compile(r'name="form_token" value="([^"]+)"')
PAGE = """'''Titre :''' {title}<br />
'''Date :''' 2 juillet 2024<br />
'''Licence de la transcription :''' CC BY-SA 4.0<br />
==Transcription==
<b>Anne Martin : </b>Bonjour à toutes, nous parlons du {word} connecté.

[Jingle]

<b>Luk : </b>Ah, ??? [12 min 30] enfin.
"""


def token_of(client: TestClient, path: str = "/import") -> str:
    """Read the token of a page's forms."""
    found = TOKEN.search(client.get(path).text)
    assert found
    return found[1]


def sign_in(client: TestClient, login: str) -> TestClient:
    """Sign somebody in."""
    form = {"form_token": token_of(client, "/login"), "login": login, "password": PASSWORD}
    assert client.post("/login", data=form).status_code == 303
    return client


@dataclass(frozen=True)
class Essay:
    """A page that no other test has: its title, and a word that nobody else says."""

    title: str
    word: str

    @property
    def text(self) -> str:
        """The page, as a volunteer writes it."""
        return PAGE.format(title=self.title, word=self.word)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, sound: Path) -> Iterator[Archive]:
    """An archive that the tests of a module fill, each with pages of its own."""
    held = make_archive(tmp_path_factory.mktemp("filled"), sound)
    with held.database.write() as connection:
        accounts.add_account(connection, "relectrice", "Une relectrice", Role.REVIEWER, PASSWORD, NOW)
    yield held
    held.database.close()


@pytest.fixture
def essay() -> Essay:
    """A page of one's own."""
    number = next(NUMBERS)
    return Essay(f"Une émission d’essai {number}", f"grillepain{number}x")


@pytest.fixture(scope="module")
def volunteer(filled: Archive) -> Iterator[TestClient]:
    """A volunteer's browser."""
    with open_client(filled.settings) as held:
        yield sign_in(held, "voisin")


@pytest.fixture(scope="module")
def reviewer(filled: Archive) -> Iterator[TestClient]:
    """A reviewer's browser."""
    with open_client(filled.settings) as held:
        yield sign_in(held, "relectrice")


@pytest.fixture(scope="module")
def reader(filled: Archive) -> Iterator[TestClient]:
    """Somebody who is not signed in."""
    with open_client(filled.settings) as held:
        yield held


@pytest.fixture
def give(volunteer: TestClient, essay: Essay) -> Callable[..., str]:
    """Upload a page, and return the address of its preview."""

    def upload(content: str | bytes | None = None, name: str | None = None, **fields: str) -> str:
        form = {"form_token": token_of(volunteer), "show": "Place du Marché", **fields}
        given = essay.text if content is None else content
        held = given if isinstance(given, bytes) else given.encode()
        answer = volunteer.post("/import", data=form, files={"files": (name or f"{essay.word}.wiki", held)})
        assert answer.status_code == 303, answer.text
        return str(answer.headers["location"])

    return upload

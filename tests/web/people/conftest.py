"""People in browsers: an administrator, and whoever else signs in."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from starlette.testclient import TestClient

from web.app import create_app


def token_of(page: str) -> str:
    found = re.search(r'name="form_token" value="([^"]+)"', page)
    assert found is not None, page[:2_000]
    return found[1]


@dataclass
class Person:
    """Somebody at a browser."""

    client: TestClient

    def get(self, path: str) -> Any:
        return self.client.get(path)

    def post(self, path: str, page: str = "/login", **fields: str) -> Any:
        token = token_of(self.client.get(page, follow_redirects=True).text)
        return self.client.post(path, data={"form_token": token, **fields})

    def sign_in(self, login: str, password: str) -> Any:
        return self.post("/login", login=login, password=password)


def open_browser(settings: Any) -> TestClient:
    return TestClient(
        create_app(settings), settings.site_url, headers={"accept-language": "en"}, follow_redirects=False
    )


@pytest.fixture
def administrator(own_archive: Any) -> Iterator[Person]:
    with open_browser(own_archive.settings) as client:
        person = Person(client)
        assert person.sign_in(own_archive.login, own_archive.password).status_code == 303
        yield person


@pytest.fixture
def visitor(own_archive: Any) -> Iterator[Person]:
    """Somebody else, in another browser."""
    with open_browser(own_archive.settings) as client:
        yield Person(client)

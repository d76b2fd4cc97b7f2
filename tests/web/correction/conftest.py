"""A volunteer at the editor: an archive served for real, its own for each module, and a page signed in."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import delete, select, update

from media import schema
from media.correction import tables
from media.people import accounts, sessions
from media.people.accounts import Account, Role
from media.transcript import TurnKind, TurnState, pack_words
from media.transcripts import StoredTurn, list_turns

expect.set_options(timeout=30_000)
PASSWORD = "une place de marché"


@dataclass(frozen=True)
class Volunteer:
    """Somebody at the editor of the talk's first passage."""

    home: Any
    account: Account
    page: Page

    @property
    def path(self) -> str:
        return f"/correct/{self.home.talk}/0"

    def open(self, turn: StoredTurn | None = None) -> None:
        """Open the passage, at a turn."""
        self.page.goto("about:blank")
        self.page.goto(self.path + (f"#t-{turn.id}" if turn else ""))
        expect(self.field).to_be_focused()

    @property
    def field(self) -> Any:
        return self.page.locator(".turn.active textarea")

    @property
    def said(self) -> Any:
        return self.page.locator("[data-part=said]")

    @property
    def saved(self) -> Any:
        return self.page.locator("[data-part=saved]")

    def turns(self) -> list[StoredTurn]:
        """The spoken turns, as the archive holds them now."""
        with self.home.database.read() as connection:
            held = list_turns(connection, self.home.talk)
        return [turn for turn in held if turn.turn.kind is TurnKind.SPEECH]

    def text_of(self, turn_id: int) -> str:
        return next((turn.turn.text for turn in self.turns() if turn.id == turn_id), "")


Arrive = Callable[..., Volunteer]


@pytest.fixture
def arrive(browser: Browser, home: Any) -> Iterator[Arrive]:
    """Make volunteers, each in a browser of their own; no script may fail on their pages."""
    contexts: list[BrowserContext] = []
    failures: list[str] = []

    def make(login: str = "voisin", name: str = "Un voisin", **look: Any) -> Volunteer:
        account, token = sign_in(home, login, name)
        look = {"locale": "fr-FR", "reduced_motion": "reduce", "bypass_csp": True} | look
        context = browser.new_context(base_url=home.settings.site_url, **look)
        context.add_cookies([{"name": "entendu_session", "value": token, "url": home.settings.site_url}])
        page = context.new_page()
        page.on("pageerror", lambda error: failures.append(str(error)))
        contexts.append(context)
        return Volunteer(home, account, page)

    yield make
    with home.database.write() as connection:
        connection.execute(delete(tables.claim))
    for context in contexts:
        context.close()
    assert failures == []


@pytest.fixture
def volunteer(arrive: Arrive) -> Volunteer:
    """A French volunteer."""
    return arrive()


def sign_in(home: Any, login: str, name: str) -> tuple[Account, str]:
    """Find or make an account, and open a session of it."""
    now = datetime.now(UTC)
    with home.database.write() as connection:
        query = select(schema.account.c.id).where(schema.account.c.login == login)
        held = connection.execute(query).scalar()
        account = (
            accounts.add_account(connection, login, name, Role.VOLUNTEER, PASSWORD, now)
            if held is None
            else accounts.get_account(connection, held)
        )
        return account, sessions.open_session(connection, account, now)


def make_unsure(home: Any, turn: StoredTurn, *places: int) -> None:
    """Make the recogniser unsure of some words of a turn."""
    words = [
        replace(word, probability=0.2) if place in places else word
        for place, word in enumerate(turn.turn.words)
    ]
    with home.database.write() as connection:
        here = schema.turn.c.id == turn.id
        connection.execute(
            update(schema.turn).where(here).values(words=pack_words(words), state=TurnState.MACHINE)
        )


@pytest.fixture(scope="session")
def unsure() -> Callable[..., None]:
    """What makes the recogniser unsure of words."""
    return make_unsure

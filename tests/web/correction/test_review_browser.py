"""Review by the keyboard alone, in Chromium: a visitor proposes, a reviewer answers; axe on each screen."""

import re
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from media.correction.acts import save_text
from media.correction.authors import Author
from media.people import accounts, sessions
from media.people.accounts import Role
from media.transcript import TurnState
from media.transcripts import StoredTurn, list_turns
from tests.keyboard import Person
from tests.web.conftest import PASSWORD

pytestmark = pytest.mark.slow

LOOKS: list[dict[str, Any]] = [
    {"locale": "fr-FR", "color_scheme": "light", "viewport": {"width": 1280, "height": 900}},
    {"locale": "en-GB", "color_scheme": "dark", "viewport": {"width": 320, "height": 640}},
]


@pytest.fixture(params=LOOKS, ids=["fr-light-wide", "en-dark-narrow"])
def look(request: pytest.FixtureRequest) -> dict[str, Any]:
    held: dict[str, Any] = request.param
    return held


@pytest.fixture
def open_person(browser: Browser, home: Any, look: dict[str, Any]) -> Iterator[Any]:
    """Open a browser of somebody's own, signed in or not; no script may fail in it."""
    contexts: list[BrowserContext] = []
    failures: list[str] = []

    def make(role: Role | None = None) -> Person:
        context = browser.new_context(
            base_url=home.settings.site_url, reduced_motion="reduce", bypass_csp=True, **look
        )
        context.set_default_timeout(30_000)
        contexts.append(context)
        if role is not None:
            context.add_cookies([sign_in(home, role)])
        page = context.new_page()
        page.on("pageerror", lambda error: failures.append(str(error)))
        return Person(page)

    yield make
    for context in contexts:
        context.close()
    assert failures == []


def sign_in(home: Any, role: Role) -> Any:
    now = datetime.now(UTC)
    with home.database.write() as connection:
        account = accounts.add_account(connection, f"luk-{secrets.token_hex(4)}", "Luk", role, PASSWORD, now)
        token = sessions.open_session(connection, account, now)
    return {"name": "entendu_session", "value": token, "url": home.settings.site_url}


def turns(home: Any) -> list[StoredTurn]:
    with home.database.read() as connection:
        return [turn for turn in list_turns(connection, home.talk) if turn.turn.words]


def check(person: Person, state: str) -> None:
    person.check(state)
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert person.page.evaluate(wide) <= 0, f"{state} scrolls sideways"
    assert person.page.locator("h1").count() == 1, state


def test_a_visitor_proposes_and_a_reviewer_accepts_validates_and_restores(
    open_person: Any, home: Any, look: dict[str, Any]
) -> None:
    place = LOOKS.index(look) * 3
    visitor, reviewer = open_person(), open_person(Role.REVIEWER)
    held = turns(home)[place]
    read = turns(home)[place + 1]
    with home.database.write() as connection:
        zoe = Author(None, "Zoé")
        text = read.turn.text + " Et puis voilà."
        save_text(connection, read.id, read.version, text, zoe, datetime.now(UTC))

    page: Page = visitor.page
    page.goto(f"/episode/{home.talk}")
    more = page.locator(f"#t-{held.id} .turn-more summary")
    more.focus()
    visitor.press("Enter")
    check(visitor, "the episode, a turn's menu open")
    visitor.press("Tab", "Enter")
    page.wait_for_url("**/propose/*")
    visitor.reach(page.locator("#text"))
    check(visitor, "proposing")
    visitor.press("Control+End")
    page.keyboard.type(" Le funiculaire.")
    visitor.follow(page.locator("form.paper button.primary"))
    link = page.url.partition("?")[0]
    expect(page.locator("#link")).to_have_value(link)
    check(visitor, "thanked")

    page = reviewer.page
    page.goto("/review")
    check(reviewer, "the queue")
    reviewer.follow(page.locator(".begin .button"))
    page.wait_for_url("**/review/proposal/*")
    page.wait_for_function("!document.querySelector('audio').paused")
    reviewer.press("F8")
    page.wait_for_function("document.querySelector('audio').paused")
    check(reviewer, "a proposal")
    with page.expect_navigation(wait_until="load"):
        reviewer.press("Control+Enter")
    page.wait_for_url("**/review/turn/*")
    expect(page.get_by_role("status").first).to_be_visible()
    check(reviewer, "a reading, after an answer")
    page.goto(f"/review/turn/{read.id}")
    with page.expect_navigation(wait_until="load"):
        reviewer.press("Control+Enter")
    check(reviewer, "after another answer")
    after = {turn.id: turn for turn in turns(home)}
    assert after[held.id].turn.text.endswith("Le funiculaire.")
    assert after[read.id].turn.state is TurnState.VALIDATED

    visitor.page.goto(link)
    expect(visitor.page.locator(".fate-accepted")).to_be_visible()
    check(visitor, "the outcome")

    page.goto(f"/history/{held.id}")
    reviewer.reach(page.locator("#v-0 summary").last)
    reviewer.press("Enter")
    check(reviewer, "a turn's history")
    reviewer.follow(page.locator("#v-0 form button"))
    page.wait_for_url(re.compile("done=restored"))
    assert {turn.id: turn for turn in turns(home)}[held.id].turn.text == held.turn.text
    page.goto(f"/history/episode/{home.talk}")
    check(reviewer, "an episode's history")


def test_what_is_typed_says_that_it_adjusts_and_comes_back_when_refused(
    open_person: Any, home: Any, look: dict[str, Any]
) -> None:
    place = 6 + LOOKS.index(look)
    reviewer = open_person(Role.REVIEWER)
    held = turns(home)[place]
    author = Author(None, "Zoé")
    with home.database.write() as connection:
        save_text(connection, held.id, held.version, "Bonjour, le premier.", author, datetime.now(UTC))
    page = reviewer.page
    page.goto(f"/review/turn/{held.id}")
    send = page.locator("#decision button.primary")
    same = send.inner_text()
    reviewer.reach(page.locator("#text"))
    reviewer.write("Bonjour, le dernier.")
    expect(send).not_to_have_text(same)
    with home.database.write() as connection:
        save_text(connection, held.id, held.version + 1, "Bonjour, un autre.", author, datetime.now(UTC))
    with page.expect_navigation(wait_until="load"):
        reviewer.press("Control+Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.locator("#text")).to_have_value("Bonjour, le dernier.")
    check(reviewer, "a refused decision")

"""People's screens in a browser: no breach of WCAG 2.2 AA, narrow and wide, and the keyboard alone."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from media.people.accounts import Role
from media.people.invitations import invite

pytestmark = pytest.mark.slow

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LOOKS = [("fr-FR", "light", 1280), ("en-GB", "dark", 320)]
PATIENCE_MS = 30_000


def open_page(browser: Browser, home: Any, look: tuple[str, str, int]) -> BrowserContext:
    locale, scheme, width = look
    context = browser.new_context(
        base_url=home.settings.site_url,
        locale=locale,
        color_scheme=scheme,
        viewport={"width": width, "height": 700},
        bypass_csp=True,  # axe is put into the page
    )
    context.set_default_timeout(PATIENCE_MS)
    return context


@pytest.fixture(params=LOOKS, ids=lambda look: "-".join(map(str, look)))
def page(request: pytest.FixtureRequest, browser: Browser, home: Any) -> Iterator[Page]:
    context = open_page(browser, home, request.param)
    yield context.new_page()
    context.close()


def check(page: Page, name: str) -> None:
    options = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"]}
    found = Axe().run(page, options=options).response["violations"]
    breaches = [f"{rule['id']}: {node['html'][:160]}" for rule in found for node in rule["nodes"]]
    assert breaches == [], name
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{name} scrolls sideways"
    assert page.locator("h1").count() == 1


def sign_in(page: Page, home: Any) -> None:
    page.goto("/login")
    page.fill("#login", home.login)
    page.fill("#password", home.password)
    with page.expect_navigation(wait_until="load"):
        page.keyboard.press("Enter")


def test_no_screen_of_people_has_a_breach(page: Page, home: Any) -> None:
    with home.database.write() as connection:
        token = invite(connection, Role.REVIEWER, "Zoé", None, datetime.now(UTC))
    page.goto(f"/invitation/{token}")
    check(page, "invitation")
    page.goto("/invitation/inconnue")
    check(page, "a link that does not serve")
    sign_in(page, home)
    page.goto("/account")
    page.locator("#leave ~ details summary").click()
    check(page, "account")
    page.goto("/admin/people")
    page.locator("#invite ~ form button").click()
    expect(page.locator("#link")).to_have_value(re.compile("/invitation/"))
    page.locator(".people details summary").first.click()
    check(page, "people")
    page.goto(f"/admin/withdrawals/episode/{home.talk}")
    check(page, "turns to choose from")
    page.locator("#passage ~ ol a").nth(3).click()
    check(page, "words to choose from")
    page.goto("/admin/withdrawals")
    check(page, "withdrawals")


def test_a_volunteer_comes_in_and_an_administrator_withdraws_by_the_keyboard_alone(
    browser: Browser, home: Any
) -> None:
    def to(page: Page, selector: str) -> None:
        """Press Tab until this is reached."""
        for _ in range(200):
            if page.evaluate("selector => document.activeElement.matches(selector)", selector):
                return
            page.keyboard.press("Tab")
        raise AssertionError(f"Tab does not reach {selector}")

    def send(page: Page) -> None:
        """Press Enter, and wait for the page that it leads to."""
        with page.expect_navigation(wait_until="load"):
            page.keyboard.press("Enter")

    context = open_page(browser, home, ("fr-FR", "light", 1280))
    page = context.new_page()
    sign_in(page, home)
    page.goto("/admin/people")
    to(page, "input[name=role]")
    to(page, "#note")
    page.keyboard.type("Pour Léa")
    send(page)
    link = page.locator("#link").input_value()
    page.goto(f"/admin/withdrawals/episode/{home.text}")
    to(page, "#passage ~ ol a")
    send(page)
    to(page, "#first")
    page.keyboard.press("ArrowDown")
    to(page, "#reason")
    page.keyboard.type("Essai")
    send(page)
    expect(page.locator(".rows h3").first).to_contain_text("Le pain partagé")
    to(page, ".rows summary")
    page.keyboard.press("Enter")
    to(page, ".rows input[name=reason]")
    page.keyboard.type("Fin de l’essai")
    send(page)
    expect(page.locator(".rows .row").first).to_contain_text("Fin de l’essai")
    context.close()

    other = open_page(browser, home, ("fr-FR", "light", 1280))
    page = other.new_page()
    page.goto(link)
    to(page, "#name")
    page.keyboard.type("Léa")
    to(page, "#login")
    page.keyboard.type("lea")
    to(page, "#password")
    page.keyboard.type("quatre petits bateaux")
    send(page)
    to(page, "header a[href='/account']")
    send(page)
    expect(page.locator("#name")).to_have_value("Léa")
    other.close()

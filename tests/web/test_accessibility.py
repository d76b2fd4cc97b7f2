"""axe-core on every screen, both languages, both schemes, wide and narrow: WCAG 2.2 AA, no breach."""

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.slow

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LOOKS = [("fr-FR", "light", 1280), ("en-GB", "dark", 390)]
PATHS = {
    "home": "/",
    "results": "/search?q=logiciel",
    "nothing found": "/search?q=introuvable&show=la-riviere",
    "shows": "/shows",
    "show": "/show/la-riviere",
    "episode": "/episode/{talk}/valbrune-passe-au-logiciel-libre",
    "text": "/episode/{text}/le-pain-partage",
    "context": "/episode/{talk}/context?turn=3&reach=1",
    "login": "/login",
    "failure": "/nulle-part",
}
SIGNED_IN = {
    "admin": "/admin",
    "list of feeds": "/admin/opml",
    "settings of a show": "/show/la-riviere/settings",
    "naming": "/episode/{talk}/valbrune-passe-au-logiciel-libre",
}


@pytest.fixture(params=LOOKS, ids=lambda look: "-".join(map(str, look)))
def page(request: pytest.FixtureRequest, browser: Browser, home: Any) -> Iterator[Page]:
    """A page in one of the looks."""
    locale, scheme, width = request.param
    context = browser.new_context(
        base_url=home.settings.site_url,
        locale=locale,
        color_scheme=scheme,
        viewport={"width": width, "height": 800},
        bypass_csp=True,  # axe is put into the page
    )
    yield context.new_page()
    context.close()


def breaches(page: Page) -> list[str]:
    options = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"]}
    found = Axe().run(page, options=options).response["violations"]
    return [
        f"{rule['id']}: {node['html'][:160]} {node['failureSummary']}"
        for rule in found
        for node in rule["nodes"]
    ]


def test_no_screen_has_a_breach(page: Page, home: Any) -> None:
    for name, path in PATHS.items():
        page.goto(path.format(talk=home.talk, text=home.text))
        assert breaches(page) == [], name


def test_no_state_of_a_screen_has_a_breach(page: Page, home: Any) -> None:
    page.goto("/search?q=bibliothèque")
    page.locator(".actions a.context").click()
    page.locator(".listen").click()
    page.wait_for_selector(".around")
    assert breaches(page) == []
    page.goto(PATHS["episode"].format(talk=home.talk))
    page.keyboard.press("F8")
    page.locator("#find-text").fill("facture")
    page.keyboard.press("Enter")
    page.wait_for_selector("#found:not(:empty)")
    assert breaches(page) == []


def test_no_screen_of_an_administrator_has_a_breach(page: Page, home: Any) -> None:
    page.goto("/login")
    page.fill("#login", home.login)
    page.fill("#password", "tout faux")
    page.click("main button[type=submit]")
    assert breaches(page) == []
    page.fill("#password", home.password)
    page.click("main button[type=submit]")
    page.wait_for_url("**/")
    for name, path in SIGNED_IN.items():
        page.goto(path.format(talk=home.talk))
        assert breaches(page) == [], name


def test_one_heading_of_first_rank_and_one_main(page: Page, home: Any) -> None:
    """RGAA 9.1, 12.6."""
    for path in PATHS.values():
        page.goto(path.format(talk=home.talk, text=home.text))
        assert page.locator("h1").count() == 1
        assert page.locator("main").count() == 1
        assert page.evaluate("document.documentElement.lang") in ("fr", "en")

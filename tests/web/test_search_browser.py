"""Searching in real Chromium without a mouse, and axe on every state of what is found."""

import re
from collections.abc import Iterator
from typing import Any

import feedparser
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.test_accessibility import breaches

pytestmark = pytest.mark.slow
expect.set_options(timeout=30_000)

PAUSED = "document.getElementById('audio').paused"
PLAYED = "document.getElementById('audio').currentTime > 0"
STATES = {
    "many": "/search?q=la",
    "filtered": "/search?q=logiciel&show=la-riviere&show=place-du-marche&year=2024&year=2025&state=machine",
    "within an episode": "/search?q=la&episode={talk}&sort=place",
    "another spelling": "/search?q=bibliothequue",
    "left out": "/search?q=%22logiciel+(libre",
    "empty": "/search?q=logiciel+bibliothèque+introuvable&show=la-riviere&year=2025",
    "nothing asked": "/search?q=%3F%21",
    "no such page": "/search?q=logiciel&page=150",
    "found in an episode": "/episode/{talk}/valbrune-passe-au-logiciel-libre?find=logiciel&match=2",
    "home": "/",
}
LOOKS = [("fr-FR", "light", 1280), ("fr-FR", "dark", 320)]


@pytest.fixture
def page(browser: Browser, home: Any) -> Iterator[Page]:
    """The page of a reader who has a keyboard and no mouse."""
    context = browser.new_context(
        base_url=home.settings.site_url, locale="en-GB", reduced_motion="reduce", bypass_csp=True
    )
    held = context.new_page()
    held.set_default_timeout(30_000)
    failures: list[str] = []
    held.on("pageerror", lambda error: failures.append(str(error)))
    yield held
    context.close()
    assert failures == []


def press_until(page: Page, selector: str, key: str = "Tab", most: int = 80) -> None:
    """Press a key until the focus is on what is looked for, as a reader would."""
    for _ in range(most):
        page.keyboard.press(key)
        if page.locator(f"{selector}:focus").count():
            return
    raise AssertionError(f"never reached: {selector}")


def wait_for(page: Page, expression: str) -> None:
    """Wait until an expression holds, for as long as a slow machine may need."""
    page.wait_for_function(expression, timeout=60_000)


def test_a_reader_without_a_mouse_searches_refines_plays_reads_around_and_follows(page: Page) -> None:
    page.goto("/")
    press_until(page, "#q")
    page.keyboard.type("logiciel")
    page.keyboard.press("Enter")
    expect(page.locator("#count")).to_be_focused()
    before = page.locator("#count").inner_text()
    press_until(page, ".to-filters")
    page.keyboard.press("Enter")
    press_until(page, ".filters input[name=speaker][value='Julien Morvan']")
    address = page.url
    page.keyboard.press("Space")
    assert page.url == address  # WCAG 3.2.2: ticking moves nothing
    page.keyboard.press("Enter")
    page.wait_for_url("**speaker=Julien+Morvan**")
    expect(page.locator("#count")).to_be_focused()
    assert page.locator("#count").inner_text() != before
    expect(page.locator(".chips a")).to_contain_text(["Speaker: Julien Morvan"])
    expect(page.locator(".card .speaker").first).to_have_text("Julien Morvan")
    assert breaches(page) == []
    press_until(page, ".listen")
    page.keyboard.press("Enter")
    wait_for(page, f"!{PAUSED} && {PLAYED}")
    assert breaches(page) == []
    page.keyboard.press("Space")
    wait_for(page, PAUSED)
    press_until(page, "a.context")
    page.keyboard.press("Enter")
    expect(page.locator(".around .turn.asked mark, .around .turn.asked .words")).to_have_count(1)
    near = page.locator(".around .turn").count()
    press_until(page, ".around a.context")
    page.keyboard.press("Enter")
    expect(page.locator(".around")).to_be_focused()
    assert page.locator(".around .turn").count() > near
    assert breaches(page) == []
    press_until(page, ".following > summary", "Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".following input")).to_be_visible()
    assert breaches(page) == []
    feed = page.locator(".following input").input_value()
    assert "/search.atom?q=logiciel&speaker=Julien+Morvan&after=" in feed
    read = feedparser.parse(page.request.get(feed).body())
    assert not read.bozo
    assert "Julien Morvan" in read.feed.title
    press_until(page, ".following a")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.atom**")
    expect(page.locator("subtitle")).to_contain_text("feed reader")


def test_a_count_beside_a_value_is_a_link_that_chooses_it(page: Page) -> None:
    page.goto("/search?q=logiciel")
    page.get_by_role("link", name="1 excerpt: La Rivière").press("Enter")
    page.wait_for_url("**show=la-riviere#count")
    expect(page.locator("#count")).to_have_text("1 excerpt")
    page.get_by_role("checkbox", name="Place du Marché").press("Space")
    page.get_by_role("button", name="Apply").press("Enter")
    page.wait_for_url("**/search?q=logiciel&show=place-du-marche&show=la-riviere#count")
    expect(page.locator("#count")).to_be_focused()
    page.get_by_role("link", name="Show: La Rivière").press("Enter")
    page.wait_for_url("**q=logiciel&show=place-du-marche#count")


def test_find_goes_through_what_the_server_found_and_says_where_it_is(page: Page, home: Any) -> None:
    page.goto(f"/episode/{home.talk}/valbrune-passe-au-logiciel-libre?find=logiciel&match=2")
    told = page.locator("#found")
    expect(told).to_have_text(re.compile(r"^2 of \d+$"))
    expect(page.locator(".transcript mark")).to_have_count(0)  # the script marks without changing the page
    total = int(told.inner_text().split()[-1])
    field = page.locator("#find-text")
    field.focus()
    page.keyboard.press("Enter")
    expect(told).to_have_text(f"{3 % total or total} of {total}")
    page.keyboard.press("Shift+Enter")
    page.keyboard.press("Shift+Enter")
    expect(told).to_have_text(f"1 of {total}")
    assert page.url.endswith("?find=logiciel&match=1")
    field.fill("HELENES OU facture")
    page.keyboard.press("Enter")
    expect(told).to_have_text(re.compile("^1 of"))
    field.fill("introuvable")
    page.keyboard.press("Enter")
    expect(told).to_have_text("Not in this episode")
    field.fill("")
    expect(told).to_have_text("")


def test_find_works_without_script(browser: Browser, home: Any) -> None:
    context = browser.new_context(base_url=home.settings.site_url, java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    page.goto(f"/episode/{home.talk}/valbrune-passe-au-logiciel-libre")
    page.locator("#find-text").fill("logiciel")
    page.locator("#find-text").press("Enter")
    expect(page.locator("#found")).to_have_text(re.compile(r"1 of \d+"))
    page.get_by_role("link", name="Next").press("Enter")
    expect(page.locator("#found")).to_have_text(re.compile(r"2 of \d+"))
    expect(page.locator("mark.here")).to_be_in_viewport()
    context.close()


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: "-".join(map(str, look)))
def test_no_state_of_a_search_has_a_breach_or_overflows(
    browser: Browser, home: Any, look: tuple[str, Any, int]
) -> None:
    locale, scheme, width = look
    context = browser.new_context(
        base_url=home.settings.site_url,
        locale=locale,
        color_scheme=scheme,
        viewport={"width": width, "height": 800},
        bypass_csp=True,
    )
    page = context.new_page()
    for name, path in STATES.items():
        page.goto(path.format(talk=home.talk))
        for fold in page.locator("main summary").all():
            fold.press("Enter")
        page.evaluate("scrollTo(0, 0)")  # a target half under the sticky player has scrolled, not shrunk
        assert breaches(page) == [], name
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
    context.close()

"""Ten minutes by the keyboard, in real Chromium: twenty doubts, one correction everywhere and its undoing."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from media.people import sessions
from media.transcripts import list_turns
from media.volunteering import tables
from tests.web.volunteering.conftest import Busy, count_rows

pytestmark = pytest.mark.slow

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WAIT_MS = 30_000
Open = Callable[..., Page]


def breaches(page: Page) -> list[str]:
    options = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"]}
    found = Axe().run(page, options=options).response["violations"]
    return [f"{rule['id']}: {node['html'][:160]}" for rule in found for node in rule["nodes"]]


def sit_down(page: Page) -> None:
    """Begin ten minutes by the keyboard."""
    page.goto("/doubts")
    page.locator("input[name=minutes]:checked").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".typed")).to_be_focused(timeout=WAIT_MS)


def asked(page: Page) -> str:
    return str(page.locator("form.question").get_attribute("data-doubt"))


def wait_for_next(page: Page, before: str) -> None:
    expect(page.locator(f'form.question:not([data-doubt="{before}"])')).to_be_visible(timeout=WAIT_MS)
    expect(page.locator(".typed")).to_be_focused(timeout=WAIT_MS)


def test_twenty_doubts_are_cleared_with_the_keyboard_only(open_page: Open, busy: Busy):
    page = open_page()
    before = count_rows(busy.database, tables.verdict)
    sit_down(page)
    presses = ["Enter", "type", "F9", "Control+?", "Control+Enter"]
    for turn in range(20):
        doubt, press = asked(page), presses[turn % len(presses)]
        is_voice = page.locator("input.typed").count() > 0
        if press == "type" or (is_voice and press != "F9"):
            page.keyboard.type("Samira" if is_voice else "tournesol")
            press = "Enter"
        page.keyboard.press(press)
        wait_for_next(page, doubt)
    for _ in range(600):
        if count_rows(busy.database, tables.verdict) == before + 20:
            break
        page.wait_for_timeout(50)
    assert count_rows(busy.database, tables.verdict) == before + 20
    with busy.database.read() as connection:
        words = " ".join(held.turn.text for held in list_turns(connection, busy.talk))
    assert "tournesol" in words
    assert breaches(page) == []


def test_a_doubt_is_heard_from_its_words_and_typing_makes_silence(open_page: Open):
    page = open_page()
    sit_down(page)
    assert page.evaluate("document.querySelector('.question audio').paused")
    page.keyboard.press("Control+ ")
    play = page.locator("button[data-act=play]")
    expect(play).to_have_attribute("aria-label", "Pause", timeout=WAIT_MS)
    start = page.evaluate("Number(document.querySelector('form.question').dataset.start) / 1000")
    heard = "from => document.querySelector('.question audio').currentTime >= from - 0.1"
    page.wait_for_function(heard, arg=start, timeout=WAIT_MS)
    page.keyboard.type("a")
    expect(play).to_have_attribute("aria-label", "Listen", timeout=WAIT_MS)


def test_letters_only_type_and_tab_leaves_the_box(open_page: Open):
    """WCAG 2.1.2, 2.1.4."""
    page = open_page()
    sit_down(page)
    doubt = asked(page)
    page.keyboard.type("abcdefghijklmnopqrstuvwxyz?")
    assert asked(page) == doubt
    page.keyboard.press("Tab")
    expect(page.locator(".typed")).not_to_be_focused()


def test_an_answer_given_while_the_network_is_cut_is_kept_and_sent(open_page: Open, busy: Busy):
    page = open_page()
    sit_down(page)
    before, doubt = count_rows(busy.database, tables.verdict), asked(page)
    page.context.set_offline(True)
    page.keyboard.press("F9")
    expect(page.locator("[data-part=told]")).to_contain_text("The network is cut", timeout=WAIT_MS)
    assert asked(page) != doubt
    page.context.set_offline(False)
    expect(page.locator("[data-part=told]")).to_have_text("Skipped.", timeout=WAIT_MS)
    assert count_rows(busy.database, tables.verdict) == before + 1


def test_an_answer_given_after_the_session_has_ended_is_kept_and_sent(open_page: Open, busy: Busy):
    page = open_page()
    sit_down(page)
    before = count_rows(busy.database, tables.verdict)
    cookie = next(one for one in page.context.cookies() if one["name"] == "entendu_session")
    page.context.clear_cookies()
    page.keyboard.press("F9")
    expect(page.locator("[data-part=told]")).to_contain_text("Your session has ended", timeout=WAIT_MS)
    with busy.database.write() as connection:
        owner = sessions.find_session(connection, busy.token, datetime.now(UTC))
        assert owner is not None
        cookie["value"] = sessions.open_session(connection, owner.account, datetime.now(UTC))
    page.context.add_cookies(
        [{"name": cookie["name"], "value": cookie["value"], "url": busy.settings.site_url}]
    )
    expect(page.locator("[data-part=told]")).to_have_text("Skipped.", timeout=WAIT_MS)
    assert count_rows(busy.database, tables.verdict) == before + 1


def test_a_correction_is_made_everywhere_and_undone_by_the_keyboard(open_page: Open, busy: Busy):
    page = open_page()
    page.goto("/everywhere")
    page.locator("#heard").focus()
    page.keyboard.type("mooflow")
    page.keyboard.press("Tab")
    page.keyboard.type("MoveFlow")
    page.keyboard.press("Enter")
    expect(page.locator(".choice input:checked")).to_have_count(3, timeout=WAIT_MS)
    assert breaches(page) == []
    page.locator(".choice .listen").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".choice .listen").first).to_contain_text("Pause", timeout=WAIT_MS)
    page.get_by_role("button", name="Correct the places that are ticked").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("3 places corrected", timeout=WAIT_MS)
    assert breaches(page) == []
    assert say(busy).count("MoveFlow") == 3
    page.get_by_role("button", name="Undo all of it").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Undone", timeout=WAIT_MS)
    assert "MoveFlow" not in say(busy)


def say(busy: Busy) -> str:
    with busy.database.read() as connection:
        return " ".join(held.turn.text for held in list_turns(connection, busy.second))


LOOKS: list[dict[str, Any]] = [
    {"locale": "fr-FR", "color_scheme": "dark", "viewport": {"width": 320, "height": 640}},
    {"locale": "en-GB", "color_scheme": "light", "viewport": {"width": 1280, "height": 800}},
]


@pytest.mark.parametrize("look", LOOKS, ids=["narrow dark French", "wide light English"])
def test_no_screen_has_a_breach_nor_scrolls_sideways(open_page: Open, look: dict[str, Any]):
    page = open_page(**look)
    sit_down(page)
    screens = [page.url, page.url + "?end=1", "/doubts", "/glossary", "/glossary/place-du-marche", "/effort"]
    for address in [*screens, "/everywhere?heard=mooflow&written=MoveFlow"]:
        page.goto(address)
        assert breaches(page) == [], address
        if look["viewport"]["width"] == 320:
            assert page.evaluate("document.documentElement.scrollWidth") <= 320, address


def test_pressing_play_on_an_episode_counts_it_once(open_page: Open, busy: Busy):
    page = open_page()
    page.goto(f"/episode/{busy.talk}/valbrune-passe-au-logiciel-libre")
    with page.expect_request("**/plays"):
        page.keyboard.press("F8")
    for _ in range(600):
        if count_rows(busy.database, tables.listening):
            break
        page.wait_for_timeout(50)
    assert count_rows(busy.database, tables.listening) == 1

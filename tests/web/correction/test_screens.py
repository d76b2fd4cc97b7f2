"""The editor's screens: axe in every state, narrow and dark, and all of it without script."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from media.correction.acts import save_text
from media.correction.authors import Author
from media.transcript import TurnState
from media.transcripts import list_turns

pytestmark = pytest.mark.slow

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LOOKS: list[dict[str, Any]] = [
    {"locale": "fr-FR", "color_scheme": "light", "viewport": {"width": 1280, "height": 900}},
    {"locale": "en-GB", "color_scheme": "dark", "viewport": {"width": 320, "height": 640}},
]


def breaches(volunteer: Any) -> list[str]:
    options = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"]}
    found = Axe().run(volunteer.page, options=options).response["violations"]
    return [f"{rule['id']}: {node['html'][:160]}" for rule in found for node in rule["nodes"]]


def is_narrow(volunteer: Any) -> bool:
    """WCAG 1.4.10."""
    scroll = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    return bool(volunteer.page.evaluate(scroll))


@pytest.mark.parametrize("look", LOOKS, ids=["fr-light-wide", "en-dark-narrow"])
def test_no_state_of_the_editor_has_a_breach(arrive: Any, look: dict[str, Any]) -> None:
    volunteer = arrive(**look)
    page = volunteer.page

    def check(state: str) -> None:
        assert breaches(volunteer) == [], state
        assert is_narrow(volunteer), state

    page.goto("/correct")
    check("passages")
    turn = volunteer.turns()[0]
    volunteer.open(turn)
    check("a turn being corrected")
    page.locator(".turn.active details").evaluate("box => { box.open = true; }")
    page.keyboard.press("F2")
    expect(page.locator(".panel")).to_be_visible()
    check("who speaks")
    page.locator(".panel button[type=button]").click()
    page.keyboard.press("F8")
    page.wait_for_function("!document.querySelector('audio').paused")
    page.context.set_offline(True)
    page.keyboard.type("Hors ligne. ")
    page.keyboard.press("PageDown")
    expect(volunteer.saved).to_contain_text("1 ")
    check("offline")
    page.context.set_offline(False)
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(volunteer.saved).to_have_text(re.compile(r"\d\d:\d\d"))
    other = volunteer.turns()[1]
    with volunteer.home.database.write() as connection:
        author = Author(None, "Awa")
        save_text(connection, other.id, other.version, f"Autre {look['locale']}.", author, datetime.now(UTC))
    page.keyboard.type("Le mien. ")
    expect(page.locator(".conflict")).to_be_visible()
    check("two texts")
    page.reload()
    expect(page.locator("form.refused").last).to_be_visible()
    check("a refused text, after a reload")
    page.goto(f"{volunteer.path}/turn/{turn.id}")
    check("the page of a turn")


def test_focus_is_never_under_the_controls(volunteer: Any) -> None:
    """WCAG 2.4.11."""
    volunteer.page.set_viewport_size({"width": 900, "height": 500})
    volunteer.open(volunteer.turns()[0])
    for _ in range(40):
        volunteer.page.keyboard.press("Tab")
        covered = volunteer.page.evaluate(
            """() => { const focused = document.activeElement, bar = document.querySelector('.listening');
            if (bar.contains(focused) || focused === document.body) return null;
            const a = focused.getBoundingClientRect(), b = bar.getBoundingClientRect();
            return a.top >= b.top && a.bottom <= b.bottom && a.bottom > a.top ? focused.outerHTML : null; }"""
        )
        assert covered is None


@pytest.mark.parametrize("size", [(1280, 860), (390, 844)], ids=["wide", "narrow"])
def test_the_turn_that_one_comes_to_is_in_sight(arrive: Any, size: tuple[int, int]) -> None:
    """WCAG 2.4.11: from a link that leads to it, and from turn to turn."""
    volunteer = arrive(viewport={"width": size[0], "height": size[1]})
    volunteer.open(volunteer.turns()[-2])
    seen = """field => { const { left, top, bottom } = field.getBoundingClientRect();
        return [top + 2, bottom - 2].every(y => document.elementFromPoint(left + 9, y) === field); }"""
    for key in ("PageUp", "PageUp", "PageUp", "PageDown", "PageDown", "PageDown"):
        expect(volunteer.field).to_be_focused()
        assert volunteer.field.evaluate(seen), volunteer.field.get_attribute("aria-label")
        label = volunteer.field.get_attribute("aria-label")
        volunteer.page.keyboard.press(key)
        expect(volunteer.field).not_to_have_attribute("aria-label", label)


def test_nothing_is_announced_while_playing(volunteer: Any) -> None:
    """WCAG 4.1.3, and a screen reader hears the text, not the clock."""
    volunteer.open(volunteer.turns()[0])
    volunteer.page.evaluate(
        """window.announced = 0;
        const watch = new MutationObserver(list => { window.announced += list.length; });
        for (const live of document.querySelectorAll('[role=status],[role=alert],[aria-live]'))
          watch.observe(live, {subtree: true, childList: true, characterData: true});"""
    )
    volunteer.page.keyboard.press("F8")
    volunteer.page.wait_for_function("document.querySelector('audio').currentTime > 2")
    assert volunteer.page.evaluate("window.announced") == 0


def test_a_key_is_learnt_kept_and_refused_where_it_would_swallow(volunteer: Any) -> None:
    page = volunteer.page
    volunteer.open(volunteer.turns()[0])
    page.keyboard.press("F1")
    expect(page.locator("#help")).to_be_focused()
    told = page.locator("#settings [data-part=told]")
    learn = page.locator("button[data-learn=play]")
    learn.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Alt+k")
    expect(told).to_contain_text("Alt+K")
    page.keyboard.press("F7")
    expect(page.locator("[data-action=play] kbd")).to_have_text("F7")
    page.locator("button[data-learn=pedal]").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("F4")
    expect(page.locator("[data-part=pedal-key]")).to_have_text("F4")
    page.locator("[data-part=pedal-hold]").focus()
    page.keyboard.press("Space")
    volunteer.open(volunteer.turns()[0])
    page.keyboard.down("F4")
    page.wait_for_function("!document.querySelector('audio').paused")
    page.keyboard.up("F4")
    page.wait_for_function("document.querySelector('audio').paused")
    page.keyboard.press("F7")
    page.wait_for_function("!document.querySelector('audio').paused")


def test_a_volunteer_without_script_corrects_too(browser: Browser, arrive: Any, home: Any) -> None:
    volunteer = arrive("denise", "Denise")
    context = browser.new_context(base_url=home.settings.site_url, java_script_enabled=False, locale="fr-FR")
    context.add_cookies(volunteer.page.context.cookies())
    page = context.new_page()
    turn = volunteer.turns()[3]
    page.goto(volunteer.path)
    page.locator(f"#t-{turn.id} a.edit").click()
    page.locator("#text").fill("Sans script, aussi.")
    page.locator("form[action$=text] button").click()
    page.wait_for_url(re.compile(rf"{volunteer.path}#t-{turn.id}"))
    held = next(one for one in volunteer.turns() if one.id == turn.id)
    assert (held.turn.text, held.turn.state) == ("Sans script, aussi.", TurnState.READ)
    page.locator(f"#t-{turn.id} a.edit").click()
    page.locator("[name=at_word]").first.select_option("2")
    page.locator("form[action$=split] button").click()
    page.wait_for_url(re.compile(volunteer.path))
    assert "Sans script," in [one.turn.text for one in volunteer.turns()]
    page.locator("form.last-act button").click()
    page.wait_for_url(re.compile(volunteer.path))
    assert "Sans script, aussi." in [one.turn.text for one in volunteer.turns()]
    context.close()


def test_a_form_that_comes_too_late_gives_the_text_back(browser: Browser, arrive: Any, home: Any) -> None:
    volunteer = arrive("emile", "Émile")
    context = browser.new_context(base_url=home.settings.site_url, java_script_enabled=False, locale="fr-FR")
    context.add_cookies(volunteer.page.context.cookies())
    page = context.new_page()
    turn = volunteer.turns()[4]
    page.goto(f"{volunteer.path}/turn/{turn.id}")
    with home.database.write() as connection:
        author = Author(None, "Awa")
        save_text(connection, turn.id, turn.version, "Ce que dit Awa.", author, datetime.now(UTC))
    page.locator("#text").fill("Ce que dit Émile.")
    page.locator("form[action$=text] button").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.locator("#text")).to_have_value("Ce que dit Émile.")
    expect(page.get_by_role("main")).to_contain_text("Ce que dit Awa.")
    context.clear_cookies()
    page.locator("form[action$=text] button").click()
    expect(page.locator("#text")).to_have_value("Ce que dit Émile.")
    context.add_cookies(volunteer.page.context.cookies())
    page.locator("form button.primary").click()
    expect(page.locator("#text")).to_have_value("Ce que dit Émile.")
    page.locator("form[action$=text] button").click()
    page.wait_for_url(re.compile(f"#t-{turn.id}"))
    with home.database.read() as connection:
        texts = [held.turn.text for held in list_turns(connection, home.talk)]
    assert "Ce que dit Émile." in texts
    context.close()

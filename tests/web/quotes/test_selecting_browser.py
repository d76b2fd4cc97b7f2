"""Words selected where they are read: a bar beside them, what is copied; stretches that links ask for."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from media.transcripts import list_turns
from tests.keyboard import Person

pytestmark = pytest.mark.slow

WORDS = ".turn .words"


@pytest.fixture
def page(browser: Browser, home: Any) -> Iterator[Page]:
    """A reader's page, in English, that may read what was copied; no script may fail on it."""
    expect.set_options(timeout=30_000)
    url = home.settings.site_url
    context = browser.new_context(base_url=url, locale="en-GB", reduced_motion="reduce", bypass_csp=True)
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=url)
    held = context.new_page()
    failures: list[str] = []
    held.on("pageerror", lambda error: failures.append(str(error)))
    yield held
    context.close()
    assert failures == []


def open_episode(page: Page, home: Any, fragment: str = "") -> Locator:
    page.goto(f"/episode/{home.talk}/valbrune-passe-au-logiciel-libre{fragment}")
    page.wait_for_selector(".with-script")
    return page.locator(WORDS)


def select(page: Page, begin: Locator, first: int, end: Locator, last: int) -> None:
    """Select from a character of a paragraph to one of another, as a drag does."""
    end.scroll_into_view_if_needed()
    page.evaluate(
        """([from, first, to, last]) => {
            const range = document.createRange();
            range.setStart(from.firstChild, first);
            range.setEnd(to.firstChild, last);
            const selection = getSelection();
            selection.removeAllRanges();
            selection.addRange(range);
        }""",
        [begin.element_handle(), first, end.element_handle(), last],
    )


def copied(page: Page, kind: str = "text/plain") -> str:
    """Copy what is selected, and read the clipboard."""
    page.keyboard.press("Control+c")
    read = """async (kind) => {
        const [item] = await navigator.clipboard.read();
        return (await item.getType(kind)).text();
    }"""
    return str(page.evaluate(read, kind))


def test_a_drag_over_words_offers_to_cite_hear_and_copy_them(page: Page, home: Any) -> None:
    words = open_episode(page, home).nth(0)
    box = words.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 2, box["y"] + 12)
    page.mouse.down()
    page.mouse.move(box["x"] + 300, box["y"] + 12, steps=5)
    page.mouse.up()
    bar = page.locator("#quote-bar")
    expect(bar).to_be_visible()
    expect(bar.locator("[data-part=told]")).to_have_text(re.compile(r"^\d words · [\d.]+ s$"))
    bar_box, line_end = bar.bounding_box(), box["y"] + 24
    assert bar_box is not None
    assert bar_box["y"] >= line_end, "the bar covers what is selected"
    bar.locator("[data-part=listen]").click()
    page.wait_for_function("!document.getElementById('audio').paused")
    page.wait_for_function("document.getElementById('audio').paused")
    bar.locator("[data-part=copy]").click()
    expect(bar.locator("[data-part=told]")).to_have_text("Copied, with its source")
    assert "Julien Morvan" in page.evaluate("navigator.clipboard.readText()")
    bar.locator("[data-part=cite]").click()
    expect(page).to_have_url(re.compile(r"/quote/choose\?.*first=0"))
    expect(page.locator("#preview")).to_contain_text("« Place du Marché »")


def test_the_bar_is_reached_with_tab_and_closed_with_escape(page: Page, home: Any) -> None:
    words = open_episode(page, home).nth(1)
    page.locator(".turn .time").nth(2).focus()
    select(page, words, 0, words, 20)
    bar = page.locator("#quote-bar")
    expect(bar).to_be_visible()
    person = Person(page)
    person.reach(bar.locator("[data-part=cite]"))
    assert bar.locator("[data-part=cite]").get_attribute("href", timeout=1_000)
    person.check("the bar beside selected words")
    page.keyboard.press("Escape")
    expect(bar).to_be_hidden()
    assert page.evaluate("document.activeElement.closest('.turn') !== null")


def test_what_is_copied_carries_speaker_show_date_time_and_link(page: Page, home: Any) -> None:
    words = open_episode(page, home)
    select(page, words.nth(1), 2, words.nth(1), 14)
    expect(page.locator("#quote-bar [data-part=listen]")).to_be_visible()
    address = f"{home.settings.site_url}/episode/{home.talk}/valbrune-passe-au-logiciel-libre#t="
    text = copied(page)
    assert text.startswith(
        "“Bonjour Julien,”\n— Voice 2, Place du Marché, “Valbrune passe au logiciel libre”, "
    )
    assert re.search(rf"November 19, 2025, 0:15\n{re.escape(address)}15\.\d+,16\.\d+$", text)
    markup = copied(page, "text/html")
    assert f'href="{address}15.' in markup
    assert "<blockquote" in markup


def test_words_of_two_people_are_copied_with_both_names(page: Page, home: Any) -> None:
    words = open_episode(page, home)
    select(page, words.nth(0), 0, words.nth(1), 15)
    lines = copied(page).split("\n")
    assert lines[0].startswith("Julien Morvan: “« Place du Marché »")
    assert lines[1] == "Voice 2: “Bonjour Julien,”"
    assert lines[2].startswith("— Place du Marché, ")


def test_what_is_no_transcript_and_fields_are_copied_as_they_are(page: Page, home: Any) -> None:
    open_episode(page, home)
    page.locator("#find-text").fill("facture")
    page.locator("#find-text").select_text()
    assert copied(page) == "facture"
    page.evaluate("getSelection().selectAllChildren(document.querySelector('h1'))")
    assert copied(page).strip() == "Valbrune passe au logiciel libre"


def test_words_of_a_result_are_cited_where_they_are_in_their_turn(page: Page, home: Any) -> None:
    page.goto("/search?q=inventée")
    quote = page.locator(".card blockquote p").first
    mark = quote.locator("mark").first
    expect(mark).to_have_text("inventée")
    select(page, mark, 0, mark, 8)
    expect(page.locator("#quote-bar")).to_be_visible()
    assert "“inventée.”" in copied(page)
    assert "Place du Marché" in copied(page)
    with home.database.read() as connection:
        turn = next(held for held in list_turns(connection, home.talk) if "inventée." in held.turn.text)
    at = turn.turn.text.split(" ").index("inventée.")
    href = page.locator("#quote-bar [data-part=cite]").get_attribute("href") or ""
    assert href.endswith(f"turn={turn.id}&first={at}&end={turn.id}&last={at}")


@pytest.mark.parametrize(
    "fragment", ["#t=15.5,18", "#t=npt:0:15.5,0:18", "#t=npt:00:00:15.5,00:00:18&track=1"]
)
def test_a_link_to_a_stretch_marks_it_and_plays_it_to_its_end(page: Page, home: Any, fragment: str) -> None:
    open_episode(page, home, fragment)
    page.wait_for_function("CSS.highlights.get('stretch').size === 1")
    marked = page.evaluate("String([...CSS.highlights.get('stretch')][0])")
    assert marked == "Bonjour Julien, bonjour à toutes et à tous\N{NO-BREAK SPACE}!"
    audio = "document.getElementById('audio')"
    assert page.evaluate(f"{audio}.paused")
    page.evaluate(f"{audio}.playbackRate = 4")
    page.keyboard.press("F8")
    page.wait_for_function(f"{audio}.currentTime > 17")
    page.wait_for_function(f"{audio}.paused")
    assert page.evaluate(f"{audio}.currentTime") < 19
    page.keyboard.press("F8")
    page.wait_for_function(f"{audio}.currentTime > 19")


FRAGMENTS: dict[str, dict[str, float | None] | None] = {
    "#t=754.300": {"start": 754.3, "end": None},
    "#t=1:02:03.5,1:02:04": {"start": 3_723.5, "end": 3_724},
    "#t=,20": {"start": 0, "end": 20},
    "#t=20,10": None,
    "#t=1:75": None,
    "#t=smpte:0": None,
    "#t-12": None,
    "": None,
}


def test_media_fragments_are_read_as_the_standard_has_them(page: Page) -> None:
    """https://www.w3.org/TR/media-frags/#naming-time"""
    page.goto("/shows")
    script = str(page.locator("script[src*='plays.js']").get_attribute("src")).replace("plays.js", "times.js")
    read = "([script, all]) => import(script).then((times) => all.map(times.readFragment))"
    assert page.evaluate(read, [script, list(FRAGMENTS)]) == list(FRAGMENTS.values())

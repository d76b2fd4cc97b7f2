"""A journalist with a keyboard only: from a search to a quote, heard, cited; then what becomes of it.

Somebody corrects the passage, cuts its turn in two, and has it withdrawn; each time the page, the
embed and the API tell it. axe looks at every state, wide in light and narrow in the dark.
"""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from media.correction.acts import save_text, split_turn
from media.correction.authors import Author
from media.people import accounts, sessions
from media.people.accounts import Role
from media.people.withdrawals import withdraw_words
from media.transcripts import StoredTurn, list_turns
from tests.keyboard import Person
from tests.web.conftest import PASSWORD

pytestmark = pytest.mark.slow

PATIENCE_MS = 30_000
LOOKS: tuple[tuple[str, int, int], ...] = (("light", 1280, 860), ("dark", 390, 844))
ELSEWHERE = "/ailleurs"  # a page of ours that embeds the quote
STYLES = ("presse", "apa", "wikipedia-fr")
SOUGHT = '"voix de synthèse"'


@pytest.fixture
def journalist(browser: Browser, home: Any) -> Iterator[Person]:
    """Somebody signed in, at a browser in French that lets pages copy; no script may fail."""
    expect.set_options(timeout=PATIENCE_MS)
    now = datetime.now(UTC)
    with home.database.write() as connection:
        account = accounts.add_account(connection, "marie", "Marie Leroy", Role.VOLUNTEER, PASSWORD, now)
        token = sessions.open_session(connection, account, now)
    url = home.settings.site_url
    context = browser.new_context(base_url=url, locale="fr-FR", reduced_motion="reduce", bypass_csp=True)
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=url)
    context.add_cookies([{"name": "entendu_session", "value": token, "url": url}])
    page = context.new_page()
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    yield Person(page)
    context.close()
    assert failures == []


def test_from_a_search_to_a_quote_that_tells_what_became_of_it(journalist: Person, home: Any) -> None:
    page = journalist.page
    find(journalist)
    choose(journalist)
    journalist.follow(page.locator("#quote button"))
    expect(page).to_have_url(re.compile(r"/q/\w+$"))
    path = page.url.removeprefix(home.settings.site_url)
    frozen = page.locator(".quoted").first.inner_text()
    assert frozen.startswith("Un mot d’abord")
    check(journalist, "a new quote")
    verify(journalist)
    for style in STYLES:
        cite(journalist, style)
    assert "synthèse" in embedded(journalist, path)

    correct(home)
    expect_told(journalist, path, "Ces mots ont été corrigés|These words have been corrected")
    expect(page.locator(".standing-banner del")).to_contain_text("inventée.")
    expect(page.locator(".standing-banner ins")).to_contain_text("imaginée.")
    expect(page.locator("#quote-sheet .quoted")).to_contain_text("inventée.")
    expect(page.locator(".quoted.today")).to_contain_text("imaginée.")
    expect(page.locator(".hearings")).to_contain_text("Marie Leroy")
    check(journalist, "a corrected quote")
    cut(home)
    expect_told(journalist, path, "coupé en deux|split")
    assert "corrected" in json.dumps(ask(journalist, f"{path}.json"))
    said = embedded(journalist, path)
    assert "inventée" in said
    assert re.search("corrig|correct", said), said

    withdraw(home)
    answer = page.request.get(path)
    assert answer.status == 410
    expect_told(journalist, path, "retirés à la demande|withdrawn at")
    check(journalist, "a withdrawn quote")
    for given in (answer.text(), *others(journalist, path)):
        assert "synthèse" not in given
        assert "imaginée" not in given


def find(person: Person) -> None:
    """Search from the first page, and take the sentence that was found."""
    page = person.page
    page.goto("/")
    person.reach(page.locator("#q"))
    person.write(SOUGHT)
    with page.expect_navigation(wait_until="load"):
        person.press("Enter")
    check(person, "results")
    person.follow(page.locator(".card .actions a[href^='/quote/choose']").first)


def choose(person: Person) -> None:
    """Move the last word on and back, leave two words out and put them back, hear it over and over."""
    page = person.page
    preview = page.locator("#preview")
    expect(preview).to_have_text(re.compile(r"^\s*Un mot d’abord .* inventée\.\s*$"))
    person.reach(page.locator("[data-side=end] button").first)
    person.press("ArrowRight")
    expect(preview).to_contain_text("inventée. L’histoire,")
    person.press("ArrowDown")
    expect(preview).to_contain_text("vraie.")
    person.press("ArrowUp")
    expect(preview).to_have_text(re.compile(r"inventée\.\s*$"))
    person.reach(page.locator(".cutting summary"))
    person.press("Enter")
    person.reach(page.locator("#cut-from"))
    person.press("ArrowDown", "Tab", "ArrowDown", "Tab", "Enter")
    expect(preview).to_contain_text("Un mot […] pour")
    check(person, "choosing")
    person.reach(page.locator("#cuts button"))
    person.press("Enter")
    expect(preview).not_to_contain_text("[…]")
    person.reach(page.locator("[data-part=loop]"))
    person.press("Enter")
    expect(page.locator("[data-part=play]")).to_have_text(re.compile("Pause"))
    page.wait_for_function("document.getElementById('audio').currentTime > 0.2")
    person.press("Enter")


def verify(person: Person) -> None:
    """Hear the words from before to after, and say that these are they."""
    page = person.page
    person.reach(page.locator("#verify"))
    person.press("Enter")
    start = int(page.locator("#verify").get_attribute("data-from") or 0) / 1000
    page.wait_for_function(f"document.getElementById('audio').currentTime > {start} + 0.4")
    page.wait_for_function("CSS.highlights.get('spoken').size === 1")
    person.press("Enter")
    person.follow(page.locator("form[action$='/heard'] button"))
    expect(page.locator(".hearings")).to_contain_text("Marie Leroy")
    expect(page.locator("#quote-sheet .check")).to_have_text(
        re.compile("Vérifié à l’oreille|Verified by ear")
    )


def cite(person: Person, style: str) -> None:
    """Copy the quote as one style has it."""
    page = person.page
    person.reach(page.locator(f"button[data-copies='citation-{style}']"))
    person.press("Enter")
    expect(page.locator("#cite-told")).to_have_text(re.compile("^Cop"))
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.locator(f"#citation-{style}").evaluate("node => node.textContent")
    page.locator("#cite-told").evaluate("node => { node.textContent = ''; }")


def embedded(person: Person, path: str) -> str:
    """What the embed says, inside another page of ours."""
    page = person.page
    frame = f'<iframe src="/embed{path}" title="Citation"></iframe>'
    held = f'<!doctype html><html lang="fr"><title>Ailleurs</title>{frame}'
    page.route(f"**{ELSEWHERE}", lambda route: route.fulfill(body=held, content_type="text/html"))
    page.goto(ELSEWHERE)
    said: str = page.frame_locator("iframe").locator("body").inner_text()
    page.goto(path)
    return said


def others(person: Person, path: str) -> list[str]:
    """What every other address of a quote answers."""
    records = [f"{path}.json", f"{path}/cite/apa", f"{path}/record.ris", f"{path}/annotation.jsonld"]
    taken = [f"/embed{path}", f"{path}/captions.vtt", f"{path}/clip.mp3"]
    return [person.page.request.get(each).text() for each in (*records, *taken)]


def ask(person: Person, path: str) -> Any:
    """Ask the API."""
    answer = person.page.request.get(path)
    assert answer.ok, f"{path}: {answer.status}"
    return answer.json()


def expect_told(person: Person, path: str, said: str) -> None:
    """Hold that the page of a quote says something of what became of it."""
    person.page.goto(path)
    expect(person.page.locator(".standing-banner")).to_contain_text(re.compile(said))


def check(person: Person, state: str) -> None:
    """Hold a state against WCAG 2.2 AA, wide in light and narrow in the dark."""
    page: Page = person.page
    for scheme, width, height in LOOKS:
        page.emulate_media(color_scheme="light" if scheme == "light" else "dark")
        page.set_viewport_size({"width": width, "height": height})
        person.check(f"{state}, {scheme}")
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": LOOKS[0][1], "height": LOOKS[0][2]})


def quoted_turn(home: Any) -> StoredTurn:
    """The turn that is quoted, as it is now."""
    with home.database.read() as connection:
        turns = list_turns(connection, home.talk)
    return next(held for held in turns if "synthèse" in held.turn.text)


def correct(home: Any) -> None:
    """Somebody else corrects a word of it."""
    turn = quoted_turn(home)
    with home.database.write() as connection:
        text = turn.turn.text.replace("inventée.", "imaginée.")
        save_text(connection, turn.id, turn.version, text, Author(None, "Luc"), datetime.now(UTC))


def cut(home: Any) -> None:
    """Somebody else cuts its turn in two, inside of what is quoted."""
    turn = quoted_turn(home)
    at = turn.turn.text.split(" ").index("synthèse")
    with home.database.write() as connection:
        split_turn(connection, turn.id, turn.version, at, Author(None, "Luc"), datetime.now(UTC))


def withdraw(home: Any) -> None:
    """Who spoke has all of it withdrawn."""
    with home.database.read() as connection:
        turns = list_turns(connection, home.talk)
    at = next(place for place, held in enumerate(turns) if held.turn.text.endswith("voix de"))
    with home.database.write() as connection:
        for turn in turns[at : at + 2]:
            words = (0, len(turn.turn.words) - 1)
            withdraw_words(connection, turn.id, words, "asked", None, datetime.now(UTC))

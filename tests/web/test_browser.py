"""What a person does, in real Chromium: searching, hearing, following, finding, by keyboard too."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from media.transcripts import list_turns

pytestmark = pytest.mark.slow

CURRENT_TIME = "document.getElementById('audio').currentTime"
PAUSED = "document.getElementById('audio').paused"


@pytest.fixture
def page(browser: Browser, home: Any) -> Iterator[Page]:
    """A French reader's page; no script fails on it and nothing is asked of another host."""
    context = browser.new_context(base_url=home.settings.site_url, locale="fr-FR", reduced_motion="reduce")
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    held = context.new_page()
    failures: list[str] = []
    held.on("pageerror", lambda error: failures.append(str(error)))
    held.on("console", lambda line: failures.append(line.text) if line.type == "error" else None)
    held.on(
        "request", lambda request: failures.append(request.url) if _is_foreign(request.url, home) else None
    )
    yield held
    context.close()
    assert failures == []


def _is_foreign(url: str, home: Any) -> bool:
    return urlsplit(url).netloc not in ("", urlsplit(home.settings.site_url).netloc)


def until(page: Page, expression: str, tries: int = 100) -> None:
    """Wait until an expression holds; our own loop, as the page's policy forbids eval."""
    for _ in range(tries):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"never: {expression}")


def talk_path(home: Any, fragment: str = "") -> str:
    return f"/episode/{home.talk}/valbrune-passe-au-logiciel-libre{fragment}"


def test_listen_starts_within_half_a_second_of_the_searched_word(page: Page, home: Any) -> None:
    page.goto("/")
    page.get_by_role("searchbox").fill("bibliothèque")
    page.get_by_role("main").get_by_role("button", name="Rechercher").click()
    expect(page.locator("#count")).to_be_focused()
    expect(page.locator("#count")).to_have_text("1 extrait")
    page.get_by_role("button", name="Écouter").click()
    until(page, f"!{PAUSED} && {CURRENT_TIME} > 0")
    heard_ms = page.evaluate(CURRENT_TIME) * 1_000
    with home.database.read() as connection:
        words = [word for turn in list_turns(connection, home.talk) for word in turn.turn.words]
    said_ms = next(word.start_ms for word in words if "bibliothèque" in word.text)
    assert said_ms is not None
    assert said_ms - 500 <= heard_ms <= said_ms + 500


def test_an_excerpt_stops_at_its_end_and_offers_to_continue(page: Page) -> None:
    page.goto("/search?q=bibliothèque")
    button = page.locator(".listen").first
    button.click()
    expect(button).to_contain_text("Pause")
    end = page.evaluate("Number(document.querySelector('.listen').dataset.end) / 1000")
    until(page, f"{CURRENT_TIME} > 1")
    page.evaluate(f"document.getElementById('audio').currentTime = {end - 0.6}")
    expect(button).to_contain_text("Continuer")
    assert abs(page.evaluate(CURRENT_TIME) - end) < 0.2
    button.click()
    expect(button).to_contain_text("Pause")
    until(page, f"{CURRENT_TIME} > {end} + 0.1")


def test_starting_an_excerpt_stops_the_other(page: Page) -> None:
    page.goto("/search?q=logiciel")
    first, second = page.locator(".listen").nth(0), page.locator(".listen").nth(1)
    first.click()
    expect(first).to_contain_text("Pause")
    second.click()
    expect(second).to_contain_text("Pause")
    expect(first).to_contain_text("Écouter")
    assert page.locator("audio").count() == 1


def test_context_unfolds_in_the_card_then_further(page: Page) -> None:
    page.goto("/search?q=bibliothèque")
    context = page.locator(".card .actions a.context")
    context.click()
    expect(page.locator(".around .turn")).to_have_count(3)
    page.locator(".around a.context").click()
    expect(page.locator(".around .turn")).to_have_count(7)
    context.click()
    expect(page.locator(".around")).to_have_count(0)
    expect(context).to_have_attribute("aria-expanded", "false")


def test_a_copied_link_opens_the_episode_at_the_excerpt(page: Page) -> None:
    page.goto("/search?q=bibliothèque")
    page.get_by_role("button", name="Copier le lien").click()
    expect(page.locator(".card .told")).to_have_text("Lien copié")
    link = page.evaluate("navigator.clipboard.readText()")
    page.goto(link)
    until(page, f"{CURRENT_TIME} > 1")
    assert page.evaluate(PAUSED)
    expect(page.locator("[aria-current=true]")).to_contain_text("bibliothèque")
    expect(page.locator("[aria-current=true]")).to_be_in_viewport()


def test_audio_is_paused_after_load(page: Page, home: Any) -> None:
    """WCAG 1.4.2."""
    page.goto(talk_path(home))
    until(page, "document.getElementById('audio').readyState > 0")
    page.wait_for_timeout(500)
    assert page.evaluate(PAUSED)


def test_the_transcript_follows_word_by_word_and_lets_go(page: Page, home: Any) -> None:
    page.goto(talk_path(home))
    page.keyboard.press("Control+Space")
    until(page, f"{CURRENT_TIME} > 3.5")
    until(page, "[...CSS.highlights.get('spoken')].length === 1")
    word = page.evaluate("[...CSS.highlights.get('spoken')][0].toString()")
    assert word in page.locator("[aria-current=true] .words").inner_text()
    assert page.locator("[aria-current=true]").count() == 1
    page.wait_for_timeout(1_000)
    page.mouse.move(400, 700)
    page.mouse.wheel(0, 6_000)
    chip = page.get_by_role("button", name="Revenir à la lecture")
    expect(chip).to_be_visible()
    chip.click()
    expect(chip).to_be_hidden()
    expect(page.locator("[aria-current=true]")).to_be_in_viewport()


def test_nothing_is_announced_during_playback(page: Page, home: Any) -> None:
    """WCAG 4.1.3: zero live-region changes while playing."""
    page.goto(talk_path(home))
    page.evaluate(
        """window.announced = 0;
        const watch = new MutationObserver(list => { window.announced += list.length; });
        for (const live of document.querySelectorAll('[role=status],[role=alert],[aria-live]'))
          watch.observe(live, {subtree: true, childList: true, characterData: true});"""
    )
    page.keyboard.press("F8")
    page.wait_for_timeout(3_000)
    assert page.evaluate("window.announced") == 0
    assert "secondes" in page.evaluate("document.getElementById('seek').getAttribute('aria-valuetext')")


def test_a_click_on_a_word_goes_there_and_a_drag_selects(page: Page, home: Any) -> None:
    page.goto(talk_path(home))
    words = page.locator(".words").nth(1)
    words.scroll_into_view_if_needed()
    box = words.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 20, box["y"] + box["height"] - 10)
    until(page, f"{CURRENT_TIME} > 5")
    before = page.evaluate(CURRENT_TIME)
    page.mouse.move(box["x"] + 5, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] + 200, box["y"] + 10)
    page.mouse.up()
    assert page.evaluate("getSelection().toString()")
    assert page.evaluate(CURRENT_TIME) == before


def test_find_counts_goes_on_and_back(page: Page, home: Any) -> None:
    page.goto(talk_path(home))
    field = page.get_by_label("Chercher dans cet épisode")
    field.fill("HELENE")
    field.press("Enter")
    told = page.locator("#found")
    expect(told).to_have_text(re.compile(r"^1 sur \d+$"), timeout=30_000)
    total = int(told.inner_text().rsplit(" ", 1)[1])
    assert total >= 3
    field.press("Enter")
    expect(told).to_have_text(f"2 sur {total}")
    field.press("Shift+Enter")
    field.press("Shift+Enter")
    expect(told).to_have_text(f"{total} sur {total}")
    assert page.evaluate("[...CSS.highlights.get('found-here')][0].toString()") == "Hélène"
    field.fill("introuvable")
    field.press("Enter")
    expect(told).to_have_text("Pas dans cet épisode", timeout=30_000)


def test_every_letter_outside_fields_does_nothing(page: Page, home: Any) -> None:
    """WCAG 2.1.4."""
    page.goto(talk_path(home))
    until(page, "document.getElementById('audio').readyState > 0")
    before = page.content()
    for letter in "abcdefghijklmnopqrstuvwxyz0123456789":
        page.keyboard.press(letter)
    assert page.content() == before
    assert page.evaluate(PAUSED)


def test_the_whole_path_by_keyboard(page: Page) -> None:
    """WCAG 2.1.1, 2.4.1: skip link first, search, focus on the count, listen, episode, timestamp."""
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Aller au contenu")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("facture")
    page.keyboard.press("Enter")
    expect(page.locator("#count")).to_be_focused()
    for reached in (".to-filters", ".following summary", ".card h3 a"):
        page.keyboard.press("Tab")
        expect(page.locator(reached).first).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator(".listen").first).to_be_focused()
    page.keyboard.press("Enter")
    until(page, f"!{PAUSED}")
    page.keyboard.press("Space")
    until(page, PAUSED)
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/episode/**")
    page.locator(".turn .time").nth(3).focus()
    page.keyboard.press("Enter")
    until(page, f"{CURRENT_TIME} > 1")


def test_focus_is_never_under_the_player(page: Page, home: Any) -> None:
    """WCAG 2.4.11, wide and narrow."""
    for width, height in ((1280, 800), (390, 700)):
        page.set_viewport_size({"width": width, "height": height})
        page.goto(talk_path(home))
        for _ in range(60):
            page.keyboard.press("Tab")
            assert not page.evaluate(
                """() => { const focused = document.activeElement, player = document.getElementById('player');
                if (player.contains(focused) || focused === document.body) return false;
                const a = focused.getBoundingClientRect(), b = player.getBoundingClientRect();
                return a.top >= b.top && a.bottom <= b.bottom && a.bottom > a.top; }"""
            ), page.evaluate("document.activeElement.outerHTML")


def test_turn_anchors_work_without_script(browser: Browser, home: Any) -> None:
    context = browser.new_context(base_url=home.settings.site_url, java_script_enabled=False, locale="fr-FR")
    page = context.new_page()
    page.goto("/search?q=bibliothèque")
    page.locator(".card h3 a").click()
    expect(page.locator(".turn.asked")).to_contain_text("bibliothèque")
    expect(page.locator(".turn.asked")).to_be_in_viewport()
    expect(page.locator("audio[controls]")).to_be_visible()
    page.goto("/search?q=bibliothèque")
    assert "#t=" in (page.get_by_role("link", name="Écouter").get_attribute("href") or "")
    page.get_by_role("link", name="Contexte").click()
    expect(page.locator(".turn")).to_have_count(3)
    context.close()


def test_an_administrator_names_a_voice(page: Page, home: Any) -> None:
    page.goto("/login?next=/admin")
    page.get_by_label("Identifiant").fill(home.login)
    page.get_by_label("Mot de passe").fill(home.password)
    page.get_by_role("main").get_by_role("button", name="Se connecter").click()
    page.wait_for_url("**/admin")
    page.goto(talk_path(home))
    field = page.get_by_label("Voix 3")
    field.fill("Hélène Castaing")
    field.press("Enter")
    page.wait_for_url("**#voice-3")
    expect(page.locator(".turn .speaker", has_text="Hélène Castaing").first).to_be_visible()
    page.get_by_role("button", name="Se déconnecter").click()
    expect(page.get_by_role("link", name="Se connecter")).to_be_visible()


def test_no_horizontal_scroll_at_320_pixels(page: Page, home: Any) -> None:
    """WCAG 1.4.10, and at 320 by 256 the player is released."""
    page.set_viewport_size({"width": 320, "height": 256})
    paths = ["/", "/search?q=logiciel", "/search?q=zzz&show=la-riviere", "/shows", "/show/la-riviere"]
    for path in [*paths, talk_path(home), "/login", "/nulle-part"]:
        page.goto(path, wait_until="load") if path != "/nulle-part" else page.goto("/shows")
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
    page.goto(talk_path(home))
    assert page.evaluate("getComputedStyle(document.getElementById('player')).position") == "static"


def test_ticking_a_facet_moves_nothing(page: Page) -> None:
    """WCAG 3.2.2: only "Appliquer" does; chips take a filter away, even from nothing."""
    page.goto("/search?q=logiciel")
    page.get_by_role("checkbox", name="La Rivière").check()
    page.wait_for_timeout(200)
    assert "show=" not in page.url
    page.get_by_role("button", name="Appliquer").click()
    page.wait_for_url("**show=la-riviere**")
    expect(page.locator("#count")).to_have_text("1 extrait")
    page.goto("/search?q=bibliothèque&show=la-riviere")
    expect(page.locator("#count")).to_have_text("0 extrait")
    page.get_by_role("link", name="Émission : La Rivière").click()
    expect(page.locator("#count")).to_have_text("1 extrait")

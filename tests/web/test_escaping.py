"""Hostile texts in every field, on every page and in JSON: shown as text, never run (FAULTS 48)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import Browser
from sqlalchemy import Connection, select

from media import episodes, progress, schema, shows, transcripts
from media.database import Database
from media.episodes import Person
from media.errors import Message
from media.people import accounts
from media.people.accounts import Role
from media.progress import Step
from media.transcript import Chapter, Doubt, DoubtKind, Transcript, Turn, TurnKind, Word, speech_turn
from search.indexing import sync_index
from tests.web.attacks.payloads import PAYLOADS as EVERY_PAYLOAD
from tests.web.attacks.payloads import WORDS as EVERY_WORD

pytestmark = pytest.mark.slow

# All of them are tried, on every page, by tests/web/attacks: here, what pages do when they run.
PAYLOADS, WORDS = EVERY_PAYLOAD[::6], EVERY_WORD[::6]
ALL = " ".join(PAYLOADS)
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MESSAGE = Message("There is no %(kind)s “%(name)s” here.", {"kind": ALL, "name": ALL})


@dataclass(frozen=True)
class Trap:
    """A served archive whose every field is hostile."""

    url: str
    login: str
    password: str
    talk: int
    slug: str


@pytest.fixture(scope="module")
def trap(home: Any) -> Iterator[Trap]:
    database: Database = home.database
    with database.write() as connection:
        show = shows.add_show(connection, ALL, NOW, author=ALL, feed_url=ALL, site_url="https://a.example/")
        shows.record_poll(connection, show, NOW, NOW, MESSAGE)
        talk = _add_talk(connection, show.id)
        stuck = episodes.add_episode(connection, show.id, "stuck", ALL, NOW)
        progress.begin_attempt(connection, stuck, "run-stuck", ALL, NOW)
        progress.record_progress(connection, stuck, Step.SAVE, 1, 2, NOW)
        progress.record_failure(connection, stuck, MESSAGE, None, NOW)
        accounts.add_account(connection, "pirate", ALL, Role.ADMINISTRATOR, "un mot de passe", NOW)
    sync_index(home.settings, database)
    yield Trap(home.settings.site_url, "pirate", "un mot de passe", talk, show.slug)


def _add_talk(connection: Connection, show_id: int) -> int:
    heard = select(schema.audio.c.sha256)
    talk = episodes.add_episode(
        connection,
        show_id,
        ALL,
        ALL,
        NOW,
        people=[Person(ALL, ALL)],
        published_at=NOW,
        listening_sha256=connection.execute(heard).scalar_one(),
    )
    words = [Word(word, 100 * n, 100 * n + 50) for n, word in enumerate(WORDS)]
    doubts = [Doubt(DoubtKind.LOOP, 0, 2)]
    said = speech_turn([*words, Word("piège", 20_000, 20_500)], 1, doubts)
    event = Turn(kind=TurnKind.EVENT, label=ALL, start_ms=21_000, end_ms=22_000)
    transcripts.save_machine_transcript(connection, talk, Transcript((said, event), "fr", ALL), "trap", NOW)
    transcripts.name_voice(connection, talk, 1, ALL, NOW)
    episodes.replace_chapters(connection, talk, [Chapter(0, ALL)])
    progress.record_ready(connection, talk, NOW)
    return talk


def paths(trap: Trap) -> list[str]:
    episode = f"/episode/{trap.talk}"
    quoted = ["%3Cscript%3Ewindow.hit=1%3C/script%3E", "%22%3E%3Csvg/onload=window.hit=1%3E"]
    searches = [f"/search?q=piège&show={text}&speaker={text}&since={text}&state={text}" for text in quoted]
    searches += [f"/search?q={text}" for text in quoted]
    pages = ["/", "/shows", f"/show/{trap.slug}", episode, f"{episode}?at={quoted[0]}", "/search?q=piège"]
    return [*pages, *searches, f"/{quoted[0]}", f"/show/{quoted[1]}", f"/login?next={quoted[1]}", "/admin"]


def test_no_page_runs_what_a_field_holds(browser: Browser, trap: Trap) -> None:
    context = browser.new_context(base_url=trap.url, locale="fr-FR")
    page = context.new_page()
    blocked: list[str] = []
    page.on("console", lambda line: blocked.append(line.text) if "Security Policy" in line.text else None)
    page.goto("/login")
    page.fill("#login", trap.login)
    page.fill("#password", trap.password)
    page.click("main button[type=submit]")
    page.wait_for_url("**/")
    for path in paths(trap):
        page.goto(path)
        page.wait_for_load_state("load")
        assert page.evaluate("typeof window.hit") == "undefined", path
        assert page.locator("[onload], [onerror], [onmouseover], [onfocus], img, iframe").count() == 0, path
        assert page.locator("a[href^='javascript:' i], form[action^='javascript:' i]").count() == 0, path
    page.goto("/search?q=piège")
    page.locator("a.context").first.click()
    page.wait_for_selector(".around")
    page.goto(f"/episode/{trap.talk}")
    page.keyboard.press("F8")
    page.wait_for_timeout(800)
    assert page.evaluate("typeof window.hit") == "undefined"
    assert blocked == []  # nothing even had to be stopped by the policy
    context.close()


def test_every_payload_is_shown_as_it_is(browser: Browser, trap: Trap) -> None:
    context = browser.new_context(base_url=trap.url, locale="fr-FR")
    page = context.new_page()
    page.goto(f"/episode/{trap.talk}")
    shown = page.locator(".words").first.text_content() or ""
    title = page.locator("h1").text_content() or ""
    for word in WORDS:
        assert word in shown
    for payload in PAYLOADS:
        assert " ".join(payload.split()) in " ".join(title.split())
    context.close()


def test_json_and_exports_are_never_taken_for_pages(browser: Browser, trap: Trap) -> None:
    context = browser.new_context(base_url=trap.url)
    asked = ["/api/shows", "/api/episodes", f"/api/episodes/{trap.talk}", "/api/search?q=piège"]
    asked += [f"/episode/{trap.talk}/words.json"]
    asked += [f"/episode/{trap.talk}/export.{kind}" for kind in ("vtt", "srt", "txt", "json")]
    for path in asked:
        answer = context.request.get(path)
        assert answer.status == 200, path
        assert "html" not in answer.headers["content-type"]
        assert answer.headers["x-content-type-options"] == "nosniff"
    context.close()

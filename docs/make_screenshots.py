"""Make the screenshots of docs/screenshots: real pages, real search, in headless Chromium.

The archive is the bundled demo episode, with the words and times of its script, and a few
announcements invented for the occasion. Run it after a change of looks:

    .venv/bin/python docs/make_screenshots.py [folder]
"""

import json
import logging
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright

PROJECT = Path(__file__).parents[1]
sys.path.insert(0, str(PROJECT))

from media import accounts, episodes, files, progress, shows, transcripts  # noqa: E402
from media.accounts import Role  # noqa: E402
from media.database import Database, open_database  # noqa: E402
from media.episodes import Person  # noqa: E402
from media.errors import Message  # noqa: E402
from media.progress import Step  # noqa: E402
from media.settings import Settings  # noqa: E402
from media.transcript import (  # noqa: E402
    Chapter,
    Doubt,
    DoubtKind,
    Transcript,
    Turn,
    TurnKind,
    Word,
    speech_turn,
)
from search.indexing import sync_index  # noqa: E402
from web.app import create_app  # noqa: E402

CHROMIUM = "/usr/bin/chromium"
PORT = 8799
DEMO = PROJECT / "media" / "demo"
LOGIN, PASSWORD = "samira", "une place de marché"
WIDE = {"width": 1280, "height": 860}
NARROW = {"width": 390, "height": 844}
LOG = logging.getLogger("screenshots")


@dataclass(frozen=True)
class Shot:
    """A page to take, and what is done on it before."""

    name: str
    path: str
    signed_in: bool = False
    prepare: Callable[[Page], None] | None = None


def main() -> None:
    """Take every page, wide and narrow, light and dark."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else PROJECT / "docs" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        with serve(Settings(data=Path(data), site_url=f"http://127.0.0.1:{PORT}")) as settings:
            take(browser, folder, [Shot("first-run", "/setup")])
            episode = fill(settings)
            take(browser, folder, shots(episode))
        browser.close()


def shots(episode: int) -> list[Shot]:
    """List the pages to take."""
    return [
        Shot("home", "/"),
        Shot("results", "/search?q=logiciel+libre", prepare=_listen),
        Shot("episode", f"/episode/{episode}", prepare=_play),
        Shot("admin", "/admin", signed_in=True),
    ]


def take(browser: Browser, folder: Path, wanted: list[Shot]) -> None:
    """Take these pages in both sizes and both schemes."""
    for scheme in ("light", "dark"):
        for size, viewport in (("wide", WIDE), ("narrow", NARROW)):
            context = browser.new_context(
                viewport=viewport, color_scheme=scheme, locale="fr-FR", reduced_motion="reduce"
            )
            page = context.new_page()
            for shot in wanted:
                if shot.signed_in:
                    sign_in(page)
                page.goto(f"http://127.0.0.1:{PORT}{shot.path}")
                if shot.prepare:
                    shot.prepare(page)
                target = folder / f"{shot.name}-{size}-{scheme}.png"
                page.screenshot(path=target)
                LOG.info("%s", target.name)
            context.close()


def sign_in(page: Page) -> None:
    """Sign in as the administrator."""
    page.goto(f"http://127.0.0.1:{PORT}/login")
    if page.locator("#login").count():
        page.fill("#login", LOGIN)
        page.fill("#password", PASSWORD)
        page.click("main button[type=submit]")
        page.wait_for_url(f"http://127.0.0.1:{PORT}/")


def fill(settings: Settings) -> int:
    """Fill the archive; returns the demo's episode."""
    database = open_database(settings)
    now = datetime.now(UTC)
    written = json.loads((DEMO / "emission.json").read_text(encoding="utf-8"))
    timed = json.loads((DEMO / "times.json").read_text(encoding="utf-8"))
    with database.write() as connection:
        accounts.add_account(connection, LOGIN, "Samira Benali", Role.ADMINISTRATOR, PASSWORD, now)
        show = shows.add_show(
            connection,
            written["show"]["title"],
            now,
            feed_url="https://platane.example/place-du-marche.xml",
            author="Radio Platane",
        )
        shows.record_poll(connection, show, now, now + timedelta(hours=1))
    episode = _add_demo(database, settings, show.id, written, timed, now)
    _add_queue(database, show.id, now)
    sync_index(settings, database)
    database.close()
    return episode


@contextmanager
def serve(settings: Settings) -> Iterator[Settings]:
    """Serve the archive of these settings while the block runs."""
    config = uvicorn.Config(create_app(settings), port=PORT, log_level="warning")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    try:
        yield settings
    finally:
        server.should_exit = True
        thread.join()


def _add_demo(
    database: Database,
    settings: Settings,
    show_id: int,
    written: dict[str, Any],
    timed: dict[str, Any],
    now: datetime,
) -> int:
    audio = (DEMO / "demo.mp3").read_bytes()
    digest = sha256(audio).hexdigest()
    path = files.audio_path(settings.audio_folder, digest, ".mp3")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(audio)
    voices = {person["name"]: place for place, person in enumerate(written["speakers"], start=1)}
    turns = [_turn(part, voices) for part in timed["turns"]]
    with database.write() as connection:
        copy = files.AudioFile(digest, ".mp3", "audio/mpeg", len(audio), timed["duration_ms"])
        files.add_audio(connection, copy)
        episode = episodes.add_episode(
            connection,
            show_id,
            "demo",
            written["episode"]["title"],
            now,
            people=[Person(person["name"], person["role"]) for person in written["speakers"]],
            published_at=datetime.fromisoformat(written["episode"]["date"]).replace(tzinfo=UTC),
            description=f"<p>{written['episode']['description']}</p>",
            listening_sha256=digest,
        )
        transcript = Transcript(tuple(turns), "fr", "screenshots")
        transcripts.save_machine_transcript(connection, episode, transcript, "demo", now)
        episodes.replace_chapters(
            connection, episode, [Chapter(held["start_ms"], held["title"]) for held in timed["chapters"]]
        )
        for name in list(voices)[:2]:
            transcripts.name_voice(connection, episode, voices[name], name, now)
        progress.record_ready(connection, episode, now)
    return episode


def _turn(part: dict[str, Any], voices: dict[str, int]) -> Turn:
    if "music" in part:
        return Turn(kind=TurnKind.MUSIC, start_ms=part["start_ms"], end_ms=part["end_ms"])
    words = [word for sentence in part["sentences"] for word in _spread(sentence)]
    doubts = [
        Doubt(DoubtKind.MARKED, place, place)
        for place, word in enumerate(words)
        if word.text.startswith("Valbrune") and part["speaker"] == "Samira Benali"
    ]
    return speech_turn(words, voices[part["speaker"]], doubts)


def _spread(sentence: dict[str, Any]) -> Iterator[Word]:
    """Share a sentence's time among its words, by their letters."""
    texts: list[str] = []
    for text in sentence["text"].split():
        if texts and (text in "!?:;»" or texts[-1] == "«"):
            texts[-1] += "\N{NO-BREAK SPACE}" + text
        else:
            texts.append(text)
    letters = sum(map(len, texts))
    at = sentence["start_ms"]
    for text in texts:
        end = at + (sentence["end_ms"] - sentence["start_ms"]) * len(text) // letters
        yield Word(text, at, end, 0.9)
        at = end


def _add_queue(database: Database, show_id: int, now: datetime) -> None:
    with database.write() as connection:
        titles = ["Cartographier à vélo", "Une cantine, des recettes en commun", "La radio des voisins"]
        ids = [
            episodes.add_episode(
                connection, show_id, title, title, now, published_at=now - timedelta(days=7 * place)
            )
            for place, title in enumerate(titles, start=1)
        ]
        progress.begin_attempt(connection, ids[0], "run", "atelier-1", now - timedelta(minutes=6))
        progress.record_progress(connection, ids[0], Step.RECOGNISE, 1, 100, now - timedelta(minutes=6))
        progress.record_progress(connection, ids[0], Step.RECOGNISE, 62, 100, datetime.now(UTC))
        progress.begin_attempt(connection, ids[1], "run", "atelier-1", now - timedelta(hours=1))
        failure = Message(
            "The file %(path)s cannot be written or read: %(reason)s. Free some space or check its rights.",
            {"path": "cantine.mp3", "reason": "No space left on device"},
        )
        progress.record_failure(connection, ids[1], failure, now + timedelta(hours=2), now)


def _listen(page: Page) -> None:
    page.locator(".listen").first.click()
    page.wait_for_timeout(400)


def _play(page: Page) -> None:
    page.evaluate("location.hash = '#t=54.000'")
    page.wait_for_timeout(300)
    page.keyboard.press("F8")
    page.wait_for_timeout(1_500)
    page.keyboard.press("F8")
    page.wait_for_timeout(300)


if __name__ == "__main__":
    main()

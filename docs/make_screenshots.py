"""Make the screenshots of docs/screenshots: real pages, real search, in headless Chromium.

The archive is the bundled demo episode as the real recogniser hears it, mistakes and all, and a
feed on loopback that a real worker is reading meanwhile. Run it after a change of looks:

    .venv/bin/python docs/make_screenshots.py [folder]
"""

import functools
import http.server
import logging
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright

PROJECT = Path(__file__).parents[1]
sys.path.insert(0, str(PROJECT))

import quote_shots  # noqa: E402
import text_shots  # noqa: E402
from correction_shots import correct, pages, searches, withdraw  # noqa: E402
from shots import ALL_LOOKS, SIZES, Shot  # noqa: E402

from ingest.work.console import share_done  # noqa: E402
from media import episodes, progress, transcripts  # noqa: E402
from media.database import open_database  # noqa: E402
from media.people import accounts  # noqa: E402
from media.people.accounts import Role  # noqa: E402
from media.settings import Settings  # noqa: E402
from search import sync_index  # noqa: E402
from web.app import create_app  # noqa: E402

CHROMIUM = "/usr/bin/chromium"
PORT = 8799
DEMO = PROJECT / "media" / "demo"
LOGIN, PASSWORD = "samira", "une place de marché"
LOG = logging.getLogger("screenshots")


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
            with working(settings):
                take(browser, folder, searches())
                take(browser, folder, [Shot("admin", "/admin", signed_in=True)])
            take_quotes(browser, folder, settings, episode)
            take_correction(browser, folder, settings, episode)
            take_texts(browser, folder, settings, episode)
        browser.close()


def shots(episode: int) -> list[Shot]:
    """List the pages to take."""
    return [
        Shot("home", "/"),
        Shot("results", "/search?q=logiciel+libre", prepare=_listen),
        Shot("episode", f"/episode/{episode}", prepare=_play),
    ]


def take_quotes(browser: Browser, folder: Path, settings: Settings, episode: int) -> None:
    """Have a sentence quoted, then corrected, and take the pages that show it."""
    database = open_database(settings)
    quoted = quote_shots.quote(database, episode)
    take(browser, folder, quote_shots.pages(quoted))
    take(browser, folder, quote_shots.correct_quoted(database, quoted))
    database.close()


def take_correction(browser: Browser, folder: Path, settings: Settings, episode: int) -> None:
    """Have the transcript corrected, and take the pages that show it."""
    database = open_database(settings)
    corrected = correct(database, episode, PASSWORD)
    sync_index(settings, database)
    take(browser, folder, pages(database, episode, corrected))
    shot = withdraw(database, episode)
    sync_index(settings, database)
    take(browser, folder, [shot])
    database.close()


def take_texts(browser: Browser, folder: Path, settings: Settings, episode: int) -> None:
    """Bring in the demo's text as it was written, and take the pages that show it."""
    take(browser, folder, [text_shots.preview()])
    page = settings.data / text_shots.NAME
    page.write_text(text_shots.write_page(), encoding="utf8")
    _entendu(settings, "import", str(page), "--episode", str(episode))
    take(browser, folder, text_shots.pages(episode))


def take(browser: Browser, folder: Path, wanted: list[Shot]) -> None:
    """Take these pages, each in its looks."""
    for size, scheme in ALL_LOOKS:
        context = browser.new_context(
            viewport=SIZES[size], color_scheme=scheme, locale="fr-FR", reduced_motion="reduce"
        )
        page = context.new_page()
        for shot in wanted:
            if (size, scheme) not in shot.looks:
                continue
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
    """Transcribe the bundled episode for real, and name two of its voices; returns the episode."""
    _entendu(settings, "demo", "--no-serve")
    database = open_database(settings)
    now = datetime.now(UTC)
    with database.write() as connection:
        accounts.add_account(connection, LOGIN, "Samira Benali", Role.ADMINISTRATOR, PASSWORD, now)
        episode = episodes.list_episodes(connection)[0]
        for number, name in ((1, "Julien Morvan"), (2, "Samira Benali")):  # in the order of their first words
            transcripts.name_voice(connection, episode.id, number, name, now)
    sync_index(settings, database)
    database.close()
    return episode.id


@contextmanager
def working(settings: Settings) -> Iterator[None]:
    """Subscribe to a feed of three episodes, one of them gone, and have a worker at it meanwhile."""
    with _feed() as url:
        _entendu(settings, "add", url)
        command = [sys.executable, "-m", "entendu", "work"]
        worker = subprocess.Popen(command, env=_environment(settings))
        try:
            _wait_until_halfway(settings)
            yield
        finally:
            worker.terminate()
            worker.wait()


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


def _entendu(settings: Settings, *arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "entendu", *arguments], env=_environment(settings), check=True)


def _environment(settings: Settings) -> dict[str, str]:
    return {**os.environ, "ENTENDU_DATA": str(settings.data), "ENTENDU_ALLOWED_HOSTS": '["127.0.0.1"]'}


@contextmanager
def _feed() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        sound = (DEMO / "demo.mp3").read_bytes()
        for name in ("velo.mp3", "voisins.mp3"):
            (Path(folder) / name).write_bytes(sound + name.encode())  # another file, of the same sound
        handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=folder)
        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
            base = f"http://127.0.0.1:{server.server_port}"
            (Path(folder) / "feed.xml").write_text(_feed_text(base), encoding="utf-8")
            threading.Thread(target=server.serve_forever, daemon=True).start()
            yield f"{base}/feed.xml"
            server.shutdown()


def _feed_text(base: str) -> str:
    announced = {"velo": "Cartographier à vélo", "cantine": "Une cantine, des recettes en commun"}
    announced["voisins"] = "La radio des voisins"
    items = "".join(
        f"<item><title>{title}</title><guid>{name}</guid>"
        f"<enclosure url='{base}/{name}.mp3' type='audio/mpeg'/>"
        f"<pubDate>{format_datetime(datetime.now(UTC) - timedelta(days=7 * place))}</pubDate></item>"
        for place, (name, title) in enumerate(reversed(announced.items()), start=1)
    )
    head = "<title>Vivre à Valbrune</title><language>fr</language>"
    return f"<rss version='2.0'><channel>{head}{items}</channel></rss>"


def _wait_until_halfway(settings: Settings) -> None:
    """Wait until one episode has failed and another is well under way."""
    database = open_database(settings)
    for _ in range(600):
        with database.read() as connection:
            rows = progress.list_progress(connection)
        if any(row.failure for row in rows) and any(
            share_done(row) >= 200 for row in rows if not row.failure
        ):
            break
        time.sleep(0.2)
    database.close()


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

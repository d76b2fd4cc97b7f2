"""In a browser: a quote framed by another site's page, light and dark, heard there; no breach of WCAG."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from media.quotes.capturing import capture, find_span
from media.transcript import Edition
from tests.web.conftest import Archive

pytestmark = pytest.mark.slow

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
TIMEOUT_MS = 30_000
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
PLAY = """() => new Promise(done => {
  const audio = document.querySelector("audio");
  audio.addEventListener("playing", () => done(audio.duration));
  audio.addEventListener("error", () => done(audio.error.message));
  audio.play();
})"""


class Quiet(SimpleHTTPRequestHandler):
    """A plain web server that says nothing."""

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def framed(home: Archive, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Somebody else's page with a quote and, in a sandbox, a moment; its address and the quote's."""
    with home.database.write() as connection:
        span = find_span(connection, home.talk, Edition.SPOKEN, 40_000, 52_000)
        quote = capture(connection, home.talk, Edition.SPOKEN, [span], None, NOW)
    site, folder = home.settings.site_url, tmp_path_factory.mktemp("elsewhere")
    Path(folder / "index.html").write_text(
        '<!doctype html><html lang="fr"><meta charset="utf-8"><title>Ailleurs</title><h1>Ailleurs</h1>'
        f'<iframe src="{site}/embed/q/{quote.id}" title="Citation" width="640" height="500"></iframe>'
        f'<iframe src="{site}/embed/c/{home.talk}/40000-52000" title="Moment" sandbox="allow-scripts">'
        "</iframe>"
    )
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/index.html", quote.id
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_frame_stands_in_another_page_in_the_reader_s_colours(
    scheme: Any, browser: Browser, framed: tuple[str, str], home: Archive
) -> None:
    address, quote = framed
    context = browser.new_context(locale="fr-FR", color_scheme=scheme)
    context.set_default_timeout(TIMEOUT_MS)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address)
    held = page.frame_locator("iframe >> nth=0")
    held.get_by_text("Place du Marché").wait_for()
    ground = held.locator("body").evaluate("body => getComputedStyle(body).backgroundColor")
    assert ground == {"light": "rgb(255, 255, 255)", "dark": "rgb(26, 34, 33)"}[scheme]
    frames = page.frames[1:]
    assert len(frames) == 2
    durations = [frame.evaluate(PLAY) for frame in frames]
    assert 11 < durations[0] < 13, "the clip, from its first word to its last"
    assert durations[1] == pytest.approx(180, abs=1), "a moment, in a sandbox: the episode from there on"
    ours = (home.settings.site_url, address.rsplit("/", 1)[0])
    assert all(url.startswith(ours) for url in asked)
    assert context.cookies(home.settings.site_url) == []
    context.close()
    assert quote


@pytest.mark.parametrize(("locale", "scheme", "width"), [("fr-FR", "light", 1280), ("en-GB", "dark", 390)])
def test_frames_and_moments_have_no_breach(
    locale: str, scheme: Any, width: int, browser: Browser, framed: tuple[str, str], home: Archive
) -> None:
    context = browser.new_context(
        base_url=home.settings.site_url,
        locale=locale,
        color_scheme=scheme,
        viewport={"width": width, "height": 800},
        bypass_csp=True,  # axe is put into the page
    )
    page = context.new_page()
    quote = framed[1]
    paths = [f"/embed/q/{quote}", f"/c/{home.talk}/40000-52000", f"/q/{quote}"]
    for path in paths:
        page.goto(path)
        assert breaches(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    context.close()


def breaches(page: Page) -> list[str]:
    options = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"]}
    found = Axe().run(page, options=options).response["violations"]
    return [f"{rule['id']}: {node['html'][:160]}" for rule in found for node in rule["nodes"]]

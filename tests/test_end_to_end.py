"""From a feed on a loopback server to a card that plays in a real browser, by the real model."""

import functools
import http.server
import json
import subprocess
import threading
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

import imageio_ffmpeg
import pytest
from playwright.sync_api import Page, sync_playwright

from bench.pipeline import plain_words
from media.database import open_database
from media.settings import Settings
from search import SearchRequest, SearchResult, open_index
from tests.program import entendu, serving

pytestmark = pytest.mark.slow

CHROMIUM = Path("/usr/bin/chromium")
NEAR_S = 0.5  # how near the searched word Écouter starts
# (file, source, where it is cut, how it is written): constant and variable MP3, and Ogg.
CUTS = (
    ("constant.mp3", "emission-courte.mp3", ("0", "75"), ("-c:a", "libmp3lame", "-b:a", "96k")),
    ("variable.mp3", "emission-courte.mp3", ("95", "75"), ("-c:a", "libmp3lame", "-q:a", "4")),
    ("radio.ogg", "radio-reelle.mp3", ("0", "95"), ("-c:a", "libvorbis", "-q:a", "4")),
)


@pytest.fixture(scope="module")
def feed(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A feed of three episodes, served on loopback."""
    folder = tmp_path_factory.mktemp("feed")
    for name, source, (begin, length), codec in CUTS:
        ffmpeg = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-ss", begin, "-t", length]
        subprocess.run([*ffmpeg, "-i", shared / "audio" / source, *codec, folder / name], check=True)
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(folder))
    handler.log_message = lambda *_: None  # type: ignore[attr-defined]
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    base = f"http://127.0.0.1:{server.server_port}"
    items = "".join(
        f"<item><title>{name}</title><guid>{name}</guid><pubDate>Tue, 0{day} Jul 2024 15:30:00 GMT</pubDate>"
        f'<enclosure url="{base}/{name}" type="audio/mpeg" length="1"/></item>'
        for day, (name, *_) in enumerate(CUTS, 1)
    )
    for name, title in (("feed.xml", "Essai"), ("other.xml", "Autre essai")):
        head = f"<title>{title}</title><language>fr</language>"
        (folder / name).write_text(f'<rss version="2.0"><channel>{head}{items}</channel></rss>')
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"{base}/feed.xml"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def data(feed: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive made by `entendu add` and `entendu work --once`."""
    folder = tmp_path_factory.mktemp("data")
    added = entendu(folder, "add", feed)
    assert added.returncode == 0, added.stderr
    worked = entendu(folder, "work", "--once")
    assert worked.returncode == 0, worked.stderr
    return folder


@pytest.fixture(scope="module")
def site(data: Path) -> Iterator[str]:
    """`entendu serve` over that archive."""
    with serving(data, "--no-worker") as base:
        yield base


@pytest.fixture
def page() -> Iterator[Page]:
    """A page of a real browser."""
    if not CHROMIUM.exists():
        pytest.skip(f"no browser at {CHROMIUM}")
    with sync_playwright() as playwright:
        arguments = [
            "--no-sandbox",
            "--autoplay-policy=no-user-gesture-required",
            "--disable-background-networking",
        ]
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=arguments)
        yield browser.new_page(locale="fr-FR")
        browser.close()


def sentence_start_ms(shared: Path, beginning: str, cut_s: float) -> int:
    """When a sentence of the synthetic show truly starts, in a cut of it."""
    truth = json.loads((shared / "audio" / "emission-courte.json").read_text("utf-8"))
    sentences = [sentence for turn in truth["turns"] for sentence in turn["sentences"]]
    start = next(sentence["start"] for sentence in sentences if sentence["text"].startswith(beginning))
    return round((start - cut_s) * 1000)


def radio_word_ms(shared: Path, word: str) -> int:
    """When a word of the real station is heard, by its reference."""
    reference = json.loads((shared / "audio" / "radio-reelle.json").read_text("utf-8"))
    return int(next(w["start_ms"] for w in reference["words"] if plain_words(w["text"]) == [word]))


def wait_for(page: Page, expression: str) -> float:
    """Ask the page until it answers; its own policy forbids the browser driver to wait in it."""
    for _ in range(100):
        answer = page.evaluate(expression)
        if answer is not None:
            return float(answer)
        page.wait_for_timeout(100)
    raise AssertionError(f"{expression} stayed undefined for ten seconds")


def names_radio(result: SearchResult) -> bool:
    return any(excerpt.episode == "radio.ogg" for excerpt in result.excerpts)


def test_every_kind_of_file_is_transcribed(data: Path):
    status = json.loads(entendu(data, "status", "--json").stdout)
    assert status["episodes"]["ready"] == len(CUTS)


def test_a_real_station_is_found_by_what_its_reference_says(data: Path, shared: Path):
    """Every word of eight letters or more that the reference holds; its own slips and names count too."""
    reference = json.loads((shared / "audio" / "radio-reelle.json").read_text("utf-8"))
    telling = sorted({word for word in plain_words(reference["text"]) if len(word) >= 8})
    settings = Settings(data=data)
    index = open_index(settings, open_database(settings))
    found = [word for word in telling if names_radio(index.search(SearchRequest(word)))]
    assert len(telling) >= 15
    assert len(found) >= 0.75 * len(telling), sorted(set(telling) - set(found))


def test_listening_starts_within_half_a_second_of_the_word_searched(
    data: Path, site: str, page: Page, shared: Path
):
    truth = {
        "retour": ("constant.mp3", sentence_start_ms(shared, "De retour dans", 0)),
        "passons": ("variable.mp3", sentence_start_ms(shared, "Passons maintenant", 95)),
        "réactions": ("radio.ogg", radio_word_ms(shared, "réactions")),
    }
    heard = {}
    for word, (name, _) in truth.items():
        page.goto(f"{site}/search?q={word}")
        card = page.locator(".card", has_text=name)
        page.evaluate("addEventListener('playing', e => { window.heardAt ??= e.target.currentTime }, true)")
        card.get_by_role("button", name="Écouter").click()
        heard[word] = wait_for(page, "window.heardAt")
    early = {word: truth[word][1] / 1000 - at for word, at in heard.items()}
    assert all(abs(seconds) <= NEAR_S for seconds in early.values()), early


def test_nothing_is_asked_of_another_host(site: str, page: Page):
    asked: set[str] = set()
    page.on("request", lambda request: asked.add(urllib.parse.urlsplit(request.url).netloc))
    page.goto(f"{site}/search?q=retour")
    page.locator(".card h3 a").first.click()
    page.wait_for_load_state("networkidle")
    assert asked == {urllib.parse.urlsplit(site).netloc}


def test_a_newcomer_makes_an_account_adds_a_feed_and_names_a_voice(feed: str, site: str, page: Page):
    page.goto(f"{site}/setup")
    page.fill("#name", "Camille")
    page.fill("#login", "camille")
    page.fill("#password", "une place de marché")
    page.fill("#feed", feed.replace("feed.xml", "other.xml"))
    page.click("main button[type=submit]")
    page.get_by_role("heading", name="Autre essai").wait_for()
    page.fill("#keep", "1")
    page.get_by_role("button", name="Ajouter cette émission").click()
    page.goto(f"{site}/shows")
    assert page.get_by_role("link", name="Autre essai").count() == 1

    page.goto(f"{site}/search?q=retour")
    page.locator(".card h3 a").first.click()
    page.locator("form[action*=voice] input:not([type=hidden])").first.fill("Étienne Gonnu")
    page.locator("form[action*=voice] button").first.click()
    page.get_by_text("Étienne Gonnu").first.wait_for()

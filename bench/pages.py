"""Time the pages: results, and an episode of ninety minutes; in the server, and in the browser.

    .venv/bin/python bench/pages.py

The episode has 14,000 words in 500 turns, twelve chapters and five voices, made of the demo's
dialogue over and over. Server time is from the request to the last byte, in one process, without
a network; bytes are what is sent with gzip. In Chromium, slowed four times, the episode is
opened, scrolled and followed, and every frame is timed.
"""

import itertools
import json
import logging
import random
import statistics
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

import uvicorn
from playwright.sync_api import CDPSession, sync_playwright
from sqlalchemy import Connection
from starlette.testclient import TestClient

PROJECT = Path(__file__).parents[1]
sys.path.insert(0, str(PROJECT))

from media import episodes, files, progress, shows, transcripts  # noqa: E402
from media.database import Database, open_database  # noqa: E402
from media.settings import Settings  # noqa: E402
from media.transcript import Chapter, Transcript, Turn, Word, speech_turn  # noqa: E402
from search.indexing import sync_index  # noqa: E402
from web.app import create_app  # noqa: E402

CHROMIUM = Path("/usr/bin/chromium")
PORT = 8798
WORDS, TURNS, DURATION_MS = 14_000, 500, 90 * 60_000
CHAPTERS, VOICES, SMALL_EPISODES = 12, 5, 40
REQUESTS = 100
SLOWDOWN = 4
NOW = datetime(2026, 3, 1, tzinfo=UTC)
QUERIES = ["logiciel", "logiciel libre", '"bien commun"', "facture conseil", "Valbrune"]


@dataclass(frozen=True)
class Figure:
    """One line of the table."""

    what: str
    value: str


def main() -> None:
    """Print the table."""
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory() as data:
        settings = Settings(data=Path(data), site_url=f"http://127.0.0.1:{PORT}", language="fr")
        database = open_database(settings)
        episode = fill(settings, database)
        figures = [*measure_server(settings, episode), *measure_browser(settings, episode)]
        database.close()
    for figure in figures:
        print(f"{figure.what:<58} {figure.value:>16}")


def fill(settings: Settings, database: Database) -> int:
    """Make the long episode and forty short ones, and index them."""
    texts = _sentences()
    with database.write() as connection:
        show = shows.add_show(connection, "Place du Marché", NOW)
        audio = _add_silence(settings)
        files.add_audio(connection, audio)
        ids = [
            _add_episode(connection, show.id, number, texts, audio.sha256)
            for number in range(SMALL_EPISODES + 1)
        ]
    sync_index(settings, database)
    return ids[0]


def measure_server(settings: Settings, episode: int) -> Iterator[Figure]:
    """Time requests inside the server's process."""
    with TestClient(create_app(settings), settings.site_url, follow_redirects=False) as client:
        path = str(client.get(f"/episode/{episode}").headers["location"])
        searches = itertools.cycle([f"/search?q={query}" for query in QUERIES])
        yield from _time_requests("results page", lambda: next(searches), client)
        yield from _time_requests("episode page, 90 min, 14,000 words", lambda: path, client)
        yield from _time_requests("its words.json", lambda: f"/episode/{episode}/words.json", client)


def measure_browser(settings: Settings, episode: int) -> Iterator[Figure]:
    """Open, scroll and follow the long episode in a slowed browser."""
    if not CHROMIUM.exists():
        yield Figure("browser", "no Chromium here")
        return
    with serve(settings), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        session = page.context.new_cdp_session(page)
        session.send("Performance.enable", {"timeDomain": "threadTicks"})
        session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWDOWN})
        page.goto(f"{settings.site_url}/episode/{episode}")
        page.wait_for_load_state("load")
        timing = "performance.getEntriesByType('navigation')[0]"
        ready = page.evaluate(f"{timing}.domContentLoadedEventEnd - {timing}.responseEnd")
        paint = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
        yield Figure(f"browser {SLOWDOWN}x slower: first paint", f"{paint:.0f} ms")
        yield Figure(f"browser {SLOWDOWN}x slower: bytes to usable", f"{ready:.0f} ms")
        page.wait_for_timeout(2_000)  # a reader reads a little before scrolling
        frames = page.evaluate(SCROLL)
        yield from _frames("scrolling 7,000 px a second", frames)
        page.evaluate("window.scrollTo(0, 0)")
        page.keyboard.press("F8")
        page.wait_for_timeout(1_000)
        yield from _frames("following, 5 s", page.evaluate(WATCH))
        # What other work on this machine does not change: processor time of the page's own thread.
        session.send("Emulation.setCPUThrottlingRate", {"rate": 1})
        for what, script in (("scrolling", SCROLL), ("following", WATCH)):
            page.evaluate("window.scrollTo(0, 0)")
            before = _thread_ms(session)
            frames = page.evaluate(script)
            spent = (_thread_ms(session) - before) / len(frames)
            yield Figure(f"browser, not slowed: {what}, main thread a frame", f"{spent:.1f} ms")
        browser.close()


SCROLL = """() => new Promise(done => {
  const frames = []; let before = performance.now();
  const step = () => {
    const now = performance.now(); frames.push(now - before); before = now;
    window.scrollBy(0, 120);
    const end = scrollY + innerHeight >= document.documentElement.scrollHeight - 2;
    if (end || frames.length > 300) done(frames.slice(1)); else requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
})"""
WATCH = """() => new Promise(done => {
  const frames = []; const begin = performance.now(); let before = begin;
  const step = () => {
    const now = performance.now(); frames.push(now - before); before = now;
    if (now - begin > 5000) done(frames.slice(1)); else requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
})"""


@contextmanager
def serve(settings: Settings) -> Iterator[None]:
    """Serve the archive while the block runs."""
    server = uvicorn.Server(uvicorn.Config(create_app(settings), port=PORT, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()


def _time_requests(what: str, next_path: Callable[[], str], client: TestClient) -> Iterator[Figure]:
    spent, sent, whole = [], 0, 0
    for number in range(REQUESTS + 5):
        path = next_path()
        begun = time.perf_counter()
        answer = client.get(path, headers={"accept-encoding": "gzip", "accept-language": "fr"})
        if number >= 5:
            spent.append(1_000 * (time.perf_counter() - begun))
        sent, whole = int(answer.headers["content-length"]), len(answer.content)
    cuts = statistics.quantiles(spent, n=20)
    yield Figure(f"{what}: median / 95th percentile", f"{statistics.median(spent):.0f} / {cuts[-1]:.0f} ms")
    yield Figure(f"{what}: sent / unpacked", f"{sent / 1024:.0f} / {whole / 1024:.0f} KiB")


def _thread_ms(session: CDPSession) -> float:
    metrics = {
        metric["name"]: metric["value"] for metric in session.send("Performance.getMetrics")["metrics"]
    }
    return 1_000 * float(metrics["TaskDuration"])


def _frames(what: str, frames: list[float]) -> Iterator[Figure]:
    cuts = statistics.quantiles(frames, n=20)
    name = f"browser {SLOWDOWN}x slower: {what}"
    yield Figure(f"{name}, frame p95 / worst", f"{cuts[-1]:.0f} / {max(frames):.0f} ms")


def _sentences() -> list[str]:
    written = json.loads((PROJECT / "media/demo/emission.json").read_text(encoding="utf-8"))
    return [part["text"] for part in written["turns"] if "text" in part]


def _add_silence(settings: Settings) -> files.AudioFile:
    """Keep ninety minutes of silent MP3 frames (32 kb/s, 44.1 kHz, mono): nothing is decoded here."""
    frame = bytes.fromhex("fffb10c4") + bytes(100)
    audio = frame * (DURATION_MS * 44_100 // (1_152 * 1_000))
    digest = sha256(audio).hexdigest()
    path = files.audio_path(settings.audio_folder, digest, ".mp3")
    path.parent.mkdir(parents=True)
    path.write_bytes(audio)
    return files.AudioFile(digest, ".mp3", "audio/mpeg", len(audio), DURATION_MS)


def _add_episode(connection: Connection, show_id: int, number: int, texts: list[str], audio: str) -> int:
    words = itertools.cycle(" ".join(texts).split())
    said = list(_speak(words, TURNS if number == 0 else 20))
    episode = episodes.add_episode(
        connection,
        show_id,
        str(number),
        f"Épisode {number}",
        NOW,
        published_at=NOW - timedelta(days=number),
        listening_sha256=audio,
    )
    transcripts.save_machine_transcript(
        connection, episode, Transcript(tuple(said), "fr", "bench"), str(number), NOW
    )
    if number == 0:
        starts = [place * DURATION_MS // CHAPTERS for place in range(CHAPTERS)]
        episodes.replace_chapters(connection, episode, [Chapter(at, f"Partie {at}") for at in starts])
    progress.record_ready(connection, episode, NOW)
    return episode


def _speak(words: Iterator[str], turns: int) -> Iterator[Turn]:
    """Say words at an uneven pace, so that their times compress no better than real ones."""
    dice = random.Random(7)
    word_ms = DURATION_MS // WORDS
    at = 0
    for turn in range(turns):
        spoken = []
        for _ in range(WORDS // TURNS):
            end = at + dice.randrange(word_ms // 4, word_ms)
            spoken.append(Word(next(words), at, end, 0.9))
            at = end + dice.randrange(word_ms * 3 // 4)
        yield speech_turn(spoken, turn * 7 % VOICES + 1)


if __name__ == "__main__":
    main()

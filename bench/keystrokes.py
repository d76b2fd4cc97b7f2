"""Time typing in the editor: a passage of an episode of 20,000 words, in a real browser, key by key.

    .venv/bin/python -m bench.keystrokes [keys]

What a key costs is the page's main thread's time from the press until the frame after it is made:
script, style, layout, painting. It is measured twice: as processor time of that thread, which
other work on this machine does not change, and as wall time in a browser slowed four times. What
as much waiting costs without a key is taken off. Goal: under 16 ms at the median.
"""

import logging
import statistics
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from bench.long_episode import TWO_HOURS, add_episode
from bench.pages import CHROMIUM, PORT, SLOWDOWN, serve
from bench.table import Row, print_rows
from media import shows
from media.database import open_database
from media.people import accounts, sessions
from media.people.accounts import Role
from media.settings import Settings
from web.visits import SESSION_COOKIE

KEYS = 300
WARM_KEYS = 20
GOAL_MS = 16
TEXT = "le logiciel libre se partage comme le pain du matin, "
NEXT_FRAME = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


def main() -> None:
    """Print the table."""
    logging.disable(logging.WARNING)
    keys = int(sys.argv[1]) if len(sys.argv) > 1 else KEYS
    with tempfile.TemporaryDirectory() as data:
        settings = Settings(data=Path(data), site_url=f"http://127.0.0.1:{PORT}", language="fr")
        token, episode = fill(settings)
        with serve(settings), sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
            print_rows("Typing in 20,000 words", measure(browser, settings, token, episode, keys))
            browser.close()


def fill(settings: Settings) -> tuple[str, int]:
    """Make the episode and somebody who corrects it; returns their session and the episode."""
    database = open_database(settings)
    now = datetime.now(UTC)
    with database.write() as connection:
        show = shows.add_show(connection, "Place du Marché", now)
        episode = add_episode(connection, settings, show.id, TWO_HOURS)
        account = accounts.add_account(connection, "alice", "Alice", Role.VOLUNTEER, "un mot de passe", now)
        token = sessions.open_session(connection, account, now)
    database.close()
    return token, episode


def measure(browser: Browser, settings: Settings, token: str, episode: int, keys: int) -> Iterator[Row]:
    """Type in the middle of the episode, in a browser as it is and in a slowed one."""
    for slowdown, domain in ((1, "threadTicks"), (SLOWDOWN, "timeTicks")):
        context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="fr-FR")
        context.add_cookies([{"name": SESSION_COOKIE, "value": token, "url": settings.site_url}])
        page = context.new_page()
        page.goto(f"{settings.site_url}/correct/{episode}/12")
        page.locator(".turn.active textarea").wait_for()
        session = context.new_cdp_session(page)
        session.send("Performance.enable", {"timeDomain": domain})
        session.send("Emulation.setCPUThrottlingRate", {"rate": slowdown})
        page.keyboard.type(TEXT[:WARM_KEYS])
        idle = statistics.median(spend(page, session, None) for _ in range(keys // 5))
        spent = [max(0.0, spend(page, session, TEXT[key % len(TEXT)]) - idle) for key in range(keys)]
        median, high = statistics.median(spent), statistics.quantiles(spent, n=20)[-1]
        how = "as it is, processor time" if slowdown == 1 else f"{slowdown}x slower, wall time"
        yield Row(f"a key, {how}, median", f"{median:.1f} ms", "", median / GOAL_MS, f"< {GOAL_MS} ms")
        yield Row(f"a key, {how}, 95 %", f"{high:.1f} ms", "", high / GOAL_MS, "")
        context.close()


def spend(page: Page, session: CDPSession, key: str | None) -> float:
    """Press a key, or none, and wait for its frame; returns what the main thread spent (ms)."""
    before = thread_ms(session)
    if key is not None:
        page.keyboard.press("Space" if key == " " else key)
    page.evaluate(NEXT_FRAME)
    return thread_ms(session) - before


def thread_ms(session: CDPSession) -> float:
    """Read how long the page's main thread has been at work."""
    metrics = {held["name"]: held["value"] for held in session.send("Performance.getMetrics")["metrics"]}
    return 1_000 * float(metrics["TaskDuration"])


if __name__ == "__main__":
    main()

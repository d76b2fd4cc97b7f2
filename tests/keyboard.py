"""Somebody who has a browser and a keyboard, and no mouse; axe looks at every state they come to."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
MOST_STOPS = 400  # Tab presses after which a control is out of reach
FOCUSED = "node => node === document.activeElement"
PATIENCE_S, PAUSE_S = 60, 1.0
T = TypeVar("T")


@dataclass(frozen=True)
class Person:
    """Somebody at the keyboard of a page."""

    page: Page

    def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        for key in keys:
            self.page.keyboard.press(key)

    def write(self, text: str) -> None:
        """Replace what the field says."""
        self.press("Control+a")
        self.page.keyboard.type(text)

    def reach(self, control: Locator) -> None:
        """Go to a control with Tab; fails where Tab does not lead there."""
        expect(control).to_be_visible()
        for _ in range(MOST_STOPS):
            if control.evaluate(FOCUSED):
                return
            self.press("Tab")
        raise AssertionError(f"{control} is out of the keyboard's reach on {self.page.url}")

    def follow(self, control: Locator) -> None:
        """Go to a link or a button that opens another page, and press Enter."""
        self.reach(control)
        with self.page.expect_navigation(wait_until="load"):
            self.press("Enter")

    def fill_in(self, **fields: str) -> None:
        """Write into fields, each found by its identity and reached with Tab; Enter then sends the form."""
        for identity, text in fields.items():
            self.reach(self.page.locator(f"#{identity}"))
            self.write(text)
        with self.page.expect_navigation(wait_until="load"):
            self.press("Enter")

    def check(self, state: str) -> None:
        """Hold all of the page against WCAG 2.2 AA, none of it scrolled under the player."""
        size = self.page.viewport_size
        assert size is not None
        whole = self.page.evaluate("document.documentElement.scrollHeight")
        self.page.set_viewport_size({"width": size["width"], "height": max(size["height"], whole)})
        options = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"]}
        found = Axe().run(self.page, options=options).response["violations"]
        breaches = [f"{rule['id']}: {node['html'][:160]}" for rule in found for node in rule["nodes"]]
        self.page.set_viewport_size(size)
        assert breaches == [], f"{state}: {self.page.url}: {breaches}"


def wait_until(ask: Callable[[], T], is_it: Callable[[T], bool]) -> T:
    """Ask until the answer is the one that is waited for; returns it."""
    end = time.monotonic() + PATIENCE_S
    while not is_it(answer := ask()):
        assert time.monotonic() < end, f"still so after {PATIENCE_S} seconds: {answer!r}"
        time.sleep(PAUSE_S)
    return answer

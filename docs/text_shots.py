"""The screenshots of human texts: how one is understood before it is published, and both texts of an episode.

The text is the demo's own, as it was written before synthetic voices said it, on a page as the
volunteers write theirs; the program reads it, imports it and lays it on what it heard.
"""

import json
from pathlib import Path

from playwright.sync_api import Page
from shots import ALL_LOOKS, BOTH_WIDE, Shot

DIALOGUE = Path(__file__).parents[1] / "media" / "demo" / "emission.json"
NAME = "place-du-marche.wiki"


def write_page() -> str:
    """Write the demo's dialogue as a wiki page."""
    written = json.loads(DIALOGUE.read_text(encoding="utf8"))
    people = " - ".join(who["name"] for who in written["speakers"])
    lines = [
        f"'''Titre : ''' {written['episode']['title']}",
        f"'''Intervenants : ''' {people}",
        "'''Date : ''' 19 novembre 2026",
        "'''Licence de la transcription : ''' CC BY-SA 4.0",
        "==Transcription==",
    ]
    for turn in written["turns"]:
        if "chapter" in turn:
            lines.append(f"=={turn['chapter']}==")
        if "music" in turn:
            lines.append(f"[{turn['music'].capitalize()}]")
        else:
            lines.append(f"<b>{turn['speaker']} : </b>{turn['text']}")
    return "\n\n".join(lines) + "\n"


def preview() -> Shot:
    """Give the text, and take the page that says how it was understood."""
    return Shot("text-understood", "/import", signed_in=True, prepare=_give, looks=BOTH_WIDE)


def pages(episode: int) -> list[Shot]:
    """List the pages of an episode that has both texts."""
    return [
        Shot("both-texts", f"/episode/{episode}?text=both", prepare=_scroll, looks=ALL_LOOKS),
        Shot("text-on-sound", f"/episode/{episode}", signed_in=True, prepare=_unfold, looks=BOTH_WIDE),
    ]


def _give(page: Page) -> None:
    page.fill("#text", write_page())
    page.fill("#name", NAME)
    page.click("form.stack button.primary")
    page.wait_for_load_state()


def _scroll(page: Page) -> None:
    page.locator("#transcript").scroll_into_view_if_needed()
    page.evaluate("document.getElementById('transcript').scrollIntoView()")
    page.wait_for_timeout(500)


def _unfold(page: Page) -> None:
    folded = page.locator("details", has=page.locator("summary", has_text="posé sur le son"))
    folded.first.evaluate("details => { details.open = true; details.scrollIntoView(); }")
    page.wait_for_timeout(500)

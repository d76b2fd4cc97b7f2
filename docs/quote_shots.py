"""The screenshots of quotes: words selected, the chooser, a quote that was heard, then corrected.

The quote is a sentence of the demo in which the real recogniser misheard something, so that it can be
corrected; where it no longer makes a mistake, the page of a corrected quote is left out.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from correction_shots import MISTAKES
from playwright.sync_api import Page
from shots import ALL_LOOKS, BOTH_WIDE, Shot

from media.correction.acts import save_text
from media.correction.authors import Author
from media.database import Database
from media.quotes.capturing import capture
from media.quotes.hearings import record_hearing
from media.transcripts import StoredTurn, list_turns, name_voice
from web.quotes.found import choose_path
from web.quotes.selections import Passage, Selection, choose_sentence, keep_speech

SPEAKER = (3, "Hélène Castaing")
HEARD_BY = ("Samira Benali", "Alice Perrin")


@dataclass(frozen=True)
class Quoted:
    """A sentence of the demo, and the page of its quote."""

    turn: StoredTurn
    selection: Selection
    quote_id: str

    @property
    def path(self) -> str:
        """The address of its page."""
        return f"/q/{self.quote_id}"


def quote(database: Database, episode: int) -> Quoted:
    """Quote a sentence, and have it heard by two people."""
    now = datetime.now(UTC)
    with database.write() as connection:
        name_voice(connection, episode, *SPEAKER, now)
        turns = keep_speech(list_turns(connection, episode))
        turn = next((held for held in turns if _mistaken(held) is not None), turns[0])
        selection = choose_sentence(Passage((turn,)), _mistaken(turn) or 0)
        made = capture(connection, episode, turn.edition, selection.spans(), Author(None, HEARD_BY[0]), now)
        for name in HEARD_BY:
            record_hearing(connection, made.id, Author(None, name), now)
    return Quoted(turn, selection, made.id)


def pages(quoted: Quoted) -> list[Shot]:
    """List the pages on the way from words to a citation."""
    turn, (first, last) = quoted.turn, (quoted.selection.first, quoted.selection.last)
    episode = f"/episode/{turn.episode_id}#t={(turn.turn.start_ms or 0) / 1000:.3f}"
    choice = choose_path(turn.episode_id, turn.id, first, last)
    return [
        Shot("selecting", episode, prepare=lambda page: _select(page, turn.id), looks=BOTH_WIDE),
        Shot("choosing", choice, prepare=_settle, looks=ALL_LOOKS),
        Shot("quote", quoted.path, prepare=_settle, looks=ALL_LOOKS),
        Shot("citing", f"{quoted.path}#cite", prepare=_settle, looks=BOTH_WIDE),
    ]


def correct_quoted(database: Database, quoted: Quoted) -> list[Shot]:
    """Have what was misheard corrected; returns the page of the quote, which says so."""
    text = quoted.turn.turn.text
    for wrong, right in MISTAKES.items():
        text = text.replace(wrong, right)
    if text == quoted.turn.turn.text:
        return []
    with database.write() as connection:
        author, now = Author(None, "Alice Perrin"), datetime.now(UTC)
        save_text(connection, quoted.turn.id, quoted.turn.version, text, author, now)
    return [Shot("quote-corrected", quoted.path, prepare=_settle, looks=BOTH_WIDE)]


def _mistaken(turn: StoredTurn) -> int | None:
    """Find the first word of a turn that was misheard."""
    text = turn.turn.text
    found = [text.find(wrong) for wrong in MISTAKES if wrong in text]
    return text.count(" ", 0, min(found)) if found else None


def _select(page: Page, turn_id: int) -> None:
    page.evaluate(
        """(turn) => {
            const words = document.querySelector(`p[data-turn="${turn}"]`);
            words.scrollIntoView({ block: "center" });
            const range = document.createRange();
            range.selectNodeContents(words);
            range.setEnd(words.firstChild, Math.min(60, words.firstChild.length));
            getSelection().addRange(range);
        }""",
        turn_id,
    )
    page.locator("#quote-bar").wait_for()
    _settle(page)


def _settle(page: Page) -> None:
    page.wait_for_timeout(800)

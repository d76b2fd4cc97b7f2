"""The screenshots of correction: what people do to the demo's transcript, then the pages that show it.

Every mistake corrected here is one that the recogniser makes in the demo, and every act is done as
the pages do it; where the machine no longer makes a mistake, its act is left out.
"""

from datetime import UTC, datetime, timedelta

from playwright.sync_api import Page
from shots import BOTH_WIDE, Shot

from media.correction.acts import save_text, set_state
from media.correction.authors import Author
from media.database import Database
from media.people import accounts
from media.people.accounts import Role
from media.people.withdrawals import withdraw_words
from media.transcript import TurnKind, TurnState
from media.transcripts import StoredTurn, list_turns

READER = ("alice", "Alice Perrin")
MISTAKES = {
    "A matin,": "Un matin,",
    "10 000 depuis que": "10 000 de plus que",
    "cassé": "café",
    "Anon,": "Ah non,",
}
READ_TURNS = 6
A_WHILE = timedelta(minutes=5)  # since they stopped: what is being corrected is not surveyed
SEARCH = "/search?q=logiciel+libre"


def correct(database: Database, episode: int, password: str) -> int:
    """Have a volunteer read the first turns and correct what was misheard; returns a turn of those."""
    now = datetime.now(UTC) - A_WHILE
    changed = []
    with database.write() as connection:
        account = accounts.add_account(connection, *READER, Role.VOLUNTEER, password, now)
        author = Author(account.id, account.name)
        spoken = [held for held in list_turns(connection, episode) if held.turn.kind is TurnKind.SPEECH]
        for held in spoken[:READ_TURNS]:
            text = held.turn.text
            for wrong, right in MISTAKES.items():
                text = text.replace(wrong, right)
            if text == held.turn.text:
                set_state(connection, held.id, held.version, TurnState.READ, author, now)
            else:
                save_text(connection, held.id, held.version, text, author, now)
                changed.append(held.id)
    return changed[-1] if changed else spoken[0].id


def searches() -> list[Shot]:
    """List the pages of what is found, and of what is not."""
    return [
        Shot("facets", f"{SEARCH}&speaker=Julien+Morvan&speaker=Samira+Benali", looks=BOTH_WIDE),
        Shot("nothing-found", "/search?q=logiciel+cyclistes", looks=BOTH_WIDE),
    ]


def pages(database: Database, episode: int, corrected: int) -> list[Shot]:
    """List the pages of who corrects, who reviews and who looks after it all."""
    with database.read() as connection:
        spoken = [held for held in list_turns(connection, episode) if held.turn.kind is TurnKind.SPEECH]
    active = spoken[READ_TURNS]
    return [
        Shot("editor", f"/correct/{episode}/0#t-{active.id}", prepare=_type, signed_in=True),
        Shot("doubts", "/doubts", prepare=_begin, signed_in=True),
        Shot(
            "everywhere",
            "/everywhere?heard=Radio+Platane&written=Radio-Platane",
            looks=BOTH_WIDE,
            signed_in=True,
        ),
        Shot("review", f"/review/turn/{corrected}", looks=BOTH_WIDE, signed_in=True),
        Shot("effort", "/effort", looks=BOTH_WIDE, signed_in=True),
    ]


def withdraw(database: Database, episode: int) -> Shot:
    """Withdraw a sentence, as somebody who objects may ask; returns the page with its notice."""
    with database.write() as connection:
        spoken = [held for held in list_turns(connection, episode) if held.turn.kind is TurnKind.SPEECH]
        turn = _longest(spoken[-4:])
        words = (0, len(turn.turn.words) // 2)
        withdraw_words(connection, turn.id, words, "À la demande de la personne", None, datetime.now(UTC))
    at = (turn.turn.start_ms or 0) / 1000
    return Shot("withdrawn", f"/episode/{episode}#t={at:.3f}", looks=BOTH_WIDE, prepare=_settle)


def _longest(turns: list[StoredTurn]) -> StoredTurn:
    return max(turns, key=lambda held: len(held.turn.words))


def _type(page: Page) -> None:
    page.locator(".turn.active textarea").wait_for()
    page.keyboard.press("End")
    page.wait_for_timeout(800)


def _begin(page: Page) -> None:
    page.locator("form.minutes button").click()
    page.locator(".typed").wait_for()
    page.wait_for_timeout(500)


def _settle(page: Page) -> None:
    page.wait_for_timeout(800)

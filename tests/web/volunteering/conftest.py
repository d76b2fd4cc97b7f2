"""An archive with doubts to settle: some words of a talk were heard with doubt, a name everywhere wrong."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import Connection, select, update
from starlette.testclient import TestClient

from media import episodes, progress, schema, transcripts
from media.database import Database
from media.people import accounts, sessions
from media.people.accounts import Role
from media.settings import Settings
from media.transcript import Transcript, TurnKind, pack_words, speech_turn
from media.transcripts import list_turns
from media.volunteering.survey import follow_changes
from media.volunteering.writing import take_apart
from search import sync_index
from tests.web.conftest import open_client, say

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
PASSWORD = "une place de marché"
MISHEARD = [
    "Ensuite la ville a choisi mooflow pour ses factures.",
    "Nous avons installé l’outil Mooflow, puis deux mooflows de plus.",
    "Avec mooflow tout est plus simple.",
]


@dataclass(frozen=True)
class Busy:
    """An archive with work to do, and who does it."""

    settings: Settings
    database: Database
    talk: int
    second: int  # an episode that says mooflow thrice
    token: str  # of a volunteer's session


def make_busy(held: Any) -> Busy:
    """Make an archive's recogniser unsure of a word in each turn, and a name misheard in an episode."""
    now = datetime.now(UTC)
    with held.database.write() as connection:
        _make_unsure(connection, held.talk)
        talk = episodes.get_episode(connection, held.talk)
        second = episodes.add_episode(
            connection,
            talk.show_id,
            "second",
            "La suite",
            NOW,
            listening_sha256=talk.listening_sha256,
            published_at=NOW,
        )
        turns = [speech_turn(say(text, 1_000 + 9_000 * place), 1) for place, text in enumerate(MISHEARD)]
        heard = Transcript(tuple(turns), "fr", "test")
        transcripts.save_machine_transcript(connection, second, heard, "second", NOW)
        progress.record_ready(connection, second, NOW)
        connection.execute(update(schema.episode).values(spoken_language="fr"))
        account = accounts.add_account(connection, "lea", "Léa", Role.VOLUNTEER, PASSWORD, now)
        token = sessions.open_session(connection, account, now)
    while follow_changes(held.database, now):
        pass
    sync_index(held.settings, held.database)
    return Busy(held.settings, held.database, held.talk, second, token)


def _make_unsure(connection: Connection, episode: int) -> None:
    """Lower the probability of the longest words of each turn."""
    for held in list_turns(connection, episode):
        if held.turn.kind is not TurnKind.SPEECH:
            continue
        longest = sorted(
            range(len(held.turn.words)), key=lambda at: -len(take_apart(held.turn.words[at].text).core)
        )
        words = [
            replace(word, probability=0.2) if at in longest[:3] else word
            for at, word in enumerate(held.turn.words)
        ]
        here = schema.turn.c.id == held.id
        connection.execute(update(schema.turn).where(here).values(words=pack_words(words)))


@pytest.fixture(scope="module")
def busy(home: Any) -> Busy:
    """Such an archive, served for real."""
    return make_busy(home)


@pytest.fixture
def own_busy(own_archive: Any) -> Busy:
    """Such an archive of one's own."""
    return make_busy(own_archive)


@pytest.fixture
def helper(own_busy: Busy) -> Iterator[TestClient]:
    """A volunteer without script, in English."""
    with open_client(own_busy.settings) as client:
        client.cookies.set("entendu_session", own_busy.token)
        yield client


@pytest.fixture
def open_page(browser: Browser, busy: Busy) -> Iterator[Callable[..., Page]]:
    """Open a page for the volunteer; no script may fail on it."""
    failures: list[str] = []
    contexts = []

    def make(**look: Any) -> Page:
        look = {"locale": "en-GB", "reduced_motion": "reduce", "bypass_csp": True} | look
        context = browser.new_context(base_url=busy.settings.site_url, **look)
        context.add_cookies([{"name": "entendu_session", "value": busy.token, "url": busy.settings.site_url}])
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.on("pageerror", lambda error: failures.append(str(error)))
        return page

    yield make
    for context in contexts:
        context.close()
    assert failures == []


def count_rows(database: Database, table: Any) -> int:
    """Count the rows of a table."""
    with database.read() as connection:
        return len(connection.execute(select(table)).all())

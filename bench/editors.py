"""Fifty people correct one episode at once, over HTTP, for five minutes: what is lost, and how long it takes.

    .venv/bin/python -m bench.editors [--editors 50] [--seconds 300]

`entendu serve` runs with its worker beside. Each editor saves a turn every two seconds; one save
in ten goes to a turn that ten people share, over a version that may be stale. Each text holds a
word of its own. Afterwards every accepted text must be a version in history, every refused one a
conflict that its author's page shows. One more editor saves and searches until the word is found.
"""

import argparse
import asyncio
import logging
import os
import random
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx
from sqlalchemy import Connection

from bench.long_episode import TWO_HOURS, add_episode
from bench.table import Row, print_rows
from media import shows
from media.correction.claims import list_passages
from media.correction.history import list_versions
from media.correction.saving import list_conflicts
from media.database import Database, open_database
from media.people import accounts, sessions
from media.people.accounts import Role
from media.settings import Settings
from media.transcripts import list_turns
from search.indexing import sync_index
from web.visits import SESSION_COOKIE

PORT = 8797
PAUSE_S = 2.0
SHARED_SHARE, SHARED_BY = 0.1, 10
GOAL_MS, FOUND_GOAL_S = 150, 2.0
LOOK_AGAIN_S, GIVE_UP_S = 0.05, 60
LETTERS = "bcdfghjklmnpqrstvwxz"
JSON = {"accept": "application/json"}


@dataclass
class Turn:
    """A turn as an editor's page shows it."""

    id: int
    passage: int
    text: str
    version: int


@dataclass
class Editor:
    """Somebody at one episode, and what became of what they saved."""

    client: httpx.AsyncClient
    token: str
    own: Turn
    shared: Turn
    dice: random.Random
    spent_ms: list[float] = field(default_factory=list)
    accepted: list[tuple[int, str]] = field(default_factory=list)
    refused: list[tuple[Turn, str]] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


def main() -> None:
    """Print the table."""
    logging.disable(logging.WARNING)
    parser = argparse.ArgumentParser()
    parser.add_argument("--editors", type=int, default=50)
    parser.add_argument("--seconds", type=int, default=300)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as data:
        settings = Settings(data=Path(data), site_url=f"http://127.0.0.1:{PORT}", language="fr")
        database = open_database(settings)
        episode, cookies = fill(settings, database, asked.editors + 1)
        with serve(settings):
            editors, found_s, unshown = asyncio.run(work(database, episode, cookies, asked.seconds))
        title = f"{asked.editors} editors on one episode, {asked.seconds} s"
        print_rows(title, tell(database, episode, editors, found_s, unshown))
        database.close()


def fill(settings: Settings, database: Database, people: int) -> tuple[int, list[str]]:
    """Make the episode and the people; returns the episode, and a session each."""
    now = datetime.now(UTC)
    with database.write() as connection:
        show = shows.add_show(connection, "Place du Marché", now)
        episode = add_episode(connection, settings, show.id, TWO_HOURS)
        cookies = []
        for number in range(people):
            name = f"Bénévole {number}"
            account = accounts.add_account(
                connection, f"personne{number}", name, Role.VOLUNTEER, secrets.token_hex(8), now
            )
            cookies.append(sessions.open_session(connection, account, now))
    sync_index(settings, database)
    return episode, cookies


async def work(
    database: Database, episode: int, cookies: list[str], seconds: int
) -> tuple[list[Editor], list[float], int]:
    """Have everybody save until the time is over; then look at what their pages show."""
    turns = read_turns(database, episode)
    shared = turns[-len(cookies) :]
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{PORT}", timeout=60) as client:
        editors = []
        for number, cookie in enumerate(cookies):
            headers = JSON | {"cookie": f"{SESSION_COOKIE}={cookie}"}
            signed = httpx.AsyncClient(base_url=client.base_url, headers=headers, timeout=60)
            token = (await signed.get("/correct/session")).json()["token"]
            common = shared[number // SHARED_BY]
            editors.append(Editor(signed, token, turns[number * 7], _copy(common), random.Random(number)))
        *savers, seeker = editors
        end = time.monotonic() + seconds
        found_s: list[float] = []
        await asyncio.gather(seek(seeker, client, end, found_s), *(save_on(one, end) for one in savers))
        unshown = [await count_unshown(one, episode) for one in savers]
        for one in editors:
            await one.client.aclose()
    return editors, found_s, sum(unshown)


def read_turns(database: Database, episode: int) -> list[Turn]:
    """Read the turns, each with its passage."""
    with database.read() as connection:
        held = {stored.id: stored for stored in list_turns(connection, episode)}
        passages = list_passages(connection, episode, datetime.now(UTC))
    return [
        Turn(turn, passage.number, held[turn].turn.text, held[turn].version)
        for passage in passages
        for turn in passage.turn_ids
    ]


async def save_on(editor: Editor, end: float) -> None:
    """Save every two seconds, mostly one's own turn."""
    await asyncio.sleep(editor.dice.random() * PAUSE_S)
    while (begun := time.monotonic()) < end:
        turn = editor.shared if editor.dice.random() < SHARED_SHARE else editor.own
        await save(editor, turn, make_word(editor.dice))
        await asyncio.sleep(max(0.0, begun + PAUSE_S - time.monotonic()))


async def seek(editor: Editor, reader: httpx.AsyncClient, end: float, found_s: list[float]) -> None:
    """Save, then search until the word is found, over and over."""
    while time.monotonic() < end:
        word = make_word(editor.dice)
        await save(editor, editor.own, word)
        begun = time.monotonic()
        while time.monotonic() < begun + GIVE_UP_S:
            found = (await reader.get("/api/search", params={"q": word})).json()
            if found["total"] and found["corrected"] is None:
                break
            await asyncio.sleep(LOOK_AGAIN_S)
        found_s.append(time.monotonic() - begun)
        await asyncio.sleep(PAUSE_S / 2)


async def save(editor: Editor, turn: Turn, word: str) -> None:
    """Save a turn with a word of its own at its end; go on from what the archive then holds."""
    fields = {
        "form_token": editor.token,
        "version": str(turn.version),
        "passage": str(turn.passage),
        "text": f"{turn.text} {word}",
        "token": secrets.token_urlsafe(12),
    }
    begun = time.perf_counter()
    answer = await editor.client.post(f"/correct/turn/{turn.id}/text", data=fields)
    editor.spent_ms.append(1_000 * (time.perf_counter() - begun))
    body = answer.json()
    if answer.status_code == 200:
        turn.version = next(held["version"] for held in body["turns"] if held["id"] == turn.id)
        editor.accepted.append((turn.id, word))
    elif answer.status_code == 409:
        turn.version = body["theirs"]["version"]
        editor.refused.append((turn, word))
    else:
        editor.failed.append(f"{answer.status_code}: {body}")


async def count_unshown(editor: Editor, episode: int) -> int:
    """Count the refused texts that their author's own page does not show."""
    if not editor.refused:
        return 0
    passage = editor.refused[0][0].passage
    page = (await editor.client.get(f"/correct/{episode}/{passage}", headers={"accept": "text/html"})).text
    return sum(word not in page for _, word in editor.refused)


def tell(
    database: Database, episode: int, editors: list[Editor], found_s: list[float], unshown: int
) -> Iterator[Row]:
    """Compare what was answered with what the archive holds."""
    accepted = [held for one in editors for held in one.accepted]
    refused = [(turn.id, word) for one in editors for turn, word in one.refused]
    failed = [sentence for one in editors for sentence in one.failed]
    with database.read() as connection:
        written = {turn: _texts(connection, turn) for turn in {turn for turn, _ in accepted}}
        kept = [
            (held.turn_id, held.text) for held in list_conflicts(connection, episode_id=episode, settled=True)
        ]
    lost = sum(not any(word in text for text in written[turn]) for turn, word in accepted)
    unkept = sum(not any(word in text for where, text in kept if where == turn) for turn, word in refused)
    yield Row("accepted saves, of which not in history", f"{len(accepted)}, {lost}", "", None, "0")
    yield Row(
        "refused saves, of which not kept, not shown", f"{len(refused)}, {unkept}, {unshown}", "", None, "0"
    )
    yield Row("answers of another kind", str(len(failed)), "", None, "0")
    spent = sorted(ms for one in editors[:-1] for ms in one.spent_ms)
    cuts = statistics.quantiles(spent, n=20)
    yield Row("a save, median", f"{cuts[9]:.0f} ms", "", cuts[9] / GOAL_MS, "")
    yield Row("a save, 95 %", f"{cuts[18]:.0f} ms", "", cuts[18] / GOAL_MS, f"< {GOAL_MS} ms")
    middle, worst = statistics.median(found_s), max(found_s)
    yield Row(
        "a saved word is found, median",
        f"{middle:.2f} s",
        "",
        middle / FOUND_GOAL_S,
        f"< {FOUND_GOAL_S:.0f} s",
    )
    yield Row("a saved word is found, at worst", f"{worst:.2f} s", "", worst / FOUND_GOAL_S, "")
    for sentence in failed[:3]:
        logging.getLogger("bench").critical("%s", sentence)


def make_word(dice: random.Random) -> str:
    """Make a word that nobody has said."""
    return "zq" + "".join(dice.choice(LETTERS) for _ in range(10))


@contextmanager
def serve(settings: Settings) -> Iterator[None]:
    """Run `entendu serve`, with its worker beside, while the block runs."""
    own = {"ENTENDU_DATA": str(settings.data), "ENTENDU_SITE_URL": settings.site_url}
    command = [sys.executable, "-m", "entendu", "serve", "--port", str(PORT)]
    process = subprocess.Popen(command, env={**os.environ, **own}, stderr=subprocess.DEVNULL)
    try:
        for _ in range(600):
            try:
                httpx.get(settings.site_url)
                break
            except httpx.TransportError:
                time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait(60)


def _copy(turn: Turn) -> Turn:
    return Turn(turn.id, turn.passage, turn.text, turn.version)


def _texts(connection: Connection, turn: int) -> list[str]:
    return [held.text for held in list_versions(connection, turn)]


if __name__ == "__main__":
    main()

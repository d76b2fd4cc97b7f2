"""People at the pages: each asks the real web application, in the process that is to be killed.

A request is told of before it is sent, and its answer when it has come, so that what a killed
process acknowledged is known to the last line. A text that an earlier process never answered is
sent again first, with its token, as an editor's page does.
"""

import asyncio
import json
import random
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from starlette.applications import Starlette

from faults.victims import Tell
from faults.worlds import World
from media.correction.claims import list_passages
from media.database import Database
from media.episodes import EpisodeStatus, list_episodes
from media.transcripts import list_turns
from web.visits import SESSION_COOKIE

LETTERS = "bcdfghjklmnpqrstvwxz"


@dataclass(frozen=True)
class Answer:
    """What the application answered."""

    status: int
    body: bytes

    def read(self) -> Any:
        """Read it as JSON; None where it is not."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


@dataclass
class Turn:
    """A turn as an editor's page shows it."""

    id: int
    episode: int
    passage: int
    version: int
    text: str  # without words of ours


@dataclass
class Editor:
    """Somebody signed in, with turns to work on."""

    app: Starlette
    cookie: str
    dice: random.Random
    tell: Tell
    turns: dict[int, Turn]
    token: str = ""
    last_act: tuple[Turn, int] | None = None
    kept: int = 0

    async def sign_in(self) -> None:
        """Ask for what the forms of this session carry."""
        answer = await self.ask("GET", "/correct/session")
        self.token = (answer.read() or {}).get("token", "")

    async def ask(self, method: str, path: str, fields: Mapping[str, str] | None = None) -> Answer:
        """Send one request, and tell of its answer."""
        answer = await ask(self.app, method, path, self.cookie, fields)
        said = answer.read()
        sentence = said.get("error", "") if isinstance(said, dict) else ""
        self.tell("answer", answer.status, sentence)
        return answer

    async def act(self) -> None:
        """Do one thing: mostly save a text."""
        turn = self.turns[self.dice.choice(sorted(self.turns))]
        match self.dice.choices(("save", "split", "merge", "speaker", "undo", "search"), (85, 3, 3, 3, 3, 3))[
            0
        ]:
            case "split":
                await self.change(turn, "split", {"at_word": "1"})
            case "merge":
                await self._merge(turn)
            case "speaker":
                await self.change(turn, "speaker", {"name": make_word(self.dice), "scope": "turn"})
            case "undo" if self.last_act:
                await self._undo(*self.last_act)
            case "search":
                await self.ask("GET", "/api/search?q=" + self.dice.choice(turn.text.split() or ["mairie"]))
            case _:
                await self.save(turn)

    async def save(self, turn: Turn) -> None:
        """Save a turn with a word of its own at its end."""
        word = make_word(self.dice)
        fields = {
            "version": str(turn.version),
            "passage": str(turn.passage),
            "text": f"{turn.text} {word}",
            "token": secrets.token_urlsafe(12),
        }
        await self.send(turn.id, word, fields)

    async def send(self, turn: int, word: str, fields: dict[str, str]) -> None:
        """Send a text, new or again."""
        self.tell("sent", fields["token"], {**fields, "turn": turn, "word": word})
        answer = await self.ask("POST", f"/correct/turn/{turn}/text", fields | {"form_token": self.token})
        body = answer.read()
        if answer.status == 200:
            self._take(body)
            self.kept += 1
            self.tell("kept", turn, word, fields["token"], body["act"])
        elif answer.status in {404, 409, 422} and body.get("conflict"):
            self.tell("refused", turn, word, fields["token"])
            self._take(body)
            if answer.status == 404:
                self.turns.pop(turn, None)

    async def change(self, turn: Turn, name: str, fields: Mapping[str, str]) -> None:
        """Do an act on a turn, other than saving its text."""
        own = {"version": str(turn.version), "passage": str(turn.passage), "episode": str(turn.episode)}
        own |= {"form_token": self.token, "token": secrets.token_urlsafe(12)}
        answer = await self.ask("POST", f"/correct/turn/{turn.id}/{name}", own | dict(fields))
        body = answer.read()
        if answer.status == 200:
            self._take(body)
            if body["act"] is not None:
                self.kept += 1
                self.tell("act", body["act"])
                self.last_act = turn, body["act"]
        elif answer.status == 404:
            self.turns.pop(turn.id, None)

    async def _merge(self, turn: Turn) -> None:
        others = [held for held in self.turns.values() if held.episode == turn.episode and held.id > turn.id]
        if others:
            other = min(others, key=lambda held: held.id)
            await self.change(turn, "merge", {"other": str(other.id), "other_version": str(other.version)})

    async def _undo(self, turn: Turn, act: int) -> None:
        fields = {"act": str(act), "form_token": self.token, "passage": str(turn.passage)}
        answer = await self.ask("POST", f"/correct/{turn.episode}/{turn.passage}/undo", fields)
        self.last_act = None
        if answer.status == 200:
            self._take(answer.read())

    def _take(self, body: Any) -> None:
        """Go on from what the archive holds now."""
        for shown in (body or {}).get("turns", ()):
            if held := self.turns.get(shown["id"]):
                held.version = shown["version"]


async def ask(
    app: Starlette, method: str, path: str, cookie: str, fields: Mapping[str, str] | None = None
) -> Answer:
    """Put one request to an application, as a server would."""
    address = urlsplit(path)
    headers = {
        "accept": "application/json",
        "cookie": f"{SESSION_COOKIE}={cookie}",
        "content-type": "application/x-www-form-urlencoded",
        "host": "127.0.0.1:8765",
    }
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "scheme": "http",
        "method": method,
        "path": address.path,
        "raw_path": address.path.encode(),
        "query_string": address.query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 8765),
    }
    received = [{"type": "http.request", "body": urlencode(fields or {}).encode(), "more_body": False}]
    sent: list[Any] = []

    async def receive() -> Any:
        return received.pop() if received else await asyncio.Event().wait()

    async def send(message: Any) -> None:
        sent.append(message)

    try:
        await app(scope, receive, send)
    except Exception:  # Starlette raises again, for the server's log, what it has answered with a 500
        if not sent:
            raise
    body = b"".join(message.get("body", b"") for message in sent)
    return Answer(sent[0]["status"], body)


def edit(
    world: World, seed: str, acts: int, tell: Tell, *, before: Callable[[], None] = lambda: None
) -> None:
    """Start the application in this process, and have three people do so many acts at once."""
    asyncio.run(_edit(world, random.Random(seed), acts, tell, before))


async def _edit(world: World, dice: random.Random, acts: int, tell: Tell, before: Callable[[], None]) -> None:
    async with begun(world, dice, tell) as editors:
        await send_unanswered(world, editors[0])
        before()
        tell("begun")
        await asyncio.gather(*(_go_on(editor, acts // len(editors) + 1) for editor in editors))


async def _go_on(editor: Editor, acts: int) -> None:
    for _ in range(acts):
        if editor.turns:
            await editor.act()


async def send_unanswered(world: World, editor: Editor) -> None:
    """Send again what an earlier process left without an answer."""
    for fields in list(world.ledger.unknown.values()):
        sent = {name: value for name, value in fields.items() if name not in {"turn", "word"}}
        await editor.send(fields["turn"], fields["word"], sent)


@asynccontextmanager
async def begun(
    world: World, dice: random.Random, tell: Tell, people: int = 3
) -> AsyncIterator[list[Editor]]:
    """Start the application, sign people in to it, and stop it on the way out."""
    app = world.app
    async with app.router.lifespan_context(app):
        turns = read_turns(app.state.site.database, dice)
        editors = []
        for number, cookie in enumerate(world.cookies[:people]):
            own = random.Random(dice.random())
            mine = own.sample(turns, 8) if number else turns[:8]
            held = {turn.id: replace(turn) for turn in mine}
            editors.append(Editor(app, cookie, own, tell, held))
            await editors[-1].sign_in()
        yield editors


def read_turns(database: Database, dice: random.Random) -> list[Turn]:
    """Read the turns of one episode, each with its passage."""
    with database.read() as connection:
        episode = dice.choice(list_episodes(connection, statuses=[EpisodeStatus.READY])).id
        held = {stored.id: stored for stored in list_turns(connection, episode)}
        passages = list_passages(connection, episode, datetime.now(UTC))
    return [
        Turn(turn, episode, passage.number, held[turn].version, _without_ours(held[turn].turn.text))
        for passage in passages
        for turn in passage.turn_ids
    ]


def make_word(dice: random.Random) -> str:
    """Make a word that nobody has said."""
    return "zq" + "".join(dice.choice(LETTERS) for _ in range(12))


def _without_ours(text: str) -> str:
    return " ".join(word for word in text.split() if not word.startswith("zq"))

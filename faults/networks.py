"""Networks cut at any byte: downloads, feeds, and editors' own requests (FAULTS 19, 43; I1)."""

import hashlib
import http.client
import json
import random
import secrets
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import formatdate
from urllib.parse import urlencode

import uvicorn
from sqlalchemy import select

from bench.long_episode import MP3_FRAME
from faults.asking import Turn, make_word, read_turns
from faults.killing import last_words
from faults.victims import Tell, Victim, becomes, run_victim
from faults.worlds import World
from ingest.errors import FetchError
from ingest.feeds.polling import poll_show
from ingest.network.addresses import Network
from ingest.network.download import DownloadLimits, download_file
from ingest.sound.sniffing import sniff_media
from media import schema, shows
from media.language import translate
from web.visits import SESSION_COOKIE

HERE = "127.0.0.1"
NETWORK = Network.allowing((HERE,))
TRIES = 8  # as many as the queue gives a download, and more than cuts are made
ENTRIES = 5
HEAD_BYTES = 1 << 16
AT_ONCE = struct.pack("ii", 1, 0)  # SO_LINGER: a reset instead of a farewell


def cut_download(world: World, dice: random.Random) -> str:
    """Cut a download several times, at any byte of head or body; now and then, kill who downloads."""
    sound = MP3_FRAME * 400 + dice.randbytes(dice.randrange(200_000))
    cuts = [dice.random() for _ in range(dice.randrange(1, 5))]
    arriving = world.data / "arriving"
    with _serving_cut(world, sound, "audio/mpeg", cuts) as url:
        download = Victim.begin(lambda tell: _download(world, f"{url}sound.mp3", tell), world.log)
        if dice.random() < 0.3:
            time.sleep(dice.uniform(0, 0.05))
            download.kill()
        list(download.listen())
        assert download.status == -9 or arriving.exists(), last_words(world)
        if not arriving.exists():
            run_victim(lambda tell: _download(world, f"{url}sound.mp3", tell), world.log)
    got = hashlib.sha256(arriving.read_bytes()).hexdigest() if arriving.exists() else "nothing"
    assert got == hashlib.sha256(sound).hexdigest(), f"arrived: {got}; {last_words(world)}"
    arriving.unlink()
    return f"{len(cuts)} cuts in {len(sound):,} bytes"


def cut_feed(world: World, dice: random.Random) -> str:
    """Cut a feed at any byte: nothing comes of it, or all; read again, each episode is there once."""
    name = make_word(dice)
    feed = _write_feed(name).encode()
    cut = dice.random()
    with _serving_cut(world, feed, "application/rss+xml", [cut] * 4) as url:
        with world.open() as database, database.write() as connection:
            show = shows.add_show(connection, name, datetime.now(UTC), feed_url=f"{url}feed.xml")
        counts = []
        for _ in range(TRIES):
            events, status = run_victim(lambda tell: _poll(world, show.id, tell), world.log)
            assert status == 0, last_words(world)
            counts += [event[1] for event in events if event[0] == "episodes"]
            for event in events:
                world.ledger.note(event)
            if counts[-1] == ENTRIES and len(counts) > 1:
                break
    assert set(counts) <= {0, ENTRIES} and counts[-1] == ENTRIES, counts
    return f"cut at {cut:.0%}: {counts}"


def cut_request(world: World, dice: random.Random) -> str:
    """Cut an editor's save at any byte, sent or answered; sent again with its token, it is one save."""
    with _serving_site(world) as port:
        cookie, (turn, word) = world.cookies[0], _choose(world, dice)
        token = ask_server(port, "GET", "/correct/session", cookie)[1]["token"]
        fields = {
            "form_token": token, "version": str(turn.version), "passage": str(turn.passage),
            "text": f"{turn.text} {word}", "token": secrets.token_urlsafe(12),
        }  # fmt: skip
        path, body = f"/correct/turn/{turn.id}/text", urlencode(fields).encode()
        sent = _head(path, cookie, len(body)) + body
        where = _cut_off(port, sent, dice)
        status, answer = ask_server(port, "POST", path, cookie, body)
        assert status == 200, (status, answer)
        world.ledger.note(["answer", status, ""])
        world.ledger.note(["kept", turn.id, word, fields["token"], answer["act"]])
    return where


@contextmanager
def _serving_cut(world: World, content: bytes, media: str, cuts: list[float]) -> Iterator[str]:
    """Serve one content, of which each answer is cut at its share, until there are no cuts left."""
    with socket.create_server((HERE, 0)) as listener:
        server = Victim.begin(lambda _: _serve_cut(listener, content, media, cuts), world.log)
        try:
            yield f"http://{HERE}:{listener.getsockname()[1]}/"
        finally:
            server.kill()
            list(server.listen())


def _serve_cut(listener: socket.socket, content: bytes, media: str, cuts: list[float]) -> None:
    waiting = list(cuts)
    while True:
        connection, _ = listener.accept()
        with connection:
            head = connection.recv(HEAD_BYTES).decode("latin1")
            answer = _answer(head, content, media)
            share = waiting.pop() if waiting else None
            if share is not None:
                answer = answer[: round(share * (len(answer) - 1))]
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
            connection.sendall(answer)


def _answer(head: str, content: bytes, media: str) -> bytes:
    """Answer a request for the content, or for what comes after a byte of it."""
    asked = [line for line in head.splitlines() if line.lower().startswith("range: bytes=")]
    first = int(asked[0].partition("=")[2].partition("-")[0]) if asked else 0
    status = f"206 Partial Content\r\nContent-Range: bytes {first}-{len(content) - 1}/{len(content)}"
    lines = [
        f"HTTP/1.1 {status if first else '200 OK'}",
        f"Content-Type: {media}",
        f"Content-Length: {len(content) - first}",
        'ETag: "one"',
        f"Date: {formatdate(usegmt=True)}",
        "Connection: close",
    ]
    return "\r\n".join([*lines, "", ""]).encode() + content[first:]


def _download(world: World, url: str, tell: Tell) -> None:
    for _ in range(TRIES):
        try:
            download_file(
                url, world.data / "arriving", NETWORK, sniff=sniff_media, limits=DownloadLimits(1 << 24)
            )
        except FetchError as error:
            tell("answer", 503, translate(error.message, "en"))
            assert error.transient, error
        else:
            return


def _poll(world: World, show_id: int, tell: Tell) -> None:
    with world.open() as database:
        with database.read() as connection:
            show = shows.get_show(connection, show_id)
        poll_show(database, world.settings, NETWORK, show, datetime.now(UTC))
        with database.read() as connection:
            if failure := shows.get_show(connection, show_id).failure:
                tell("answer", 503, translate(failure, "en"))
            ours = select(schema.episode.c.id).where(schema.episode.c.show_id == show_id)
            tell("episodes", len(connection.execute(ours).all()))


def _write_feed(name: str) -> str:
    entries = "".join(
        f"<item><title>{name} {number}</title><guid>{name}-{number}</guid>"
        f'<enclosure url="http://{HERE}:1/{number}.mp3" type="audio/mpeg" length="1"/></item>'
        for number in range(ENTRIES)
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>{name}</title>{entries}</channel></rss>'


@contextmanager
def _serving_site(world: World) -> Iterator[int]:
    """Serve the pages by a real server, and wait until it answers."""
    with socket.create_server((HERE, 0)) as listener:
        port = listener.getsockname()[1]
        server = Victim.begin(lambda _: _serve(world, listener), world.log)
        try:
            assert becomes(lambda: answers(port)), last_words(world)
            yield port
        finally:
            server.kill()
            list(server.listen())


def _serve(world: World, listener: socket.socket) -> None:
    uvicorn.Server(uvicorn.Config(world.app, log_level="warning", access_log=False)).run(sockets=[listener])


def answers(port: int) -> bool:
    """Tell whether a server answers there."""
    try:
        return ask_server(port, "GET", "/correct/session", "")[0] == 200
    except (OSError, http.client.HTTPException):
        return False


@dataclass(frozen=True)
class _Cut:
    """Where a connection is cut: after so many bytes sent, or received."""

    sent: int
    received: int | None


def _cut_off(port: int, request: bytes, dice: random.Random) -> str:
    """Send a request, and hang up at a byte of it or of its answer."""
    is_answered = dice.random() < 0.5
    cut = (
        _Cut(len(request), dice.randrange(2_000)) if is_answered else _Cut(dice.randrange(len(request)), None)
    )
    with socket.create_connection((HERE, port), timeout=60) as connection:
        if dice.random() < 0.5:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
        connection.sendall(request[: cut.sent])
        received = 0
        while cut.received is not None and received < cut.received:
            block = connection.recv(cut.received - received)
            received += len(block)
            if not block:
                break
    return f"answer cut at {received}" if is_answered else f"request cut at {cut.sent} of {len(request)}"


def _choose(world: World, dice: random.Random) -> tuple[Turn, str]:
    with world.open() as database:
        return dice.choice(read_turns(database, dice)), make_word(dice)


def _head(path: str, cookie: str, length: int) -> bytes:
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: 127.0.0.1",
        "Accept: application/json",
        "Content-Type: application/x-www-form-urlencoded",
        f"Cookie: {SESSION_COOKIE}={cookie}",
        f"Content-Length: {length}",
    ]
    return "\r\n".join([*lines, "", ""]).encode()


def ask_server(
    port: int, method: str, path: str, cookie: str, body: bytes | None = None
) -> tuple[int, dict[str, str]]:
    """Ask a server over a connection of its own; returns its status, and what it says."""

    connection = http.client.HTTPConnection(HERE, port, timeout=60)
    headers = {
        "Accept": "application/json",
        "Content-Type": "application/x-www-form-urlencoded",
        "Cookie": f"{SESSION_COOKIE}={cookie}",
    }
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()

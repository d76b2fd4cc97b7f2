"""Clients who take their time hold nobody else up (FAULTS 55); waits for what happens, measures no time."""

import select
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from web.patience import MAX_FROM_ADDRESS, PatientProtocol

WAIT_S = 60
STRANGER = "127.0.0.2"  # another address of this machine
HEAD = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n"
WHOLE = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


class Hasty(PatientProtocol):
    """The same, for tests that have no minute to lose."""

    head_s = 0.4
    body_s = 0.4
    body_bytes_a_second = 10**9
    taking_s = 0.4


class Stolid(PatientProtocol):
    """One that ends nothing while a test looks on."""

    head_s = body_s = taking_s = 600.0


async def answer(request: Request) -> Response:
    await request.body()
    return PlainTextResponse(b"x" * int(request.query_params.get("bytes", "2")))


@contextmanager
def serving(protocol: type[PatientProtocol]) -> Iterator[int]:
    app = Starlette(routes=[Route("/", answer, methods=["GET", "POST"])])
    limits = {"limit_concurrency": MAX_FROM_ADDRESS + 10, "timeout_keep_alive": 600}
    config = uvicorn.Config(app, port=0, http=protocol, log_config=None, **limits)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    assert becomes(lambda: server.started)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = server.force_exit = True
    thread.join()


@pytest.fixture(scope="module")
def hasty() -> Iterator[int]:
    with serving(Hasty) as port:
        yield port


def becomes(condition) -> bool:
    end = time.monotonic() + WAIT_S
    while not (holds := condition()) and time.monotonic() < end:
        time.sleep(0.02)
    return holds


def connect(port: int, source: str = "127.0.0.1") -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), WAIT_S, (source, 0))


def is_closed(held: socket.socket) -> bool:
    """Tell whether the other side ended a connection."""
    if not select.select([held], [], [], 0)[0]:
        return False
    try:
        return held.recv(1) == b""
    except ConnectionError:
        return True


def ask(port: int) -> bytes:
    with closing(connect(port)) as held:
        held.sendall(WHOLE)
        return held.makefile("rb").read()


@pytest.mark.parametrize(
    "sent",
    [b"", b"G", b"GET / HTTP/1.1\r\nX: ", HEAD, HEAD + b"a"],
    ids=["nothing", "a letter", "half a head", "no body", "half a body"],
)
def test_the_rest_of_a_request_is_not_waited_for_for_ever(hasty: int, sent: bytes) -> None:
    with closing(connect(hasty)) as held:
        held.sendall(sent)
        assert becomes(lambda: is_closed(held))


def test_nor_is_the_rest_of_a_second_one(hasty: int) -> None:
    with closing(connect(hasty)) as held:
        held.sendall(WHOLE.replace(b"close", b"keep-alive"))
        assert held.recv(10_000).startswith(b"HTTP/1.1 200")
        held.sendall(b"GET")
        assert becomes(lambda: held.recv(10_000) == b"")


def test_dripping_keeps_no_connection(hasty: int) -> None:
    """Each letter of a head that comes is no reason to wait longer."""
    with closing(connect(hasty)) as held:
        held.sendall(b"GET / HTTP/1.1\r\nX: ")

        def drip() -> bool:
            try:
                held.sendall(b"a")
            except ConnectionError:
                return True
            return is_closed(held)

        assert becomes(drip)


def test_an_answer_that_nobody_takes_ends(hasty: int) -> None:
    def is_cut() -> bool:
        with closing(socket.socket()) as held:
            held.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            held.connect(("127.0.0.1", hasty))
            held.sendall(WHOLE.replace(b"/", b"/?bytes=8000000", 1))
            time.sleep(1)  # not a byte is taken meanwhile
            got = 0
            try:
                while part := held.recv(1_000_000):
                    got += len(part)
            except ConnectionError:
                return True
            return got < 8_000_000

    assert becomes(is_cut)


def test_whoever_is_quick_is_served_whole_and_again(hasty: int) -> None:
    with closing(connect(hasty)) as held:
        for _ in range(3):
            body = b"POST /?bytes=70000 HTTP/1.1\r\nHost: x\r\nContent-Length: 90000\r\n\r\n" + b"a" * 90_000
            held.sendall(body)
            got = b""
            while got.count(b"x") < 70_000:
                got += held.recv(100_000)
    assert ask(hasty).startswith(b"HTTP/1.1 200")


def test_one_address_cannot_take_every_place() -> None:
    """Without the limit, uvicorn would answer 503 to everybody as long as these stay open."""
    with serving(Stolid) as port:
        held = [connect(port, STRANGER) for _ in range(MAX_FROM_ADDRESS + 20)]
        for one in held:
            try:
                one.sendall(b"GET / HT")
            except ConnectionError:  # one too many
                continue
        assert becomes(lambda: sum(map(is_closed, held)) == len(held) - MAX_FROM_ADDRESS)
        assert ask(port).startswith(b"HTTP/1.1 200")
        for one in held:
            one.close()

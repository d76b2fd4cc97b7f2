"""The harness of FAULTS.md C on loopback: a server that lies, a canary, a resolver of our making."""

import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from ingest.network.addresses import Network

HOST = "feeds.test"
Route = Callable[["Exchange"], None]


@dataclass
class Exchange:
    """One request, and the socket to answer it on as badly as one likes."""

    path: str
    headers: dict[str, str]
    connection: socket.socket

    def send(self, status: str, body: bytes = b"", **headers: str) -> None:
        """Answer properly, unless the headers given say otherwise."""
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        names = {"Content-Length": str(len(body)), "Connection": "close", **names}
        lines = "".join(f"{name}: {value}\r\n" for name, value in names.items() if value)
        self.raw(f"HTTP/1.1 {status}\r\n{lines}\r\n".encode() + body)

    def raw(self, data: bytes) -> None:
        """Send bytes as they are."""
        self.connection.sendall(data)

    def drip(self, data: bytes, pause_s: float) -> None:
        """Send a byte at a time."""
        for byte in data:
            self.raw(bytes([byte]))
            time.sleep(pause_s)


@dataclass
class EvilServer:
    """Answers on loopback with whatever its routes do, and remembers what it was asked."""

    routes: dict[str, Route] = field(default_factory=dict)
    asked: list[Exchange] = field(default_factory=list)
    port: int = 0

    def url(self, path: str, host: str = HOST) -> str:
        """Return the address of a path."""
        return f"http://{host}:{self.port}{path}"

    def __call__(self, path: str) -> Callable[[Route], Route]:
        """Register a route."""

        def register(route: Route) -> Route:
            self.routes[path] = route
            return route

        return register

    def answer(self, connection: socket.socket) -> None:
        """Read a request's head, and let its route do its worst."""
        with connection:
            connection.settimeout(20)
            head = b""
            while b"\r\n\r\n" not in head:
                piece = connection.recv(65_536)
                if not piece:
                    return
                head += piece
            first, *lines = head.split(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
            headers = {
                name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)
            }
            exchange = Exchange(first.split(" ")[1], headers, connection)
            self.asked.append(exchange)
            route = self.routes.get(exchange.path.partition("?")[0])
            try:
                route(exchange) if route else exchange.send("404 Not Found")
            except OSError:
                return  # the client had enough


@dataclass
class Canary:
    """Stands for a service of the inner network: nobody may connect."""

    port: int = 0
    hits: int = 0


@contextmanager
def listening(answer: Callable[[socket.socket], None]) -> Iterator[int]:
    """Answer each connection to a port of loopback in a thread of its own."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.02)
    stopped = threading.Event()

    def accept() -> None:
        while not stopped.is_set():
            try:
                connection, _ = listener.accept()
            except TimeoutError:
                continue
            threading.Thread(target=answer, args=(connection,), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        stopped.set()
        thread.join()
        listener.close()


@contextmanager
def evil_server() -> Iterator[EvilServer]:
    """Run an evil server."""
    server = EvilServer()
    with listening(server.answer) as server.port:
        yield server


@contextmanager
def canary() -> Iterator[Canary]:
    """Run a canary."""
    bird = Canary()

    def sing(connection: socket.socket) -> None:
        bird.hits += 1
        connection.close()

    with listening(sing) as bird.port:
        yield bird


def network_of(allowed: Sequence[str] = (HOST,), **hosts: str | list[str]) -> Network:
    """Make a network whose names all lead to loopback, or where `hosts` says (dots as `_`)."""
    table = {name.replace("_", "."): value for name, value in hosts.items()}

    def resolve(host: str, port: int) -> list[str]:
        if host == "nowhere.test":
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        found = table.get(host, "127.0.0.1")
        return [found] if isinstance(found, str) else found

    return Network.allowing(allowed, resolve)

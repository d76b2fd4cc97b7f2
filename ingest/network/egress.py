"""The one door to the outside: connections to checked addresses only, under one deadline.

A name is resolved once, at the moment of connecting, and the connection goes to the address that
was checked, so that a name server that changes its answer (rebinding) gains nothing; Host and SNI
keep the name. The deadline holds for everything that a connection does, because a time limit for
each read lets a server that drips two bytes a second go on for ever.
"""

import ssl
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from contextlib import closing, contextmanager
from functools import cache
from threading import Thread
from typing import Any

import certifi
import httpcore
import httpx

from ingest.errors import ConnectionFailedError, FetchTimeoutError, IngestError
from ingest.network.addresses import Network, reach_host, show_address

RESOLVE_S = 15.0
CONNECT_S = 10.0
READ_S = 20.0
READ_BYTES = 64 << 10
MAX_HEAD_BYTES = 128 << 10
TRAILING_WAIT_S = 0.5  # for a server that does not close when asked to


class Deadline:
    """The moment by which a whole exchange must be over."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    def left(self, at_most: float | None = None) -> float:
        """Return the seconds left, `at_most` this; TimeoutError when there are none."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError(f"more than {self.seconds:g} s")
        return left if at_most is None else min(left, at_most)


class GuardedStream(httpcore.NetworkStream):
    """A connection whose every operation ends by the deadline; counts what follows the head."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline
        self._head = b""
        self._body_begun = False
        self.body_bytes = 0  # received after the head of the answer, framing included

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read what has come."""
        data = self._stream.read(max_bytes, self._left(timeout, httpcore.ReadTimeout))
        self._count(data)
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send all of the buffer."""
        self._stream.write(buffer, self._left(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        """Close the connection."""
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        """Continue encrypted, under the same deadline."""
        left = self._left(timeout, httpcore.ConnectTimeout)
        return GuardedStream(self._stream.start_tls(ssl_context, server_hostname, left), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        """Say what the connection below says."""
        return self._stream.get_extra_info(info)

    def _left(self, timeout: float | None, error: type[httpcore.TimeoutException]) -> float:
        try:
            return self._deadline.left(timeout)
        except TimeoutError as cause:
            raise error(str(cause)) from cause

    def _count(self, data: bytes) -> None:
        if self._body_begun:
            self.body_bytes += len(data)
            return
        self._head += data
        while (end := self._head.find(b"\r\n\r\n")) >= 0:
            interim = self._head.startswith((b"HTTP/1.1 1", b"HTTP/1.0 1"))
            rest = self._head[end + 4 :]
            self._head = rest
            if not interim:
                self._body_begun, self.body_bytes, self._head = True, len(rest), b""
                return
        if len(self._head) > MAX_HEAD_BYTES:
            raise httpcore.RemoteProtocolError("endless head")


class GuardedBackend(httpcore.NetworkBackend):
    """Connects to checked addresses only."""

    def __init__(self, network: Network, deadline: Deadline, shown: str) -> None:
        self._network = network
        self._deadline = deadline
        self._shown = shown
        self._below = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Resolve, check, and connect to the first address that answers."""
        failure: Exception | None = None
        for address in self._checked(host, port):
            try:
                left = self._deadline.left(timeout)
                stream = self._below.connect_tcp(address, port, left, local_address, socket_options)
            except TimeoutError as error:
                raise httpcore.ConnectTimeout(str(error)) from error
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return GuardedStream(stream, self._deadline)
        raise httpcore.ConnectError(f"{host}: {failure}") from failure

    def _checked(self, host: str, port: int) -> list[str]:
        # The system's resolver takes no time limit, so it is waited for from beside it.
        outcome: Future[list[str]] = Future()

        def resolve() -> None:
            try:
                outcome.set_result(reach_host(host, port, self._network, self._shown))
            except IngestError as error:
                outcome.set_exception(error)

        Thread(target=resolve, daemon=True, name="resolve").start()
        try:
            return outcome.result(self._deadline.left(RESOLVE_S))
        except TimeoutError as error:
            raise httpcore.ConnectTimeout(f"the name {host} took too long") from error


class GuardedTransport(httpx.BaseTransport):
    """What httpx sends through: one connection, never reused, never by a proxy."""

    def __init__(self, network: Network, deadline: Deadline, shown: str) -> None:
        self._shown = shown
        self._deadline = deadline
        self._pool = httpcore.ConnectionPool(
            ssl_context=tls_context(),
            max_connections=1,
            max_keepalive_connections=0,
            network_backend=GuardedBackend(network, deadline, shown),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request, and return its answer with the body unread."""
        url = httpcore.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        )
        asked = httpcore.Request(
            request.method,
            url,
            headers=request.headers.raw,
            content=request.read(),
            extensions={
                "timeout": {"connect": CONNECT_S, "read": READ_S, "write": READ_S, "pool": CONNECT_S}
            },
        )
        with foreign_errors(self._shown, self._deadline):
            answer = self._pool.handle_request(asked)
        body = GuardedBody(answer, self._shown, self._deadline)
        return httpx.Response(answer.status, headers=answer.headers, stream=body, extensions={"body": body})

    def close(self) -> None:
        """Close the connection."""
        self._pool.close()


class GuardedBody(httpx.SyncByteStream):
    """An answer's body as it was sent, still compressed, in pieces of at most 64 KiB."""

    def __init__(self, answer: httpcore.Response, shown: str, deadline: Deadline) -> None:
        self._answer = answer
        self._shown = shown
        self._deadline = deadline

    def __iter__(self) -> Iterator[bytes]:
        with foreign_errors(self._shown, self._deadline):
            yield from self._answer.iter_stream()

    def close(self) -> None:
        """Close the connection."""
        self._answer.close()

    def follows_more(self, announced: int) -> bool:
        """Say whether the server goes on after the length that it announced.

        The HTTP parser stops at that length and would take a cut file for a whole one.
        """
        stream = self._answer.extensions.get("network_stream")
        if not isinstance(stream, GuardedStream):
            return False
        if stream.body_bytes <= announced:
            try:
                stream.read(1, TRAILING_WAIT_S)
            except (httpcore.NetworkError, httpcore.TimeoutException):
                return False  # nothing came in time, or the connection is closed: as it should be
        return stream.body_bytes > announced


@contextmanager
def foreign_errors(shown: str, deadline: Deadline) -> Iterator[None]:
    """Turn what httpcore, ssl and sockets raise into our errors."""
    try:
        yield
    except httpcore.TimeoutException as error:
        raise FetchTimeoutError(str(error), url=shown, seconds=round(deadline.seconds)) from error
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol) as error:
        raise ConnectionFailedError(f"{type(error).__name__}: {error}", url=shown) from error
    except (OSError, ValueError) as error:  # a certificate, or a name that TLS cannot carry
        raise ConnectionFailedError(f"{type(error).__name__}: {error}", url=shown) from error


@cache
def tls_context() -> ssl.SSLContext:
    """Make the TLS settings once: certifi's authorities, nothing from the environment."""
    return ssl.create_default_context(cafile=certifi.where())


@contextmanager
def send_get(
    url: httpx.URL, headers: dict[str, str], network: Network, deadline: Deadline
) -> Iterator[httpx.Response]:
    """Send one GET, without following redirects, and hold its answer open."""
    # Not by httpx.Client: it parses the target of a redirect even where it does not follow it.
    transport = GuardedTransport(network, deadline, show_address(str(url)))
    request = httpx.Request("GET", url, headers=headers)
    with transport, closing(transport.handle_request(request)) as answer:
        yield answer

"""The guarded client against the evil server (FAULTS 23 to 27, 32, 33)."""

import doctest
import gzip
import resource
import ssl
import subprocess
import time
import tracemalloc
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingest import errors
from ingest.network import egress, fetching
from ingest.network.addresses import Network
from ingest.network.fetching import MIB, Fetched, NotModified, fetch_bytes, inflate
from tests.ingest.evil_server import Canary, EvilServer, Exchange, canary, evil_server, network_of

RSS = b"<rss version='2.0'><channel><title>Radio</title></channel></rss>"


@pytest.fixture
def server() -> Iterator[EvilServer]:
    with evil_server() as running:
        yield running


@pytest.fixture
def bird() -> Iterator[Canary]:
    with canary() as running:
        yield running


def fetch(url: str, network: Network | None = None, **options: object) -> Fetched | NotModified:
    return fetch_bytes(url, network or network_of(), **{"max_bytes": 15 * MIB, "total_s": 10.0, **options})  # type: ignore[arg-type]


def redirect(status: str, target: str) -> object:
    return lambda exchange: exchange.send(status, Location=target)


INNER_HOSTS = """
127.0.0.1 [::1] [::] [::ffff:127.0.0.1] [::127.0.0.1] [64:ff9b::7f00:1] [2002:7f00:1::1]
[2001:0:7f00:1::1] [fec0::1] 0.0.0.0 0177.0.0.1 0x7f000001 2130706433 127.1 %31%32%37.0.0.1
localhost inner.test １２７.０.０.１ 127。0。0。1 169.254.169.254 user@127.0.0.1
"""


@pytest.mark.parametrize("host", INNER_HOSTS.split())
def test_inner_network_is_refused_directly_and_by_redirect(
    server: EvilServer, bird: Canary, host: str
) -> None:
    """FAULTS 23."""
    target = f"http://{host}:{bird.port}/latest/meta-data"
    server("/rss")(redirect("302 Found", target))  # type: ignore[arg-type]
    for url in (target, server.url("/rss")):
        with pytest.raises(errors.AddressRefusedError):
            fetch(url)
    assert bird.hits == 0


@pytest.mark.parametrize(
    "target", ["file:///etc/passwd", "gopher://x/", "ftp://x/", "javascript:x", "http://["]
)
def test_redirect_to_another_scheme_is_refused(server: EvilServer, target: str) -> None:
    """FAULTS 23."""
    server("/rss")(redirect("302 Found", target))  # type: ignore[arg-type]
    with pytest.raises(errors.AddressRefusedError):
        fetch(server.url("/rss"))


def test_rebinding_name_is_resolved_once_and_its_checked_address_used(bird: Canary) -> None:
    """FAULTS 23."""
    answers = iter([["192.0.2.1"], ["127.0.0.1"]])
    asked: list[str] = []

    def rebind(host: str, port: int) -> list[str]:
        asked.append(host)
        return next(answers)

    with pytest.raises(errors.InnerAddressError):
        fetch(f"http://radio.test:{bird.port}/", Network.allowing([], rebind))
    assert asked == ["radio.test"] and bird.hits == 0


def test_connection_goes_to_the_checked_address_under_the_hosts_name(server: EvilServer) -> None:
    server("/rss")(lambda exchange: exchange.send("200 OK", RSS))
    answer = fetch(server.url("/rss"))
    assert isinstance(answer, Fetched) and answer.content == RSS
    assert server.asked[0].headers["host"] == f"feeds.test:{server.port}"
    assert server.asked[0].headers["user-agent"].startswith("Entendu")


def test_second_address_is_tried_when_the_first_does_not_answer(server: EvilServer) -> None:
    server("/rss")(lambda exchange: exchange.send("200 OK", RSS))
    network = network_of(feeds_test=["127.0.0.2", "127.0.0.1"])
    assert isinstance(fetch(server.url("/rss"), network), Fetched)


def test_proxies_of_the_environment_are_not_used(
    server: EvilServer, bird: Canary, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FAULTS 23."""
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{bird.port}")
    server("/rss")(lambda exchange: exchange.send("200 OK", RSS))
    assert isinstance(fetch(server.url("/rss")), Fetched) and bird.hits == 0


def test_tls_names_the_host_and_checks_its_certificate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    made = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=feeds.test",
    ]
    made += ["-addext", "subjectAltName=DNS:feeds.test", "-keyout", str(key), "-out", str(certificate)]
    try:
        subprocess.run(made, check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("no openssl here to make a certificate with")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    named: list[str | None] = []
    context.sni_callback = lambda _socket, name, _context: named.append(name)
    from tests.ingest.evil_server import EvilServer, listening

    server = EvilServer()
    server("/rss")(lambda exchange: exchange.send("200 OK", RSS))

    def answer(connection: object) -> None:
        try:
            server.answer(context.wrap_socket(connection, server_side=True))  # type: ignore[arg-type]
        except OSError:
            return

    trusting = ssl.create_default_context(cafile=str(certificate))
    with listening(answer) as port:
        url = f"https://feeds.test:{port}/rss"
        with pytest.raises(errors.ConnectionFailedError):
            fetch(url)
        monkeypatch.setattr(egress, "tls_context", lambda: trusting)
        assert isinstance(fetch(url), Fetched)
        with pytest.raises(errors.ConnectionFailedError):
            fetch(f"https://other.test:{port}/rss", network_of(["other.test"]))
    assert named[1] == "feeds.test"


def test_endless_body_is_cut_at_the_limit(server: EvilServer) -> None:
    """FAULTS 24."""

    @server("/rss")
    def endless(exchange: Exchange) -> None:
        exchange.raw(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        while True:
            exchange.raw(b"<item>" * 10_000)

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(errors.BodyTooLargeError) as caught:
        fetch(server.url("/rss"))
    assert caught.value.message.values["limit_mb"] == 15
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 << 10  # KiB


def test_gzip_bomb_is_inflated_within_bounds(server: EvilServer) -> None:
    """FAULTS 25."""
    bomb = gzip.compress(bytes(200 * MIB))
    server("/rss")(lambda exchange: exchange.send("200 OK", bomb, Content_Encoding="gzip"))
    tracemalloc.start()
    with pytest.raises(errors.BodyTooLargeError):
        fetch(server.url("/rss"))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 40 * MIB


def test_inflated_pieces_are_small() -> None:
    """FAULTS 25."""
    assert max(map(len, inflate([gzip.compress(bytes(5 * MIB))]))) <= 65_536


@pytest.mark.parametrize("encoding", ["gzip, gzip", "br", "zstd", "gzip, identity", "x" * 9_000])
def test_encoding_not_asked_for_is_refused(server: EvilServer, encoding: str) -> None:
    """FAULTS 25."""
    body = gzip.compress(gzip.compress(RSS))
    server("/rss")(lambda exchange: exchange.send("200 OK", body, Content_Encoding=encoding))
    with pytest.raises(errors.BodyEncodingError):
        fetch(server.url("/rss"))


@pytest.mark.parametrize(
    "body", [gzip.compress(RSS * 50, mtime=0)[:-20], b"not gzip", b"", gzip.compress(RSS, mtime=0)[:9]]
)
def test_damaged_compression_is_refused(server: EvilServer, body: bytes) -> None:
    server("/rss")(lambda exchange: exchange.send("200 OK", body, Content_Encoding="gzip"))
    with pytest.raises(errors.BodyEncodingError):
        fetch(server.url("/rss"))


@pytest.mark.parametrize(
    "body",
    [
        gzip.compress(RSS, mtime=0),
        zlib.compress(RSS),
        gzip.compress(RSS[:9], mtime=0) + gzip.compress(RSS[9:], mtime=0) + bytes(50),
    ],
)
def test_compressed_feed_is_read_even_in_several_members(server: EvilServer, body: bytes) -> None:
    server("/rss")(lambda exchange: exchange.send("200 OK", body, Content_Encoding="gzip"))
    answer = fetch(server.url("/rss"))
    assert isinstance(answer, Fetched) and answer.content == RSS


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", b""])
def test_slow_drip_ends_at_the_total_deadline(server: EvilServer, head: bytes) -> None:
    """FAULTS 26: in the body, and in the head."""

    @server("/rss")
    def drip(exchange: Exchange) -> None:
        exchange.raw(head)
        exchange.drip(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100, 0.1)

    began = time.monotonic()
    with pytest.raises(errors.FetchTimeoutError) as caught:
        fetch(server.url("/rss"), total_s=1.0)
    assert time.monotonic() - began < 8 and caught.value.transient


def test_resolver_that_hangs_ends_at_the_deadline() -> None:
    """FAULTS 26."""

    def hang(host: str, port: int) -> list[str]:
        time.sleep(3)
        return ["127.0.0.1"]

    began = time.monotonic()
    with pytest.raises(errors.FetchTimeoutError):
        fetch("http://radio.test/", Network.allowing([], hang), total_s=0.5)
    assert time.monotonic() - began < 2.9


def test_redirect_loop_and_long_chain_are_refused(server: EvilServer) -> None:
    """FAULTS 27."""
    server("/a")(redirect("302 Found", "/b"))  # type: ignore[arg-type]
    server("/b")(redirect("302 Found", "/a"))  # type: ignore[arg-type]
    for number in range(10):
        server(f"/{number}")(redirect("302 Found", f"/{number + 1}"))  # type: ignore[arg-type]
    with pytest.raises(errors.RedirectError):
        fetch(server.url("/a"))
    assert len(server.asked) == 2
    with pytest.raises(errors.RedirectError) as caught:
        fetch(server.url("/0"))
    assert len(server.asked) == 2 + 6 and not caught.value.transient


def test_five_redirects_are_followed(server: EvilServer) -> None:
    """FAULTS 27."""
    for number in range(5):
        server(f"/{number}")(redirect("307 Temporary Redirect", f"/{number + 1}"))  # type: ignore[arg-type]
    server("/5")(lambda exchange: exchange.send("200 OK", RSS))
    assert isinstance(fetch(server.url("/0")), Fetched)


@pytest.mark.parametrize(
    ("statuses", "moved"),
    [
        (["301 Moved"], "/1"),
        (["308 Moved"], "/1"),
        (["302 Found"], None),
        (["307 Found"], None),
        (["301 Moved", "302 Found"], "/1"),
        (["301 Moved", "308 Moved"], "/2"),
        (["302 Found", "301 Moved"], None),
    ],
)
def test_only_permanent_moves_are_reported(
    server: EvilServer, statuses: list[str], moved: str | None
) -> None:
    """FAULTS 32."""
    for number, status in enumerate(statuses):
        server(f"/{number}")(redirect(status, f"/{number + 1}"))  # type: ignore[arg-type]
    server(f"/{len(statuses)}")(lambda exchange: exchange.send("200 OK", RSS))
    answer = fetch(server.url("/0"))
    assert answer.moved_to == (server.url(moved) if moved else None)


@pytest.mark.parametrize(
    ("status", "error", "transient"),
    [
        ("401 Unauthorized", errors.AccessRefusedError, False),
        ("403 Forbidden", errors.AccessRefusedError, False),
        ("404 Not Found", errors.NotThereError, False),
        ("410 Gone", errors.GoneError, False),
        ("418 Teapot", errors.RequestRefusedError, False),
        ("204 No Content", errors.RequestRefusedError, False),
        ("304 Not Modified", errors.RequestRefusedError, False),
        ("206 Partial", errors.RequestRefusedError, False),
        ("500 Oops", errors.ServerFailedError, True),
        ("502 Oops", errors.ServerFailedError, True),
        ("520 Oops", errors.ServerFailedError, True),
        ("429 Slow down", errors.ServerBusyError, True),
        ("503 Busy", errors.ServerBusyError, True),
        ("302 Found", errors.RedirectError, False),
    ],
)
def test_each_status_has_its_error(
    server: EvilServer, status: str, error: type[errors.FetchError], transient: bool
) -> None:
    """FAULTS 32: 410 stops."""
    server("/rss")(lambda exchange: exchange.send(status))
    with pytest.raises(error) as caught:
        fetch(server.url("/rss"))
    assert type(caught.value) is error and caught.value.transient is transient
    assert caught.value.message.msgid % caught.value.message.values


def test_unchanged_feed_costs_no_body(server: EvilServer) -> None:
    """FAULTS 33."""

    @server("/rss")
    def polite(exchange: Exchange) -> None:
        if exchange.headers.get("if-none-match") == '"v1"' and "if-modified-since" in exchange.headers:
            exchange.send("304 Not Modified", ETag='"v1"')
        else:
            exchange.send("200 OK", RSS, ETag='"v1"', Last_Modified="Tue, 02 Jul 2024 10:00:00 GMT")

    first = fetch(server.url("/rss"))
    assert isinstance(first, Fetched)
    again = fetch(server.url("/rss"), etag=first.etag, last_modified=first.last_modified)
    assert isinstance(again, NotModified)


@pytest.mark.parametrize(("value", "wait"), [("120", 120), ("999999999", 86_400), ("soon", None), ("", None)])
def test_server_that_is_busy_says_for_how_long(server: EvilServer, value: str, wait: int | None) -> None:
    """FAULTS 33."""
    server("/rss")(lambda exchange: exchange.send("503 Busy", Retry_After=value))
    with pytest.raises(errors.ServerBusyError) as caught:
        fetch(server.url("/rss"))
    assert caught.value.retry_after_s == wait


def test_validator_that_would_break_a_header_is_not_kept(server: EvilServer) -> None:
    server("/rss")(lambda exchange: exchange.send("200 OK", RSS, ETag='"é"', Last_Modified="x" * 5_000))
    answer = fetch(server.url("/rss"))
    assert isinstance(answer, Fetched) and answer.etag is None and answer.last_modified is None


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"SSH-2.0-OpenSSH\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 300_000,
        b"HTTP/1.1 999999 OK\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n" * 9_000,
        bytes(range(256)) * 100,
    ],
)
def test_broken_answer_is_a_failed_connection(server: EvilServer, raw: bytes) -> None:
    server("/rss")(lambda exchange: exchange.raw(raw))
    with pytest.raises(errors.ConnectionFailedError) as caught:
        fetch(server.url("/rss"))
    assert caught.value.transient


def test_closed_port_and_unknown_name_are_failures_that_may_pass() -> None:
    with pytest.raises(errors.ConnectionFailedError):
        fetch("http://feeds.test:1/")
    with pytest.raises(errors.HostNotFoundError):
        fetch("http://nowhere.test/")


def test_examples_in_docstrings_hold() -> None:
    assert doctest.testmod(fetching, extraglobs={"datetime": datetime, "UTC": UTC}).failed == 0

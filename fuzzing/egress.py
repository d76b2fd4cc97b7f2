"""A thousand addresses that lead inside, tried by every way out: nothing may be connected to.

Each address is asked for directly and as the target of a redirect, by each function that fetches
what a stranger named. The resolver is the laxest there is: it takes octal, decimal and hexadecimal
numbers for addresses, as old libraries do, and gives names to inner machines. What is connected to
is seen by Python's audit events, beside a canary that listens where the addresses lead.
"""

import socket
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from random import Random
from unittest.mock import MagicMock, patch

from fuzzing.running import Tally
from ingest.errors import FetchError
from ingest.feeds.chapters import fetch_chapters
from ingest.feeds.opml import NotOpmlError, read_opml
from ingest.feeds.polling import fetch_feed
from ingest.importing import offered
from ingest.network.addresses import Network
from ingest.network.download import DownloadLimits, download_file
from ingest.sound.sniffing import sniff_media
from media.settings import Settings
from media.writing.opml import write_opml
from tests.ingest.evil_server import HOST, EvilServer, Exchange, canary, evil_server

INNER_IPV4 = (
    "127.0.0.1", "127.127.127.127", "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.254", "172.16.0.1",
    "172.31.9.9", "192.168.0.1", "169.254.169.254", "169.254.170.2", "168.63.129.16", "100.64.0.1",
    "100.100.100.200", "192.0.0.192", "192.0.2.1", "198.18.0.1", "203.0.113.9", "224.0.0.1",
    "239.255.255.250", "255.255.255.255",
)  # fmt: skip
INNER_IPV6 = (
    "::1", "::", "fc00::1", "fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1", "ff0e::1", "2001:db8::1",
    "100::1", "3fff::1", "5f00::1", "2001::1", "2001:10::1", "2001:20::1", "4000::1",
)  # fmt: skip
SCHEMES = (
    "file", "gopher", "ftp", "dict", "ldap", "tftp", "jar", "data", "javascript", "smb", "ws", "unix",
    "netdoc", "http+unix", "php", "phar", "expect", "concat", "hls", "rtmp", "rtsp", "sftp", "blob",
    "about", "view-source",
)  # fmt: skip
STATUSES = ("301 Moved", "302 Found", "303 See", "307 Temporary", "308 Permanent")
WIDE = str.maketrans("0123456789.", "０１２３４５６７８９。")
CIRCLED = str.maketrans("0123456789", "⓪①②③④⑤⑥⑦⑧⑨")
LIMITS = DownloadLimits(max_bytes=1 << 20, total_s=20.0)

Fetch = Callable[[str, Network, Path], bool]  # whether anything was fetched


def list_addresses(port: int) -> list[str]:
    """Write addresses of inner machines in every spelling that has fooled somebody."""
    hosts = [spelled for inner in INNER_IPV4 for spelled in _spell(IPv4Address(inner))]
    for wide in map(IPv6Address, INNER_IPV6):
        hosts += [f"[{form}]" for form in (wide.compressed, wide.exploded, str(wide).upper())]
        hosts += [f"[{wide}{zone}]" for zone in ("%25lo", "%eth0")]
    hosts += [
        "localhost",
        "LOCALHOST",
        "localhost.",
        "localhost.localdomain",
        "metadata.google.internal",
        "inner",
    ]
    found = [f"http://{host}:{port}/latest" for host in hosts]
    for inner in INNER_IPV4:
        found += [f"{scheme}://{inner}:{port}/x" for scheme in SCHEMES]
        found += [
            f"http://{HOST}@{inner}:{port}/",
            f"http://{inner}:{port}#@{HOST}/",
            f"http:\\\\{inner}:{port}\\",
        ]
        found += [f"http://{HOST}\\@{inner}:{port}/", f"HTTPS://{inner}:{port}/", f"http:{inner}:{port}/"]
        found += [f"http://{inner}%2f:{port}/", f"http://{inner}\t:{port}/", f"http:///{inner}:{port}/"]
    return list(dict.fromkeys(found))


def _spell(inner: IPv4Address) -> Iterator[str]:
    one, two, three, four = inner.packed
    number = int(inner)
    high, low = f"{number >> 16:x}", f"{number & 0xFFFF:x}"
    hidden = f"{~number >> 16 & 0xFFFF:x}:{~number & 0xFFFF:x}"  # as Teredo writes a client
    yield from (str(inner), f"{inner}.", str(number), hex(number), oct(number).replace("o", ""))
    yield from (f"{one:#x}.{two:#x}.{three:#x}.{four:#x}", f"0{one:o}.0{two:o}.0{three:o}.0{four:o}")
    yield from (f"{one:04o}.{two}.{three}.{four}", f"{one}.{two << 16 | three << 8 | four}")
    yield from (f"{one}.{two}.{three << 8 | four}", f"{one}.{two}.{three}.{four:#x}", str(number + (1 << 32)))
    yield from (f"{one + 256}.{two + 256}.{three}.{four}", f"00{one:03}.00{two:03}.00{three}.00{four}")
    yield from (str(inner).translate(WIDE), str(inner).translate(CIRCLED), str(inner).replace(".", "。"))
    yield from ("".join(f"%{ord(char):02x}" for char in str(inner)), str(inner).replace(".", "%2e"))
    yield from (f"[::ffff:{inner}]", f"[::ffff:{high}:{low}]", f"[::{inner}]", f"[::{high}:{low}]")
    yield from (
        f"[64:ff9b::{inner}]",
        f"[64:ff9b:1::{inner}]",
        f"[2002:{high}:{low}::1]",
        f"[::ffff:0:{inner}]",
    )
    yield from (f"[2001:0:5ef5:79fd:0:0:{hidden}]", f"[0:0:0:0:0:ffff:{inner}]", f"[fe80::5efe:{inner}]")
    yield from (f"{inner}.nip.test", f"{number}.names.test", f"x-{str(inner).replace('.', '-')}.sslip.test")


def resolve_laxly(host: str, _port: int) -> list[str]:
    """Resolve as the laxest of systems; names lead inside, or both outside and inside."""
    if host == HOST:
        return ["127.0.0.1"]
    try:
        return [str(ip_address(host.strip("[]")))]
    except ValueError:
        pass
    try:
        return [socket.inet_ntoa(socket.inet_aton(host))]
    except (OSError, UnicodeError):
        pass
    inner = INNER_IPV4[len(host) % len(INNER_IPV4)]
    return ["93.184.215.14", inner] if len(host) % 2 else [inner]


def _fetch_feed(url: str, network: Network, _folder: Path) -> bool:
    return bool(fetch_feed(url, Settings(), network))


def _fetch_listed(url: str, network: Network, folder: Path) -> bool:
    """Read the address from a list of feeds first, as `add LIST` does."""
    try:
        listed = read_opml(write_opml("x", [("x", url)]), "x.opml")
    except (NotOpmlError, ValueError):
        return False
    return any(_fetch_feed(feed.url, network, folder) for feed in listed)


def _fetch_audio(url: str, network: Network, folder: Path) -> bool:
    return bool(download_file(url, folder / "sound", network, sniff=sniff_media, limits=LIMITS))


def _fetch_chapters(url: str, network: Network, _folder: Path) -> bool:
    return bool(fetch_chapters(url, network))


def _fetch_transcript(url: str, network: Network, _folder: Path) -> bool:
    offer = MagicMock(url=url, etag=None, last_modified=None, checks=9)
    with patch.object(offered, "record_offer_failure") as failed, patch.object(offered, "_take") as taken:
        offered.take_offer(MagicMock(), network, MagicMock(), offer, MagicMock())
    assert failed.called != taken.called
    return bool(taken.called)


# By the module that asks; artwork, links and pages are only ever named, never fetched.
PATHS: Mapping[str, tuple[str, Fetch]] = {
    "feed": ("ingest/feeds/polling.py", _fetch_feed),
    "list of feeds": ("ingest/feeds/polling.py", _fetch_listed),
    "audio": ("ingest/work/steps.py", _fetch_audio),
    "chapters": ("ingest/feeds/chapters.py", _fetch_chapters),
    "transcript": ("ingest/importing/offered.py", _fetch_transcript),
}


class Sockets:
    """What is connected to, by Python's own audit events."""

    def __init__(self) -> None:
        self.allowed: tuple[str, int] | None = None
        self.elsewhere: list[str] = []
        self.watching = False
        sys.addaudithook(self._see)

    @contextmanager
    def watch(self, allowed: tuple[str, int]) -> Iterator[None]:
        """Watch; only this address may be connected to."""
        self.allowed, self.elsewhere, self.watching = allowed, [], True
        try:
            yield
        finally:
            self.watching = False

    def _see(self, event: str, values: tuple[object, ...]) -> None:
        if not self.watching:
            return
        asks = event in ("socket.getaddrinfo", "socket.gethostbyname") and values[0] != "127.0.0.1"
        if asks or (event == "socket.connect" and values[1] != self.allowed):
            self.elsewhere.append(f"{event} {values[0] if asks else values[1]}")


def try_addresses(seed: int, every: int = 1) -> Tally:
    """Ask for one in `every` addresses by every way out: directly, by a redirect, by two."""
    tally, sockets = Tally("ways out", seed), Sockets()
    with tempfile.TemporaryDirectory() as name, evil_server() as server, canary() as bird:
        addresses = list_addresses(bird.port)
        Random(seed).shuffle(addresses)
        addresses = addresses[::every]
        redirect_to(server, addresses)
        asked = [*addresses, *(server.url(f"/go?{n}") for n in range(len(addresses)))]
        asked += [server.url(f"/hop?{n}") for n in range(0, len(addresses), 5)]
        network = Network.allowing([HOST], resolve_laxly)
        with sockets.watch(("127.0.0.1", server.port)):
            for url in asked:
                for way, (_, fetch) in PATHS.items():
                    _try(tally, way, fetch, url, network, Path(name))
        tally.escaped = bird.hits + len(sockets.elsewhere)
        tally.told += sockets.elsewhere[:20]
    return tally


def redirect_to(server: EvilServer, addresses: list[str]) -> None:
    """Let a server redirect to each of these addresses, at once or at a second hop."""

    @server("/go")
    def go(exchange: Exchange) -> None:
        number = int(exchange.path.partition("?")[2])
        target = addresses[number].replace("\n", "").encode()
        status = STATUSES[number % len(STATUSES)].encode()
        exchange.raw(b"HTTP/1.1 " + status + b"\r\nLocation: " + target + b"\r\nContent-Length: 0\r\n\r\n")

    @server("/hop")
    def hop(exchange: Exchange) -> None:
        exchange.send("302 Found", Location=f"/go?{exchange.path.partition('?')[2]}")


def _try(tally: Tally, way: str, fetch: Fetch, url: str, network: Network, folder: Path) -> None:
    tally.cases += 1
    try:
        fetched = fetch(url, network, folder)
    except FetchError:
        fetched = False
    except Exception as error:  # noqa: BLE001 -- whatever is let out is what is looked for
        tally.raised += 1
        tally.tell(tally.cases, f"{way}, {url}: {type(error).__name__}: {error}")
        return
    tally.refused += not fetched
    if fetched:
        tally.escaped += 1
        tally.tell(tally.cases, f"{way} fetched {url}")

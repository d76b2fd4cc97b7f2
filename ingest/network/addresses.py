"""Which addresses may be reached: only the public internet, unless a setting names the host.

A feed, its redirects and its enclosures are written by strangers, and this machine stands inside
somebody's network. `ipaddress.is_global` is not enough: it is true for `::127.0.0.1`,
`64:ff9b::7f00:1` and `fec0::1`. So IPv6 is refused unless it is global unicast (2000::/3) less the
blocks that tunnel to IPv4 or are reserved, and IPv4 by the special-purpose registry of IANA
(https://www.iana.org/assignments/iana-ipv4-special-registry/).
"""

import re
import socket
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

import httpx

from ingest.errors import (
    AddressRefusedError,
    HostNotFoundError,
    InnerAddressError,
    NumericHostError,
    SecretInAddressError,
)

SCHEMES = frozenset({"http", "https"})
MAX_ADDRESS_LETTERS = 4_000
MAX_SHOWN_LETTERS = 300
MAX_HOST_ADDRESSES = 16

_GLOBAL_IPV6 = IPv6Network("2000::/3")
_REFUSED = tuple(
    ip_network(network)
    for network in (
        "0.0.0.0/8",  # this host
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT; Alibaba's metadata
        "127.0.0.0/8",
        "168.63.129.16/32",  # Azure's inner services, under a public number
        "169.254.0.0/16",  # link-local; most clouds' metadata
        "172.16.0.0/12",
        "192.0.0.0/24",  # protocol assignments; Oracle's metadata
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
        "2001::/23",  # protocol assignments, Teredo, ORCHID
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4
        "3fff::/20",  # documentation
    )
)
_LAST_LABEL_NUMERIC = re.compile(r"(?:^|\.)(?:\d+|0[xX][0-9a-fA-F]*)\.?$")
_HOST_NAME = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?\.?")

Resolver = Callable[[str, int], Sequence[str]]


def resolve_host(host: str, port: int) -> list[str]:
    """Ask the system for a host's addresses; OSError where there are none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


@dataclass(frozen=True, slots=True)
class Network:
    """The way out: which inner hosts are trusted, and who turns names into addresses."""

    allowed_hosts: frozenset[str] = field(default_factory=frozenset)
    resolve: Resolver = resolve_host

    @classmethod
    def allowing(cls, hosts: Iterable[str], resolve: Resolver = resolve_host) -> "Network":
        """Trust these hosts, as the setting `allowed_hosts` names them."""
        return cls(frozenset(_plain_host(host) for host in hosts), resolve)


def is_public(address: str) -> bool:
    """Say whether an IP address is one of the public internet.

    >>> is_public("93.184.215.14"), is_public("2606:2800:21f::1")
    (True, True)
    >>> [is_public(a) for a in ("127.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "fec0::1", "fe80::1%eth0")]
    [False, False, False, False, False]
    >>> is_public("localhost")
    False
    """
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, IPv6Address) and (parsed.scope_id or parsed not in _GLOBAL_IPV6):
        return False
    return not any(parsed in network for network in _REFUSED if network.version == parsed.version)


def check_address(address: str) -> httpx.URL:
    """Check how an address is written, and return it parsed; nothing is resolved yet.

    Refused: other schemes, secrets in the address, hosts written as disguised numbers (octal,
    decimal, hexadecimal, full-width, percent), control characters. AddressRefusedError otherwise.
    """
    shown = show_address(address)
    if len(address) > MAX_ADDRESS_LETTERS:
        raise AddressRefusedError(f"longer than {MAX_ADDRESS_LETTERS} letters", url=shown)
    try:
        url = httpx.URL(address)
        host = url.raw_host.decode("ascii")
        port = url.port
    except (httpx.InvalidURL, ValueError) as error:
        raise AddressRefusedError(f"malformed: {error}", url=shown) from error
    if url.scheme not in SCHEMES:
        raise AddressRefusedError("neither http nor https", url=shown)
    if url.userinfo or "@" in url.netloc.decode("ascii"):
        raise SecretInAddressError("holds a user name or password", url=shown)
    if port is not None and not 0 < port < 65_536:
        raise AddressRefusedError(f"no such port: {port}", url=shown)
    _check_host(host, shown)
    return url.copy_with(fragment=None)


def reach_host(host: str, port: int, network: Network, shown: str) -> list[str]:
    """Resolve a host once, and return addresses that may be connected to, all of them checked.

    One refused address refuses the host: a name that is both public and private is a trick.
    """
    try:
        found = list(network.resolve(host, port))[:MAX_HOST_ADDRESSES]
    except (OSError, UnicodeError) as error:
        raise HostNotFoundError(f"{host}: {error}", url=shown, host=host) from error
    if not found:
        raise HostNotFoundError(f"{host}: no address", url=shown, host=host)
    if _plain_host(host) not in network.allowed_hosts:
        for address in found:
            if not is_public(address):
                raise InnerAddressError(f"{host} is {address}", url=shown, host=host)
    return found


def show_address(address: str) -> str:
    """Make an address fit to be shown and logged: no secrets, no control characters, not too long.

    >>> show_address("https://bob:secret@radio.test/feed")
    'https://radio.test/feed'
    """
    without_secrets = re.sub(r"^([a-zA-Z][a-zA-Z0-9+.-]*:)?//[^/?#]*@", r"\1//", address)
    clean = "".join(char for char in without_secrets if char.isprintable())
    return clean if len(clean) <= MAX_SHOWN_LETTERS else clean[: MAX_SHOWN_LETTERS - 1] + "…"


def _check_host(host: str, shown: str) -> None:
    bare = host.strip("[]")
    if ":" in bare:
        try:
            IPv6Address(bare)
        except ValueError as error:
            raise AddressRefusedError(f"malformed host: {error}", url=shown) from error
        if "%" in bare:
            raise AddressRefusedError("a zone in the host", url=shown)
        return
    if "%" in bare:
        raise NumericHostError("percent signs in the host", url=shown)
    if not _HOST_NAME.fullmatch(bare):
        raise AddressRefusedError("malformed host", url=shown)
    if _LAST_LABEL_NUMERIC.search(bare):
        try:
            IPv4Address(bare)
        except ValueError as error:
            raise NumericHostError("a host in a disguised number", url=shown) from error


def _plain_host(host: str) -> str:
    return host.strip("[]").rstrip(".").lower()

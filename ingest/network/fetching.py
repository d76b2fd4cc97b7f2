"""Fetch small things (feeds, artwork, chapters, transcripts) whole, from hosts that we do not trust.

Redirects are followed here, at most five, each hop checked as the first address was; the body is
inflated piece by piece, so that its limit counts what comes out and not what comes in. A permanent
move (301, 308) is reported to the caller, who alone may change what is kept. Follows RFC 9110
(conditional requests, Retry-After). Never: cookies, proxies, or other encodings than gzip.
"""

import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import PackageNotFoundError, version

import httpx

from ingest.errors import (
    AccessRefusedError,
    AddressRefusedError,
    BodyEncodingError,
    BodyTooLargeError,
    GoneError,
    NotThereError,
    RedirectError,
    RequestRefusedError,
    ServerBusyError,
    ServerFailedError,
)
from ingest.network.addresses import Network, check_address, show_address
from ingest.network.egress import READ_BYTES, Deadline, GuardedBody, send_get

MIB = 1 << 20
MAX_REDIRECTS = 5
FETCH_S = 60.0  # for everything: name, redirects, body
MAX_RETRY_AFTER_S = 24 * 3600
MAX_VALIDATOR_LETTERS = 1_000
GZIP_MAGIC = b"\x1f\x8b"

_MOVED = frozenset({301, 302, 303, 307, 308})
_MOVED_FOR_GOOD = frozenset({301, 308})
_NO_ACCESS = frozenset({401, 402, 403, 407, 451})
_MAY_PASS = frozenset({408, 425, 500, 502, 504})
_BUSY = frozenset({429, 503})
_NO_ENCODING = frozenset({"", "identity", "none", "utf-8", "binary"})  # what careless servers call it


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came, and what to say next time to be told that nothing changed."""

    url: str  # where it was found, after redirects
    moved_to: str | None  # where the asked address has moved for good
    content: bytes  # inflated
    etag: str | None
    last_modified: str | None


@dataclass(frozen=True, slots=True)
class NotModified:
    """Nothing has changed since the ETag or Last-Modified given."""

    url: str
    moved_to: str | None


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that is neither a redirect nor an error, its body unread."""

    status: int
    headers: httpx.Headers
    body: GuardedBody
    url: str
    moved_to: str | None


def user_agent() -> str:
    """Say who asks, so that a server's owner can know and write to us."""
    try:
        return f"Entendu/{version('entendu')} (podcast archive; reads feeds and audio)"
    except PackageNotFoundError:  # run from a checkout that is not installed
        return "Entendu (podcast archive; reads feeds and audio)"


def fetch_bytes(
    url: str,
    network: Network,
    *,
    max_bytes: int,
    etag: str | None = None,
    last_modified: str | None = None,
    total_s: float = FETCH_S,
) -> Fetched | NotModified:
    """Fetch what an address names, whole, or learn that it has not changed.

    Leaves FetchError only; its `transient` says whether trying again can help.
    """
    asked = {"Accept-Encoding": "gzip", "Accept": "*/*"}
    if etag:
        asked["If-None-Match"] = etag
    if last_modified:
        asked["If-Modified-Since"] = last_modified
    with open_answer(url, network, Deadline(total_s), asked) as answer:
        if answer.status == 304:
            return NotModified(answer.url, answer.moved_to)
        content = _read_body(answer, max_bytes, show_address(url))
        return Fetched(
            url=answer.url,
            moved_to=answer.moved_to,
            content=content,
            etag=_validator(answer.headers.get("etag")),
            last_modified=_validator(answer.headers.get("last-modified")),
        )


@contextmanager
def open_answer(url: str, network: Network, deadline: Deadline, headers: dict[str, str]) -> Iterator[Answer]:
    """Ask, follow redirects, and hold the answer open: 200, 206, 304 or 416, errors are raised."""
    shown = show_address(url)
    hop = check_address(url)
    seen: set[str] = set()
    moved_to: str | None = None
    only_for_good = True
    while True:
        seen.add(str(hop))
        with send_get(hop, _headers(headers), network, deadline) as response:
            if response.status_code not in _MOVED:
                yield _judge(response, hop, shown, moved_to, headers)
                return
            target = _redirect_target(response, hop, shown)
            only_for_good = only_for_good and response.status_code in _MOVED_FOR_GOOD
        if str(target) in seen or len(seen) > MAX_REDIRECTS:
            raise RedirectError(f"loop or more than {MAX_REDIRECTS} redirects, at {target}", url=shown)
        hop = target
        moved_to = str(hop) if only_for_good else moved_to


def parse_retry_after(value: str | None, now: datetime) -> int | None:
    """Read a Retry-After header as seconds from now, at most a day.

    >>> now = datetime(2024, 7, 2, 12, 0, tzinfo=UTC)
    >>> parse_retry_after("120", now), parse_retry_after("Tue, 02 Jul 2024 12:01:00 GMT", now)
    (120, 60)
    >>> parse_retry_after("99999999", now), parse_retry_after("soon", now), parse_retry_after("-5", now)
    (86400, None, None)
    >>> parse_retry_after("Mon, 01 Jul 2024 12:00:00 GMT", now)
    0
    """
    text = (value or "").strip()
    if text.isascii() and text.isdigit():
        return min(int(text[:9]), MAX_RETRY_AFTER_S)
    try:
        moment = parsedate_to_datetime(text)
        seconds = (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return max(0, min(int(seconds), MAX_RETRY_AFTER_S))


def inflate(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Inflate gzip or zlib piece by piece, never more than 64 KiB at a time; zlib.error if damaged."""
    inflater = zlib.decompressobj(wbits=47)
    for piece in pieces:
        waiting = piece
        while waiting:
            if inflater.eof and not waiting.startswith(GZIP_MAGIC):
                return  # padding, which gunzip ignores too
            if inflater.eof:  # gzip files may be joined end to end
                inflater = zlib.decompressobj(wbits=47)
            yield inflater.decompress(waiting, READ_BYTES)
            waiting = inflater.unconsumed_tail or inflater.unused_data
    while not inflater.eof:
        rest = inflater.decompress(inflater.unconsumed_tail, READ_BYTES)
        if not rest:
            raise zlib.error("the compressed data stop early")
        yield rest


def _headers(asked: dict[str, str]) -> dict[str, str]:
    return {"User-Agent": user_agent(), "Connection": "close", **asked}


def _redirect_target(response: httpx.Response, hop: httpx.URL, shown: str) -> httpx.URL:
    location = response.headers.get("location")
    if not location:
        raise RedirectError(f"{response.status_code} without a target", url=shown)
    try:
        target = str(hop.join(location.strip()))
    except (httpx.InvalidURL, ValueError) as error:
        raise AddressRefusedError(f"redirects to a malformed address: {error}", url=shown) from error
    return check_address(target)


def _judge(
    response: httpx.Response, hop: httpx.URL, shown: str, moved_to: str | None, asked: dict[str, str]
) -> Answer:
    status = response.status_code
    conditional = "If-None-Match" in asked or "If-Modified-Since" in asked
    ranged = "Range" in asked
    body = response.extensions["body"]
    if (status == 200 or (status == 304 and conditional) or (status in (206, 416) and ranged)) and isinstance(
        body, GuardedBody
    ):
        return Answer(status, response.headers, body, str(hop), moved_to)
    if status in _BUSY:
        wait = parse_retry_after(response.headers.get("retry-after"), datetime.now(UTC))
        raise ServerBusyError(f"status {status}", url=shown, status=status, retry_after_s=wait)
    if status in _MAY_PASS or status > 504:
        raise ServerFailedError(f"status {status}", url=shown, status=status)
    if status == 410:
        raise GoneError("status 410", url=shown)
    if status == 404:
        raise NotThereError("status 404", url=shown)
    if status in _NO_ACCESS:
        raise AccessRefusedError(f"status {status}", url=shown, status=status)
    raise RequestRefusedError(f"status {status}", url=shown, status=status)


def _read_body(answer: Answer, max_bytes: int, shown: str) -> bytes:
    encoding = answer.headers.get("content-encoding", "").strip().lower()
    if encoding in _NO_ENCODING:
        pieces: Iterable[bytes] = answer.body
    elif encoding in ("gzip", "x-gzip", "deflate"):
        pieces = inflate(answer.body)
    else:  # "gzip, gzip" too: nobody compresses twice in good faith
        raise BodyEncodingError(f"Content-Encoding: {encoding[:80]}", url=shown)
    content = bytearray()
    try:
        for piece in pieces:
            content += piece
            if len(content) > max_bytes:
                raise BodyTooLargeError(f"over {max_bytes} bytes", url=shown, limit_mb=max_bytes // MIB)
    except zlib.error as error:
        raise BodyEncodingError(str(error), url=shown) from error
    return bytes(content)


def _validator(value: str | None) -> str | None:
    """Keep a validator only where sending it back is harmless."""
    if value is None or len(value) > MAX_VALIDATOR_LETTERS or not value.isascii() or not value.isprintable():
        return None
    return value

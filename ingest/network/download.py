"""Download an audio file whole, or say why not: resumed where it broke, believed only when complete.

The bytes go to `NAME.part` beside the target, with a note (`NAME.part.json`) of the strong validator
that they belong to, so that a killed worker's successor goes on from there by Range and If-Range
(RFC 9110 §13.1.5, §14). The target appears by a rename, after fsync, and only when its length is the
one announced. What the content is, is judged by its first bytes. The caller names the target: no
name from a feed, an address or a header ever reaches the disk.
"""

import errno
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import NoReturn

import httpx

from ingest.errors import (
    BodyEncodingError,
    BodyTooLargeError,
    ConnectionFailedError,
    DiskFullError,
    DownloadIncompleteError,
    DownloadNotAudioError,
    EmptyDownloadError,
    FetchError,
    FetchTimeoutError,
    FileWriteError,
    HostNotFoundError,
    LengthMismatchError,
    PageInsteadOfAudioError,
    ServerFailedError,
)
from ingest.network.addresses import Network, show_address
from ingest.network.egress import Deadline
from ingest.network.fetching import MIB, Answer, open_answer
from ingest.network.partial import Note, PartialFile
from ingest.sound.mpeg import id3_length
from ingest.sound.sniffing import HEAD_BYTES, MAX_TAGS, WEB_PAGE

DOWNLOAD_S = 3 * 3600.0
MAX_FRUITLESS_TRIES = 3  # in a row, without a byte more than before
PAUSE_S = 0.2
PAGE_HEAD_BYTES = 4_096
MIN_BYTES_PER_S = 2_048
SPEED_WINDOW_S = 60.0
DISK_RESERVE_BYTES = 64 * MIB  # left for the catalogue and the index
STRONG_DATE_AGE = timedelta(seconds=60)  # a younger Last-Modified may hide a second change

_CONTENT_RANGE = re.compile(r"bytes (\d{1,19})-(\d{1,19})/(\d{1,19}|\*)")
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})

_BROKEN = (ConnectionFailedError, FetchTimeoutError, HostNotFoundError)  # may go on from where it broke

Sniff = Callable[[bytes], str | None]  # the first bytes in, the kind of media out
OnProgress = Callable[[int, int | None], None]  # bytes so far, and in all where known


@dataclass(frozen=True, slots=True)
class Downloaded:
    """A complete file."""

    path: Path
    sha256: str
    size: int
    media: str  # what `sniff` called it
    url: str  # where it was found, after redirects
    moved_to: str | None  # where the asked address has moved for good
    end_certain: bool  # False: a cut connection would have looked like the end


@dataclass(frozen=True, slots=True)
class DownloadLimits:
    """What a download may cost."""

    max_bytes: int
    total_s: float = DOWNLOAD_S
    speed_window_s: float = SPEED_WINDOW_S  # over which the slowest speed is held
    disk_reserve_bytes: int = DISK_RESERVE_BYTES


def download_file(
    url: str,
    to: Path,
    network: Network,
    *,
    sniff: Sniff,
    limits: DownloadLimits,
    on_progress: OnProgress | None = None,
) -> Downloaded:
    """Download to `to`, whose folder exists, resuming what an earlier try left beside it.

    Leaves FetchError only. After one that is not transient nothing is left on the disk; after
    one that is, at most the partial file.
    """
    with _file_errors(url, to), PartialFile.opened(to, url) as part:
        download = _Download(url, network, part, sniff, limits, on_progress)
        return download.run(to)


def strong_validator(headers: httpx.Headers) -> str | None:
    """Pick what If-Range may carry: a strong ETag, or a Last-Modified well before its Date.

    >>> strong_validator(httpx.Headers({"ETag": '"a"'})), strong_validator(httpx.Headers({"ETag": 'W/"a"'}))
    ('"a"', None)
    """
    etag: str = headers.get("etag", "")
    if (
        etag.startswith('"')
        and etag.endswith('"')
        and len(etag) > 2
        and etag.isascii()
        and etag.isprintable()
    ):
        return etag
    try:
        modified = parsedate_to_datetime(headers.get("last-modified", ""))
        aged = parsedate_to_datetime(headers.get("date", "")) - modified >= STRONG_DATE_AGE
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    stamp: str = headers["last-modified"]
    return stamp if aged and stamp.isascii() else None


class _Download:
    """One download, through as many connections as it takes."""

    def __init__(
        self,
        url: str,
        network: Network,
        part: PartialFile,
        sniff: Sniff,
        limits: DownloadLimits,
        on_progress: OnProgress | None,
    ) -> None:
        self.url = url
        self.shown = show_address(url)
        self.network = network
        self.part = part
        self.sniff = sniff
        self.limits = limits
        self.on_progress = on_progress
        self.deadline = Deadline(limits.total_s)
        self.end_certain = True

    def run(self, to: Path) -> Downloaded:
        """Try until the file is whole, a failure is final, or tries bear no fruit."""
        fruitless, furthest = 0, self.part.size
        while True:
            try:
                return self._try_once(to)
            except _BROKEN as error:
                fruitless = 0 if self.part.size > furthest else fruitless + 1
                furthest = max(furthest, self.part.size)
                if fruitless >= MAX_FRUITLESS_TRIES or not self._pause():
                    self._give_up(error)
            except (FetchError, OSError) as error:
                lasting = isinstance(error, OSError | DiskFullError | ServerFailedError)
                if not (lasting and self.part.resumable):
                    self.part.discard()
                raise

    def _try_once(self, to: Path) -> Downloaded:
        asked = {"Accept-Encoding": "identity", "Accept": "audio/*, video/*;q=0.9, */*;q=0.5"}
        if self.part.size and self.part.note.validator:
            asked |= {"Range": f"bytes={self.part.size}-", "If-Range": self.part.note.validator}
        with open_answer(self.url, self.network, self.deadline, asked) as answer:
            if answer.status == 416 and not self._is_whole(answer):
                self.part.restart(Note(self.url))
                raise ConnectionFailedError("the range is beyond the end; starting again", url=self.shown)
            if answer.status != 416:
                self._receive(answer)
            media = self._judge()
            self.part.finish(to)
            return Downloaded(
                path=to,
                sha256=self.part.digest.hexdigest(),
                size=self.part.size,
                media=media,
                url=answer.url,
                moved_to=answer.moved_to,
                end_certain=self.end_certain,
            )

    def _receive(self, answer: Answer) -> None:
        expected = self._prepare(answer)
        chunked = "chunked" in answer.headers.get("transfer-encoding", "").lower()
        self.end_certain = expected is not None or chunked
        received = 0
        for data in self._at_speed(answer.body):
            received += len(data)
            if self.part.size + len(data) > self.limits.max_bytes:
                self._refuse_size()
            before = self.part.size
            self.part.add(data)
            if before < HEAD_BYTES <= self.part.size:
                self._find_media()  # a page or an image need not come in whole
            if self.on_progress:
                self.on_progress(self.part.size, self.part.note.total)
        if expected is not None and (received != expected or answer.body.follows_more(expected)):
            raise LengthMismatchError(f"{expected} bytes announced", url=self.shown)
        if self.part.note.total is not None and self.part.size != self.part.note.total:
            raise LengthMismatchError(f"{self.part.size} of {self.part.note.total} bytes", url=self.shown)

    def _prepare(self, answer: Answer) -> int | None:
        """Place the file at what this answer continues; return the length of its body, if announced."""
        encoding = answer.headers.get("content-encoding", "identity").strip().lower()
        if encoding not in ("", "identity", "none", "binary"):
            raise BodyEncodingError(f"Content-Encoding: {encoding[:80]}", url=self.shown)
        length = _read_length(answer.headers)
        if answer.status == 206:
            self._check_range(answer.headers)
            return length
        total = length
        if total is not None and total > self.limits.max_bytes:
            self._refuse_size()
        self.part.restart(Note(self.url, strong_validator(answer.headers), total))
        self._check_room(total)
        return length

    def _check_range(self, headers: httpx.Headers) -> None:
        match = _CONTENT_RANGE.fullmatch(headers.get("content-range", "").strip())
        first = int(match[1]) if match else -1
        total = int(match[3]) if match and match[3] != "*" else self.part.note.total
        changed = strong_validator(headers) not in (None, self.part.note.validator)
        if first != self.part.size or total != self.part.note.total or changed:
            self.part.restart(Note(self.url))
            raise ConnectionFailedError("another range or file came; starting again", url=self.shown)

    def _is_whole(self, answer: Answer) -> bool:
        """A worker may have died between the last byte and the rename."""
        return self.part.size > 0 and (
            answer.headers.get("content-range", "").strip() == f"bytes */{self.part.size}"
            and self.part.note.total == self.part.size
        )

    def _judge(self) -> str:
        media = self._find_media()
        if media is None:
            raise DownloadNotAudioError("no sound after its tags", url=self.shown)
        return media

    def _find_media(self) -> str | None:
        """Name the media behind the ID3 tags; None while those are all that has come."""
        offset = 0
        for _ in range(MAX_TAGS):
            head = self.part.read_at(offset, HEAD_BYTES)
            tag = id3_length(head)
            if not tag:
                break
            offset += tag
            if offset >= self.part.size:
                return None
        if media := self.sniff(head):
            return media
        if not self.part.size:
            raise EmptyDownloadError("0 bytes", url=self.shown)
        if WEB_PAGE.search(head[:PAGE_HEAD_BYTES]):
            raise PageInsteadOfAudioError("a web page", url=self.shown)
        raise DownloadNotAudioError("not audio by its first bytes", url=self.shown)

    def _at_speed(self, pieces: Iterator[bytes] | httpx.SyncByteStream) -> Iterator[bytes]:
        began, in_window = time.monotonic(), 0
        for piece in pieces:
            yield piece
            in_window += len(piece)
            seconds = time.monotonic() - began
            if seconds >= self.limits.speed_window_s:
                if in_window < MIN_BYTES_PER_S * seconds:
                    raise FetchTimeoutError("too slow", url=self.shown, seconds=round(seconds))
                began, in_window = time.monotonic(), 0

    def _check_room(self, total: int | None) -> None:
        free = shutil.disk_usage(self.part.path.parent).free
        if free < (total or 0) + self.limits.disk_reserve_bytes:
            raise DiskFullError(f"{free} bytes free for {total}", url=self.shown)

    def _refuse_size(self) -> None:
        limit = self.limits.max_bytes
        raise BodyTooLargeError(f"over {limit} bytes", url=self.shown, limit_mb=limit // MIB)

    def _pause(self) -> bool:
        try:
            time.sleep(self.deadline.left(PAUSE_S))
        except TimeoutError:
            return False
        return True

    def _give_up(self, error: FetchError) -> NoReturn:
        if not self.part.resumable:
            self.part.discard()
            raise error
        raise DownloadIncompleteError(str(error), url=self.shown, received=self.part.size) from error


def _read_length(headers: httpx.Headers) -> int | None:
    text = headers.get("content-length", "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


@contextmanager
def _file_errors(url: str, to: Path) -> Iterator[None]:
    """Turn what the file system raises into our errors."""
    try:
        yield
    except OSError as error:
        shown = show_address(url)
        if error.errno in _NO_ROOM:
            raise DiskFullError(str(error), url=shown) from error
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise FileWriteError(str(error), url=shown, path=str(to), reason=reason) from error

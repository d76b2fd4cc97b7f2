"""Audio in S3-compatible storage: objects named as files are in a folder, copies of them here.

By obstore, Apache's object_store for Python: one wheel without dependencies, retries and uploads in
parts of its own, where s3fs brings botocore and aiohttp. Its own variables say where the server is
and who we are (`AWS_ENDPOINT_URL`, `AWS_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`).
An object appears when all of its parts are there, never before. What comes is believed when its
hash is its name. A server that fails is left alone for some seconds: who asks meanwhile is told at
once, and no page waits for it.
"""

import asyncio
import hashlib
import logging
import os
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from uuid import uuid4

import obstore
from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError
from obstore.store import S3Store

from media.errors import StorageError
from media.store.cache import AudioCache
from media.store.errors import AudioDamagedError, AudioMissingError, StorageDownError, StoreSettingError
from media.store.folder import on_disk
from media.store.values import NAME, KeptFile, name_file
from media.store.warming import Warming

log = logging.getLogger(__name__)

BLOCK_BYTES = 8 << 20  # asked for at a time, and uploaded at a time
STREAM_BYTES = 1 << 20  # likewise, for somebody who listens: a minute or two
UPLOADS_AT_ONCE = 2  # parts: a slow line is to bring each of them within the time for one request
CONNECT_S, SILENCE_S, REQUEST_S, RETRY_S = 3, 20, 120, 10
RETRIES = 3
LISTENER_WAITS_S = 15.0
PAUSE_S = 5.0  # after a failure, before the server is asked again
MAX_REASON = 200
PROBE_BYTES = 4_096


@dataclass(slots=True)
class _Pause:
    """Remembers that the server failed, for a few seconds."""

    until: float = 0.0
    reason: str = ""


@dataclass(slots=True)
class BucketStore:
    """A bucket, or what begins with a prefix in it."""

    url: str
    cache: AudioCache
    _objects: S3Store = field(init=False)
    _pause: _Pause = field(default_factory=_Pause)
    _warming: Warming = field(init=False)

    def __post_init__(self) -> None:
        """Read the address; nothing is asked of the server yet."""
        self._warming = Warming(self._warm)
        try:
            self._objects = S3Store.from_url(
                self.url,
                client_options={
                    "allow_http": True,  # where the operator wrote http://
                    "connect_timeout": timedelta(seconds=CONNECT_S),
                    "read_timeout": timedelta(seconds=SILENCE_S),
                    "timeout": timedelta(seconds=REQUEST_S),
                },
                retry_config={"max_retries": RETRIES, "retry_timeout": timedelta(seconds=RETRY_S)},
            )
        except (BaseError, ValueError, OSError) as error:
            raise StoreSettingError(f"{self.url}: {_shorten(error)}", reason=_shorten(error)) from error

    @property
    def name(self) -> str:
        """The address, which holds no secret."""
        return self.url

    def incoming_path(self, name: str) -> Path:
        """Say where a partial file of this name waits, on this machine, and make that folder."""
        return self.cache.incoming_path(name)

    def keep(self, complete: Path, sha256: str, suffix: str) -> None:
        """Upload a complete file; it is then this machine's copy. It stays where it is if that failed."""
        name = name_file(sha256, suffix)
        with on_disk(complete):
            complete.stat()
        with self._asking(name, missing="there is no such bucket"):
            obstore.put(
                self._objects, name, complete, chunk_size=BLOCK_BYTES, max_concurrency=UPLOADS_AT_ONCE
            )
        try:
            self.cache.put(name, complete)
        except StorageError:
            log.warning("%s is kept, but no copy of it here", name, exc_info=True)
            complete.unlink(missing_ok=True)

    def find(self, sha256: str, suffix: str) -> Path | None:
        """Find this machine's copy."""
        return self.cache.find(name_file(sha256, suffix))

    @contextmanager
    def at_hand(self, sha256: str, suffix: str) -> Iterator[Path]:
        """Have this machine's copy to read, fetched and verified where there is none."""
        with self.cache.hold(name_file(sha256, suffix), partial(self.fetch, sha256, suffix)) as path:
            yield path

    def fetch(self, sha256: str, suffix: str, to: Path) -> None:
        """Download a file; nothing is at `to` unless its hash is its name."""
        try:
            with on_disk(to), to.open("wb") as file:
                for block in self._read(sha256, suffix):
                    file.write(block)
        except BaseException:
            to.unlink(missing_ok=True)
            raise

    def verify(self, sha256: str, suffix: str) -> None:
        """Download a file and keep nothing of it; AudioDamagedError unless its hash is its name."""
        for _ in self._read(sha256, suffix):
            pass

    def holds(self, sha256: str, suffix: str) -> bool:
        """Tell whether an object of this name is there."""
        try:
            self._measure(name_file(sha256, suffix))
        except AudioMissingError:
            return False
        return True

    def expects(self, sha256: str, suffix: str) -> bool:
        """Say yes: a row is written when its object is there, and a feed of hundreds does not ask."""
        return True

    async def measure(self, sha256: str, suffix: str) -> int:
        """Ask how many bytes an object has; StorageDownError within some seconds."""
        name = name_file(sha256, suffix)
        with self._asking(name):
            facts = await asyncio.wait_for(obstore.head_async(self._objects, name), LISTENER_WAITS_S)
        return facts["size"]

    async def stream(self, sha256: str, suffix: str, start: int, end: int) -> AsyncIterator[bytes]:
        """Yield a part of an object as it comes, and have the whole fetched beside for whoever is next."""
        name = name_file(sha256, suffix)
        self._warming.want(sha256, suffix)
        for begin in range(start, end, STREAM_BYTES):
            with self._asking(name):
                block = await asyncio.wait_for(
                    obstore.get_range_async(
                        self._objects, name, start=begin, end=min(begin + STREAM_BYTES, end)
                    ),
                    LISTENER_WAITS_S,
                )
            yield bytes(block)

    def delete(self, sha256: str, suffix: str) -> None:
        """Delete an object, and our copy; one that is not there is no error."""
        name = name_file(sha256, suffix)
        try:
            with self._asking(name):
                obstore.delete(self._objects, name)
        except AudioMissingError:
            log.info("%s was not there", name)
        self.cache.forget(name)

    def list_files(self) -> Iterator[KeptFile]:
        """List the objects that are named as ours are, a thousand a request."""
        with self._asking(self.url, missing="there is no such bucket"):
            for page in obstore.list(self._objects):
                for held in page:
                    if found := NAME.fullmatch(held["path"]):
                        yield KeptFile(found[2], found[3], held["size"], held["last_modified"])

    def check(self) -> str:
        """Write, read back and delete a few bytes."""
        name, written = f"check/{uuid4().hex}", os.urandom(PROBE_BYTES)
        with self._asking(name, missing="there is no such bucket"):
            obstore.put(self._objects, name, written)
            read = bytes(obstore.get(self._objects, name).bytes())
            obstore.delete(self._objects, name)
        if read != written:
            raise AudioDamagedError(f"{name} was not read back as written", path=name)
        return self.url

    def _measure(self, name: str) -> int:
        with self._asking(name):
            return obstore.head(self._objects, name)["size"]

    def _read(self, sha256: str, suffix: str) -> Iterator[bytes]:
        """Yield an object, a block at a time; AudioDamagedError at its end, if it is not what was kept."""
        name, digest = name_file(sha256, suffix), hashlib.sha256()
        size = self._measure(name)
        for start in range(0, size, BLOCK_BYTES):
            with self._asking(name):
                end = min(start + BLOCK_BYTES, size)
                block = bytes(obstore.get_range(self._objects, name, start=start, end=end))
            digest.update(block)
            yield block
        if digest.hexdigest() != sha256:
            raise AudioDamagedError(f"{self.url}/{name} is another file", path=name)

    def _warm(self, sha256: str, suffix: str) -> None:
        with self.at_hand(sha256, suffix):
            log.debug("%s is copied here", sha256)

    @contextmanager
    def _asking(self, name: str, missing: str | None = None) -> Iterator[None]:
        """Ask the server, unless it has just failed; `missing`: what it means that nothing is found."""
        if time.monotonic() < self._pause.until:
            raise StorageDownError(
                f"{self.url}: {self._pause.reason}", name=self.url, reason=self._pause.reason
            )
        try:
            yield
        except FileNotFoundError as error:
            if missing is None:
                raise AudioMissingError(name, self.url) from error
            raise StorageDownError(f"{self.url}: {missing}", name=self.url, reason=missing) from error
        except (BaseError, TimeoutError) as error:
            self._pause.reason = _explain(error)
            self._pause.until = time.monotonic() + PAUSE_S
            raise StorageDownError(
                f"{name}: {_shorten(error)}", name=self.url, reason=self._pause.reason
            ) from error


def _explain(error: Exception) -> str:
    if isinstance(error, PermissionDeniedError | UnauthenticatedError):
        return "it refuses our keys, or they do not allow this"
    if isinstance(error, TimeoutError) or "error sending request" in str(error):
        return "its server does not answer"
    return _shorten(error)


def _shorten(error: Exception) -> str:
    """Keep what a server or a line said, without the address, the tries and the library's own notes."""
    said = (str(error).strip() or type(error).__name__).splitlines()[0]
    return said.rpartition(" - ")[2][:MAX_REASON].rstrip(" :")

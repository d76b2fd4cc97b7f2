"""This machine's copies of audio that lies elsewhere: whole, verified, and no more than is allowed.

A copy in use is locked by who reads it, so that it stays whatever else is wanted; the kernel frees
the lock of a process that dies. When the folder holds more than its limit, or its disk is nearly
full, copies go that nobody has asked for the longest. All of them can be fetched again.
"""

import fcntl
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from media.files import LEAST_FREE_BYTES
from media.store.folder import on_disk
from media.store.values import INCOMING

LOCKS = "locks"  # one for each beginning of a name: who fetches a file, fetches it for all who wait
SPARED_S = 60.0  # a copy that was just asked for is about to be opened


@dataclass(frozen=True, slots=True)
class AudioCache:
    """A folder of copies, shared by the processes of one machine."""

    folder: Path
    max_bytes: int

    def incoming_path(self, name: str) -> Path:
        """Say where a partial file of this name waits, and make that folder."""
        incoming = self.folder / INCOMING
        with on_disk(incoming):
            incoming.mkdir(parents=True, exist_ok=True)
        return incoming / name

    def find(self, name: str) -> Path | None:
        """Find a copy, and note that it is wanted."""
        path = self.folder / name
        try:
            os.utime(path)
        except OSError:
            return None
        return path

    @contextmanager
    def hold(self, name: str, fetch: Callable[[Path], None]) -> Iterator[Path]:
        """Have a copy for as long as the context lasts, fetched where there is none."""
        with self._locked(name):
            fetched = self.find(name) is None
            if fetched:
                arriving = self.incoming_path(uuid4().hex)
                fetch(arriving)
                self._put(name, arriving)
            with on_disk(self.folder / name):
                copy = os.open(self.folder / name, os.O_RDONLY)
                fcntl.flock(copy, fcntl.LOCK_SH)
        try:
            if fetched:
                self._make_room()
            yield self.folder / name
        finally:
            os.close(copy)

    def put(self, name: str, complete: Path) -> None:
        """Take in a complete file, which waited where `incoming_path` said."""
        with self._locked(name):
            self._put(name, complete)
        self._make_room()

    def forget(self, name: str) -> None:
        """Drop a copy; who reads it goes on."""
        with self._locked(name), on_disk(self.folder / name):
            (self.folder / name).unlink(missing_ok=True)

    def _put(self, name: str, complete: Path) -> None:
        path = self.folder / name
        with on_disk(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            complete.replace(path)
            os.utime(path)

    @contextmanager
    def _locked(self, name: str) -> Iterator[None]:
        path = self.folder / LOCKS / name.partition("/")[0]
        with on_disk(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        try:
            yield
        finally:
            os.close(descriptor)

    def _make_room(self) -> None:
        kept: list[tuple[float, int, Path]] = []
        for path in self.folder.glob("[0-9a-f][0-9a-f]/*"):
            with suppress(OSError):  # another process makes room too
                facts = path.stat()
                kept.append((facts.st_mtime, facts.st_size, path))
        with on_disk(self.folder):
            lacking = LEAST_FREE_BYTES - shutil.disk_usage(self.folder).free
        over = max(sum(size for _, size, _ in kept) - self.max_bytes, lacking)
        for wanted_at, size, path in sorted(kept):
            if over <= 0 or time.time() - wanted_at < SPARED_S:
                return
            if self._drop_unused(path):
                over -= size

    def _drop_unused(self, path: Path) -> bool:
        with (
            suppress(OSError),
            self._locked(path.relative_to(self.folder).as_posix()),
            path.open("rb") as copy,
        ):
            fcntl.flock(copy, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()
            return True
        return False

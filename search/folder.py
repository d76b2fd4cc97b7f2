"""The index folder: which index in it is in use, who writes, what is being rebuilt.

lock       held (flock) by the one process that writes; the system frees it when that one dies
current    the name of the index in use, a folder beside it; replaced at the end of a rebuild
damaged    the name of an index that a reader could not read; the writer answers by a rebuild
progress   percent of a rebuild that is under way
node       what tells this folder from those of other machines
"""

import fcntl
import os
import secrets
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from search.errors import IndexLockedError, IndexWriteError
from search.storage import replace_durably

LOCK_RETRY_S = 0.05


class IndexFolder:
    """The files of an index folder that say how things stand."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def lock(self, wait_s: float) -> Iterator[None]:
        """Be the one writer; IndexLockedError where another still is after `wait_s`."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self.path / "lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise self.unwritable(error) from error
        try:
            self._acquire(descriptor, wait_s)
            yield
        finally:
            os.close(descriptor)

    def _acquire(self, descriptor: int, wait_s: float) -> None:
        until = time.monotonic() + wait_s
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                if time.monotonic() >= until:
                    raise IndexLockedError(f"{self.path} is locked", path=str(self.path)) from error
                time.sleep(LOCK_RETRY_S)
            else:
                return

    @property
    def current(self) -> Path | None:
        """The index in use, if there is one; a name that is not ours is none."""
        name = self._read("current")
        if not name or "/" in name or name.startswith("."):
            return None
        return self.path / name

    def set_current(self, index: Path) -> None:
        """Put an index in use."""
        replace_durably(self.path / "current", index.name.encode())
        for name in ("damaged", "progress"):
            (self.path / name).unlink(missing_ok=True)

    @property
    def is_damaged(self) -> bool:
        """Tell whether a reader could not read the index in use."""
        current = self.current
        return current is None or self._read("damaged") == current.name

    def set_damaged(self, index: Path) -> None:
        """Ask for a rebuild of this index."""
        replace_durably(self.path / "damaged", index.name.encode())

    @property
    def percent_rebuilt(self) -> int:
        """How far the rebuild is; 0 before it begins."""
        held = self._read("progress")
        return min(100, int(held)) if held.isdecimal() else 0

    def set_progress(self, percent: int) -> None:
        """Say how far a rebuild is."""
        waiting = self.path / "progress.new"
        waiting.write_text(str(percent))
        waiting.replace(self.path / "progress")

    @property
    def node(self) -> str:
        """The name under which other machines know of this index; made at first."""
        if not self._read("node"):
            replace_durably(self.path / "node", secrets.token_hex(4).encode())
        return f"{socket.gethostname()[:80]}-{self._read('node')}"

    def unwritable(self, error: OSError) -> IndexWriteError:
        """Say why the folder cannot be written."""
        return IndexWriteError(
            f"{self.path}: {error}", path=str(self.path), reason=error.strerror or str(error)
        )

    def _read(self, name: str) -> str:
        try:
            return (self.path / name).read_text("ascii").strip()
        except (OSError, ValueError):
            return ""

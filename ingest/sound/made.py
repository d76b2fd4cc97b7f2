"""Files made once and kept for a while, named by all that went into them.

The name is a hash of the sound, the bounds, the format and every word that is written in them, so
that a file is never stale: what changes has another name. A file is whole or not there. When the
folder holds more than its limit, the files that nobody has asked for the longest go first; each
can be made again.
"""

import hashlib
import json
import os
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from ingest.sound.listening import written_whole
from media.errors import StorageError

MAX_KEPT_BYTES = 1 << 30  # 1 GiB: some 8,000 clips of fifteen seconds
ABANDONED_S = 3_600  # a half-written file of a process that died


@dataclass(frozen=True, slots=True)
class MadeFiles:
    """A folder of files that can be made again."""

    folder: Path
    max_bytes: int = MAX_KEPT_BYTES

    def find(self, name: str) -> Path | None:
        """Find a file that was made, and note that it is still wanted."""
        path = self._path(name)
        try:
            os.utime(path)
        except OSError:
            return None
        return path

    def make(self, name: str, write: Callable[[IO[bytes]], None]) -> Path:
        """Make a file by what writes it, or find it made already; StorageError where it cannot be kept."""
        if (found := self.find(name)) is not None:
            return found
        path = self._path(name)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with written_whole(path) as file:
                write(file)
            path.chmod(0o644)
            self._make_room(path)
        except OSError as error:
            raise StorageError(f"{path}: {error}", path=str(path), reason=str(error)) from error
        return path

    def _path(self, name: str) -> Path:
        return self.folder / name[:2] / name

    def _make_room(self, newest: Path) -> None:
        kept: list[tuple[float, int, Path]] = []
        for path in self.folder.glob("*/*"):
            with suppress(OSError):  # another process makes room too
                facts = path.stat()
                if path.name.startswith("."):
                    _drop_abandoned(path, facts.st_mtime)
                else:
                    kept.append((facts.st_mtime, facts.st_size, path))
        over = sum(size for _, size, _ in kept) - self.max_bytes
        for _, size, path in sorted(kept):
            if over <= 0:
                return
            if path != newest:
                path.unlink(missing_ok=True)
                over -= size


def name_made(parts: Mapping[str, Any], suffix: str) -> str:
    """Name a file by what it contains; `parts` are values that JSON can write.

    >>> name_made({"start": 1, "end": 2}, "mp3") == name_made({"end": 2, "start": 1}, "mp3")
    True
    """
    written = json.dumps(parts, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return f"{hashlib.sha256(written.encode('utf-8', 'surrogatepass')).hexdigest()}.{suffix}"


def _drop_abandoned(path: Path, written_at: float) -> None:
    if time.time() - written_at > ABANDONED_S:
        path.unlink(missing_ok=True)

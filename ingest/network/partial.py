"""The part of a download that has come: locked, hashed as it grows, and resumable after `kill -9`.

Beside `NAME.part` a note, `NAME.part.json`, says which strong validator its bytes belong to; it is
written (and replaced by a rename) before the first of them. The hash of what an earlier worker left
is computed again from the disk, so that what is vouched for is what lies there.
"""

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from io import FileIO
from pathlib import Path

from ingest.errors import DownloadBusyError
from ingest.network.addresses import show_address

READ_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Note:
    """What a partial file belongs to."""

    url: str
    validator: str | None = None  # strong ETag, or a Last-Modified that is as good
    total: int | None = None


class PartialFile:
    """The partial file and its note: locked, hashed as it grows."""

    def __init__(self, path: Path, file: FileIO, url: str) -> None:
        self.path = path
        self.note_path = path.with_name(path.name + ".json")
        self.file = file
        self.note = self._read_note(url)
        self.size = 0
        self.digest = hashlib.sha256()
        if self.note.validator:
            self._take_up()
        else:
            self.restart(Note(url))

    @classmethod
    @contextmanager
    def opened(cls, to: Path, url: str) -> Iterator["PartialFile"]:
        """Open and lock the partial file; DownloadBusyError where another worker has it."""
        path = to.with_name(to.name + ".part")
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
        with FileIO(descriptor, "r+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise DownloadBusyError("locked", url=show_address(url)) from error
            yield cls(path, file, url)

    def restart(self, note: Note) -> None:
        """Forget the bytes, and note what the next ones will belong to."""
        self.file.seek(0)
        self.file.truncate(0)
        self.size, self.digest = 0, hashlib.sha256()
        self.note = note
        waiting = self.note_path.with_name(self.note_path.name + ".new")
        waiting.write_text(json.dumps(asdict(note)), encoding="utf-8")
        waiting.replace(self.note_path)

    def add(self, data: bytes) -> None:
        """Append bytes, all of them."""
        view = memoryview(data)
        while view:
            written = self.file.write(view)
            self.digest.update(view[:written])
            self.size += written
            view = view[written:]

    def read_at(self, offset: int, length: int) -> bytes:
        """Read back what has come."""
        return os.pread(self.file.fileno(), length, offset)

    @property
    def resumable(self) -> bool:
        """Say whether a later try can go on from these bytes."""
        return self.size > 0 and self.note.validator is not None

    def discard(self) -> None:
        """Leave nothing on the disk."""
        self.note_path.unlink(missing_ok=True)
        self.path.unlink(missing_ok=True)

    def finish(self, to: Path) -> None:
        """Give the file its name, durably."""
        os.fsync(self.file.fileno())
        self.path.replace(to)
        folder = os.open(to.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        self.note_path.unlink(missing_ok=True)

    def _read_note(self, url: str) -> Note:
        try:
            note = Note(**json.loads(self.note_path.read_text(encoding="utf-8")))
        except (FileNotFoundError, ValueError, TypeError):
            return Note(url)  # nothing to resume, or a note cut short by a crash
        return note if note.url == url else Note(url)

    def _take_up(self) -> None:
        while block := self.file.read(READ_BYTES):
            self.digest.update(block)
            self.size += len(block)

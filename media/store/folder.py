"""Audio in a folder: of this machine, or one that several machines mount.

Written under a temporary name on the same disk, synced, then renamed: what bears a name is whole.
The folder has one level of 256 subfolders; partial files wait in `incoming/`. A folder that the
settings name is never made: where its share is not mounted, nothing must be written beneath.
"""

import os
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from media.errors import StorageError
from media.files import audio_path, hash_file
from media.store.errors import AudioDamagedError, AudioMissingError, StorageDownError
from media.store.values import INCOMING, NAME, KeptFile, name_file

PROBE_BYTES = 4_096


@dataclass(frozen=True, slots=True)
class FolderStore:
    """A folder of audio."""

    folder: Path
    is_ours: bool = True  # under the data folder: made where it is not there

    @property
    def name(self) -> str:
        """The folder, as people are told."""
        return str(self.folder)

    def incoming_path(self, name: str) -> Path:
        """Say where a partial file of this name waits, and make that folder."""
        self._refuse_absent()
        incoming = self.folder / INCOMING
        with on_disk(incoming):
            incoming.mkdir(parents=True, exist_ok=True)
        return incoming / name

    def keep(self, complete: Path, sha256: str, suffix: str) -> None:
        """Move a complete file, on the same disk, to its lasting name; durable when this returns."""
        lasting = audio_path(self.folder, sha256, suffix)
        with on_disk(lasting):
            lasting.parent.mkdir(parents=True, exist_ok=True)
            sync_folder(self.folder)  # the subfolder may be new: its name is to last as well
            with complete.open("rb") as file:
                os.fsync(file.fileno())
            complete.replace(lasting)
            sync_folder(lasting.parent)

    def find(self, sha256: str, suffix: str) -> Path | None:
        """Find a file."""
        path = audio_path(self.folder, sha256, suffix)
        return path if path.is_file() else None

    @contextmanager
    def at_hand(self, sha256: str, suffix: str) -> Iterator[Path]:
        """Have a file to read where it lies; AudioMissingError without it."""
        self._refuse_absent()
        path = self.find(sha256, suffix)
        if path is None:
            raise AudioMissingError(name_file(sha256, suffix), self.name)
        yield path

    def fetch(self, sha256: str, suffix: str, to: Path) -> None:
        """Write a verified copy of a file; nothing is at `to` where that failed."""
        with self.at_hand(sha256, suffix) as path, on_disk(to):
            try:
                shutil.copyfile(path, to)
                _refuse_other(to, sha256)
            except BaseException:
                to.unlink(missing_ok=True)
                raise

    def verify(self, sha256: str, suffix: str) -> None:
        """Read a file through; AudioDamagedError unless its hash is its name."""
        with self.at_hand(sha256, suffix) as path:
            _refuse_other(path, sha256)

    def holds(self, sha256: str, suffix: str) -> bool:
        """Tell whether a file is kept."""
        self._refuse_absent()
        return self.find(sha256, suffix) is not None

    def expects(self, sha256: str, suffix: str) -> bool:
        """Tell whether a file may be announced: here, that is to be there."""
        return self.find(sha256, suffix) is not None

    async def measure(self, sha256: str, suffix: str) -> int:
        """Say that there is no file which `find` did not find."""
        raise AudioMissingError(name_file(sha256, suffix), self.name)

    async def stream(self, sha256: str, suffix: str, start: int, end: int) -> AsyncIterator[bytes]:
        """Yield nothing: there is no file which `find` did not find."""
        raise AudioMissingError(name_file(sha256, suffix), self.name)
        yield b""

    def delete(self, sha256: str, suffix: str) -> None:
        """Delete a file; one that is not there is no error."""
        path = audio_path(self.folder, sha256, suffix)
        self._refuse_absent()
        with on_disk(path):
            path.unlink(missing_ok=True)

    def list_files(self) -> Iterator[KeptFile]:
        """List all that is kept; what is not named as our files are is left out."""
        self._refuse_absent()
        with on_disk(self.folder):
            for path in self.folder.glob("??/*"):
                found = NAME.fullmatch(path.relative_to(self.folder).as_posix())
                with suppress(FileNotFoundError):  # deleted meanwhile
                    if found and path.is_file():
                        facts = path.stat()
                        kept_at = datetime.fromtimestamp(facts.st_mtime, UTC)
                        yield KeptFile(found[2], found[3], facts.st_size, kept_at)

    def check(self) -> str:
        """Write, read back and delete a few bytes."""
        probe, written = self.incoming_path(f"check-{uuid4().hex}"), os.urandom(PROBE_BYTES)
        with on_disk(probe):
            try:
                probe.write_bytes(written)
                if probe.read_bytes() != written:
                    raise AudioDamagedError(f"{probe} was not read back as written", path=str(probe))
            finally:
                probe.unlink(missing_ok=True)
        return self.name

    def _refuse_absent(self) -> None:
        if not self.is_ours and not self.folder.is_dir():
            reason = "there is no such folder; its disk may not be mounted"
            raise StorageDownError(f"{self.folder}: {reason}", name=self.name, reason=reason)


def _refuse_other(path: Path, sha256: str) -> None:
    if hash_file(path) != sha256:
        raise AudioDamagedError(f"{path} is not {sha256}", path=str(path))


def sync_folder(folder: Path) -> None:
    """Have the names of a folder last, as the files' content does."""
    directory = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


@contextmanager
def on_disk(path: Path) -> Iterator[None]:
    """Call what fails on a disk by the file that it was about, as StorageError."""
    try:
        yield
    except OSError as error:
        raise StorageError(f"{path}: {error}", path=str(path), reason=error.strerror or str(error)) from error

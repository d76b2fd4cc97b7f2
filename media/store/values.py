"""What every place for audio can do, and how files are named in all of them.

A file is named by its content: `ab/abcd….mp3`. It can neither be half there under its name, nor be
taken for another, and a copy of a folder into a bucket, or back, is an archive's audio whole. Bytes
are kept before the catalogue has their row: a crash between the two leaves a file that nobody
names, never a row without its file.
"""

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

INCOMING = "incoming"  # a folder of partial files, beside those that are kept
NAME = re.compile(r"([0-9a-f]{2})/(\1[0-9a-f]{62})(\.[a-z0-9]{1,8})", re.ASCII)


def name_file(sha256: str, suffix: str) -> str:
    """Name a file in its place.

    >>> name_file("ab" * 32, ".mp3")[:11]
    'ab/abababab'
    """
    return f"{sha256[:2]}/{sha256}{suffix}"


@dataclass(frozen=True, slots=True)
class KeptFile:
    """One file as it lies in its place."""

    sha256: str
    suffix: str
    size_bytes: int
    kept_at: datetime


class AudioStore(Protocol):
    """A place for audio; safe to share by threads. StorageError leaves wherever it cannot do its work."""

    @property
    def name(self) -> str:
        """The place, as people are told."""
        ...

    def incoming_path(self, name: str) -> Path:
        """Say where a partial file of this name waits, and make that folder."""
        ...

    def keep(self, complete: Path, sha256: str, suffix: str) -> None:
        """Keep a complete file, which waited where `incoming_path` said; durable when this returns."""
        ...

    def find(self, sha256: str, suffix: str) -> Path | None:
        """Find a file that is on this machine, or in its folders, without asking a server."""
        ...

    def at_hand(self, sha256: str, suffix: str) -> AbstractContextManager[Path]:
        """Have a whole file to read, for as long as the context lasts; AudioMissingError without it."""
        ...

    def fetch(self, sha256: str, suffix: str, to: Path) -> None:
        """Write a verified copy of a file; AudioMissingError, AudioDamagedError: then nothing is at `to`."""
        ...

    def verify(self, sha256: str, suffix: str) -> None:
        """Read a file through where it lies; AudioDamagedError unless its hash is its name."""
        ...

    def holds(self, sha256: str, suffix: str) -> bool:
        """Tell whether a file is kept."""
        ...

    def expects(self, sha256: str, suffix: str) -> bool:
        """Tell whether a file of the catalogue may be announced, without asking a server."""
        ...

    async def measure(self, sha256: str, suffix: str) -> int:
        """Say how many bytes a file has that `find` did not find; AudioMissingError without it."""
        ...

    def stream(self, sha256: str, suffix: str, start: int, end: int) -> AsyncIterator[bytes]:
        """Yield a part of a file that `find` did not find; not verified, which takes the whole."""
        ...

    def delete(self, sha256: str, suffix: str) -> None:
        """Delete a file; one that is not there is no error."""
        ...

    def list_files(self) -> Iterator[KeptFile]:
        """List all that is kept, lazily, in no order; what is not ours is left out."""
        ...

    def check(self) -> str:
        """Write, read back and delete a few bytes; say in a few words where that was."""
        ...

"""Files of an index that cannot be half written or silently damaged.

Whoosh never calls fsync and trusts what it reads, pickles included. Here a commit is sealed:
before the table of contents takes its name, every file of the index is on the disk and its CRC-32
stands in a seal of the same generation, with the last change of the catalogue that it holds: what
is in the index and how far it has followed the log are one commit. Reading takes a whole file
into memory, checks it against the seal, and only then lets Whoosh unpickle it; an index without
our seal is never opened. Readers that share a storage share these bytes.
"""

import json
import os
import re
import threading
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from whoosh.filedb.filestore import FileStorage
from whoosh.filedb.structfile import BufferFile, StructFile

from search.errors import IndexCorruptedError
from search.schema import INDEX_VERSION

TOC = re.compile(r"_MAIN_([0-9]+)\.toc$")
SEAL = re.compile(r"seal_([0-9]+)$")


@dataclass(frozen=True, slots=True)
class Seal:
    """What one commit of the index is made of."""

    generation: int
    last_change: int  # of the catalogue's log, all of it followed so far
    files: dict[str, int]  # CRC-32 of each


class HeldFile(BufferFile):  # type: ignore[misc]
    """A segment's file, in memory; its parts are cut out once for all readers."""

    def __init__(self, content: bytes, name: str, parts: dict[tuple[int, int], bytes]) -> None:
        super().__init__(content, name=name)
        self._parts = parts

    def subset(self, position: int, length: int, name: str | None = None) -> BufferFile:
        """Open a part of the file."""
        part = self._parts.get((position, length))
        if part is None:
            part = self._parts[position, length] = self.get(position, length)
        return BufferFile(part, name=name)


class SealedStorage(FileStorage):  # type: ignore[misc]
    """One generation of an index folder for reading; for writing, the generation after it too."""

    def __init__(self, folder: Path, seal: Seal | None, held: "SealedStorage | None" = None) -> None:
        super().__init__(str(folder))
        self.seal = seal
        self.last_change = seal.last_change if seal else 0  # a writer sets what its commit will hold
        self.leaving: frozenset[str] = frozenset()  # files that it merges into another, and so removes
        self._created: set[str] = set()
        self._lock = threading.Lock()
        self._held: dict[str, tuple[bytes, dict[tuple[int, int], bytes]]] = {}
        if held is not None and seal is not None:
            same = held.seal.files.items() & seal.files.items() if held.seal else ()
            self._held = {name: held._held[name] for name, _ in same if name in held._held}

    def create_file(self, name: str, **options: Any) -> StructFile:
        """Create a file of the next generation."""
        self._created.add(name)
        return super().create_file(name, **options)

    def open_file(self, name: str, **options: Any) -> StructFile:
        """Open a file: as it is being made, or sealed and checked."""
        if name in self._created:
            return super().open_file(name, **options)
        with self._lock:
            if name not in self._held:
                self._held[name] = self._read(name), {}
            content, parts = self._held[name]
        return HeldFile(content, name, parts)

    def rename_file(self, oldname: str, newname: str, safe: bool = False) -> None:
        """Rename a file; a table of contents is sealed first, and durable when this returns."""
        match = TOC.match(newname)
        if match:
            self._write_seal(int(match.group(1)), oldname, newname)
        super().rename_file(oldname, newname, safe=safe)
        if match:
            _sync_folder(Path(self.folder))

    def _read(self, name: str) -> bytes:
        path = Path(self.folder) / name
        try:
            content = path.read_bytes()
        except OSError as error:
            raise _damaged(path, str(error)) from error
        if self.seal is None or zlib.crc32(content) != self.seal.files.get(name):
            raise _damaged(path, "not what was sealed")
        return content

    def _write_seal(self, generation: int, toc_now: str, toc_name: str) -> None:
        folder = Path(self.folder)
        kept = self.seal.files.items() if self.seal else ()
        files = {name: crc for name, crc in kept if name.endswith(".seg") and name not in self.leaving}
        for name in self._created:
            if name.endswith(".seg") and (folder / name).exists():
                files[name] = _sync_file(folder / name)
        files[toc_name] = _sync_file(folder / toc_now)
        document = json.dumps([INDEX_VERSION, self.last_change, files]).encode()
        path = folder / f"seal_{generation}"
        path.write_bytes(b"%08x\n" % zlib.crc32(document) + document)
        _sync_file(path)
        self.seal = Seal(generation, self.last_change, files)
        self._created.clear()


def latest_generation(folder: Path) -> int:
    """Find the newest generation of an index folder; -1 where there is none."""
    try:
        names = [path.name for path in folder.iterdir()]
    except OSError:
        return -1
    return max((int(match.group(1)) for match in map(TOC.match, names) if match), default=-1)


def read_seal(folder: Path) -> Seal:
    """Read the seal of the newest generation; IndexCorruptedError unless it is whole and of our version."""
    while True:
        generation = latest_generation(folder)
        try:
            return _read_seal(folder, generation)
        except IndexCorruptedError:
            if latest_generation(folder) == generation:  # else a commit swept it away meanwhile
                raise


def _read_seal(folder: Path, generation: int) -> Seal:
    path = folder / f"seal_{generation}"
    try:
        check, document = path.read_bytes().split(b"\n", 1)
        if int(check, 16) != zlib.crc32(document):
            raise _damaged(path, "not what was sealed")
        version, last_change, files = json.loads(document)
    except (OSError, ValueError) as error:
        raise _damaged(path, str(error)) from error
    if version != INDEX_VERSION:
        raise _damaged(path, f"of version {version}, not {INDEX_VERSION}")
    return Seal(generation, last_change, files)


def sweep_seals(folder: Path, generation: int) -> None:
    """Remove the seals of generations before this one."""
    for path in folder.glob("seal_*"):
        match = SEAL.match(path.name)
        if match and int(match.group(1)) < generation:
            path.unlink(missing_ok=True)


def replace_durably(path: Path, content: bytes) -> None:
    """Give a small file another content: all of it or none, on the disk when this returns."""
    waiting = path.with_name(path.name + ".new")
    waiting.write_bytes(content)
    _sync_file(waiting)
    waiting.replace(path)
    _sync_folder(path.parent)


def _sync_file(path: Path) -> int:
    """Put a file on the disk, and return its CRC-32."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
        return zlib.crc32(file.read())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _damaged(path: Path, reason: str) -> IndexCorruptedError:
    return IndexCorruptedError(f"{path}: {reason}", path=str(path))

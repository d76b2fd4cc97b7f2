"""One numbered place for each worker process of this machine, held by a file lock.

The operating system frees the lock of a process that dies, however it dies: whoever looks next
sees an empty place whose work can be taken over at once. A worker's name is its own for one start
only, so that no late word of an earlier one is taken for it. Locks say who lives only to those
who share their kernel and their folder; that pair is the worker's `place`, and a worker of any
other place is known by its beats. A cloned machine, or one of the same host name, is no danger.
"""

import fcntl
import hashlib
import os
import secrets
import socket
import uuid
from dataclasses import dataclass
from pathlib import Path

from ingest.errors import WorkerError
from media.errors import N_, StorageError
from media.settings import Settings

MAX_SLOTS = 16  # worker processes on one machine; each runs several recogniser processes
MAX_HOST = 100  # letters of a host name in a worker's
BOOT = Path("/proc/sys/kernel/random/boot_id")  # of a running kernel: no two share one


class NoSlotError(WorkerError):
    """Every place of this machine is taken."""

    msgid = N_("%(count)d workers already run on this machine. Stop one first.")


@dataclass(frozen=True, slots=True)
class Slot:
    """A worker's place, held until it is released or its process ends."""

    name: str  # unique among all machines and starts: "host-0-5f3a9c"
    host: str
    place: str  # one kernel's view of one folder
    descriptor: int  # of the locked file

    def release(self) -> None:
        """Give the place back."""
        os.close(self.descriptor)


def take_slot(settings: Settings) -> Slot:
    """Take the first free place; NoSlotError where there is none."""
    folder = _folder(settings)
    host = socket.gethostname()
    for number in range(MAX_SLOTS):
        descriptor = _try_lock(folder / f"{number}.lock")
        if descriptor is not None:
            name = f"{host[:MAX_HOST]}-{number}-{secrets.token_hex(3)}"
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, name.encode(), 0)
            return Slot(name, host, find_place(settings), descriptor)
    raise NoSlotError(f"all {MAX_SLOTS} slots are held", count=MAX_SLOTS)


def list_living(settings: Settings) -> set[str]:
    """Name the workers that run on this machine and data folder."""
    living = set()
    for path in _folder(settings).glob("*.lock"):
        descriptor = _try_lock(path)
        if descriptor is None:
            living.add(path.read_text("utf-8", "replace"))
        else:
            os.close(descriptor)
    return living


def find_place(settings: Settings) -> str:
    """Tell where our locks are seen: by this kernel since it started, in this folder."""
    try:
        kernel = BOOT.read_text().strip()
    except OSError:  # not Linux
        kernel = f"{uuid.getnode():x}"
    found = _folder(settings).stat()
    return hashlib.sha256(f"{kernel} {found.st_dev} {found.st_ino}".encode()).hexdigest()


def _try_lock(path: Path) -> int | None:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def _folder(settings: Settings) -> Path:
    folder = settings.data / "workers"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"{folder}: {error}", path=str(folder), reason=str(error)) from error
    return folder

"""One numbered place for each worker process of this machine, held by a file lock.

The operating system frees the lock of a process that dies, however it dies: whoever looks next
sees an empty place whose work can be taken over. The place's name is the worker's identity in
the work queue, so that a restarted worker goes on with what it had begun.
"""

import fcntl
import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ingest.errors import WorkerError
from media.errors import N_, StorageError
from media.settings import Settings

MAX_SLOTS = 16  # worker processes on one machine; each runs several recogniser processes


class NoSlotError(WorkerError):
    """Every place of this machine is taken."""

    msgid = N_("%(count)d workers already run on this machine. Stop one first.")


@dataclass(frozen=True, slots=True)
class Slot:
    """A worker's place, held until it is released or its process ends."""

    name: str  # unique among all machines: "host-0"
    descriptor: int  # of the locked file

    def release(self) -> None:
        """Give the place back."""
        os.close(self.descriptor)


def take_slot(settings: Settings) -> Slot:
    """Take the first free place; NoSlotError where there is none."""
    folder = _folder(settings)
    for number in range(MAX_SLOTS):
        descriptor = _try_lock(folder / f"{number}.lock")
        if descriptor is not None:
            return Slot(_name(number), descriptor)
    raise NoSlotError(f"all {MAX_SLOTS} slots are held", count=MAX_SLOTS)


def list_empty_slots(settings: Settings) -> list[str]:
    """List the places of this machine that a worker once held and none holds now."""
    return [_name(number) for number, held in _look(settings) if not held]


def count_live_workers(settings: Settings) -> int:
    """Count the worker processes that run on this machine."""
    return sum(held for _, held in _look(settings))


def _look(settings: Settings) -> Iterator[tuple[int, bool]]:
    for number in range(MAX_SLOTS):
        path = _folder(settings) / f"{number}.lock"
        if not path.exists():
            continue
        descriptor = _try_lock(path)
        if descriptor is not None:
            os.close(descriptor)
        yield number, descriptor is None


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


def _name(number: int) -> str:
    return f"{socket.gethostname()}-{number}"

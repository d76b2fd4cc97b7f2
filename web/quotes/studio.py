"""Where one process makes files: few at once, few waiting, films one after the other.

Clips and cards take a tenth of a second and are made while their reader waits, in a thread of this
process, so that few may be made at once and few may wait: readers of pages come first. Films take
seconds: one thread makes them in turn, and whoever asks is told to come back.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from queue import SimpleQueue
from typing import IO

from ingest.errors import ClipsBusyError
from ingest.sound.made import MadeFiles
from media.errors import EntenduError, Message

log = logging.getLogger(__name__)

Write = Callable[[IO[bytes]], None]

AT_ONCE = 2  # clips and cards, in one process
WAITING = 6
WAIT_S = 20.0
FILMS_WAITING = 12
FAILURE_KEPT = timedelta(minutes=10)  # before a film that could not be made is tried again


@dataclass(frozen=True, slots=True)
class _Order:
    """A film to be made."""

    name: str
    files: MadeFiles
    write: Write
    ordered_at: datetime


@dataclass(slots=True)
class Studio:
    """Where one process makes files: at most so many at once, at most so many waiting."""

    _at_once: threading.BoundedSemaphore = field(default_factory=lambda: threading.BoundedSemaphore(AT_ONCE))
    _present: threading.BoundedSemaphore = field(
        default_factory=lambda: threading.BoundedSemaphore(AT_ONCE + WAITING)
    )
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _orders: SimpleQueue[_Order] = field(default_factory=SimpleQueue)
    _ordered: set[str] = field(default_factory=set)
    _failed: dict[str, tuple[datetime, Message]] = field(default_factory=dict)
    _thread: threading.Thread | None = None

    def make(self, files: MadeFiles, name: str, write: Write) -> Path:
        """Make a file while its reader waits; ClipsBusyError where too many do."""
        with self._turn():
            return files.make(name, write)

    def order(self, files: MadeFiles, name: str, write: Write, now: datetime) -> Message | None:
        """Have a file made beside; return why it could not be made, where that was found out lately.

        ClipsBusyError where too many wait. What is ordered already is not ordered twice.
        """
        with self._lock:
            self._failed = {
                failed: (at, why) for failed, (at, why) in self._failed.items() if now - at < FAILURE_KEPT
            }
            if name in self._failed:
                return self._failed[name][1]
            if name in self._ordered:
                return None
            if len(self._ordered) >= FILMS_WAITING:
                raise ClipsBusyError(f"{len(self._ordered)} films wait")
            self._ordered.add(name)
            self._orders.put(_Order(name, files, write, now))
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._work, name="films", daemon=True)
                self._thread.start()
        return None

    def knows(self, name: str) -> bool:
        """Tell whether a file waits to be made, is being made, or could not be made lately."""
        with self._lock:
            return name in self._ordered or name in self._failed

    def _work(self) -> None:
        while True:
            order = self._orders.get()
            failure = None
            try:
                failure = _make(order)
            finally:
                with self._lock:
                    self._ordered.discard(order.name)
                    if failure is not None:
                        self._failed[order.name] = (order.ordered_at, failure)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._present.acquire(blocking=False):
            raise ClipsBusyError("too many wait for a clip")
        try:
            if not self._at_once.acquire(timeout=WAIT_S):
                raise ClipsBusyError("waited too long for a clip")
            try:
                yield
            finally:
                self._at_once.release()
        finally:
            self._present.release()


def _make(order: _Order) -> Message | None:
    """Make a film; return what keeps it from being made, for whoever asks again."""
    try:
        order.files.make(order.name, order.write)
    except EntenduError as error:
        log.exception("the film %s was not made", order.name)
        return error.message
    return None

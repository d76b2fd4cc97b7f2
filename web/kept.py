"""What is worked out from the whole archive, kept until its words change; safe to share by threads."""

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from sqlalchemy import Connection

from media.changes import last_change

Held = TypeVar("Held")

QUICK_S = 0.02  # of a processor: what takes no longer is worked out after every change
REST_SHARE = 20  # else no more than one part in so many of the time goes into it
LONGEST_REST_S = 10.0


class KeptUntilChange(Generic[Held]):
    """An answer that is worked out again once the archive has changed.

    By one thread at a time, and not without end: while twenty people correct, whoever comes meanwhile has
    the answer before, of some seconds ago in a large archive.
    """

    def __init__(self, work_out: Callable[[Connection], Held]) -> None:
        self._work_out = work_out
        self._working = threading.Lock()
        self._held: tuple[int, Held] | None = None
        self._rests_until = 0.0

    def read(self, connection: Connection) -> Held:
        """Return the answer for the archive as it is."""
        change, held = last_change(connection), self._held
        if held is not None and (held[0] == change or time.monotonic() < self._rests_until):
            return held[1]
        if not self._working.acquire(blocking=held is None):
            assert held is not None  # noqa: S101 -- else it was waited for
            return held[1]
        try:
            if self._held is None or self._held[0] != change:
                began_s = time.thread_time()
                self._held = (change, self._work_out(connection))
                took_s = time.thread_time() - began_s
                rest_s = min(LONGEST_REST_S, took_s * REST_SHARE) if took_s > QUICK_S else 0.0
                self._rests_until = time.monotonic() + rest_s
            return self._held[1]
        finally:
            self._working.release()

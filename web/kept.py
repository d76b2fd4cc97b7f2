"""What is worked out from the whole archive, kept until its words change; safe to share by threads."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from sqlalchemy import Connection

from media.changes import last_change

Held = TypeVar("Held")


class KeptUntilChange(Generic[Held]):
    """An answer that is worked out again once the archive has changed.

    By one thread at a time: while twenty people correct, whoever comes meanwhile has the answer before.
    """

    def __init__(self, work_out: Callable[[Connection], Held]) -> None:
        self._work_out = work_out
        self._working = threading.Lock()
        self._held: tuple[int, Held] | None = None

    def read(self, connection: Connection) -> Held:
        """Return the answer for the archive as it is."""
        change, held = last_change(connection), self._held
        if held is not None and held[0] == change:
            return held[1]
        if not self._working.acquire(blocking=held is None):
            assert held is not None  # noqa: S101 -- else it was waited for
            return held[1]
        try:
            if self._held is None or self._held[0] != change:
                self._held = (change, self._work_out(connection))
            return self._held[1]
        finally:
            self._working.release()

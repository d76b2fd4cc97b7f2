"""What is worked out from the whole archive, kept until its words change; safe to share by threads."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from sqlalchemy import Connection

from media.changes import last_change

Held = TypeVar("Held")


class KeptUntilChange(Generic[Held]):
    """An answer that is worked out again once the archive has changed."""

    def __init__(self, work_out: Callable[[Connection], Held]) -> None:
        self._work_out = work_out
        self._lock = threading.Lock()
        self._held: tuple[int, Held] | None = None

    def read(self, connection: Connection) -> Held:
        """Return the answer for the archive as it is."""
        change = last_change(connection)
        with self._lock:
            if self._held is not None and self._held[0] == change:
                return self._held[1]
        found = self._work_out(connection)
        with self._lock:
            self._held = (change, found)
        return found

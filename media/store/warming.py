"""Fetch beside what somebody listens to, one file after the other, so that the next listener has it here."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from media.errors import MediaError

log = logging.getLogger(__name__)

MOST_WAITING = 8  # more are left to whoever listens next


@dataclass(slots=True)
class Warming:
    """A thread that lives for as long as there is something to fetch."""

    fetch: Callable[[str, str], None]
    _waiting: dict[tuple[str, str], None] = field(default_factory=dict)
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def want(self, sha256: str, suffix: str) -> None:
        """Have a file fetched, unless it waits already, or many do."""
        wanted = (sha256, suffix)
        with self._turn:
            if wanted in self._waiting or len(self._waiting) >= MOST_WAITING:
                return
            self._waiting[wanted] = None
            if len(self._waiting) == 1:
                threading.Thread(target=self._work, args=(wanted,), name="warming", daemon=True).start()

    def _work(self, wanted: tuple[str, str] | None) -> None:
        while wanted is not None:
            try:
                self.fetch(*wanted)
            except MediaError as error:
                log.warning("%s is not copied here: %s", wanted[0], error)
            with self._turn:
                del self._waiting[wanted]
                wanted = next(iter(self._waiting), None)

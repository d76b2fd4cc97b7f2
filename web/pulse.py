"""Whether a worker lives: its beats, counted in the catalogue, are looked at from time to time.

Beats carry no clock, so that two machines need not agree on the hour: a count that has grown
between two looks is a worker alive. One look tells nothing; so the site looks by itself.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Callable

from starlette.concurrency import run_in_threadpool

from media.database import Database
from media.errors import DatabaseError
from media.workers import SILENCE, list_beats

LOG = logging.getLogger(__name__)
LOOK_EVERY_S = 10


class Pulse:
    """What was seen of each worker's beats; safe to share by threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._seen: dict[str, int] = {}
        self._grew_at: dict[str, float] = {}

    def look(self, beats: dict[str, int]) -> None:
        """Take note of every worker's count."""
        with self._lock:
            for worker, count in beats.items():
                if count != self._seen.get(worker, count):
                    self._grew_at[worker] = self._clock()
            self._seen = dict(beats)

    def list_alive(self) -> frozenset[str]:
        """List the workers that have beaten lately."""
        since = self._clock() - SILENCE.total_seconds()
        with self._lock:
            grew = self._grew_at.items()
            return frozenset(worker for worker, at in grew if worker in self._seen and at > since)

    def count_alive(self) -> int:
        """Count them."""
        return len(self.list_alive())


async def keep_looking(pulse: Pulse, database: Database) -> None:
    """Look at the workers' beats for as long as the site is open."""
    while True:
        try:
            pulse.look(await run_in_threadpool(_read_beats, database))
        except DatabaseError as error:
            LOG.warning("workers' beats: %s", error)
        await asyncio.sleep(LOOK_EVERY_S)


def _read_beats(database: Database) -> dict[str, int]:
    with database.read() as connection:
        return list_beats(connection)

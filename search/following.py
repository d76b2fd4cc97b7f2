"""Keep this machine's index in line with the catalogue, and say how far it is, for as long as it runs.

The log is looked at several times a second: one row of the catalogue, which fifty machines may ask
without anybody noticing, through any pool of connections, before and after a server's restart. What
LISTEN and NOTIFY would save on PostgreSQL is a tenth of a second, for a connection held by each.
"""

import logging
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

from media.changes import forget_superseded, last_change
from media.database import Database
from media.errors import EntenduError
from media.nodes import record_node
from media.settings import Settings
from search.folder import IndexFolder
from search.indexing import sync_index
from search.offers import offer_index
from search.standing import NONE_FOLLOWED, find_followed

log = logging.getLogger(__name__)

LOOK_EVERY_S = 0.2
REST_SHARE = 4  # rests as many times as long as it worked: who reads and saves has the processor meanwhile
LONGEST_REST_S = 1.0  # and a change is found within two seconds all the same
TIDY_EVERY_S = 5.0  # the whole look, which also merges what gathered
TELL_EVERY_S = 5.0
OFFER_EVERY_S = 600.0
FORGET_EVERY_S = 3_600.0


def rest_after(worked_s: float) -> float:
    """Say how long to rest before the next look, after one that took so long.

    >>> rest_after(0.001), rest_after(0.15), rest_after(30.0)
    (0.2, 0.6, 1.0)
    """
    return min(LONGEST_REST_S, max(LOOK_EVERY_S, worked_s * REST_SHARE))


class Follower:
    """This machine's index, following; for one thread."""

    def __init__(
        self, settings: Settings, database: Database, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._settings = settings
        self._database = database
        self._folder = IndexFolder(settings.index_folder)
        self._clock = clock
        self._offering = threading.Thread()
        self._next: dict[str, float] = {}  # when what is not done every round is due

    def go_round(self) -> int:
        """Index what changed, if anything did; returns how many episodes were indexed.

        Raises what `sync_index` and the catalogue raise: the next round tries again.
        """
        indexed = 0
        if self._is_behind() or self._is_time("tidy", TIDY_EVERY_S):
            indexed = sync_index(self._settings, self._database, self._tell_progress)
        if self._is_time("tell", TELL_EVERY_S):
            self.tell()
        if self._is_time("offer", OFFER_EVERY_S):
            self._offer()
        if self._is_time("forget", FORGET_EVERY_S):
            forgotten = forget_superseded(self._database)
            log.info("%d changes that later ones made needless were taken out of the log", forgotten)
        return indexed

    def tell(self) -> None:
        """Let other machines see how far this one's index is."""
        followed = find_followed(self._folder)
        percent = self._folder.percent_rebuilt if followed == NONE_FOLLOWED else None
        with self._database.write() as connection:
            record_node(connection, self._folder.node, followed, percent, datetime.now(UTC))

    def _offer(self) -> None:
        """Offer a copy of the index beside, if one is wanted: to send it away may take minutes."""
        if not self._offering.is_alive():
            self._offering = threading.Thread(target=self._offer_here, name="offer", daemon=True)
            self._offering.start()

    def _offer_here(self) -> None:
        try:
            offer_index(self._settings, self._database, datetime.now(UTC))
        except (EntenduError, OSError) as error:
            log.warning("no copy of the index was offered: %s", error)

    def _is_behind(self) -> bool:
        followed = find_followed(self._folder)
        if followed == NONE_FOLLOWED or self._folder.is_damaged:
            return True
        with self._database.read() as connection:
            return last_change(connection) > followed

    def _tell_progress(self, _done: int, _of: int) -> None:
        if self._is_time("tell", TELL_EVERY_S):
            self.tell()

    def _is_time(self, name: str, every_s: float) -> bool:
        moment = self._clock()
        if moment < self._next.get(name, 0.0):
            return False
        self._next[name] = moment + every_s
        return True

"""Transcripts lately read, kept in memory by revision, so that a page and its times read them once.

A turn's words come out of the catalogue as JSON: 45 ms for ninety minutes, half of a page's time.
Every act on an episode gives it a new revision, so that what is kept is never stale.
"""

import threading
from collections import OrderedDict

from sqlalchemy import Connection

from media.episodes import Episode
from media.transcript import Edition
from media.transcripts import StoredTurn, list_turns

MAX_WORDS = 200_000  # about 60 MB of words
WORDS_OF_AN_EMPTY_EPISODE = 100  # an entry costs something even without words

Key = tuple[int, int, Edition]


class Shelf:
    """The turns of the episodes read last; safe to share by threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: OrderedDict[Key, list[StoredTurn]] = OrderedDict()
        self._words = 0

    def list_turns(
        self, connection: Connection, episode: Episode, edition: Edition | None = None
    ) -> list[StoredTurn]:
        """List the turns of an edition in order, as they are at the episode's revision; not to be changed.

        None is the one that leads.
        """
        edition = edition or episode.edition
        key = (episode.id, episode.revision, edition)
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
                return self._held[key]
        turns = list_turns(connection, episode.id, edition)
        with self._lock:
            self._keep(key, turns)
        return turns

    def _keep(self, key: Key, turns: list[StoredTurn]) -> None:
        if key not in self._held:
            self._words += _weigh(turns)
        self._held[key] = turns
        while self._words > MAX_WORDS and len(self._held) > 1:
            self._words -= _weigh(self._held.popitem(last=False)[1])


def _weigh(turns: list[StoredTurn]) -> int:
    return WORDS_OF_AN_EMPTY_EPISODE + sum(len(held.turn.words) for held in turns)

"""Example queries drawn from the archive itself, so that a first click finds something.

From the newest transcripts: a name that comes back, a long word, and two words in quotes that
are said together more than once. Pure over turns; what was found is kept until words change.
"""

import re
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import pairwise

from sqlalchemy import Connection

from media.changes import last_change
from media.episodes import EpisodeStatus, list_episodes
from media.transcript import Turn, TurnKind
from media.transcripts import list_turns

EPISODES_READ = 3
MIN_NAME_LETTERS = 4
MIN_LONG_LETTERS = 9
MIN_PAIR_LETTERS = 5
TRIMMED = '.,;:!?…«»"“”()[]–—\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}'
ELISION = re.compile(r"^(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu)['’]", re.IGNORECASE)


class ExampleQueries:
    """The examples of the archive as it is; read again when it changes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: tuple[int, tuple[str, ...]] = (-1, ())

    def read(self, connection: Connection) -> tuple[str, ...]:
        """Return up to three queries, none where nothing is transcribed yet."""
        change = last_change(connection)
        with self._lock:
            if self._held[0] == change:
                return self._held[1]
        found = tuple(suggest_queries(_latest_turns(connection)))
        with self._lock:
            self._held = (change, found)
        return found


def suggest_queries(turns: Iterable[Turn]) -> list[str]:
    """Choose up to three queries that turns answer, different in kind."""
    spoken = [[_bare(word.text) for word in turn.words] for turn in turns if turn.kind is TurnKind.SPEECH]
    names = Counter(word for words in spoken for word in words[1:] if _is_name(word))
    plain = Counter(word for words in spoken for word in words if _is_plain(word, MIN_LONG_LETTERS))
    pairs = Counter(pair for words in spoken for pair in _pairs(words))
    chosen: list[str] = []
    for counter in (names, plain, pairs):
        wanted = (text for text, _ in counter.most_common() if not _overlaps(text, chosen))
        if (text := next(wanted, None)) is not None:
            chosen.append(text)
    return chosen


def _latest_turns(connection: Connection) -> list[Turn]:
    latest = list_episodes(connection, statuses=[EpisodeStatus.READY], limit=EPISODES_READ)
    return [held.turn for episode in latest for held in list_turns(connection, episode.id)]


def _bare(text: str) -> str:
    return ELISION.sub("", text.strip(TRIMMED))


def _is_name(word: str) -> bool:
    return len(word) >= MIN_NAME_LETTERS and word[0].isupper() and word[1:].islower()


def _is_plain(word: str, least: int) -> bool:
    return len(word) >= least and word.isalpha() and word.islower()


def _pairs(words: list[str]) -> Iterator[str]:
    for left, right in pairwise(words):
        if _is_plain(left, MIN_PAIR_LETTERS) and _is_plain(right, MIN_PAIR_LETTERS):
            yield f'"{left} {right}"'


def _overlaps(text: str, chosen: list[str]) -> bool:
    return any(word in other for word in text.strip('"').split() for other in chosen)

"""In how many episodes each word is said: counted when an episode is surveyed, never over the archive.

Each episode's set of words is kept beside its survey, so that surveying it again moves only the
counts of the words that came or went.
"""

import json
import zlib
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, func, insert, select, update

from media import schema
from media.transcripts import StoredTurn
from media.volunteering import tables
from media.volunteering.writing import fold, take_apart

MAX_WORD_LENGTH = 64
ASKED_AT_ONCE = 500  # words of one query


def list_words(turns: Iterable[StoredTurn]) -> set[str]:
    """List an episode's words, folded, without its numbers."""
    written = {word.text for held in turns for word in held.turn.words}
    folded = {fold(take_apart(text).core)[:MAX_WORD_LENGTH] for text in written}
    return {word for word in folded if len(word) > 2 and not word.isdigit()}


def pack_set(words: Iterable[str]) -> bytes:
    """Pack a set of words; `unpack_set` gives it back."""
    return zlib.compress(json.dumps(sorted(words), ensure_ascii=False).encode())


def unpack_set(packed: bytes | None) -> set[str]:
    """Read what `pack_set` packed; nothing of None."""
    return set() if packed is None else set(json.loads(zlib.decompress(packed)))


def move_counts(connection: Connection, came: Sequence[str], went: Sequence[str]) -> None:
    """Count an episode under the words that came to it, no more under those that went."""
    spread = tables.word_spread
    known = read_spread(connection, came)
    for words, step in (([word for word in came if word in known], 1), (went, -1)):
        for begin in range(0, len(words), ASKED_AT_ONCE):
            counted = update(spread).where(spread.c.word.in_(words[begin : begin + ASKED_AT_ONCE]))
            connection.execute(counted.values(episodes=spread.c.episodes + step))
    fresh = [{"word": word, "episodes": 1} for word in came if word not in known]
    if fresh:
        connection.execute(insert(spread), fresh)


def read_spread(connection: Connection, words: Sequence[str]) -> dict[str, int]:
    """Read in how many episodes each of these words is said; those never counted are left out."""
    spread = tables.word_spread
    held: dict[str, int] = {}
    for begin in range(0, len(words), ASKED_AT_ONCE):
        asked = spread.c.word.in_(words[begin : begin + ASKED_AT_ONCE])
        held.update((word, count) for word, count in connection.execute(select(spread).where(asked)))
    return held


def count_surveyed(connection: Connection) -> int:
    """Count the episodes whose words were counted."""
    counted = select(func.count()).select_from(tables.survey).where(tables.survey.c.revision >= 0)
    return connection.execute(counted).scalar_one()


def mark_show_stale(connection: Connection, show_id: int) -> None:
    """Ask for a show's episodes to be surveyed again, its terms having changed."""
    episodes = select(schema.episode.c.id).where(schema.episode.c.show_id == show_id)
    connection.execute(
        update(tables.survey).where(tables.survey.c.episode_id.in_(episodes)).values(stale=True)
    )

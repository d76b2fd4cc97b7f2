"""Episodes that somebody waits for: they go before the others, and few may be asked for at a time.

Readers may ask too, so what they ask is bounded twice: for each of them, and for all together; an
operator's wish is not, and goes first. A wish ends with its episode's work.
"""

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, exists, func, insert, select, update

from media import schema
from media.episodes import EpisodeStatus, get_episode
from media.errors import N_, MediaError
from media.people.attempts import Budget, take_try

MOST_WISHES = 5  # of readers, open at once
WISHES = Budget("wish", 3, timedelta(days=1))  # of one reader
UNHEARD = (EpisodeStatus.WAITING, EpisodeStatus.WORKING)


class NotWaitingError(MediaError):
    """A wish for an episode that is not in the line."""

    msgid = N_("“%(title)s” is not waiting to be transcribed.")


class TooManyWishesError(MediaError):
    """Readers wait for as many episodes as may be put first."""

    msgid = N_("Other listeners already wait for %(count)d episodes. Ask again when one of them is ready.")


def ask_first(connection: Connection, episode_id: int, now: datetime, reader: str | None) -> None:
    """Put an episode before others, for a `reader` known by account or address, or for an operator (None).

    Raises NotWaitingError, TooManyWishesError or TooManyTriesError; asking twice changes nothing.
    """
    episode = get_episode(connection, episode_id)
    if episode.status not in UNHEARD:
        raise NotWaitingError(f"episode {episode_id} is {episode.status}", title=episode.title)
    if is_wished(connection, episode_id):
        if reader is None:
            this = schema.wish.c.episode_id == episode_id
            connection.execute(update(schema.wish).where(this).values(by_operator=True))
        return
    if reader is not None:
        take_try(connection, {WISHES: reader}, now)
        if count_wishes(connection) >= MOST_WISHES:
            raise TooManyWishesError("readers' wishes are all taken", count=MOST_WISHES)
    connection.execute(
        insert(schema.wish).values(episode_id=episode_id, by_operator=reader is None, asked_at=now)
    )


def is_wished(connection: Connection, episode_id: int) -> bool:
    """Tell whether somebody waits for an episode."""
    return bool(connection.execute(select(exists().where(schema.wish.c.episode_id == episode_id))).scalar())


def count_wishes(connection: Connection) -> int:
    """Count the readers' wishes that are open."""
    held = schema.wish
    return connection.execute(select(func.count()).where(~held.c.by_operator)).scalar() or 0


def forget_wish(connection: Connection, episode_id: int) -> None:
    """Drop the wish for an episode whose work has ended."""
    connection.execute(delete(schema.wish).where(schema.wish.c.episode_id == episode_id))

"""Published texts that their licence lets nobody change: they are read, and corrected where they come from.

Only a licence whose own terms forbid it locks a text, and only the text that was published: what was
said belongs to its house. A new version of the document changes it all the same.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, select

from media import schema
from media.correction.errors import LockedTextError
from media.licences import Licence, find_licence
from media.transcript import Edition


@dataclass(frozen=True, slots=True)
class TextLock:
    """Why a text may not be changed here, and where corrections are to be sent."""

    licence: Licence
    where: str  # an address, or the show's name


def find_lock(connection: Connection, episode_id: int, edition: Edition) -> TextLock | None:
    """Find what keeps a text from being changed; None where nothing does."""
    if edition is not Edition.PUBLISHED:
        return None
    episode, show = schema.episode.c, schema.show.c
    query = (
        select(
            episode.licence,
            episode.licence_url,
            show.licence.label("show_licence"),
            show.licence_url.label("show_licence_url"),
            episode.link,
            show.site_url,
            show.title,
        )
        .join(schema.show, show.id == episode.show_id)
        .where(episode.id == episode_id)
    )
    row = connection.execute(query).first()
    if row is None:
        return None
    own = (row.licence, row.licence_url)
    written = own if any(own) else (row.show_licence, row.show_licence_url)
    licence = next(filter(None, map(find_licence, written)), None)
    if licence is None or licence.allows_changes:
        return None
    return TextLock(licence, row.link or row.site_url or row.title)


def refuse_locked(connection: Connection, episode_id: int, edition: Edition) -> None:
    """Raise LockedTextError where a text may not be changed."""
    lock = find_lock(connection, episode_id, edition)
    if lock is not None:
        raise LockedTextError(
            f"the published text of episode {episode_id} is under {lock.licence.id}",
            licence=lock.licence.name_fr,
            where=lock.where,
        )

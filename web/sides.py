"""What each text of an episode is, in words: who published it, how it may be used, who made it right."""

from dataclasses import dataclass

from sqlalchemy import Connection

from media.correction.history import list_correctors
from media.correction.locks import TextLock, find_lock
from media.episodes import Episode
from media.errors import N_, Message
from media.licences import describe_licence
from media.shows import get_show
from media.texts.documents import list_documents
from media.transcript import Edition
from web.editions import EDITION_NAMES

PUBLISHED = N_("What was published: spoken words made easy to read, by %(publisher)s.")
RECOGNISED = N_("What was said, word for word, as a machine recognised it; nobody has corrected it yet.")
CORRECTED = N_("What was said, word for word: recognised by a machine, corrected by %(names)s.")


@dataclass(frozen=True, slots=True)
class Side:
    """One text of an episode, as its page tells it."""

    edition: Edition
    name: Message
    told: Message
    licence: str | None = None  # its name
    licence_url: str | None = None
    source_url: str | None = None  # where it was published
    lock: TextLock | None = None  # why it may not be changed here


def tell_side(connection: Connection, episode: Episode, edition: Edition, language: str) -> Side:
    """Say what a text of an episode is."""
    name = Message(EDITION_NAMES[edition])
    if edition is Edition.SPOKEN:
        names = list_correctors(connection, episode.id, edition)
        told = Message(CORRECTED, {"names": ", ".join(names)}) if names else Message(RECOGNISED)
        return Side(edition, name, told)
    show, documents = get_show(connection, episode.show_id), list_documents(connection, episode.id)
    addresses = [document.url for document in documents if document.installed and document.url]
    written, url = episode.licence or show.licence, episode.licence_url or show.licence_url
    licence = describe_licence(written, url) if written or url else None
    publisher = show.author or show.title
    source_url = addresses[0] if addresses else episode.link
    return Side(
        edition,
        name,
        Message(PUBLISHED, {"publisher": publisher}),
        None if licence is None else licence.name(language),
        None if licence is None else licence.url,
        source_url if (source_url or "").startswith(("https://", "http://")) else None,
        find_lock(connection, episode.id, edition),
    )

"""Gather what a file is written from: one edition of an episode, its chapters, its licence.

The only part of this alcove that reads the catalogue. What is withdrawn is left out by the
functions that it reads through; a private episode is refused here, whoever asks.
"""

from collections.abc import Sequence

from sqlalchemy import Connection

from media.episodes import Episode, episode_path, list_chapters
from media.errors import N_, MediaError
from media.licences import Licence, describe_licence
from media.people.withdrawn import read_names
from media.shows import Show, get_show
from media.texts.documents import HeldDocument, latest_document
from media.transcript import Edition
from media.transcripts import StoredTurn, list_turns
from media.writing.script import Labels, Script


class PrivateEpisodeError(MediaError):
    """A private episode is written for nobody."""

    msgid = N_("“%(title)s” is private until those who speak in it agree: it is exported to nobody.")


def gather_script(
    connection: Connection,
    episode: Episode,
    labels: Labels,
    *,
    edition: Edition | None = None,
    site_url: str | None = None,
    turns: Sequence[StoredTurn] | None = None,
    with_document: bool = False,
) -> Script:
    """Gather an edition of an episode, the leading one where none is named; PrivateEpisodeError.

    `turns`: those of that edition, where the caller has read them already.
    """
    if episode.private:
        raise PrivateEpisodeError(f"episode {episode.id} is private", title=episode.title)
    chosen = edition or episode.edition
    licence, notice = find_terms(episode, get_show(connection, episode.show_id))
    return Script(
        episode,
        list_turns(connection, episode.id, chosen) if turns is None else turns,
        list_chapters(connection, episode.id),
        chosen,
        licence,
        notice,
        site_url and site_url.rstrip("/") + episode_path(episode.id, episode.title),
        labels,
        _find_document(connection, episode) if with_document and chosen is Edition.PUBLISHED else None,
    )


def _find_document(connection: Connection, episode: Episode) -> HeldDocument | None:
    """Find the document that a text came from; None where something in it was withdrawn since."""
    whole = list_turns(connection, episode.id, Edition.PUBLISHED, public=False)
    if whole != list_turns(connection, episode.id, Edition.PUBLISHED):
        return None
    held = latest_document(connection, episode.id)
    names = read_names(connection)
    return None if held is None or names.hide_names(held.read.text) != held.read.text else held


def find_terms(episode: Episode, show: Show) -> tuple[Licence, str]:
    """Find the licence of an episode's texts and the notice that goes with them, else the show's."""
    own = episode if episode.licence or episode.licence_url else show
    notice = episode.notice if episode.notice is not None else show.notice
    return describe_licence(own.licence, own.licence_url), notice or ""

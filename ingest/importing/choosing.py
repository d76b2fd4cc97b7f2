"""Which episode a document is the text of: pure, over what the catalogue knows.

Surest first: a document of that name was imported before; the page or the audio that the document
names is the episode's; the title, with the day where both say one; the day alone, where one
episode has it and no text yet. More than one that fits is none.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, select

from ingest.feeds.decisions import audio_key
from media import schema
from media.people.withdrawn import fold_name
from media.texts import tables
from media.texts.values import Header


@dataclass(frozen=True, slots=True)
class Candidate:
    """An episode that a document may be the text of."""

    id: int
    title: str
    published: date | None = None
    link: str | None = None
    enclosure_url: str | None = None
    documents: tuple[str, ...] = ()  # names of those imported before


def choose_episode(header: Header, name: str, candidates: Iterable[Candidate]) -> Candidate | None:
    """Find the episode whose text a document is; None: it is a new one."""
    known = tuple(candidates)
    fits: Sequence[Callable[[Candidate], bool]] = (
        lambda one: name in one.documents and not _contradicts(header, one),
        lambda one: header.page_url is not None and _same_page(one.link, header.page_url),
        lambda one: _same_audio(one.enclosure_url, header.audio_url),
        lambda one: _same_title(header, one) and header.published in (None, one.published),
        lambda one: _same_title(header, one) and one.published is None,
        lambda one: not one.documents and header.published is not None and header.published == one.published,
    )
    for fit in fits:
        found = [one for one in known if fit(one)]
        if len(found) == 1:
            return found[0]
    return None


def list_candidates(connection: Connection, show_id: int | None, name: str) -> list[Candidate]:
    """List the episodes of a show; without one, those of any show that had a document of this name."""
    named = select(tables.document.c.episode_id).where(tables.document.c.name == name)
    episode = schema.episode.c
    where = episode.id.in_(named) if show_id is None else episode.show_id == show_id
    documents: dict[int, list[str]] = {}
    held = select(tables.document.c.episode_id, tables.document.c.name).distinct()
    for episode_id, document in connection.execute(
        held.join(schema.episode, episode.id == tables.document.c.episode_id).where(where)
    ):
        documents.setdefault(episode_id, []).append(document)
    query = select(episode.id, episode.title, episode.published_at, episode.link, episode.enclosure_url)
    return [
        Candidate(
            row.id,
            row.title,
            row.published_at and row.published_at.date(),
            row.link,
            row.enclosure_url,
            tuple(documents.get(row.id, ())),
        )
        for row in connection.execute(query.where(where).order_by(episode.id))
    ]


def _contradicts(header: Header, one: Candidate) -> bool:
    """Tell a document that only bears the name of another: both its title and its day are others."""
    if not header.title or header.published is None or one.published is None:
        return False
    return not _same_title(header, one) and header.published != one.published


def _same_title(header: Header, one: Candidate) -> bool:
    return bool(header.title) and _plain(header.title) == _plain(one.title)


def _plain(title: str) -> str:
    return "".join(filter(str.isalnum, fold_name(title)))


def _same_page(link: str | None, url: str) -> bool:
    return link is not None and audio_key(link).rstrip("/?") == audio_key(url).rstrip("/?")


def _same_audio(enclosure: str | None, url: str | None) -> bool:
    return bool(enclosure and url) and audio_key(enclosure or "") == audio_key(url or "")

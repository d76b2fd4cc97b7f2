"""What a search reads of the catalogue: the turns that it shows, and what it says beside them.

A reader waits for this: statements are built once, a page's turns come with their episode, show
and voice, and no value is made of each word (`Word` alone would cost more than the search). Where
anything of the archive is withdrawn, words and names are read by the functions that hide it.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, exists, false, func, or_, select

from media import schema
from media.episodes import EpisodeStatus, read_chapters
from media.people import tables
from media.people.withdrawn import Withdrawn, read_withdrawn
from media.transcript import Chapter, Edition, Turn, TurnKind, TurnState
from media.transcripts import Attribution, get_turns

TURNS_AT_ONCE = 1_000  # databases limit the values of a query

Span = tuple[datetime, datetime]  # from a moment to another, both included
Rows = Sequence[Sequence[Any]]


@dataclass(frozen=True, slots=True)
class ShownTurn:
    """A turn of speech of a public episode, with what says where it is from."""

    id: int
    words: Rows  # each begins with its text, start_ms and end_ms
    doubts: Rows  # each kind, first word, last word
    state: TurnState
    speaker: str | None
    voice: int | None
    attribution: Attribution
    chapters: Sequence[Chapter]  # of its episode, by time
    episode_id: int
    episode: str
    show: str
    show_slug: str
    published_at: datetime | None
    transcribed_at: datetime | None
    revision: int
    language: str | None
    has_audio: bool
    edition: Edition
    leads: bool  # it is of the text that readers of its episode see first
    position: int  # in its edition

    @property
    def texts(self) -> list[str]:
        """Each word as written."""
        return [word[0] for word in self.words]

    def find_chapter(self, start_ms: int | None) -> str | None:
        """Find the title of the chapter in which a word of this turn is said, from when it starts."""
        position = self.position if self.edition is Edition.PUBLISHED else None  # headings are of that text
        begun = [chapter.title for chapter in self.chapters if chapter.has_begun(start_ms, position)]
        return begun[-1] if begun else None


def read_shown(connection: Connection, turn_ids: Iterable[int]) -> dict[int, ShownTurn]:
    """Read turns by identity; those that are gone, not speech or no longer public are left out."""
    rows = connection.execute(_SHOWN, {"turn_ids": list(turn_ids)}).all()
    episode_ids = {row.episode_id for row in rows}
    withdrawn = Withdrawn()
    if any(row.is_anything_withdrawn for row in rows):
        withdrawn = read_withdrawn(connection, episode_ids)
    chapters = read_chapters(connection, episode_ids, withdrawn)
    # Withdrawn names may be said anywhere.
    touched = [row.id for row in rows if withdrawn.names or row.episode_id in withdrawn.passages]
    hidden = get_turns(connection, touched) if touched else {}
    shown = {}
    for row in rows:
        stored = hidden.get(row.id)
        if stored is None:
            words, doubts = json.loads(row.words), row.doubts
        elif stored.turn.kind is TurnKind.SPEECH:
            words, doubts = _pieces(stored.turn)
        else:  # all of it is withdrawn
            continue
        shown[row.id] = _shown(row, words, doubts, chapters.get(row.episode_id, ()), withdrawn)
    return shown


def list_shown(connection: Connection, episode_id: int) -> list[ShownTurn]:
    """List an episode's turns of speech: none unless it is public and ready.

    The turns of each edition are in order, those of the published text first.
    """
    query = select(schema.turn.c.id).where(schema.turn.c.episode_id == episode_id)
    in_order = query.order_by(schema.turn.c.edition, schema.turn.c.position)
    turn_ids = connection.execute(in_order).scalars().all()
    shown: dict[int, ShownTurn] = {}
    for first in range(0, len(turn_ids), TURNS_AT_ONCE):
        shown |= read_shown(connection, turn_ids[first : first + TURNS_AT_ONCE])
    return [shown[turn_id] for turn_id in turn_ids if turn_id in shown]


def list_searchable(connection: Connection) -> list[int]:
    """List the episodes of which something may be found: those of which `list_shown` lists any turn."""
    published = exists().where(
        schema.turn.c.episode_id == schema.episode.c.id, schema.turn.c.edition == Edition.PUBLISHED
    )
    query = select(schema.episode.c.id).where(
        schema.episode.c.private.is_(False),
        (schema.episode.c.status == EpisodeStatus.READY) | published,
    )
    return list(connection.execute(query.order_by(schema.episode.c.id)).scalars())


def list_titles(connection: Connection) -> dict[str, str]:
    """Map every show's short name to its title."""
    return {row.slug: row.title for row in connection.execute(_TITLES)}


def find_transcribed_since(connection: Connection, moment: datetime | None) -> dict[int, datetime]:
    """Find the public episodes transcribed after a moment, or ever, each with when it was."""
    at = schema.episode.c.transcribed_at
    query = select(schema.episode.c.id, at).where(
        schema.episode.c.private.is_(False),
        schema.episode.c.status == EpisodeStatus.READY,
        at.is_not(None) if moment is None else at > moment,
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def count_awaited(
    connection: Connection,
    shows: Iterable[str] = (),
    spans: Iterable[Span] | None = None,
    episode_id: int | None = None,
) -> int:
    """Count public episodes whose words are awaited: of these shows, published within one of these spans.

    No span at all is no episode; None is any date, or none.
    """
    conditions: list[ColumnElement[bool]] = [
        schema.episode.c.private.is_(False),
        schema.episode.c.status.in_([EpisodeStatus.WAITING, EpisodeStatus.WORKING, EpisodeStatus.FAILED]),
    ]
    if slugs := list(shows):
        conditions.append(schema.show.c.slug.in_(slugs))
    if spans is not None:
        within = [schema.episode.c.published_at.between(first, last) for first, last in spans]
        conditions.append(or_(false(), *within))
    if episode_id is not None:
        conditions.append(schema.episode.c.id == episode_id)
    joined = schema.episode.join(schema.show, schema.show.c.id == schema.episode.c.show_id)
    query = select(func.count()).select_from(joined).where(*conditions)
    return connection.execute(query).scalar_one()


def _select_shown() -> Any:
    turn, episode, show, voice = schema.turn.c, schema.episode.c, schema.show.c, schema.voice.c
    withdrawn = exists().where(tables.withdrawal.c.lifted_at.is_(None))
    return (
        select(
            turn.id,
            turn.words,
            turn.doubts,
            turn.state,
            turn.edition,
            episode.edition.label("leading"),
            turn.position,
            schema.speaker.c.name.label("speaker"),
            voice.number.label("voice"),
            voice.attribution,
            episode.id.label("episode_id"),
            episode.title.label("episode"),
            show.title.label("show"),
            show.slug.label("show_slug"),
            episode.published_at,
            episode.transcribed_at,
            episode.revision,
            episode.spoken_language,
            episode.language,
            episode.listening_sha256,
            withdrawn.label("is_anything_withdrawn"),
        )
        .select_from(schema.turn)
        .join(schema.episode, episode.id == turn.episode_id)
        .join(schema.show, show.id == episode.show_id)
        .outerjoin(schema.voice, voice.id == turn.voice_id)
        .outerjoin(schema.speaker, schema.speaker.c.id == voice.speaker_id)
        .where(
            turn.id.in_(bindparam("turn_ids", expanding=True)),
            turn.kind == TurnKind.SPEECH,
            episode.private.is_(False),
            # What people published is found at once, whatever becomes of the sound.
            (episode.status == EpisodeStatus.READY) | (turn.edition == Edition.PUBLISHED),
        )
    )


def _pieces(turn: Turn) -> tuple[Rows, Rows]:
    """Write a turn's words and doubts as the catalogue holds them."""
    words = [(word.text, word.start_ms, word.end_ms) for word in turn.words]
    return words, [(doubt.kind, doubt.first_word, doubt.last_word) for doubt in turn.doubts]


def _shown(
    row: Any, words: Rows, doubts: Rows, chapters: Sequence[Chapter], withdrawn: Withdrawn
) -> ShownTurn:
    language = row.spoken_language or row.language
    return ShownTurn(
        id=row.id,
        words=words,
        doubts=doubts,
        state=TurnState(row.state),
        speaker=withdrawn.hide_speaker(row.speaker, row.episode_id),
        voice=row.voice,
        attribution=Attribution(row.attribution or Attribution.NONE),
        chapters=chapters,
        episode_id=row.episode_id,
        episode=withdrawn.hide_names(row.episode, language),
        show=row.show,
        show_slug=row.show_slug,
        published_at=row.published_at,
        transcribed_at=row.transcribed_at,
        revision=row.revision,
        language=language,
        has_audio=row.listening_sha256 is not None,
        edition=Edition(row.edition),
        leads=row.edition == row.leading,
        position=row.position,
    )


_SHOWN = _select_shown()
_TITLES = select(schema.show.c.slug, schema.show.c.title)

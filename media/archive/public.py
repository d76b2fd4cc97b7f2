"""What anybody may have of the catalogue, table by table: nothing private, nothing withdrawn.

Each function yields rows in the order of their identities, an episode at a time. What only serves
this house (where feeds are polled, who did what, addresses that may hold a subscriber's key) is
left to its default.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, Table, select

from media import schema
from media.episodes import EpisodeStatus
from media.packing import dump_doubts
from media.people.withdrawn import read_names
from media.texts import tables as texts
from media.transcript import Edition, pack_words
from media.transcripts import list_turns
from media.volunteering.tables import glossary_term

SHOW = (
    "id", "slug", "title", "description", "author", "language", "site_url", "speakers", "terms", "created_at",
    "licence", "licence_url", "notice", "clips", "prefer_offered",
)  # fmt: skip
EPISODE = (
    "id", "show_id", "guid", "title", "description", "link", "published_at", "first_seen_at", "language",
    "people", "declared_ms", "speakers", "listening_sha256", "spoken_language", "partial", "private",
    "status", "revision", "transcribed_at", "edition", "licence", "licence_url", "notice",
)  # fmt: skip
LENGTHS = select(schema.audio.c.sha256, schema.audio.c.duration_ms)
Rows = Iterator[Mapping[str, Any]]


def list_public_tables(*, audio: bool) -> list[tuple[Table, Callable[[Connection], Rows]]]:
    """List the tables of an archive for anybody, each after those that it points at."""
    sound = [(schema.audio, _audio)] if audio else []
    return [
        (schema.show, _shows),
        *sound,
        (schema.episode, lambda connection: _episodes(connection, audio=audio)),
        (schema.chapter, _chapters),
        (schema.speaker, list_public_speakers),
        (schema.voice, _voices),
        (schema.turn, _turns),
        (schema.revision, _revisions),
        (texts.document, _documents),
        (glossary_term, _terms),
    ]


def list_public_ids(connection: Connection) -> list[int]:
    """List the episodes that anybody may read, by identity."""
    episode = schema.episode.c
    public = (episode.private.is_(False)) & (episode.status == EpisodeStatus.READY)
    return list(connection.execute(select(episode.id).where(public).order_by(episode.id)).scalars())


def _shows(connection: Connection) -> Rows:
    names = read_names(connection)
    for row in connection.execute(select(schema.show).order_by(schema.show.c.id)):
        held = {name: getattr(row, name) for name in SHOW}
        hidden = {name: names.hide_names(held[name]) for name in ("title", "description", "author")}
        yield {**held, **hidden, "terms": [names.hide_names(term) for term in held["terms"]]}


def _audio(connection: Connection) -> Rows:
    heard = {row.listening_sha256 for row in _public(connection, schema.episode)} - {None}
    for row in connection.execute(select(schema.audio).order_by(schema.audio.c.sha256)):
        if row.sha256 in heard:
            yield dict(row._mapping)


def _episodes(connection: Connection, *, audio: bool) -> Rows:
    names = read_names(connection)
    lengths = {row.sha256: row.duration_ms for row in connection.execute(LENGTHS)}
    for row in _public(connection, schema.episode):
        language = row.spoken_language or row.language
        held = {name: getattr(row, name) for name in EPISODE}
        held["title"] = names.hide_names(row.title, language)
        held["description"] = names.hide_names(row.description, language)
        held["people"] = [[names.hide_names(name, language), role] for name, role in row.people]
        held["declared_ms"] = lengths.get(row.listening_sha256) or row.declared_ms
        held["listening_sha256"] = row.listening_sha256 if audio else None
        yield held


def _chapters(connection: Connection) -> Rows:
    names = read_names(connection)
    for row in _public(connection, schema.chapter):
        yield {**row._mapping, "title": names.hide_names(row.title)}


def list_public_speakers(connection: Connection) -> Rows:
    """List who speaks in what anybody may read, but those whose name was withdrawn."""
    names = read_names(connection)
    voices = select(schema.voice.c.speaker_id).where(
        schema.voice.c.episode_id.in_(list_public_ids(connection))
    )
    named = schema.speaker.c.id.in_(voices)
    for row in connection.execute(select(schema.speaker).where(named).order_by(schema.speaker.c.id)):
        if names.hide_names(row.name) == row.name:
            yield dict(row._mapping)


def _voices(connection: Connection) -> Rows:
    kept = {row["id"] for row in list_public_speakers(connection)}
    for row in _public(connection, schema.voice):
        named = row.speaker_id in kept
        yield dict(row._mapping) if named else {**row._mapping, "speaker_id": None, "attribution": "none"}


def _turns(connection: Connection) -> Rows:
    for episode_id in list_public_ids(connection):
        held = [turn for edition in Edition for turn in list_turns(connection, episode_id, edition)]
        for stored in sorted(held, key=lambda turn: turn.id):
            turn = stored.turn
            yield {
                "id": stored.id,
                "episode_id": episode_id,
                "edition": stored.edition.value,
                "position": stored.position,
                "kind": turn.kind.value,
                "label": turn.label,
                "voice_id": stored.voice and stored.voice.id,
                "start_ms": turn.start_ms,
                "end_ms": turn.end_ms,
                "words": pack_words(turn.words),
                "doubts": dump_doubts(turn.doubts),
                "state": turn.state.value,
                "version": stored.version,
            }


def _revisions(connection: Connection) -> Rows:
    for row in _public(connection, schema.revision):
        yield {**row._mapping, "account_id": None, "act_id": None, "detail": {}}


def _documents(connection: Connection) -> Rows:
    names = read_names(connection)
    whole: dict[int, bool] = {}
    for row in _public(connection, texts.document):
        if row.episode_id not in whole:
            shown, kept = (
                list_turns(connection, row.episode_id, Edition.PUBLISHED, public=public)
                for public in (True, False)
            )
            whole[row.episode_id] = shown == kept
        if whole[row.episode_id] and not names.names:
            yield {**row._mapping, "account_id": None}


def _terms(connection: Connection) -> Rows:
    names = read_names(connection)
    for row in connection.execute(select(glossary_term).order_by(glossary_term.c.id)):
        if names.hide_names(row.spelling) == row.spelling:
            yield dict(row._mapping)


def _public(connection: Connection, table: Table) -> Iterator[Any]:
    """Yield a table's rows of the episodes that anybody may read, by identity, a few at a time."""
    own = table.c.id if table is schema.episode else table.c.episode_id
    public = (schema.episode.c.private.is_(False)) & (schema.episode.c.status == EpisodeStatus.READY)
    ids = select(schema.episode.c.id).where(public)
    query = select(table).where(own.in_(ids)).order_by(table.c.id)
    with connection.execute(query, execution_options={"yield_per": 200}) as rows:
        yield from rows

"""Episodes: what a feed or a person announced, and where each stands on its way to readers.

States: waiting (to be taken by a worker) → working → ready; failed (with a reason, and perhaps
a next try); skipped (announced, but nobody asked for it).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, bindparam, func, insert, select, update

from media import schema
from media.changes import log_change
from media.correction import tables
from media.errors import NotFoundError
from media.people.withdrawn import Withdrawn, read_names
from media.shows import slugify
from media.transcript import Chapter, Edition

PAGE_LENGTH = 50


class EpisodeStatus(StrEnum):
    """Where an episode stands."""

    WAITING = "waiting"
    WORKING = "working"
    READY = "ready"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody announced for a show or an episode."""

    name: str
    role: str = ""


@dataclass(frozen=True, slots=True)
class Episode:
    """An episode, as the catalogue holds it, without its words."""

    id: int
    show_id: int
    show_title: str
    show_slug: str
    guid: str
    title: str
    description: str  # sanitised HTML
    link: str | None
    published_at: datetime | None
    first_seen_at: datetime
    language: str | None
    people: tuple[Person, ...]
    enclosure_url: str | None
    enclosure_type: str | None
    enclosure_bytes: int | None
    declared_ms: int | None
    chapters_url: str | None
    speakers: int | None
    original_sha256: str | None
    listening_sha256: str | None
    duration_ms: int | None  # of the listening copy, else as declared
    spoken_language: str | None
    partial: bool
    private: bool
    status: EpisodeStatus
    revision: int
    transcribed_at: datetime | None
    edition: Edition = Edition.SPOKEN  # that leads: read first, and meant wherever none is named
    licence: str | None = None  # this episode's own; None: its show's, as for the two that follow
    licence_url: str | None = None
    notice: str | None = None

    @property
    def slug(self) -> str:
        """The readable end of the episode's address; its identity is what counts."""
        return slugify(self.title)


def add_episode(
    connection: Connection,
    show_id: int,
    guid: str,
    title: str,
    now: datetime,
    *,
    people: Iterable[Person] = (),
    **fields: Any,
) -> int:
    """Insert an episode, waiting unless `status` says otherwise, and return its identity."""
    values = {
        "status": EpisodeStatus.WAITING,
        **fields,
        "people": [[person.name, person.role] for person in people],
        "first_seen_at": now,
    }
    statement = insert(schema.episode).values(show_id=show_id, guid=guid, title=title, **values)
    return int(connection.execute(statement.returning(schema.episode.c.id)).scalar_one())


def episode_path(
    episode_id: int, title: str, start_ms: int | None = None, edition: Edition | None = None
) -> str:
    """Write the address of an episode on the site, at a second of its audio where one is given.

    `edition` is given for the text that does not lead.

    >>> episode_path(12, "La mairie et le libre", 754_300)
    '/episode/12/la-mairie-et-le-libre#t=754.300'
    >>> episode_path(12, "La mairie et le libre", 754_300, Edition.SPOKEN)
    '/episode/12/la-mairie-et-le-libre?text=spoken#t=754.300'
    """
    # W3C Media Fragments
    fragment = "" if start_ms is None else f"#t={start_ms // 1000}.{start_ms % 1000:03d}"
    text = "" if edition is None else f"?text={edition}"
    return f"/episode/{episode_id}/{slugify(title)}{text}{fragment}"


def get_episode(connection: Connection, episode_id: int) -> Episode:
    """Read one episode; NotFoundError where there is none."""
    row = connection.execute(_select_episodes().where(schema.episode.c.id == episode_id)).first()
    if row is None:
        raise NotFoundError(f"no episode {episode_id}", kind="episode", name=str(episode_id))
    return _public(connection, [_episode(row)])[0]


def adopt_republished(connection: Connection, episode_id: int, now: datetime) -> int | None:
    """Fold an episode into an older one of its show that has the very same audio file.

    A show that publishes its episodes again under new guids and new addresses must not have them
    transcribed again, nor lose their corrections (FAULTS 31). Returns the older one's identity.
    """
    new = get_episode(connection, episode_id)
    same_audio = (
        (schema.episode.c.show_id == new.show_id)
        & (schema.episode.c.original_sha256 == new.original_sha256)
        & (schema.episode.c.id < episode_id)
    )
    older: int | None = connection.execute(select(func.min(schema.episode.c.id)).where(same_audio)).scalar()
    if older is None:
        return None
    connection.execute(schema.episode.delete().where(schema.episode.c.id == episode_id))
    update_episode(connection, older, {"guid": new.guid, "enclosure_url": new.enclosure_url}, now)
    return older


def get_episodes(connection: Connection, episode_ids: Iterable[int]) -> dict[int, Episode]:
    """Read several episodes at once, by identity; those that are gone are left out."""
    query = _select_episodes().where(schema.episode.c.id.in_(set(episode_ids)))
    return {held.id: held for held in _public(connection, map(_episode, connection.execute(query)))}


def list_episodes(
    connection: Connection,
    *,
    show_id: int | None = None,
    statuses: Iterable[EpisodeStatus] | None = None,
    limit: int = PAGE_LENGTH,
    offset: int = 0,
) -> list[Episode]:
    """List public episodes, newest first; undated ones by when they were first seen."""
    query = _select_episodes().where(*_wanted(show_id, statuses))
    newest = func.coalesce(schema.episode.c.published_at, schema.episode.c.first_seen_at).desc()
    page = query.order_by(newest, schema.episode.c.id.desc()).limit(limit).offset(offset)
    return _public(connection, map(_episode, connection.execute(page)))


def count_episodes(connection: Connection, show_id: int | None = None) -> dict[EpisodeStatus, int]:
    """Count public episodes by status; every status is a key."""
    query = (
        select(schema.episode.c.status, func.count())
        .where(*_wanted(show_id, None))
        .group_by(schema.episode.c.status)
    )
    held = {EpisodeStatus(status): count for status, count in connection.execute(query)}
    return {status: held.get(status, 0) for status in EpisodeStatus}


def count_by_show(connection: Connection) -> Mapping[int, dict[EpisodeStatus, int]]:
    """Count every show's public episodes by status, a thousand shows in one look; every status is a key.

    A show that has none is there when it is asked for.
    """
    episode = schema.episode.c
    of_all = select(episode.show_id, episode.status, func.count()).where(*_wanted(None, None))
    counts: defaultdict[int, dict[EpisodeStatus, int]] = defaultdict(lambda: dict.fromkeys(EpisodeStatus, 0))
    for show_id, status, count in connection.execute(of_all.group_by(episode.show_id, episode.status)):
        counts[show_id][EpisodeStatus(status)] = count
    return counts


def list_announced(connection: Connection, show_id: int) -> list[Episode]:
    """List every episode of a show as announced, as the feed reader needs them to know what is new."""
    query = _select_episodes().where(schema.episode.c.show_id == show_id).order_by(schema.episode.c.id)
    return [_episode(row) for row in connection.execute(query)]


def update_episode(
    connection: Connection, episode_id: int, fields: Mapping[str, Any], now: datetime | None = None
) -> None:
    """Set columns of an episode; with `now`, log it as a change of what the index holds."""
    if not fields:
        return
    held = dict(fields)
    if "people" in held:
        held["people"] = [[person.name, person.role] for person in held["people"]]
    connection.execute(update(schema.episode).where(schema.episode.c.id == episode_id).values(**held))
    if now is not None:
        log_change(connection, episode_id, now)


def replace_chapters(
    connection: Connection, episode_id: int, chapters: Iterable[Chapter], edition: Edition | None = None
) -> None:
    """Give an episode these chapters in place of those that it had of this edition.

    None: those of the feed or of the file. A text's headings are given in its order.
    """
    held = schema.chapter.c
    same = held.edition.is_(None) if edition is None else held.edition == edition
    connection.execute(schema.chapter.delete().where(held.episode_id == episode_id, same))
    rows = [
        {
            "episode_id": episode_id,
            "start_ms": chapter.start_ms,
            "title": chapter.title,
            "turn_id": chapter.turn_id,
            "edition": edition,
        }
        for chapter in chapters
    ]
    if rows:
        connection.execute(insert(schema.chapter), rows)


def list_chapters(connection: Connection, episode_id: int) -> list[Chapter]:
    """List an episode's chapters in order, as `read_chapters` does for several."""
    return read_chapters(connection, [episode_id], read_names(connection)).get(episode_id, [])


def read_chapters(
    connection: Connection, episode_ids: Iterable[int], withdrawn: Withdrawn
) -> dict[int, list[Chapter]]:
    """Read the chapters of several episodes, in order, with what stands for withdrawn names.

    They are the headings of the text that leads where it has some, else the feed's or the file's. A
    heading without a time of its own starts with its turn, and where that turn was merged away,
    with the one that has its words.
    """
    rows = connection.execute(_CHAPTERS, {"episodes": list(episode_ids)}).all()
    heirs = _find_heirs(connection, [row.turn_id for row in rows if row.turn_id and row.position is None])
    listed: dict[int, list[Chapter]] = {}
    headed = {row.episode_id for row in rows if row.edition == row.leading}
    for row in rows:
        if (row.edition == row.leading) if row.episode_id in headed else (row.edition is None):
            title = withdrawn.hide_names(row.title)
            heir = heirs.get(row.turn_id, row)
            start_ms = heir.start_ms if row.start_ms is None else row.start_ms
            chapter = Chapter(start_ms, title, heir.turn_id, heir.position)
            listed.setdefault(row.episode_id, []).append(chapter)
    for episode_id in listed.keys() - headed:
        listed[episode_id].sort(key=lambda chapter: chapter.start_ms or 0)
    return listed


def _find_heirs(connection: Connection, turn_ids: Iterable[int]) -> dict[int, Any]:
    """Find which turn has the words of each of these that are gone: its identity, place and start."""
    version, turn = tables.turn_version.c, schema.turn.c
    waiting = {turn_id: turn_id for turn_id in turn_ids}
    found: dict[int, Any] = {}
    while waiting:  # merges of merges
        gone = select(version.turn_id, version.kin).where(version.turn_id.in_(waiting.values()), version.gone)
        kin = {row.turn_id: row.kin for row in connection.execute(gone.order_by(version.version))}
        waiting = {first: kin[now] for first, now in waiting.items() if kin.get(now)}
        there = select(turn.id.label("turn_id"), turn.position, turn.start_ms)
        rows = connection.execute(there.where(turn.id.in_(waiting.values())))
        heirs: dict[int, Any] = {row.turn_id: row for row in rows}
        found |= {first: heirs[now] for first, now in waiting.items() if now in heirs}
        waiting = {first: now for first, now in waiting.items() if now not in heirs}
    return found


def _public(connection: Connection, episodes: Iterable[Episode]) -> list[Episode]:
    """Put what stands for them in place of withdrawn names, where episodes announce them."""
    withdrawn, held = read_names(connection), list(episodes)
    if not withdrawn.names:
        return held
    return [_without_names(episode, withdrawn) for episode in held]


def _without_names(episode: Episode, withdrawn: Withdrawn) -> Episode:
    language = episode.spoken_language or episode.language
    people = [Person(withdrawn.hide_names(who.name, language), who.role) for who in episode.people]
    return replace(
        episode,
        title=withdrawn.hide_names(episode.title, language),
        description=withdrawn.hide_names(episode.description, language),
        people=tuple(people),
    )


def _wanted(show_id: int | None, statuses: Iterable[EpisodeStatus] | None) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [schema.episode.c.private.is_(False)]
    if show_id is not None:
        conditions.append(schema.episode.c.show_id == show_id)
    if statuses is not None:
        conditions.append(schema.episode.c.status.in_([str(status) for status in statuses]))
    return conditions


def _select_episodes() -> Select[Any]:
    return (
        select(
            schema.episode,
            schema.show.c.title.label("show_title"),
            schema.show.c.slug.label("show_slug"),
            schema.audio.c.duration_ms,
        )
        .join(schema.show, schema.show.c.id == schema.episode.c.show_id)
        .outerjoin(schema.audio, schema.audio.c.sha256 == schema.episode.c.listening_sha256)
    )


def _episode(row: Row[Any]) -> Episode:
    fields = dict(row._mapping)
    fields["people"] = tuple(Person(*person) for person in fields["people"])
    fields["status"] = EpisodeStatus(fields["status"])
    fields["edition"] = Edition(fields["edition"])
    fields["duration_ms"] = fields["duration_ms"] or fields["declared_ms"]
    return Episode(**fields)


def _select_chapters() -> Select[Any]:
    chapter, turn = schema.chapter.c, schema.turn.c
    return (
        select(
            chapter.episode_id,
            chapter.title,
            chapter.turn_id,
            chapter.edition,
            func.coalesce(chapter.start_ms, turn.start_ms).label("start_ms"),
            turn.position,
            schema.episode.c.edition.label("leading"),
        )
        .join(schema.episode, schema.episode.c.id == chapter.episode_id)
        .outerjoin(schema.turn, turn.id == chapter.turn_id)
        .where(chapter.episode_id.in_(bindparam("episodes", expanding=True)))
        .order_by(chapter.episode_id, chapter.id)
    )


_CHAPTERS = _select_chapters()

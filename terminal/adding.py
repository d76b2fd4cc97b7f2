"""Take in a feed or a file from a terminal, and say what it brings."""

import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from ingest.feeds.opml import read_opml_file
from ingest.feeds.subscriptions import add_file, preview_feed, subscribe
from media import episodes, shows
from media.database import Database
from media.errors import N_
from media.settings import Settings
from media.writing.opml import write_opml
from terminal.saying import out, say


def add_source(
    settings: Settings,
    database: Database,
    source: str,
    now: datetime,
    *,
    keep: int | None,
    of_file: dict[str, Any],
    **spoken: Any,
) -> int:
    """Subscribe to a feed or add a file, say so, and return its show's identity."""
    if source.startswith(("http://", "https://")):
        return _add_feed(settings, database, source, now, keep=keep, **spoken)
    return _add_file(settings, database, Path(source), now, **of_file, **spoken)


def list_sources(sources: list[str]) -> list[str]:
    """Put the feeds that a list (OPML) names in its place."""
    listed = []
    for source in sources:
        is_list = source.lower().endswith((".opml", ".opml.xml")) and "://" not in source
        listed += [feed.url for feed in read_opml_file(Path(source))] if is_list else [source]
    return list(dict.fromkeys(listed))


def write_feeds(database: Database) -> None:
    """Write the feeds that are subscribed to, as a list (OPML) on standard output."""
    with database.read() as connection:
        held = [(show.title, show.feed_url) for show in shows.list_shows(connection) if show.feed_url]
    sys.stdout.write(write_opml("Entendu", held).decode())


def add_terms(database: Database, show_id: int, terms: list[str]) -> None:
    """Add names that the recogniser should know to those that the show has."""
    with database.write() as connection:
        held = shows.get_show(connection, show_id).terms
        shows.update_show(connection, show_id, {"terms": list(dict.fromkeys([*held, *terms]))})


def _add_feed(settings: Settings, database: Database, url: str, now: datetime, **wanted: Any) -> int:
    preview = preview_feed(url, settings)
    taken = subscribe(database, preview, settings, now, **wanted)
    with database.read() as connection:
        waiting = episodes.count_episodes(connection, taken.id)[episodes.EpisodeStatus.WAITING]
    said = N_("“%(title)s”: %(count)d episodes, %(waiting)d of them to transcribe.")
    out.print(say(said, title=taken.title, count=preview.episodes, waiting=waiting))
    return taken.id


def _add_file(settings: Settings, database: Database, path: Path, now: datetime, **wanted: Any) -> int:
    episode_id = add_file(database, settings, path, now, **wanted)
    out.print(say("Episode %(id)d: %(name)s", id=episode_id, name=path.name))
    with database.read() as connection:
        return episodes.get_episode(connection, episode_id).show_id

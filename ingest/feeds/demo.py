"""The bundled episode: what its script says of it, and how it is added.

Only the announcement comes from the script, as it would from a feed: title, people, chapters,
the show's terms. The words are recognised like any other episode's.
"""

import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from ingest.feeds.subscriptions import add_file
from media.database import Database
from media.episodes import Person, get_episode, replace_chapters, update_episode
from media.settings import Settings
from media.shows import find_show, update_show
from media.transcript import Chapter

FOLDER = Path(__file__).parents[2] / "media" / "demo"


def add_demo(database: Database, settings: Settings, now: datetime) -> None:
    """Add the bundled episode, once."""
    written = _read("emission.json")
    show, about = written["show"], written["episode"]
    with database.read() as connection:
        if find_show(connection, show["title"]):
            return
    day = datetime.fromisoformat(about["date"]).replace(tzinfo=UTC)
    named = {"show": show["title"], "title": about["title"], "date": day, "language": written["language"]}
    episode_id = add_file(database, settings, FOLDER / "demo.mp3", now, **named)
    people = [Person(person["name"], person["role"]) for person in written["speakers"]]
    chapters = [Chapter(held["start_ms"], held["title"]) for held in _read("times.json")["chapters"]]
    with database.write() as connection:
        show_id = get_episode(connection, episode_id).show_id
        announced = {"people": people, "description": f"<p>{about['description']}</p>"}
        update_episode(connection, episode_id, announced)
        replace_chapters(connection, episode_id, chapters)
        terms = {"terms": written["terms"], "description": f"<p>{show['description']}</p>"}
        update_show(connection, show_id, terms)


def demo_searches() -> list[str]:
    """List searches that show what an excerpt is."""
    return list(_read("emission.json")["searches"])


def demo_word() -> str:
    """Return a word to try in the browser."""
    return str(_read("emission.json")["try"])


@cache
def _read(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((FOLDER / name).read_text(encoding="utf8"))
    return document

"""Subscribe to the feeds of a list (OPML) that an administrator pastes: looked at, chosen, then added.

Each feed is read by the guarded client, one after the other; what cannot be read keeps no other out.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.responses import Response

from ingest.errors import IngestError
from ingest.feeds.opml import MAX_BYTES, ListedFeed, read_opml
from ingest.feeds.subscriptions import preview_feed, subscribe
from media.errors import EntenduError, Message
from media.shows import list_shows
from web.visits import Visit, field, number

MOST_AT_ONCE = 20  # feeds read in one request


@dataclass(frozen=True, slots=True)
class Added:
    """What became of a feed."""

    url: str
    title: str
    failure: Message | None


def show_list(visit: Visit) -> Response:
    """Ask for a list."""
    return _show(visit)


def read_list(visit: Visit, fields: Mapping[str, str]) -> Response:
    """Show the feeds of a pasted list, to choose among."""
    try:
        feeds = read_opml(field(fields, "opml", MAX_BYTES).encode(), "OPML")
    except IngestError as error:
        return _show(visit, failure=error.message, status=422)
    with visit.site.database.read() as connection:
        known = {show.feed_url for show in list_shows(connection)}
    return _show(visit, feeds=feeds, known=known)


def add_chosen(visit: Visit, fields: Mapping[str, str]) -> Response:
    """Subscribe to the chosen feeds, and say what became of each."""
    keep = number(fields.get("keep"), 0, 10_000) or None
    chosen = [value for name, value in fields.items() if name.startswith("feed-")]
    added = [_add(visit, url, keep) for url in chosen[:MOST_AT_ONCE]]
    return _show(visit, added=added, left=len(chosen) - len(added))


def _add(visit: Visit, url: str, keep: int | None) -> Added:
    try:
        found = preview_feed(url, visit.site.settings)
        subscribe(visit.site.database, found, visit.site.settings, visit.now, keep=keep)
    except EntenduError as error:
        return Added(url, url, error.message)
    return Added(url, found.title, None)


def _show(
    visit: Visit,
    *,
    feeds: tuple[ListedFeed, ...] = (),
    known: set[str | None] | None = None,
    added: list[Added] | None = None,
    left: int = 0,
    failure: Message | None = None,
    status: int = 200,
) -> Response:
    context = {
        "feeds": feeds[: MOST_AT_ONCE * 2],
        "more": max(0, len(feeds) - MOST_AT_ONCE * 2),
        "known": known or set(),
        "added": added or [],
        "left": left,
        "failure": failure,
        "most": MOST_AT_ONCE,
    }
    return visit.render("feeds/subscriptions.html", context, status)

"""Shows: what is subscribed to, when its feed is read next, and how that went."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Connection, Row, func, insert, select, update

from media import schema
from media.errors import Message, NotFoundError

SLUG_LENGTH = 60
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)  # from which places in a pause are counted
GOLDEN_SHARE = (5**0.5 - 1) / 2  # its multiples fall evenly, however many there are
POLL_LEASE = timedelta(minutes=15)  # a poll whose worker died is taken up again after this


@dataclass(frozen=True, slots=True)
class Show:
    """A show and its feed, as the catalogue holds them."""

    id: int
    slug: str
    title: str
    description: str  # sanitised HTML
    author: str
    language: str | None
    site_url: str | None
    speakers: int | None
    terms: tuple[str, ...]
    created_at: datetime
    feed_url: str | None
    etag: str | None
    last_modified: str | None
    next_poll_at: datetime | None
    polled_at: datetime | None
    poll_failures: int
    failure: Message | None
    licence: str | None = None  # of every text, unless an episode says otherwise
    licence_url: str | None = None
    notice: str | None = None  # that goes with every text that leaves
    clips: bool = True  # sound may be cut out and given
    prefer_offered: bool = False  # a transcript that the feed offers is taken instead of recognising


def slugify(title: str) -> str:
    """Make a title into the readable part of an address.

    >>> slugify("Libre à vous\N{NO-BREAK SPACE}! — l’émission")
    'libre-a-vous-l-emission'
    >>> slugify("???")
    'sans-titre'
    """
    plain = unicodedata.normalize("NFKD", title.lower().replace("œ", "oe").replace("æ", "ae"))
    words = re.findall(r"[a-z0-9]+", "".join(char for char in plain if not unicodedata.combining(char)))
    return "-".join(words)[:SLUG_LENGTH].strip("-") or "sans-titre"


def add_show(connection: Connection, title: str, now: datetime, **fields: Any) -> Show:
    """Insert a show under a slug of its own; `fields` are columns. A feed is due at once."""
    due = now if fields.get("feed_url") else None
    values = {"slug": _free_slug(connection, title), "created_at": now, "next_poll_at": due, **fields}
    statement = insert(schema.show).values(title=title, **values).returning(schema.show.c.id)
    return get_show(connection, connection.execute(statement).scalar_one())


def get_show(connection: Connection, show_id: int) -> Show:
    """Read one show; NotFoundError where there is none."""
    row = connection.execute(select(schema.show).where(schema.show.c.id == show_id)).first()
    if row is None:
        raise NotFoundError(f"no show {show_id}", kind="show", name=str(show_id))
    return _show(row)


def find_show(connection: Connection, name: str) -> Show | None:
    """Find a show by its slug, feed address or title, in that order."""
    for column in (schema.show.c.slug, schema.show.c.feed_url, schema.show.c.title):
        if row := connection.execute(select(schema.show).where(column == name)).first():
            return _show(row)
    return None


def list_shows(connection: Connection) -> list[Show]:
    """List every show by title."""
    return [_show(row) for row in connection.execute(select(schema.show).order_by(schema.show.c.title))]


def update_show(connection: Connection, show_id: int, fields: Mapping[str, Any]) -> None:
    """Set columns of a show."""
    if fields:
        connection.execute(update(schema.show).where(schema.show.c.id == show_id).values(**fields))


def claim_due_show(connection: Connection, now: datetime, busy_hosts: Collection[str] = ()) -> Show | None:
    """Take the show whose feed has been due for longest, and keep other workers off it a while.

    Feeds of hosts that are busy wait until those have answered.
    """
    is_due = schema.show.c.next_poll_at <= now
    due = select(schema.show.c.id, schema.show.c.feed_url).where(is_due).order_by(schema.show.c.next_poll_at)
    for show_id, url in connection.execute(due).all():
        if host_of(url) in busy_hosts:
            continue
        free = select(schema.show.c.id).where(schema.show.c.id == show_id, is_due)
        if connection.execute(free.with_for_update(skip_locked=True)).scalar() is not None:
            update_show(connection, show_id, {"next_poll_at": now + POLL_LEASE})
            return get_show(connection, show_id)
    return None


def host_of(url: str | None) -> str:
    """Tell which host an address names; empty where it names none.

    >>> host_of("https://Feeds.example:8443/rss"), host_of("https://[bad/")
    ('feeds.example', '')
    """
    try:
        return urlsplit(url or "").hostname or ""
    except ValueError:
        return ""


def next_poll(show_id: int, now: datetime, pause: timedelta) -> datetime:
    """Say when a feed that was just read is due again: at this show's own place in the pause.

    Shows that were added together are thus read spread over the hour; the first pause lasts half
    to one and a half times as long as the others.
    """
    place = pause * (show_id * GOLDEN_SHARE % 1)
    least = now + pause / 2
    return least + (place - (least - EPOCH)) % pause


def record_poll(
    connection: Connection,
    show: Show,
    now: datetime,
    next_poll_at: datetime | None,
    failure: Message | None = None,
    **fields: Any,
) -> None:
    """Note how a poll went and when the next is due; None stops the feed (410 Gone)."""
    update_show(
        connection,
        show.id,
        {
            "polled_at": now,
            "next_poll_at": next_poll_at,
            "failure": None if failure is None else dump_message(failure),
            "poll_failures": show.poll_failures + 1 if failure else 0,
            **fields,
        },
    )


def count_due(connection: Connection, now: datetime) -> int:
    """Count the shows whose feed should be read by now."""
    due = select(func.count()).select_from(schema.show).where(schema.show.c.next_poll_at <= now)
    return connection.execute(due).scalar_one()


def dump_message(message: Message) -> list[Any]:
    """Turn a message into what a JSON column holds."""
    return [message.msgid, dict(message.values)]


def load_message(held: Any) -> Message | None:
    """Read back what `dump_message` made."""
    return None if held is None else Message(held[0], held[1])


def _free_slug(connection: Connection, title: str) -> str:
    slug = slugify(title)
    query = select(schema.show.c.slug).where(schema.show.c.slug.startswith(slug))
    taken: Iterable[str] = set(connection.execute(query).scalars())
    number = 2
    free = slug
    while free in taken:
        free = f"{slug}-{number}"
        number += 1
    return free


def _show(row: Row[Any]) -> Show:
    fields = dict(row._mapping)
    fields["terms"] = tuple(fields["terms"])
    fields["failure"] = load_message(fields["failure"])
    return Show(**fields)

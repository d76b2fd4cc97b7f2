"""Quote from a terminal, and let an assistant quote: words by their times, with a citation that links.

`entendu quote` makes a quote, whose address holds. `read_passage` makes none: an assistant reads
the exact words and their time, and cites that.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from media.citing import STYLES, cite
from media.citing.quoted import describe_quote
from media.database import Database
from media.quotes.capturing import capture, find_span, read_public_episode, read_quote
from media.quotes.exporting import describe_shown, moment_url, quote_url
from media.quotes.places import parse_time
from media.quotes.showing import show_frozen, show_quote
from media.quotes.values import Check, Quote, ShownQuote, Span
from media.settings import Settings
from media.transcript import Edition
from terminal.saying import out, say

DEFAULT_STYLE = "presse"


def make_quote(
    database: Database, episode_id: int, start: str, end: str, text: str | None, now: datetime
) -> ShownQuote:
    """Freeze what is said between two times; QuoteError where nothing can be."""
    with database.write() as connection:
        edition, span = _find(connection, episode_id, start, end, text)
        quote = capture(connection, episode_id, edition, [span], None, now)
        return show_quote(connection, quote.id)


def cite_quote(database: Database, settings: Settings, shown: ShownQuote, style: str, now: datetime) -> str:
    """Write the citation of a quote, at its own address."""
    with database.read() as connection:
        return _cite(connection, shown.quote, quote_url(shown.quote, settings.site_url), style, now)


def print_quote(shown: ShownQuote, settings: Settings, citation: str) -> None:
    """Print a quote, who says it, its addresses and its citation."""
    for span in shown.quote.spans:
        for piece in span:
            out.print(f"{piece.speaker or say('Voice %(number)s', number=piece.voice)}: {piece.text}")
    if shown.quote.is_smoothed:
        out.print(say("Text published by people: smoothed, not word for word."))
    elif shown.check is Check.MACHINE:
        out.print(say("Recognised by a machine, checked by nobody: listen before you quote it."))
    out.print(quote_url(shown.quote, settings.site_url))
    out.print(moment_url(shown.quote, settings.site_url))
    out.print()
    out.print(citation)


def describe_made(shown: ShownQuote, settings: Settings, citation: str) -> Mapping[str, Any]:
    """Describe a quote with its citation, for a program."""
    return {**describe_shown(shown, settings.site_url), "citation": citation}


def read_passage(
    database: Database,
    settings: Settings,
    episode_id: int,
    start: str,
    end: str,
    text: str | None,
    now: datetime,
) -> dict[str, Any]:
    """Describe what is said between two times, with its citation; nothing is written down."""
    with database.read() as connection:
        edition, span = _find(connection, episode_id, start, end, text)
        quote = read_quote(connection, episode_id, edition, [span], None, now)
        shown = show_frozen(connection, quote)
        address = moment_url(shown.quote, settings.site_url)
        citation = _cite(connection, shown.quote, address, DEFAULT_STYLE, now)
    described = describe_shown(shown, settings.site_url)
    kept = ("text", "edition", "smoothed", "speakers", "before", "after", "show", "episode", "published")
    return {
        **{name: described[name] for name in kept},
        "episode_id": episode_id,
        "start": described["start"],
        "end": described["end"],
        "said_by": [
            {name: piece[name] for name in ("speaker", "voice", "attribution", "text", "state")}
            for piece in described["spans"][0]
        ],
        "check": described["check"],
        "machine_made": is_machine_made(edition, described["check"]),
        "licence": described["licence"],
        "url": address,
        "citation": citation,
    }


def is_machine_made(edition: str, state: str) -> bool:
    """Tell words that a machine recognised and nobody has read."""
    return edition == Edition.SPOKEN and state == Check.MACHINE


def list_styles() -> list[str]:
    """List the styles of citations."""
    return list(STYLES)


def _find(
    connection: Connection, episode_id: int, start: str, end: str, text: str | None
) -> tuple[Edition, Span]:
    episode = read_public_episode(connection, episode_id)
    edition = episode.edition if text is None else Edition(text)
    return edition, find_span(connection, episode_id, edition, parse_time(start), parse_time(end))


def _cite(connection: Connection, quote: Quote, url: str, style: str, now: datetime) -> str:
    return cite(describe_quote(connection, quote, url), style, now.date()).text

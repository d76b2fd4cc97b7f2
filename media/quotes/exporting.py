"""Quotes as documents: what the API answers, and what a person takes away of their own.

Only what `showing` gives is written here, so that no document holds a withdrawn word.
"""

import csv
import io
import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from media.episodes import episode_path
from media.quotes.values import Bound, Hearing, Piece, Quote, ShownQuote, Standing, find_bounds

COLUMNS = (
    "url", "text", "speakers", "show", "episode", "published", "start", "end", "edition", "check",
    "standing", "text_now", "licence", "captured_at",
)  # fmt: skip
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would compute a cell that begins so


def quote_url(quote: Quote, site_url: str) -> str:
    """Write the permanent address of a quote."""
    return f"{site_url.rstrip('/')}/q/{quote.id}"


def moment_url(quote: Quote, site_url: str) -> str:
    """Write the address of the moment in its episode, as a Media Fragment that ends with the quote."""
    address = site_url.rstrip("/") + episode_path(
        quote.episode_id, quote.episode, quote.start_ms, quote.edition
    )
    end_ms = quote.end_ms
    return address if end_ms is None else f"{address},{end_ms // 1000}.{end_ms % 1000:03d}"


def describe_shown(shown: ShownQuote, site_url: str) -> dict[str, Any]:
    """Describe a quote, how it stands and who heard it, as JSON holds it."""
    quote = shown.quote
    return {
        "id": quote.id,
        "url": quote_url(quote, site_url),
        "text": quote.text if shown.standing.is_shown else None,
        "edition": quote.edition.value,
        "smoothed": quote.is_smoothed,
        "speakers": list(quote.speakers),
        "spans": [[_describe_piece(piece) for piece in span] for span in quote.spans],
        "before": " ".join(piece.text for piece in quote.before),
        "after": " ".join(piece.text for piece in quote.after),
        "start": _describe_bound(quote.start),
        "end": _describe_bound(quote.end),
        "show": quote.show,
        "episode": quote.episode,
        "episode_id": quote.episode_id,
        "episode_url": moment_url(quote, site_url) if shown.standing.is_shown else None,
        "published": _moment(quote.published_at),
        "language": quote.language,
        "check": shown.check.value,
        "licence": quote.licence,
        "licence_url": quote.licence_url,
        "notice": quote.notice,
        "revision": quote.revision,
        "original_sha256": quote.original_sha256,
        "copy_sha256": quote.copy_sha256,
        "captured_at": _moment(quote.captured_at),
        "author": quote.author or None,
        "standing": _describe_standing(shown.standing),
        "hearings": [_describe_hearing(hearing) for hearing in shown.hearings],
    }


def write_json(quotes: Iterable[ShownQuote], site_url: str) -> str:
    """Write quotes as one JSON document."""
    document = {"quotes": [describe_shown(shown, site_url) for shown in quotes]}
    return json.dumps(document, ensure_ascii=False, indent=1)


def write_csv(quotes: Iterable[ShownQuote], site_url: str) -> str:
    """Write quotes as a table (RFC 4180); what a spreadsheet would compute begins with an apostrophe."""
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(COLUMNS)
    for shown in quotes:
        quote = shown.quote
        row = (
            quote_url(quote, site_url),
            quote.text,
            ", ".join(quote.speakers),
            quote.show,
            quote.episode,
            _moment(quote.published_at),
            quote.start_ms,
            quote.end_ms,
            quote.edition.value,
            shown.check.value,
            shown.standing.fate.value,
            shown.standing.text,
            quote.licence,
            _moment(quote.captured_at),
        )
        writer.writerow(map(_cell, row))
    return table.getvalue()


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    return "'" + text if text.startswith(FORMULA) else text


def _describe_piece(piece: Piece) -> dict[str, Any]:
    start, end = find_bounds([[piece]])
    return {
        "turn_id": piece.turn_id,
        "version": piece.version,
        "first_word": piece.first_word,
        "last_word": piece.last_word,
        "text": piece.text,
        "speaker": piece.speaker,
        "voice": piece.voice,
        "attribution": piece.attribution.value,
        "state": piece.state.value,
        "start_ms": None if start is None else start.ms,
        "end_ms": None if end is None else end.ms,
    }


def _describe_bound(bound: Bound | None) -> dict[str, Any] | None:
    return None if bound is None else {"ms": bound.ms, "heard": bound.heard}


def _describe_standing(standing: Standing) -> dict[str, Any]:
    start, end = find_bounds(standing.spans)
    return {
        "fate": standing.fate.value,
        "fates": [fate.value for fate in standing.fates],
        "revision": standing.revision,
        "says_the_same": standing.says_the_same,
        "text": standing.text,
        "start": _describe_bound(start),
        "end": _describe_bound(end),
        "withdrawn_at": _moment(standing.withdrawn_at),
        "changes": [
            {
                "fate": change.fate.value,
                "made_at": _moment(change.made_at),
                "author": change.author or None,
                "text": change.text,
                "reason": change.reason,
            }
            for change in standing.changes
        ],
        "differences": [
            [{"before": " ".join(run.before), "after": " ".join(run.after)} for run in span]
            for span in standing.differences
        ],
    }


def _describe_hearing(hearing: Hearing) -> dict[str, Any]:
    return {
        "author": hearing.author or None,
        "made_at": _moment(hearing.made_at),
        "revision": hearing.revision,
        "overtaken_at": _moment(hearing.overtaken_at),
    }


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()

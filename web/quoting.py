"""Quotes for programs: made, read and listed by the JSON API.

Making one needs no account; whoever is signed in finds it among theirs. A request of a browser
must come from a page of ours (`check_origin`, and a type that forms cannot send).
"""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from media.correction.authors import Author
from media.errors import N_
from media.people.attempts import take_try
from media.quotes.capturing import QUOTES_FROM_ADDRESS, capture, find_span, read_public_episode
from media.quotes.errors import RangeUnreadError
from media.quotes.exporting import describe_shown, write_csv, write_json
from media.quotes.places import parse_span, parse_time
from media.quotes.showing import list_own_quotes, show_quote
from media.quotes.values import ShownQuote, Span
from media.transcript import Edition
from web.errors import BadFormError, SignedOutError
from web.security import check_origin
from web.site import site_of
from web.visits import Visit, begin_visit, page

MAX_EPISODE = 2**31


class BadQuoteRequestError(BadFormError):
    """What was sent is no request for a quote."""

    msgid = N_(
        "Send JSON with an “episode”, and “spans” of words (“turn.word-turn.word”) "
        "or “start” and “end” (29:12, or seconds)."
    )


def list_routes() -> list[Route]:
    """List the routes of this part of the API, for the application to mount."""
    return [
        Route("/api/quotes", page(send_own_quotes)),
        Route("/api/quotes", make_quote, methods=["POST"]),
        Route("/api/quotes/{id}", page(send_quote)),
        Route("/q/{id}.json", page(send_quote)),
    ]


def send_quote(visit: Visit) -> Response:
    """Send a quote and how it stands; 410 where it may not be read any more."""
    with visit.site.database.read() as connection:
        shown = show_quote(connection, visit.request.path_params["id"])
    return _answer(visit, shown, 200)


def send_own_quotes(visit: Visit) -> Response:
    """Send one's own quotes, newest first, as JSON or as a table."""
    if visit.account is None:
        raise SignedOutError("quotes of nobody")
    with visit.site.database.read() as connection:
        quotes = list_own_quotes(connection, visit.account.id)
    site_url = visit.site.settings.site_url
    if visit.request.query_params.get("format") == "csv":
        headers = {"content-disposition": 'attachment; filename="quotes.csv"', **_private()}
        return Response(write_csv(quotes, site_url), 200, headers, "text/csv; charset=utf-8")
    return Response(write_json(quotes, site_url), 200, _private(), "application/json")


async def make_quote(request: Request) -> Response:
    """Make a quote of what a JSON document asks for, and send it."""
    check_origin(request, site_of(request))
    if request.headers.get("content-type", "").split(";")[0].strip() != "application/json":
        raise BadQuoteRequestError("not JSON by its type")
    try:
        asked = json.loads(await request.body())
        json.dumps(asked, ensure_ascii=False).encode()  # which halves of letters have no way into
    except (ValueError, RecursionError) as error:
        raise BadQuoteRequestError("not JSON") from error
    if not isinstance(asked, dict):
        raise BadQuoteRequestError("not an object")
    return await run_in_threadpool(_make, request, asked)


def _make(request: Request, asked: Mapping[str, Any]) -> Response:
    visit = begin_visit(request)
    author = None if visit.account is None else Author(visit.account.id, visit.account.name)
    with visit.site.database.write() as connection:
        take_try(connection, {QUOTES_FROM_ADDRESS: visit.address}, visit.now)
    with visit.site.database.write() as connection:
        episode_id = asked.get("episode")
        if not isinstance(episode_id, int) or not 0 < episode_id < MAX_EPISODE:
            raise BadQuoteRequestError(f"episode {episode_id!r}"[:100])
        edition = _read_edition(connection, episode_id, asked.get("text"))
        spans = _read_spans(connection, episode_id, edition, asked)
        quote = capture(connection, episode_id, edition, spans, author, visit.now)
        shown = show_quote(connection, quote.id)
    return _answer(visit, shown, 201)


def _read_edition(connection: Connection, episode_id: int, asked: object) -> Edition:
    if asked is None:
        return read_public_episode(connection, episode_id).edition
    if asked not in list(Edition):
        raise BadQuoteRequestError(f"text {asked!r}"[:100])
    return Edition(str(asked))


def _read_spans(
    connection: Connection, episode_id: int, edition: Edition, asked: Mapping[str, Any]
) -> list[Span]:
    spans = asked.get("spans")
    if isinstance(spans, list) and spans:
        return [parse_span(str(span)) for span in spans]
    if "start" not in asked or "end" not in asked:
        raise BadQuoteRequestError("neither spans nor times")
    start_ms, end_ms = (_read_time(asked[bound]) for bound in ("start", "end"))
    return [find_span(connection, episode_id, edition, start_ms, end_ms)]


def _read_time(value: object) -> int:
    if isinstance(value, str):
        return parse_time(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 10**6:
        raise RangeUnreadError(f"{value!r} is no time"[:100], text=str(value)[:20])
    return round(value * 1000)


def _answer(visit: Visit, shown: ShownQuote, status: int) -> Response:
    gone = not shown.standing.is_shown
    document = describe_shown(shown, visit.site.settings.site_url)
    return JSONResponse(document, 410 if gone else status, {"cache-control": "no-cache"})


def _private() -> dict[str, str]:
    return {"cache-control": "private, no-cache"}

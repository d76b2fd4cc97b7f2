"""Failures as people read them: one plain sentence in their language, on a page or in JSON."""

import logging
from http import HTTPStatus
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ingest.errors import ClipError, ClipsBusyError, ClipsForbiddenError
from media.correction.errors import LockedTextError
from media.errors import N_, DatabaseError, EntenduError, Message, NotFoundError, StorageError
from media.language import translate
from media.people.accounts import AccountError
from media.people.attempts import TooManyTriesError
from media.people.withdrawals import WithdrawalError
from media.quotes.errors import QuoteError
from media.wishes import NotWaitingError, TooManyWishesError
from web.clock import format_day
from web.errors import EpisodeWithdrawnError, WebError
from web.security import add_headers
from web.site import site_of
from web.visits import Visit, begin_visit, local_path, redirect
from web.watching.requests import HEADER, REQUEST, name_route

LOG = logging.getLogger(__name__)

SENTENCES = {
    400: N_("This request could not be understood."),
    403: N_("This page is not for you, or its address is wrong."),
    404: N_("There is nothing at this address. It may have moved: try a search."),
    405: N_("This page cannot be used in this way."),
    413: N_("What was sent is too large. Nothing was changed."),
    429: N_("Too many requests. Wait a little."),
    500: N_("Something failed on our side. The log has the details; nothing of yours was lost."),
    503: N_("The archive cannot be reached just now. Try again in a minute."),
}


def answer_http_failure(request: Request, error: Exception) -> Response:
    """Answer what Starlette refuses: unknown addresses, methods, malformed requests."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    path = request.url.path
    if status == 404 and path.endswith("/") and request.method in {"GET", "HEAD"}:
        # Starlette's own way there is off: it writes the address of whatever host was asked (FAULTS 54).
        return redirect(quote(local_path(path.rstrip("/"))))
    response = _answer(request, status, Message(SENTENCES.get(status, SENTENCES[500])))
    if isinstance(error, HTTPException) and error.headers:
        response.headers.update(error.headers)
    return response


def answer_gone(_request: Request, _error: Exception) -> Response:
    """Answer whoever left, or was cut off, in the middle of a request: nobody hears it, nothing failed."""
    return Response(status_code=400)


def answer_known_failure(request: Request, error: Exception) -> Response:
    """Answer a failure that the program understands."""
    if not isinstance(error, EntenduError):
        return answer_surprise(request, error)
    status = name_status(error)
    if status >= 500:
        LOG.error("%s: %s", name_route(request.scope), error, exc_info=error)
    message = Message(SENTENCES[status]) if status in {404, 503} else error.message
    if isinstance(error, EpisodeWithdrawnError):
        message = Message(error.msgid, {"day": format_day(error.since, _visit(request).language)})
    return _answer(request, status, message)


def answer_surprise(request: Request, error: Exception) -> Response:
    """Answer a failure that nobody foresaw; the server logs it whole."""
    response = _answer(request, 500, Message(SENTENCES[500]))
    add_headers(response.headers)  # this handler stands outside the middleware
    response.headers[HEADER] = request.scope[REQUEST]
    return response


def name_status(error: EntenduError) -> int:
    """Say which HTTP status a failure is answered with."""
    if isinstance(error, ClipsForbiddenError | ClipsBusyError):
        return 403 if isinstance(error, ClipsForbiddenError) else 429
    if isinstance(error, ClipError):
        return 400
    if isinstance(error, WebError):
        return error.status
    if isinstance(error, NotFoundError):
        return 404
    if isinstance(error, LockedTextError):
        return 403
    if isinstance(error, TooManyTriesError | TooManyWishesError):
        return 429
    if isinstance(error, NotWaitingError):
        return 409
    if isinstance(error, AccountError | QuoteError | WithdrawalError):
        return 400
    return 503 if isinstance(error, DatabaseError | StorageError) else 500


def _answer(request: Request, status: int, message: Message) -> Response:
    wait_s = 60 * int(message.values.get("minutes", 1))
    headers = {"retry-after": str(wait_s)} if status in {429, 503} else {}
    visit = _visit(request)
    login = "/login?next=" + quote(visit.way_back) if status == 401 else None
    reference = request.scope[REQUEST] if status >= 500 else None
    if request.url.path.startswith("/api") or visit.wants_json:
        said = {"error": translate(message, visit.language), "login": login, "reference": reference}
        return JSONResponse({name: held for name, held in said.items() if held}, status, headers)
    context = {"status": status, "phrase": HTTPStatus(status).phrase, "message": message, "login": login}
    response = visit.render("failure.html", {**context, "reference": reference}, status)
    response.headers.update(headers)
    return response


def _visit(request: Request) -> Visit:
    try:
        return begin_visit(request)
    except DatabaseError:  # the page that says so needs no account
        return Visit(request, site_of(request), None, None)

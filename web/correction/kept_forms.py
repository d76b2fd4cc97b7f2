"""Forms that carry a text somebody typed: whatever refuses one gives it back, to be sent again."""

from collections.abc import Callable, Mapping
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from media.correction.errors import (
    CorrectionError,
    ProposalDecidedError,
    TurnConflictError,
    TurnGoneError,
)
from media.errors import Message
from media.people.accounts import Role
from media.people.attempts import TooManyTriesError
from web.correction.answering import OLD_FORM, SIGNED_OUT
from web.errors import ForbiddenError, ForgedFormError
from web.forms import read_fields
from web.security import check_form_token, check_origin
from web.site import site_of
from web.visits import Visit, begin_visit, may

Fields = Mapping[str, str]
Act = Callable[[Visit, Fields], Response]
ShowAgain = Callable[[Visit, Fields, Message, int], Response]


def keeping(act: Act, show_again: ShowAgain, role: Role | None = None) -> Callable[[Request], Any]:
    """Make an endpoint of an act by form; `show_again` gives back what was typed, with why."""

    async def endpoint(request: Request) -> Response:
        check_origin(request, site_of(request))
        return await run_in_threadpool(checked, request, await read_fields(request))

    def checked(request: Request, fields: Fields) -> Response:
        visit = begin_visit(request)
        if role is not None and visit.account is None:
            return show_kept(visit, fields, Message(SIGNED_OUT), 401)
        if role is not None and visit.account is not None and not may(visit.account, role):
            raise ForbiddenError(f"{request.url.path} needs {role}")
        try:
            check_form_token(visit.secret, fields.get("form_token", ""))
        except ForgedFormError:
            return (show_again if role is None else show_kept)(visit, fields, Message(OLD_FORM), 403)
        try:
            return act(visit, fields)
        except TooManyTriesError as error:
            return show_again(visit, fields, error.message, 429)
        except CorrectionError as error:
            return show_again(visit, fields, error.message, _status(error))

    return endpoint


def show_kept(visit: Visit, fields: Fields, message: Message, status: int) -> Response:
    """Give a text back alone, with a button that sends it again."""
    context = {
        "typed": fields.get("text"),
        "failure": message,
        "fields": {name: value for name, value in fields.items() if name not in {"text", "form_token"}},
        "path": visit.request.url.path,
    }
    return visit.render("correction/kept.html", context, status)


def _status(error: CorrectionError) -> int:
    if isinstance(error, TurnGoneError):
        return 404
    return 409 if isinstance(error, TurnConflictError | ProposalDecidedError) else 422

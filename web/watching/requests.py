"""Every request gets an identity, which its log lines and its answer carry, and is counted.

Logged are those that change something, fail or take long: by route, never by address, so that the
log tells nobody what a reader looked for, heard or quoted. The identity is ours, made anew: what a
request brings along is not believed.
"""

import logging
import secrets
import time

from starlette.datastructures import MutableHeaders
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from media.logs import belong
from web.watching.tally import Answered, Tally

LOG = logging.getLogger(__name__)

REQUEST = "entendu.request"  # under which a request's scope holds its identity
HEADER = "x-request-id"
IDENTITY_BYTES = 8
SLOW_S = 1.0
SAFE = {"GET", "HEAD", "OPTIONS"}
NOWHERE = "nowhere"  # the route of addresses at which there is nothing


class Watched:
    """Middleware, before any other: name, count and log each request."""

    def __init__(self, app: ASGIApp, tally: Tally) -> None:
        self.app = app
        self._tally = tally

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer through the application, watched."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope[REQUEST] = secrets.token_hex(IDENTITY_BYTES)
        belong(request=scope[REQUEST])  # in this request's own task, to its end
        begun, status, took_s = time.monotonic(), 500, None

        async def send_named(message: Message) -> None:
            nonlocal status, took_s
            if message["type"] == "http.response.start":
                status, took_s = message["status"], time.monotonic() - begun
                MutableHeaders(scope=message)[HEADER] = scope[REQUEST]
            await send(message)

        try:
            await self.app(scope, receive, send_named)
        finally:
            seconds = time.monotonic() - begun if took_s is None else took_s
            answered = Answered(scope["method"], name_route(scope), status, seconds)
            self._tally.count(answered)
            _log(answered)


def name_route(scope: Scope) -> str:
    """Name what a request came to: its address with the places left blank, of which there are few.

    >>> name_route({"type": "http"})
    'nowhere'
    """
    route = scope.get("route")
    if isinstance(route, Mount):  # static files, whose address changes with them
        return route.name or "/static"
    return route.path if isinstance(route, Route) else NOWHERE


def _log(answered: Answered) -> None:
    if answered.status >= 500:
        level = logging.ERROR
    elif answered.seconds >= SLOW_S:
        level = logging.WARNING
    elif answered.method not in SAFE and answered.route != NOWHERE:
        level = logging.INFO
    else:
        return
    said = (answered.method, answered.route, answered.status, answered.seconds * 1000)
    LOG.log(level, "%.10s %s: %d in %.0f ms", *said)

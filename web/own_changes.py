"""Who saved something finds it at once, whichever machine answers next.

Each machine that serves has an index of its own, a moment behind the catalogue. An answer that
follows a change says, in a cookie of a minute, which change of the log it was; the visitor's next
searches wait, not for long, until the index where they arrive has followed it. It tells nothing
of the visitor, and only who holds a cookie of ours already, as forms ask for, is given one.
"""

from dataclasses import replace

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from media.changes import last_change
from media.database import Database
from media.errors import DatabaseError
from search.answers import SearchRequest, SearchResult
from web.security import cookie_name
from web.site import Searcher, Site, site_of

COOKIE = "entendu_change"
KEPT_S = 60  # an index that is later than that is being built
MAX_DIGITS = 18
READING = ("GET", "HEAD", "OPTIONS")


class OwnChanges:
    """Middleware: tell who changed something by which change their own searches are to wait for."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer through the application; where the log grew meanwhile, say how far."""
        if scope["type"] != "http" or scope["method"] in READING or not (request := Request(scope)).cookies:
            await self.app(scope, receive, send)
            return
        site = site_of(request)
        before = await run_in_threadpool(_read_newest, site.database)

        async def send_told(message: Message) -> None:
            if message["type"] == "http.response.start":
                newest = await run_in_threadpool(_read_newest, site.database)
                if newest > before:
                    message["headers"] = [*message["headers"], _cookie(site, newest)]
            await send(message)

        await self.app(scope, receive, send_told)


class AfterOwn:
    """The index, as it is searched by somebody who made a change."""

    def __init__(self, index: Searcher, change: int) -> None:
        self._index = index
        self._change = change

    def search(self, request: SearchRequest) -> SearchResult:
        """Answer a search, that change included if it can be."""
        return self._index.search(replace(request, after_change=self._change))


def search_as(request: Request, site: Site) -> Searcher:
    """Give the index to a visitor: after their own change, where they just made one."""
    told = request.cookies.get(cookie_name(site, COOKIE), "")
    is_number = told.isascii() and told.isdecimal() and len(told) <= MAX_DIGITS
    return AfterOwn(site.index, int(told)) if is_number else site.index


def _read_newest(database: Database) -> int:
    try:
        with database.read() as connection:
            return last_change(connection)
    except DatabaseError:  # who asks is told so by the answer itself
        return 0


def _cookie(site: Site, change: int) -> tuple[bytes, bytes]:
    carrier = Response()
    name = cookie_name(site, COOKIE)
    carrier.set_cookie(name, str(change), max_age=KEPT_S, httponly=True, samesite="lax", secure=site.is_https)
    return b"set-cookie", carrier.headers["set-cookie"].encode("latin-1")

"""One request, as pages see it: who asks, in which language, and how the answer is made.

`page` and `form` turn functions of a visit into endpoints. They run in threads: the catalogue
and the index block. A form is read, its token checked, then its function is called.
"""

import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from media.correction.authors import Author
from media.correction.proposals import Fate, count_proposals
from media.correction.review import count_to_review
from media.errors import DatabaseError
from media.language import LANGUAGES, choose_language
from media.people import sessions
from media.people.accounts import Account, Role
from web.errors import BadFormError, ForbiddenError, SignedOutError
from web.forms import read_fields
from web.own_changes import search_as
from web.security import (
    COOKIE_SECONDS,
    check_form_token,
    check_origin,
    cookie_name,
    make_form_token,
)
from web.site import Searcher, Site, site_of

log = logging.getLogger(__name__)

SESSION_COOKIE = "entendu_session"
VISITOR_COOKIE = "entendu_visitor"  # binds the forms of people who are not signed in
LANGUAGE_COOKIE = "entendu_language"
ROLES = list(Role)  # each may do what those before it may

Answer = Callable[["Visit"], Response]
FormAnswer = Callable[["Visit", Mapping[str, str]], Response]


@dataclass
class Visit:
    """A request and what is known of its visitor."""

    request: Request
    site: Site
    account: Account | None
    secret: str | None  # what this visitor's forms are bound to
    made_secret: bool = False

    @cached_property
    def now(self) -> datetime:
        """The moment of this request."""
        return datetime.now(UTC)

    @cached_property
    def index(self) -> Searcher:
        """The index as this visitor searches it: with what they have just saved."""
        return search_as(self.request, self.site)

    @cached_property
    def language(self) -> str:
        """The visitor's choice, else what the browser prefers, else the setting."""
        chosen = self.request.query_params.get("lang", self.request.cookies.get(LANGUAGE_COOKIE))
        if chosen in LANGUAGES:
            return chosen
        return choose_language(_accepted(self.request), self.site.settings.language)

    @property
    def is_administrator(self) -> bool:
        """Whether an administrator is signed in."""
        return self.account is not None and self.account.role is Role.ADMINISTRATOR

    @property
    def is_reviewer(self) -> bool:
        """Whether a reviewer, or an administrator, is signed in."""
        return self.account is not None and may(self.account, Role.REVIEWER)

    @property
    def address(self) -> str:
        """Where the request comes from, as budgets of tries count it."""
        return self.request.client.host if self.request.client else ""

    @property
    def wants_json(self) -> bool:
        """Whether a script asks, and not a page."""
        accepted = self.request.headers.get("accept", "")
        return "application/json" in accepted and "text/html" not in accepted

    @cached_property
    def way_back(self) -> str:
        """The page to come back to after signing in: this one, or the one whose form was sent."""
        if self.request.method in {"GET", "HEAD"}:
            return self.request.url.path + (f"?{self.request.url.query}" if self.request.url.query else "")
        came_from = urlsplit(self.request.headers.get("referer", ""))
        return local_path(came_from.path + (f"?{came_from.query}" if came_from.query else ""))

    def count_waiting(self) -> int:
        """Count what waits for a reviewer; nothing while the catalogue cannot be read."""
        if self.account is None or not self.is_reviewer:
            return 0
        try:
            with self.site.database.read() as connection:
                author = Author(self.account.id, self.account.name)
                return count_to_review(connection, author) + count_proposals(connection)[Fate.WAITING]
        except DatabaseError:
            return 0

    def form_token(self) -> str:
        """Make the token of a form on this page."""
        if self.secret is None:
            self.secret = secrets.token_urlsafe(32)
            self.made_secret = True
        return make_form_token(self.secret)

    def render(self, template: str, context: Mapping[str, Any], status: int = 200) -> Response:
        """Make a page of a template."""
        everywhere = {
            "account": self.account,
            "is_administrator": self.is_administrator,
            "is_reviewer": self.is_reviewer,
            "count_waiting": self.count_waiting,
            "form_token": self.form_token,
            "site_url": self.site.settings.site_url.rstrip("/"),
            "now": self.now,
            "other_languages": [
                (name, self._in_language(name)) for name in LANGUAGES if name != self.language
            ],
            "path": self.request.url.path,
        }
        text = self.site.templates.render(template, self.language, {**everywhere, **context})
        headers = {"vary": "Accept-Language, Cookie", "cache-control": "private, no-cache"}
        response = HTMLResponse(text, status, headers)
        if self.made_secret and self.secret is not None:
            self.set_cookie(response, VISITOR_COOKIE, self.secret, max_age=None)
        return response

    def set_cookie(self, response: Response, name: str, value: str, max_age: int | None) -> None:
        """Set a cookie that scripts cannot read."""
        response.set_cookie(
            cookie_name(self.site, name),
            value,
            max_age=max_age,
            httponly=True,
            samesite="lax",
            secure=self.site.is_https,
        )

    def delete_cookie(self, response: Response, name: str) -> None:
        """Take a cookie back."""
        response.delete_cookie(
            cookie_name(self.site, name), httponly=True, samesite="lax", secure=self.site.is_https
        )

    def _in_language(self, language: str) -> str:
        query = [(name, value) for name, value in self.request.query_params.multi_items() if name != "lang"]
        path = "" if self.request.method in {"GET", "HEAD"} else "/"  # a form's answer has no address
        return path + "?" + urlencode([*query, ("lang", language)])


def page(answer: Answer, role: Role | None = None) -> Callable[[Request], Response]:
    """Make an endpoint that shows something to anybody, or to those of a role."""

    def endpoint(request: Request) -> Response:
        visit = begin_visit(request)
        if request.query_params.get("lang") in LANGUAGES:
            return _keep_language(visit)
        if role is not None and visit.account is None:
            if visit.wants_json:
                raise SignedOutError(f"{request.url.path} needs {role}")
            return redirect("/login?next=" + quote(visit.way_back))
        _require(visit, role)
        return answer(visit)

    return endpoint


def form(answer: FormAnswer, role: Role | None = None) -> Callable[[Request], Any]:
    """Make an endpoint that changes something by a form of ours."""

    async def endpoint(request: Request) -> Response:
        check_origin(request, site_of(request))
        fields = await read_fields(request)
        return await run_in_threadpool(checked, request, fields)

    def checked(request: Request, fields: Mapping[str, str]) -> Response:
        visit = begin_visit(request)
        if role is not None and visit.account is None:  # before its token, which lapsed with the session
            raise SignedOutError(f"{request.url.path} needs {role}")
        check_form_token(visit.secret, fields.get("form_token", ""))
        _require(visit, role)
        return answer(visit, fields)

    return endpoint


def begin_visit(request: Request) -> Visit:
    """Find out who asks."""
    site = site_of(request)
    token = request.cookies.get(cookie_name(site, SESSION_COOKIE))
    found, now = None, datetime.now(UTC)
    if token:
        with site.database.read() as connection:
            found = sessions.find_session(connection, token, now)
        if found is not None and found.is_unnoted:
            _note_use(site, token, now)
    secret = token if found is not None else request.cookies.get(cookie_name(site, VISITOR_COOKIE))
    return Visit(request, site, found.account if found else None, secret)


def redirect(path: str) -> Response:
    """Send the browser to a page of ours, by GET."""
    return RedirectResponse(path, 303)


def local_path(wanted: str, default: str = "/") -> str:
    """Return a path of this site, or the default for anything that could lead elsewhere.

    >>> local_path("/admin"), local_path("//evil.example"), local_path("/\\\\evil.example")
    ('/admin', '/', '/')
    """
    is_local = wanted.startswith("/") and not wanted.startswith("//") and "\\" not in wanted
    return wanted if is_local and wanted.isprintable() else default


def field(fields: Mapping[str, str], name: str, max_length: int = 2_000) -> str:
    """Return a form's field, trimmed; BadFormError without it or beyond the length."""
    value = fields.get(name, "").strip()
    if not value or len(value) > max_length:
        raise BadFormError(f"field {name!r} of {len(value)} characters")
    return value


def number(text: str | None, default: int, most: int) -> int:
    """Read a whole number of an address, between 0 and `most`; the default for anything else."""
    if text is None or not text.isdecimal() or not text.isascii() or len(text) > 9:
        return default
    return min(int(text), most)


def may(account: Account, role: Role) -> bool:
    """Tell whether an account may do what this role may."""
    return ROLES.index(account.role) >= ROLES.index(role)


def _note_use(site: Site, token: str, now: datetime) -> None:
    try:
        with site.database.write() as connection:
            sessions.note_use(connection, token, now)
    except DatabaseError:  # reading goes on while the catalogue cannot be written
        log.warning("the use of a session was not noted", exc_info=True)


def _require(visit: Visit, role: Role | None) -> None:
    if role is not None and (visit.account is None or not may(visit.account, role)):
        raise ForbiddenError(f"{visit.request.url.path} needs {role}")


def _keep_language(visit: Visit) -> Response:
    query = [(name, value) for name, value in visit.request.query_params.multi_items() if name != "lang"]
    path = local_path(visit.request.url.path)
    response = redirect(quote(path) + ("?" + urlencode(query) if query else ""))
    language = visit.request.query_params["lang"]
    response.set_cookie(LANGUAGE_COOKIE, language, max_age=12 * COOKIE_SECONDS, samesite="lax")
    return response


def _accepted(request: Request) -> list[str]:
    tags = []
    for part in request.headers.get("accept-language", "").split(",")[:20]:
        tag, _, weight = part.strip().partition(";q=")
        try:
            tags.append((-float(weight or 1), tag))
        except ValueError:
            continue
    return [tag for _, tag in sorted(tags, key=lambda held: held[0])]

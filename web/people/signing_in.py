"""First run, signing in and out.

The first account is made by whoever opens a new archive first, and that page is gone as soon as
an account exists. A session begins with a new token, so that none set before can be fixed on
somebody (FAULTS 50).
"""

from collections.abc import Mapping

from starlette.responses import Response

from media.errors import NotFoundError
from media.people import accounts, attempts, sessions
from media.people.accounts import Account, AccountError, Role
from media.people.attempts import TooManyTriesError
from web.admin import show_preview
from web.people.browsers import name_browser
from web.security import COOKIE_SECONDS
from web.visits import SESSION_COOKIE, VISITOR_COOKIE, Visit, field, local_path, redirect

MAX_LOGIN_LENGTH = 80


def show_setup(visit: Visit) -> Response:
    """Show the first run; NotFoundError once somebody has an account."""
    with visit.site.database.read() as connection:
        _require_first_run(accounts.count_accounts(connection))
    return visit.render("setup.html", {"failure": None, "held": {}})


def make_administrator(visit: Visit, fields: Mapping[str, str]) -> Response:
    """Make the first account, sign it in, and look at the feed that was given with it."""
    login, name = field(fields, "login", MAX_LOGIN_LENGTH), field(fields, "name", MAX_LOGIN_LENGTH)
    password = fields.get("password", "")
    try:
        with visit.site.hashing, visit.site.database.write() as connection:
            _require_first_run(accounts.count_accounts(connection))
            account = accounts.add_account(connection, login, name, Role.ADMINISTRATOR, password, visit.now)
    except AccountError as error:
        held = {"login": login, "name": name, "feed": fields.get("feed", "")}
        return visit.render("setup.html", {"failure": error.message, "held": held}, 400)
    signed_in = open_session(visit, account, "/admin")
    feed = fields.get("feed", "").strip()
    return _preview_first_feed(visit, feed, signed_in) if feed else signed_in


def show_login(visit: Visit) -> Response:
    """Show the form to sign in."""
    wanted = local_path(visit.request.query_params.get("next", ""), "/")
    if visit.account is not None:
        return redirect(wanted)
    return visit.render("login.html", {"failed": False, "failure": None, "login": "", "next": wanted})


def sign_in(visit: Visit, fields: Mapping[str, str]) -> Response:
    """Check a login and password, and begin a session."""
    login, wanted = fields.get("login", "").strip(), local_path(fields.get("next", ""), "/")
    held = {"login": login, "next": wanted, "failure": None}
    try:
        take_try(visit, login)
    except TooManyTriesError as error:
        return visit.render("login.html", {**held, "failed": False, "failure": error.message}, 429)
    with visit.site.hashing, visit.site.database.read() as connection:
        account = accounts.check_password(connection, login, fields.get("password", ""))
    if account is None:
        return visit.render("login.html", {**held, "failed": True}, 401)
    with visit.site.database.write() as connection:
        attempts.record_success(connection, _budget(login), visit.address, visit.now)
    return open_session(visit, account, wanted)


def sign_out(visit: Visit, _fields: Mapping[str, str]) -> Response:
    """End the session, here and in the catalogue."""
    if visit.account is not None and visit.secret is not None:
        with visit.site.database.write() as connection:
            sessions.close_session(connection, visit.secret)
    response = redirect("/")
    visit.delete_cookie(response, SESSION_COOKIE)
    return response


def open_session(visit: Visit, account: Account, path: str) -> Response:
    """Sign somebody in, in this browser, and lead on."""
    browser = name_browser(visit.request.headers.get("user-agent", ""))
    with visit.site.database.write() as connection:
        token = sessions.open_session(connection, account, visit.now, browser)
    response = redirect(path)
    visit.set_cookie(response, SESSION_COOKIE, token, COOKIE_SECONDS)
    visit.delete_cookie(response, VISITOR_COOKIE)
    visit.account, visit.secret = account, token
    return response


def take_try(visit: Visit, login: str) -> None:
    """Count a try of a password, unless there were too many: a flood of those writes nothing."""
    with visit.site.database.read() as connection:
        keys = attempts.login_keys(connection, _budget(login), visit.address)
        attempts.refuse_spent(connection, keys, visit.now)
    with visit.site.database.write() as connection:
        attempts.take_try(connection, keys, visit.now)


def _preview_first_feed(visit: Visit, feed: str, signed_in: Response) -> Response:
    response = show_preview(visit, {"feed": feed})
    for name, value in signed_in.raw_headers:
        if name == b"set-cookie":
            response.raw_headers.append((name, value))
    return response


def _budget(login: str) -> str:
    return login.casefold()[:MAX_LOGIN_LENGTH]


def _require_first_run(accounts_held: int) -> None:
    if accounts_held:
        raise NotFoundError("the first run is over", kind="page", name="/setup")

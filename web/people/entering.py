"""Come in by a link: make the account that one is invited to, or set a new password.

Whatever is wrong with a link, its page says the same sentence, so that nobody learns which exist.
"""

from collections.abc import Mapping

from starlette.responses import Response

from media.people import invitations
from media.people.accounts import MIN_PASSWORD_LENGTH, Account, AccountError
from media.people.invitations import Invitation, InvitationGoneError
from web.people.roles import role_words
from web.people.signing_in import MAX_LOGIN_LENGTH, open_session
from web.visits import Visit, field

GONE = 410


def show_invitation(visit: Visit) -> Response:
    """Show what a link lets its holder do."""
    try:
        with visit.site.database.read() as connection:
            held = invitations.find_invitation(connection, _token(visit), visit.now)
    except InvitationGoneError as error:
        return _show_gone(visit, error)
    return _show(visit, held)


def accept_invitation(visit: Visit, fields: Mapping[str, str]) -> Response:
    """Make the account, or set the password, and sign its person in."""
    typed = {name: " ".join(fields.get(name, "").split())[:MAX_LOGIN_LENGTH] for name in ("name", "login")}
    try:
        with visit.site.database.read() as connection:
            held = invitations.find_invitation(connection, _token(visit), visit.now)
        account = _take(visit, held, fields)
    except InvitationGoneError as error:
        return _show_gone(visit, error)
    except AccountError as error:
        return _show(visit, held, error, typed)
    return open_session(visit, account, "/")


def _take(visit: Visit, held: Invitation, fields: Mapping[str, str]) -> Account:
    token, password = _token(visit), fields.get("password", "")
    if held.role is None:
        with visit.site.hashing, visit.site.database.write() as connection:
            return invitations.accept_reset(connection, token, password, visit.now)
    login, name = field(fields, "login", MAX_LOGIN_LENGTH), field(fields, "name", MAX_LOGIN_LENGTH)
    with visit.site.hashing, visit.site.database.write() as connection:
        return invitations.accept_invitation(connection, token, login, name, password, visit.now)


def _show(
    visit: Visit, held: Invitation, error: AccountError | None = None, typed: Mapping[str, str] | None = None
) -> Response:
    context = {
        "invitation": held,
        "failure": None if error is None else error.message,
        "typed": typed or {"name": "", "login": ""},
        "least": MIN_PASSWORD_LENGTH,
        "token_path": visit.request.url.path,
        **role_words(),
    }
    return visit.render("people/invitation.html", context, 200 if error is None else 400)


def _show_gone(visit: Visit, error: InvitationGoneError) -> Response:
    context = {"status": GONE, "phrase": "Gone", "message": error.message, "login": None}
    return visit.render("failure.html", context, GONE)


def _token(visit: Visit) -> str:
    return str(visit.request.path_params["token"])

"""My account: a person's name, password, sessions, and how to leave."""

from collections.abc import Mapping

from starlette.responses import Response

from media.errors import N_, Message
from media.people import accounts, sessions
from media.people.accounts import MIN_PASSWORD_LENGTH, Account, AccountError, WrongPasswordError
from media.people.attempts import TooManyTriesError
from web.errors import SignedOutError
from web.people.roles import role_words
from web.people.signing_in import MAX_LOGIN_LENGTH, open_session, take_try
from web.visits import SESSION_COOKIE, Visit, field, redirect

DONE = {
    "name": N_("Your name was changed. What you did before keeps the name that you had."),
    "password": N_("Your password was changed, and your other sessions are over."),
    "sessions": N_("Done. Nobody is signed in there any more."),
}


def show_account(visit: Visit) -> Response:
    """Show a person their account."""
    return _show(visit, done=DONE.get(visit.request.query_params.get("done", "")))


def change_name(visit: Visit, fields: Mapping[str, str]) -> Response:
    """Give oneself another name."""
    name = " ".join(field(fields, "name", MAX_LOGIN_LENGTH).split())
    with visit.site.database.write() as connection:
        accounts.rename_account(connection, _person(visit).id, name)
    return redirect("/account?done=name")


def change_password(visit: Visit, fields: Mapping[str, str]) -> Response:
    """Change one's password, and stay signed in here only."""
    person = _person(visit)
    try:
        take_try(visit, person.login)
        with visit.site.hashing, visit.site.database.write() as connection:
            wanted = fields.get("wanted", "")
            accounts.change_own_password(connection, person, fields.get("present", ""), wanted)
    except (AccountError, TooManyTriesError) as error:
        return _show(visit, failure=error.message, failed_at="password")
    return open_session(visit, person, "/account?done=password")


def revoke_session(visit: Visit, fields: Mapping[str, str]) -> Response:
    """End one of one's sessions, or all but this one."""
    person = _person(visit)
    with visit.site.database.write() as connection:
        if identity := fields.get("session"):
            sessions.revoke_session(connection, person.id, identity)
        else:
            sessions.revoke_others(connection, person.id, visit.secret or "")
    return redirect("/account?done=sessions")


def leave(visit: Visit, fields: Mapping[str, str]) -> Response:
    """Remove one's account for good, its acts under one's name or nobody's."""
    person = _person(visit)
    try:
        take_try(visit, person.login)
        with visit.site.hashing, visit.site.database.write() as connection:
            if accounts.check_password(connection, person.login, fields.get("present", "")) is None:
                raise WrongPasswordError(f"account {person.id}: wrong password on leaving")
            keep_name = fields.get("keep_name") == "yes"
            accounts.remove_account(connection, person.id, visit.now, keep_name=keep_name)
    except (AccountError, TooManyTriesError) as error:
        return _show(visit, failure=error.message, failed_at="leave")
    response = redirect("/")
    visit.delete_cookie(response, SESSION_COOKIE)
    return response


def _show(
    visit: Visit, *, done: str | None = None, failure: Message | None = None, failed_at: str = ""
) -> Response:
    person = _person(visit)
    with visit.site.database.read() as connection:
        held = sessions.list_sessions(connection, person.id, visit.now)
    context = {
        "person": person,
        "sessions": held,
        "here": sessions.session_id(visit.secret or ""),
        "done": None if done is None else Message(done),
        "failure": failure,
        "failed_at": failed_at,
        "least": MIN_PASSWORD_LENGTH,
        **role_words(),
    }
    return visit.render("people/account.html", context, 200 if failure is None else 400)


def _person(visit: Visit) -> Account:
    if visit.account is None:  # the routes let nobody else in
        raise SignedOutError("an account's page without an account")
    return visit.account

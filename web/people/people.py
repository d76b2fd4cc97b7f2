"""The administrators' page of people: links that let somebody in, and what each account may do."""

from collections.abc import Callable, Mapping

from sqlalchemy import Connection
from starlette.responses import Response

from media.errors import N_, Message
from media.language import translate
from media.people import accounts, invitations, sessions
from media.people.accounts import AccountError, Role
from web.errors import BadFormError
from web.people.mailing import can_mail, is_address, send_mail
from web.people.roles import STATE_NAMES, role_words
from web.visits import Visit, number, redirect

MAX_NOTE_LENGTH = 200
PATH = "/admin/people"
INVITED = N_("You are invited to help an archive of spoken shows")
NEW_PASSWORD = N_("A link for a new password")
INVITATION_LETTER = N_(
    "Hello,\n\nyou are invited to help correct what a machine wrote of our shows. This link makes your"
    " account, and serves once:\n\n%(link)s\n\nIf you do not know what this is about, forget it."
)
PASSWORD_LETTER = N_(
    "Hello,\n\nthis link lets you choose a new password, and serves once:\n\n%(link)s\n\n"
    "If you did not ask for it, forget it: nothing was changed."
)
SENT = N_("It was mailed to %(address)s too.")
NOT_SENT = N_("It could not be mailed to %(address)s: the log says why. Hand it over yourself.")


def show_people(visit: Visit) -> Response:
    """Show invitations and accounts."""
    return _show(visit)


def invite(visit: Visit, fields: Mapping[str, str]) -> Response:
    """Make an invitation, and show its link this once."""
    note = " ".join(fields.get("note", "").split())[:MAX_NOTE_LENGTH]
    role, address = _role(fields), _address(visit, fields)
    with visit.site.database.write() as connection:
        token = invitations.invite(connection, role, note, _own_id(visit), visit.now)
    link = _link(visit, token)
    return _hand_over(visit, link, note, address, Message(INVITED), Message(INVITATION_LETTER))


def allow_reset(visit: Visit, fields: Mapping[str, str]) -> Response:
    """Make a link that sets an account's password anew, and show it this once."""
    address = _address(visit, fields)
    with visit.site.database.write() as connection:
        account = accounts.get_account(connection, _id(fields, "account"))
        token = invitations.allow_reset(connection, account.id, _own_id(visit), visit.now)
    link = _link(visit, token)
    return _hand_over(visit, link, account.name, address, Message(NEW_PASSWORD), Message(PASSWORD_LETTER))


def revoke(visit: Visit, fields: Mapping[str, str]) -> Response:
    """Take an invitation back."""
    with visit.site.database.write() as connection:
        invitations.revoke_invitation(connection, _id(fields, "invitation"), visit.now)
    return redirect(PATH + "#links")


def change_role(visit: Visit, fields: Mapping[str, str]) -> Response:
    """Give an account another role."""
    role, account_id = _role(fields), _id(fields, "account")
    return _change(visit, lambda connection: accounts.change_role(connection, account_id, role))


def close(visit: Visit, fields: Mapping[str, str]) -> Response:
    """Close an account: its sessions end, what it did stays."""
    account_id = _id(fields, "account")
    return _change(visit, lambda connection: accounts.close_account(connection, account_id, visit.now))


def reopen(visit: Visit, fields: Mapping[str, str]) -> Response:
    """Open a closed account again."""
    account_id = _id(fields, "account")
    return _change(visit, lambda connection: accounts.reopen_account(connection, account_id))


def remove(visit: Visit, fields: Mapping[str, str]) -> Response:
    """Remove an account for good, as its person asked."""
    account_id, keep_name = _id(fields, "account"), fields.get("keep_name") == "yes"
    return _change(
        visit,
        lambda connection: accounts.remove_account(connection, account_id, visit.now, keep_name=keep_name),
    )


def _change(visit: Visit, change: Callable[[Connection], None]) -> Response:
    try:
        with visit.site.database.write() as connection:
            change(connection)
    except AccountError as error:
        return _show(visit, failure=error.message)
    return redirect(PATH + "#accounts")


def _hand_over(
    visit: Visit, link: str, for_whom: str, address: str | None, subject: Message, letter: Message
) -> Response:
    """Show a link this once, and mail it where an address was given."""
    told = None
    if address is not None:
        text = translate(Message(letter.msgid, {"link": link}), visit.language)
        sent = send_mail(visit.site.settings, address, translate(subject, visit.language), text)
        told = Message(SENT if sent else NOT_SENT, {"address": address})
    return _show(visit, link=link, for_whom=for_whom, told=told)


def _show(
    visit: Visit,
    *,
    link: str | None = None,
    for_whom: str = "",
    told: Message | None = None,
    failure: Message | None = None,
) -> Response:
    with visit.site.database.read() as connection:
        held = accounts.list_accounts(connection)
        links = invitations.list_invitations(connection, visit.now)
        seen = {account.id: sessions.list_sessions(connection, account.id, visit.now) for account in held}
    context = {
        "accounts": held,
        "seen": {identity: listed[0].seen_at for identity, listed in seen.items() if listed},
        "invitations": links,
        "state_names": {state: Message(msgid) for state, msgid in STATE_NAMES.items()},
        "link": link,
        "for_whom": for_whom,
        "told": told,
        "can_mail": can_mail(visit.site.settings),
        "failure": failure,
        "days": invitations.INVITATION_LENGTH.days,
        "reset_days": invitations.RESET_LENGTH.days,
        **role_words(),
    }
    return visit.render("people/people.html", context, 200 if failure is None else 400)


def _link(visit: Visit, token: str) -> str:
    return f"{visit.site.settings.site_url.rstrip('/')}/invitation/{token}"


def _role(fields: Mapping[str, str]) -> Role:
    try:
        return Role(fields.get("role", ""))
    except ValueError as error:
        raise BadFormError(f"no role {fields.get('role')!r}") from error


def _address(visit: Visit, fields: Mapping[str, str]) -> str | None:
    address = fields.get("address", "").strip()
    if not address or not can_mail(visit.site.settings):
        return None
    if not is_address(address):
        raise BadFormError("an address that is none")
    return address


def _id(fields: Mapping[str, str], name: str) -> int:
    return number(fields.get(name), 0, 10**9)


def _own_id(visit: Visit) -> int | None:
    return None if visit.account is None else visit.account.id

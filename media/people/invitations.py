"""Links that let a person in once: to make an account, or to set a new password.

An administrator makes a link and hands it over as they like; no e-mail server is needed. Of the
link's token only the SHA-256 is kept. It serves once, until it expires or is revoked.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from media import schema
from media.errors import N_
from media.people import accounts, tables
from media.people.accounts import Account, AccountError, Role
from media.people.sessions import hash_token

INVITATION_LENGTH = timedelta(days=14)
RESET_LENGTH = timedelta(days=2)
MAX_LISTED = 100


class InvitationGoneError(AccountError):
    """The link is unknown, was used, expired or was revoked: whoever holds it is told no more."""

    msgid = N_(
        "This link does not serve any more: it was used, has expired or was taken back. Ask for another."
    )


class InvitationState(StrEnum):
    """What became of a link."""

    WAITING = "waiting"
    USED = "used"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Invitation:
    """A link that lets somebody in."""

    id: int
    role: Role | None  # of the account to be made; None: a new password
    account: Account | None  # whose password is set anew
    note: str
    made_at: datetime
    expires_at: datetime
    state: InvitationState


def invite(connection: Connection, role: Role, note: str, made_by: int | None, now: datetime) -> str:
    """Make an invitation to a role, and return its token, which is nowhere else."""
    return _make(
        connection, {"role": role, "note": note, "expires_at": now + INVITATION_LENGTH}, made_by, now
    )


def allow_reset(connection: Connection, account_id: int, made_by: int | None, now: datetime) -> str:
    """Make a link that sets an account's password anew; earlier ones for it serve no more."""
    account = accounts.get_account(connection, account_id)
    earlier = tables.invitation.c.account_id == account.id
    connection.execute(update(tables.invitation).where(earlier, _is_open(now)).values(revoked_at=now))
    return _make(connection, {"account_id": account.id, "expires_at": now + RESET_LENGTH}, made_by, now)


def find_invitation(connection: Connection, token: str, now: datetime) -> Invitation:
    """Read the invitation that a link leads to; InvitationGoneError unless it still serves."""
    query = _select().where(tables.invitation.c.token_hash == hash_token(token), _is_open(now))
    row = connection.execute(query).first()
    if row is None or (row.account_id is not None and row.closed_at is not None):
        raise InvitationGoneError("a link that does not serve")
    return _invitation(row, now)


def accept_invitation(
    connection: Connection, token: str, login: str, name: str, password: str, now: datetime
) -> Account:
    """Make the account of an invitation; InvitationGoneError, or AccountError of what was typed."""
    invitation = find_invitation(connection, token, now)
    if invitation.role is None:
        raise InvitationGoneError("a link for a password makes no account")
    _use(connection, invitation, now)
    account = accounts.add_account(connection, login, name, invitation.role, password, now)
    _note_user(connection, invitation, account)
    return account


def accept_reset(connection: Connection, token: str, password: str, now: datetime) -> Account:
    """Set the password that a link is for, and end the account's sessions; errors as for invitations."""
    invitation = find_invitation(connection, token, now)
    if invitation.account is None:
        raise InvitationGoneError("a link for an account sets no password")
    _use(connection, invitation, now)
    accounts.set_password(connection, invitation.account.id, password)
    _note_user(connection, invitation, invitation.account)
    return invitation.account


def list_invitations(connection: Connection, now: datetime) -> list[Invitation]:
    """List the latest links, newest first, with what became of them."""
    query = _select().order_by(tables.invitation.c.id.desc()).limit(MAX_LISTED)
    return [_invitation(row, now) for row in connection.execute(query)]


def revoke_invitation(connection: Connection, invitation_id: int, now: datetime) -> None:
    """Take a link back."""
    this = tables.invitation.c.id == invitation_id
    connection.execute(update(tables.invitation).where(this, _is_open(now)).values(revoked_at=now))


def _make(connection: Connection, values: dict[str, Any], made_by: int | None, now: datetime) -> str:
    token = secrets.token_urlsafe(32)
    row = {"note": "", **values, "token_hash": hash_token(token), "made_by": made_by, "made_at": now}
    connection.execute(insert(tables.invitation).values(row))
    return token


def _use(connection: Connection, invitation: Invitation, now: datetime) -> None:
    this = tables.invitation.c.id == invitation.id
    used = update(tables.invitation).where(this, _is_open(now)).values(used_at=now)
    if not connection.execute(used).rowcount:
        raise InvitationGoneError(f"invitation {invitation.id} was used meanwhile")


def _note_user(connection: Connection, invitation: Invitation, account: Account) -> None:
    this = tables.invitation.c.id == invitation.id
    connection.execute(update(tables.invitation).where(this).values(used_by=account.id))


def _is_open(now: datetime) -> Any:
    held = tables.invitation.c
    return held.used_at.is_(None) & held.revoked_at.is_(None) & (held.expires_at > now)


def _select() -> Any:
    account = schema.account
    return select(
        tables.invitation, account.c.login, account.c.name, account.c.role.label("held"), account.c.closed_at
    ).outerjoin(account, account.c.id == tables.invitation.c.account_id)


def _invitation(row: Row[Any], now: datetime) -> Invitation:
    account = None
    if row.account_id is not None:
        account = Account(row.account_id, row.login, row.name, Role(row.held), row.closed_at)
    role = None if row.role is None else Role(row.role)
    return Invitation(row.id, role, account, row.note, row.made_at, row.expires_at, _state(row, now))


def _state(row: Row[Any], now: datetime) -> InvitationState:
    if row.used_at is not None:
        return InvitationState.USED
    if row.revoked_at is not None:
        return InvitationState.REVOKED
    return InvitationState.WAITING if row.expires_at > now else InvitationState.EXPIRED

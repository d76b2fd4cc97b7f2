"""Who may do what: accounts, their roles and their passwords (Argon2id).

Changing a password ends every session of its account. An account that is closed signs in no
more and may be opened again; one that is removed has lost its login and password for good. What
either did stays in history, under its name or, if the person wishes, under nobody's.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection, Row, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from media import schema
from media.errors import N_, MediaError, NotFoundError

MIN_PASSWORD_LENGTH = 10
MAX_PASSWORD_LENGTH = 200  # hashing is the server's work; nobody types more
# OWASP's Password Storage Cheat Sheet: 19 MiB, two passes, one lane.
HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
# Verified where a login is unknown, so that this takes as long as for a known one.
UNKNOWN_HASH = "$argon2id$v=19$m=19456,t=2,p=1$" + "bm8gc3VjaCBhY2NvdW50Lg$" + "A" * 43


class Role(StrEnum):
    """What an account may do; each may do what those before it may."""

    VOLUNTEER = "volunteer"
    REVIEWER = "reviewer"
    ADMINISTRATOR = "admin"


class AccountError(MediaError):
    """An account cannot be made or changed so."""


class WeakPasswordError(AccountError):
    """The password is too short or too long."""

    msgid = N_("A password has %(least)d to %(most)d characters.")


class LoginTakenError(AccountError):
    """Another account has this login."""

    msgid = N_("The login “%(login)s” is taken. Choose another.")


class LastAdministratorError(AccountError):
    """Nobody would be left to look after the archive."""

    msgid = N_("This is the last administrator’s account. Make somebody else an administrator first.")


class WrongPasswordError(AccountError):
    """The password given to change it is not the account's."""

    msgid = N_("The present password is not right. Nothing was changed.")


@dataclass(frozen=True, slots=True)
class Account:
    """A person who can sign in, or once could."""

    id: int
    login: str
    name: str  # empty: removed, and wished to be nobody
    role: Role
    closed_at: datetime | None = None
    removed_at: datetime | None = None


def add_account(
    connection: Connection, login: str, name: str, role: Role, password: str, now: datetime
) -> Account:
    """Make an account; WeakPasswordError or LoginTakenError where it cannot be."""
    values = {"login": login, "name": name, "role": role, "password_hash": _hash(password)}
    try:
        with connection.begin_nested():
            statement = insert(schema.account).values(created_at=now, **values)
            identity = connection.execute(statement.returning(schema.account.c.id)).scalar_one()
    except IntegrityError as error:
        raise LoginTakenError(f"login {login!r} is taken", login=login) from error
    return Account(identity, login, name, role)


def change_password(connection: Connection, login: str, password: str) -> None:
    """Give an account another password, and end its sessions; NotFoundError without the account."""
    held = connection.execute(select(schema.account.c.id).where(schema.account.c.login == login)).scalar()
    if held is None:
        raise NotFoundError(f"no account {login!r}", kind="account", name=login)
    set_password(connection, held, password)


def set_password(connection: Connection, account_id: int, password: str) -> None:
    """Give an account another password, and end its sessions."""
    _update(connection, account_id, {"password_hash": _hash(password)})
    _end_sessions(connection, account_id)


def change_own_password(connection: Connection, account: Account, present: str, wanted: str) -> None:
    """Let a person change their password; WrongPasswordError unless they know the present one."""
    if check_password(connection, account.login, present) is None:
        raise WrongPasswordError(f"account {account.id}: wrong present password")
    set_password(connection, account.id, wanted)


def rename_account(connection: Connection, account_id: int, name: str) -> None:
    """Give an account another name for what it does from now on."""
    _update(connection, account_id, {"name": name})


def change_role(connection: Connection, account_id: int, role: Role) -> None:
    """Give an account another role; LastAdministratorError where nobody else would be left."""
    if role is not Role.ADMINISTRATOR:
        _require_another_administrator(connection, account_id)
    _update(connection, account_id, {"role": role})


def close_account(connection: Connection, account_id: int, now: datetime) -> None:
    """Let an account sign in no more; LastAdministratorError where nobody else would be left."""
    _require_another_administrator(connection, account_id)
    _update(connection, account_id, {"closed_at": now})
    _end_sessions(connection, account_id)


def reopen_account(connection: Connection, account_id: int) -> None:
    """Let a closed account sign in again, with the password that it had."""
    _update(connection, account_id, {"closed_at": None})


def remove_account(connection: Connection, account_id: int, now: datetime, *, keep_name: bool) -> None:
    """Take an account away for good; what it did stays under its name, or else under nobody's."""
    _require_another_administrator(connection, account_id)
    gone = {"login": f"removed-{uuid.uuid4().hex}", "password_hash": "", "closed_at": now, "removed_at": now}
    _update(connection, account_id, gone if keep_name else {**gone, "name": ""})
    _end_sessions(connection, account_id)
    if not keep_name:
        for table in schema.metadata.tables.values():
            if {"account_id", "author"} <= set(table.c.keys()):  # where acts say who
                own = table.c.account_id == account_id
                connection.execute(update(table).where(own).values(author=""))


def get_account(connection: Connection, account_id: int) -> Account:
    """Read an account; NotFoundError without it."""
    row = connection.execute(select(schema.account).where(schema.account.c.id == account_id)).first()
    if row is None:
        raise NotFoundError(f"no account {account_id}", kind="account", name=str(account_id))
    return account_of(row)


def list_accounts(connection: Connection) -> list[Account]:
    """List the accounts that were not removed, by name."""
    query = select(schema.account).where(schema.account.c.removed_at.is_(None))
    return [account_of(row) for row in connection.execute(query.order_by(schema.account.c.name))]


def check_password(connection: Connection, login: str, password: str) -> Account | None:
    """Return the account of this login if the password is its own; takes as long where there is none."""
    row = connection.execute(select(schema.account).where(schema.account.c.login == login)).first()
    held = row.password_hash if row is not None else UNKNOWN_HASH
    try:
        HASHER.verify(held, password[:MAX_PASSWORD_LENGTH])
    except (VerificationError, InvalidHashError):
        return None
    return None if row is None or row.closed_at is not None else account_of(row)


def count_accounts(connection: Connection) -> int:
    """Count the accounts; 0 means that the first run is still to come."""
    return connection.execute(select(func.count()).select_from(schema.account)).scalar_one()


def _hash(password: str) -> str:
    if not MIN_PASSWORD_LENGTH <= len(password) <= MAX_PASSWORD_LENGTH:
        raise WeakPasswordError(
            f"a password of {len(password)} characters", least=MIN_PASSWORD_LENGTH, most=MAX_PASSWORD_LENGTH
        )
    return HASHER.hash(password)


def _update(connection: Connection, account_id: int, values: dict[str, Any]) -> None:
    there = (schema.account.c.id == account_id) & schema.account.c.removed_at.is_(None)
    if not connection.execute(update(schema.account).where(there).values(values)).rowcount:
        raise NotFoundError(f"no account {account_id}", kind="account", name=str(account_id))


def _end_sessions(connection: Connection, account_id: int) -> None:
    connection.execute(delete(schema.session).where(schema.session.c.account_id == account_id))


def _require_another_administrator(connection: Connection, account_id: int) -> None:
    open_ones = (schema.account.c.role == Role.ADMINISTRATOR) & schema.account.c.closed_at.is_(None)
    # Locked, or two administrators could close each other at once.
    held = connection.execute(select(schema.account.c.id).where(open_ones).with_for_update()).scalars().all()
    if list(held) == [account_id]:
        raise LastAdministratorError(f"account {account_id} is the last administrator's")


def account_of(row: Row[Any]) -> Account:
    """Make an account of its row."""
    return Account(row.id, row.login, row.name, Role(row.role), row.closed_at, row.removed_at)

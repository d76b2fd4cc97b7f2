"""Who may do what: accounts, their roles and their passwords (Argon2id).

Changing a password ends every session of its account.
"""

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


@dataclass(frozen=True, slots=True)
class Account:
    """A person who can sign in."""

    id: int
    login: str
    name: str
    role: Role


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
    account = schema.account.c.login == login
    held = connection.execute(
        update(schema.account)
        .where(account)
        .values(password_hash=_hash(password))
        .returning(schema.account.c.id)
    ).scalar()
    if held is None:
        raise NotFoundError(f"no account {login!r}", kind="account", name=login)
    connection.execute(delete(schema.session).where(schema.session.c.account_id == held))


def check_password(connection: Connection, login: str, password: str) -> Account | None:
    """Return the account of this login if the password is its own; takes as long where there is none."""
    row = connection.execute(select(schema.account).where(schema.account.c.login == login)).first()
    held = row.password_hash if row is not None else _unknown_hash()
    try:
        HASHER.verify(held, password[:MAX_PASSWORD_LENGTH])
    except (VerificationError, InvalidHashError):
        return None
    return None if row is None else account_of(row)


def count_accounts(connection: Connection) -> int:
    """Count the accounts; 0 means that the first run is still to come."""
    return connection.execute(select(func.count()).select_from(schema.account)).scalar_one()


def _hash(password: str) -> str:
    if not MIN_PASSWORD_LENGTH <= len(password) <= MAX_PASSWORD_LENGTH:
        raise WeakPasswordError(
            f"a password of {len(password)} characters", least=MIN_PASSWORD_LENGTH, most=MAX_PASSWORD_LENGTH
        )
    return HASHER.hash(password)


def _unknown_hash() -> str:
    return HASHER.hash("an account that does not exist", salt=b"no such account.")


def account_of(row: Row[Any]) -> Account:
    """Make an account of its row."""
    return Account(row.id, row.login, row.name, Role(row.role))

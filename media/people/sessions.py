"""Who is signed in: sessions that can be listed and revoked.

A session's cookie is a random token, of which only the SHA-256 is kept: a stolen catalogue
opens no session. Of the device, nothing is kept but the browser's family.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, delete, insert, or_, select, update

from media import schema
from media.people.accounts import Account, account_of

SESSION_LENGTH = timedelta(days=30)
SEEN_EVERY = timedelta(hours=1)  # how exactly the last use is known
MAX_BROWSER_LENGTH = 40
ID_LENGTH = 16  # of the hash: enough to name a session among one person's, and opens nothing


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Whose session it is, and whether its use is still to be noted."""

    account: Account
    is_unnoted: bool


@dataclass(frozen=True, slots=True)
class Session:
    """A session, as its owner may see it."""

    id: str
    created_at: datetime
    seen_at: datetime  # to within an hour
    expires_at: datetime
    browser: str | None  # its family


def open_session(connection: Connection, account: Account, now: datetime, browser: str | None = None) -> str:
    """Start a session and return its token, for the cookie; sessions that have lapsed go."""
    token = secrets.token_urlsafe(32)
    connection.execute(delete(schema.session).where(schema.session.c.expires_at <= now))
    connection.execute(
        insert(schema.session).values(
            token_hash=hash_token(token),
            account_id=account.id,
            created_at=now,
            expires_at=now + SESSION_LENGTH,
            seen_at=now,
            browser=browser and browser[:MAX_BROWSER_LENGTH],
        )
    )
    return token


def find_session(connection: Connection, token: str, now: datetime) -> SignedIn | None:
    """Return whose session this token opens, if it still does."""
    query = (
        select(schema.account, schema.session.c.seen_at)
        .join(schema.session, schema.session.c.account_id == schema.account.c.id)
        .where(
            schema.session.c.token_hash == hash_token(token),
            schema.session.c.expires_at > now,
            schema.account.c.closed_at.is_(None),
        )
    )
    row = connection.execute(query).first()
    if row is None:
        return None
    return SignedIn(account_of(row), row.seen_at is None or row.seen_at <= now - SEEN_EVERY)


def note_use(connection: Connection, token: str, now: datetime) -> None:
    """Write that a session was used, to within an hour."""
    unnoted = or_(schema.session.c.seen_at.is_(None), schema.session.c.seen_at <= now - SEEN_EVERY)
    own = schema.session.c.token_hash == hash_token(token)
    connection.execute(update(schema.session).where(own, unnoted).values(seen_at=now))


def list_sessions(connection: Connection, account_id: int, now: datetime) -> list[Session]:
    """List an account's sessions, the one used last first."""
    live = (schema.session.c.account_id == account_id) & (schema.session.c.expires_at > now)
    sessions = [
        Session(
            row.token_hash[:ID_LENGTH],
            row.created_at,
            row.seen_at or row.created_at,
            row.expires_at,
            row.browser,
        )
        for row in connection.execute(select(schema.session).where(live))
    ]
    return sorted(sessions, key=lambda session: session.seen_at, reverse=True)


def session_id(token: str) -> str:
    """Name the session of a token as `list_sessions` does."""
    return hash_token(token)[:ID_LENGTH]


def close_session(connection: Connection, token: str) -> None:
    """End a session: its token opens nothing from now on."""
    connection.execute(delete(schema.session).where(schema.session.c.token_hash == hash_token(token)))


def revoke_session(connection: Connection, account_id: int, identity: str) -> None:
    """End one of an account's sessions."""
    own = schema.session.c.account_id == account_id
    connection.execute(delete(schema.session).where(own, _is_named(identity)))


def revoke_others(connection: Connection, account_id: int, token: str) -> None:
    """End every session of an account but the one of this token."""
    own = schema.session.c.account_id == account_id
    others = schema.session.c.token_hash != hash_token(token)
    connection.execute(delete(schema.session).where(own, others))


def hash_token(token: str) -> str:
    """Write a token as it is kept."""
    return hashlib.sha256(token.encode()).hexdigest()


def _is_named(identity: str) -> ColumnElement[bool]:
    return schema.session.c.token_hash.startswith(identity[:ID_LENGTH].ljust(ID_LENGTH, "-"), autoescape=True)

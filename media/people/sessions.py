"""Who is signed in: sessions that can be revoked.

A session's cookie is a random token, of which only the SHA-256 is kept: a stolen catalogue
opens no session.
"""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select

from media import schema
from media.people.accounts import Account, account_of

SESSION_LENGTH = timedelta(days=30)


def open_session(connection: Connection, account: Account, now: datetime) -> str:
    """Start a session and return its token, for the cookie; sessions that have lapsed go."""
    token = secrets.token_urlsafe(32)
    connection.execute(delete(schema.session).where(schema.session.c.expires_at <= now))
    connection.execute(
        insert(schema.session).values(
            token_hash=_token_hash(token),
            account_id=account.id,
            created_at=now,
            expires_at=now + SESSION_LENGTH,
        )
    )
    return token


def find_session(connection: Connection, token: str, now: datetime) -> Account | None:
    """Return whose session this token opens, if it still does."""
    query = (
        select(schema.account)
        .join(schema.session, schema.session.c.account_id == schema.account.c.id)
        .where(schema.session.c.token_hash == _token_hash(token), schema.session.c.expires_at > now)
    )
    row = connection.execute(query).first()
    return None if row is None else account_of(row)


def close_session(connection: Connection, token: str) -> None:
    """End a session: its token opens nothing from now on."""
    connection.execute(delete(schema.session).where(schema.session.c.token_hash == _token_hash(token)))


def _token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()

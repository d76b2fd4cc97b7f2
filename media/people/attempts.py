"""Budgets of tries, kept in the catalogue, so that every web process and every restart counts the same.

Of passwords (FAULTS 51): one budget for each address and login, one for each login from
everywhere, one for each address. An address from which a login has succeeded keeps its own even
while others spend the rest, so that an attacker cannot keep the owner out. Logins and addresses
are kept as hashes, and forgotten with their window. The same budgets slow down whoever may do
something without an account.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, insert, select, text

from media.errors import N_, MediaError
from media.people import tables

LONGEST_WINDOW = timedelta(days=1)
TRUST_LENGTH = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class Budget:
    """How many tries may be made in a while."""

    name: str
    most: int
    window: timedelta = timedelta(hours=1)


LOGIN_FROM_ADDRESS = Budget("login-address", 8)
LOGIN_FROM_EVERYWHERE = Budget("login", 20)
ADDRESS_ANY_LOGIN = Budget("address", 100)
LOGIN_BUDGETS = (LOGIN_FROM_ADDRESS, LOGIN_FROM_EVERYWHERE, ADDRESS_ANY_LOGIN)


class TooManyTriesError(MediaError):
    """A budget of tries is spent."""

    msgid = N_("Too many tries. Wait %(minutes)d minutes before the next.")


def take_try(connection: Connection, keys: Mapping[Budget, str], now: datetime) -> None:
    """Count a try against each budget; TooManyTriesError, and nothing counted, where one is spent."""
    _hold(connection, keys)
    refuse_spent(connection, keys, now)
    connection.execute(delete(tables.attempt).where(tables.attempt.c.made_at <= now - LONGEST_WINDOW))
    rows = [{"budget": budget.name, "key": hash_key(key), "made_at": now} for budget, key in keys.items()]
    connection.execute(insert(tables.attempt), rows)


def refuse_spent(connection: Connection, keys: Mapping[Budget, str], now: datetime) -> None:
    """Raise TooManyTriesError where a budget is spent; only reads, so that a flood writes nothing."""
    for budget, key in keys.items():
        query = select(func.count(), func.min(tables.attempt.c.made_at)).where(
            tables.attempt.c.budget == budget.name,
            tables.attempt.c.key == hash_key(key),
            tables.attempt.c.made_at > now - budget.window,
        )
        tries, first = connection.execute(query).one()
        if tries >= budget.most:
            left = first + budget.window - now
            minutes = max(1, -(-int(left.total_seconds()) // 60))
            raise TooManyTriesError(f"{tries} tries of {budget.name}", minutes=minutes)


def login_keys(connection: Connection, login: str, address: str) -> dict[Budget, str]:
    """Say which budgets a try to sign in is counted against."""
    own = _pair(login, address)
    trusted = select(tables.trusted_address.c.key).where(tables.trusted_address.c.key == hash_key(own))
    if connection.execute(trusted).first() is not None:
        return {LOGIN_FROM_ADDRESS: own}
    return {LOGIN_FROM_ADDRESS: own, LOGIN_FROM_EVERYWHERE: login, ADDRESS_ANY_LOGIN: address}


def record_success(connection: Connection, login: str, address: str, now: datetime) -> None:
    """Trust this address for this login, and give the tries back that led there."""
    own, held, trusted = _pair(login, address), tables.attempt, tables.trusted_address
    spent = connection.execute(
        delete(held).where(held.c.budget == LOGIN_FROM_ADDRESS.name, held.c.key == hash_key(own))
    ).rowcount
    for budget, key in ((LOGIN_FROM_EVERYWHERE, login), (ADDRESS_ANY_LOGIN, address)):
        newest = (
            select(held.c.id)
            .where(held.c.budget == budget.name, held.c.key == hash_key(key))
            .order_by(held.c.id.desc())
            .limit(spent)
        )
        connection.execute(delete(held).where(held.c.id.in_(newest.scalar_subquery())))
    old = trusted.c.seen_at <= now - TRUST_LENGTH
    connection.execute(delete(trusted).where(old | (trusted.c.key == hash_key(own))))
    connection.execute(insert(trusted).values(key=hash_key(own), seen_at=now))


def hash_key(key: str) -> str:
    """Write a login or an address as it is kept."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def _pair(login: str, address: str) -> str:
    return f"{login}\0{address}"


def _hold(connection: Connection, keys: Mapping[Budget, str]) -> None:
    """Put tries of one budget in line; SQLite does so by itself."""
    if connection.dialect.name == "postgresql":
        for lock in sorted(int(hash_key(budget.name + key)[:15], 16) for budget, key in keys.items()):
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": lock})

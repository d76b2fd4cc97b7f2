"""Guessing is slowed, in every process at once, and the owner is not locked out (FAULTS 51)."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from media.database import Database
from media.people import attempts, tables
from media.people.attempts import (
    ADDRESS_ANY_LOGIN,
    LOGIN_FROM_ADDRESS,
    LOGIN_FROM_EVERYWHERE,
    Budget,
    TooManyTriesError,
)
from tests.media.conftest import NOW


def guess(database: Database, login: str, address: str, now=NOW) -> bool:
    try:
        with database.write() as connection:
            keys = attempts.login_keys(connection, login, address)
            attempts.take_try(connection, keys, now)
    except TooManyTriesError:
        return False
    return True


def succeed(database: Database, login: str, address: str) -> None:
    with database.write() as connection:
        attempts.record_success(connection, login, address, NOW)


def count(database: Database) -> int:
    with database.read() as connection:
        return connection.execute(select(func.count()).select_from(tables.attempt)).scalar_one()


def test_guesses_from_one_address_are_few_tries(database: Database):
    tried = sum(guess(database, "samira", "10.0.0.1") for _ in range(50))
    assert tried == LOGIN_FROM_ADDRESS.most


def test_guesses_from_many_addresses_are_few_tries(database: Database):
    tried = sum(guess(database, "samira", f"10.0.{n}.1") for n in range(50))
    assert tried == LOGIN_FROM_EVERYWHERE.most


def test_one_address_does_not_try_every_login(database: Database):
    tried = sum(guess(database, f"login-{n}", "10.0.0.1") for n in range(ADDRESS_ANY_LOGIN.most + 20))
    assert tried == ADDRESS_ANY_LOGIN.most


def test_the_owner_gets_in_under_attack_from_where_she_did_before(database: Database):
    assert guess(database, "samira", "192.0.2.7")
    succeed(database, "samira", "192.0.2.7")
    for n in range(LOGIN_FROM_EVERYWHERE.most):
        assert guess(database, "samira", f"10.0.{n}.1")
    assert not guess(database, "samira", "192.0.2.8")
    assert guess(database, "samira", "192.0.2.7")


def test_a_success_gives_the_tries_back(database: Database):
    for _ in range(3):
        guess(database, "samira", "192.0.2.7")
    succeed(database, "samira", "192.0.2.7")
    assert count(database) == 0


def test_tries_come_back_with_time(database: Database):
    while guess(database, "samira", "10.0.0.1"):
        pass
    with database.write() as connection, pytest.raises(TooManyTriesError) as refused:
        keys = attempts.login_keys(connection, "samira", "10.0.0.1")
        attempts.take_try(connection, keys, NOW + timedelta(minutes=40))
    assert refused.value.message.values["minutes"] == 20
    assert guess(database, "samira", "10.0.0.1", NOW + timedelta(minutes=61))


def test_another_login_is_not_slowed(database: Database):
    while guess(database, "samira", "10.0.0.1"):
        pass
    assert guess(database, "julien", "10.0.0.1")


def test_old_tries_are_forgotten_and_no_login_or_address_is_kept(database: Database):
    for n in range(5):
        guess(database, f"login-{n}", "198.51.100.9")
    with database.read() as connection:
        kept = repr(connection.execute(select(tables.attempt)).all())
    assert "login-1" not in kept
    assert "198.51.100.9" not in kept
    guess(database, "samira", "10.0.0.1", NOW + attempts.LONGEST_WINDOW + timedelta(seconds=1))
    assert count(database) == 3


def test_any_budget_can_be_counted(database: Database):
    budget = Budget("proposals", 2, timedelta(minutes=10))
    for _ in range(2):
        with database.write() as connection:
            attempts.take_try(connection, {budget: "10.0.0.1"}, NOW)
    with database.read() as connection, pytest.raises(TooManyTriesError):
        attempts.refuse_spent(connection, {budget: "10.0.0.1"}, NOW)
    with database.read() as connection:
        attempts.refuse_spent(connection, {budget: "10.0.0.2"}, NOW)

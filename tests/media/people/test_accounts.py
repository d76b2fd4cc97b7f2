"""Passwords are hashed, sessions can be revoked, and a missing account takes as long as a wrong password."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from media import schema
from media.database import Database
from media.errors import NotFoundError
from media.people import accounts, sessions
from media.people.accounts import Role
from tests.media.conftest import NOW

PASSWORD = "un bon mot de passe"


def add_account(database: Database) -> accounts.Account:
    with database.write() as connection:
        return accounts.add_account(connection, "zoe", "Zoé", Role.ADMINISTRATOR, PASSWORD, NOW)


def test_only_the_right_password_opens_an_account(database: Database):
    account = add_account(database)
    with database.read() as connection:
        assert accounts.check_password(connection, "zoe", PASSWORD) == account
        assert accounts.check_password(connection, "zoe", PASSWORD + "!") is None
        assert accounts.check_password(connection, "nobody", PASSWORD) is None


def test_neither_password_nor_token_is_stored_as_it_is(database: Database):
    account = add_account(database)
    with database.write() as connection:
        token = sessions.open_session(connection, account, NOW)
        rows = [*connection.execute(select(schema.account)), *connection.execute(select(schema.session))]
    assert PASSWORD not in repr(rows)
    assert token not in repr(rows)


def test_a_login_is_given_once(database: Database):
    add_account(database)
    with pytest.raises(accounts.LoginTakenError):
        add_account(database)


@pytest.mark.parametrize("password", ["", "x" * (accounts.MIN_PASSWORD_LENGTH - 1), "x" * 201])
def test_a_password_has_its_limits(database: Database, password: str):
    with database.write() as connection, pytest.raises(accounts.WeakPasswordError):
        accounts.add_account(connection, "zoe", "Zoé", Role.VOLUNTEER, password, NOW)


def test_a_session_ends_when_closed_when_it_lapses_and_when_the_password_changes(database: Database):
    """FAULTS 50."""
    account = add_account(database)
    with database.write() as connection:
        closed, kept = (sessions.open_session(connection, account, NOW) for _ in range(2))
        sessions.close_session(connection, closed)
        assert sessions.find_session(connection, closed, NOW) is None
        assert sessions.find_session(connection, kept, NOW) == account
        assert sessions.find_session(connection, kept, NOW + sessions.SESSION_LENGTH) is None
        accounts.change_password(connection, "zoe", "un autre mot de passe")
        assert sessions.find_session(connection, kept, NOW + timedelta(seconds=1)) is None


def test_a_password_is_changed_only_for_an_account_that_exists(database: Database):
    with database.write() as connection, pytest.raises(NotFoundError):
        accounts.change_password(connection, "nobody", PASSWORD)

"""Passwords are hashed, sessions can be revoked, and a missing account takes as long as a wrong password."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from media import episodes, schema, shows
from media.correction import tables
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
        assert sessions.find_session(connection, kept, NOW) == sessions.SignedIn(account, is_unnoted=False)
        assert sessions.find_session(connection, kept, NOW + sessions.SESSION_LENGTH) is None
        accounts.change_password(connection, "zoe", "un autre mot de passe")
        assert sessions.find_session(connection, kept, NOW + timedelta(seconds=1)) is None


def test_a_password_is_changed_only_for_an_account_that_exists(database: Database):
    with database.write() as connection, pytest.raises(NotFoundError):
        accounts.change_password(connection, "nobody", PASSWORD)


def add_other(database: Database, role: Role = Role.VOLUNTEER) -> accounts.Account:
    with database.write() as connection:
        return accounts.add_account(connection, "luc", "Luc", role, PASSWORD, NOW)


def test_a_closed_account_signs_in_no_more_until_it_is_opened_again(database: Database):
    add_account(database)
    luc = add_other(database)
    with database.write() as connection:
        token = sessions.open_session(connection, luc, NOW)
        accounts.close_account(connection, luc.id, NOW)
        assert sessions.find_session(connection, token, NOW) is None
        assert accounts.check_password(connection, "luc", PASSWORD) is None
        accounts.reopen_account(connection, luc.id)
        assert accounts.check_password(connection, "luc", PASSWORD) == luc


def test_the_last_administrator_is_neither_closed_removed_nor_demoted(database: Database):
    zoe, luc = add_account(database), add_other(database, Role.REVIEWER)
    with database.write() as connection:
        for change in (
            lambda: accounts.close_account(connection, zoe.id, NOW),
            lambda: accounts.change_role(connection, zoe.id, Role.REVIEWER),
            lambda: accounts.remove_account(connection, zoe.id, NOW, keep_name=True),
        ):
            with pytest.raises(accounts.LastAdministratorError):
                change()
        accounts.change_role(connection, luc.id, Role.ADMINISTRATOR)
        accounts.close_account(connection, zoe.id, NOW)
        with pytest.raises(accounts.LastAdministratorError):
            accounts.close_account(connection, luc.id, NOW)


@pytest.mark.parametrize(("keep_name", "shown"), [(True, "Luc"), (False, "")])
def test_a_removed_account_keeps_its_acts_under_the_name_it_wishes(
    database: Database, keep_name: bool, shown: str
):
    add_account(database)
    luc = add_other(database)
    with database.write() as connection:
        claim = tables.claim.insert().values(
            episode_id=_episode(connection),
            passage=0,
            account_id=luc.id,
            author="Luc",
            made_at=NOW,
            expires_at=NOW,
        )
        connection.execute(claim)
        accounts.remove_account(connection, luc.id, NOW, keep_name=keep_name)
        assert accounts.check_password(connection, "luc", PASSWORD) is None
        assert [account.login for account in accounts.list_accounts(connection)] == ["zoe"]
        assert accounts.get_account(connection, luc.id).name == shown
        assert connection.execute(select(tables.claim.c.author)).scalar_one() == shown
        with pytest.raises(NotFoundError):
            accounts.reopen_account(connection, luc.id)
        accounts.add_account(connection, "luc", "Un autre Luc", Role.VOLUNTEER, PASSWORD, NOW)


def test_a_password_is_changed_by_whoever_knows_it(database: Database):
    zoe = add_account(database)
    with database.write() as connection:
        with pytest.raises(accounts.WrongPasswordError):
            accounts.change_own_password(connection, zoe, "pas le bon", "un autre mot de passe")
        accounts.change_own_password(connection, zoe, PASSWORD, "un autre mot de passe")
        assert accounts.check_password(connection, "zoe", "un autre mot de passe") == zoe


def test_sessions_are_listed_and_revoked_one_by_one_or_all_but_this(database: Database):
    zoe, luc = add_account(database), add_other(database)
    with database.write() as connection:
        here = sessions.open_session(connection, zoe, NOW, "Firefox")
        there = sessions.open_session(connection, zoe, NOW + timedelta(minutes=1), "Safari")
        sessions.open_session(connection, zoe, NOW, "x" * 90)
        other = sessions.open_session(connection, luc, NOW)
        listed = sessions.list_sessions(connection, zoe.id, NOW)
        assert [held.browser for held in listed][:2] == ["Safari", "Firefox"]
        sessions.revoke_session(connection, luc.id, sessions.session_id(there))  # not his
        sessions.revoke_session(connection, zoe.id, "%")
        assert len(sessions.list_sessions(connection, zoe.id, NOW)) == 3
        sessions.revoke_session(connection, zoe.id, sessions.session_id(there))
        assert sessions.find_session(connection, there, NOW) is None
        sessions.revoke_others(connection, zoe.id, here)
        left = sessions.list_sessions(connection, zoe.id, NOW)
        assert [held.id for held in left] == [sessions.session_id(here)]
        assert sessions.find_session(connection, other, NOW)


def test_the_use_of_a_session_is_noted_to_within_an_hour(database: Database):
    zoe = add_account(database)
    soon, later = NOW + timedelta(minutes=59), NOW + timedelta(minutes=61)
    with database.write() as connection:
        token = sessions.open_session(connection, zoe, NOW)
        assert sessions.find_session(connection, token, soon) == sessions.SignedIn(zoe, is_unnoted=False)
        assert sessions.find_session(connection, token, later) == sessions.SignedIn(zoe, is_unnoted=True)
        sessions.note_use(connection, token, later)
        assert sessions.list_sessions(connection, zoe.id, later)[0].seen_at == later


def _episode(connection) -> int:
    show = shows.add_show(connection, "Émission", NOW)
    return episodes.add_episode(connection, show.id, "e", "Épisode", NOW)

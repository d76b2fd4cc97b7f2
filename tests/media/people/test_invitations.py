"""A link lets somebody in once, until it expires or is taken back; its token is kept nowhere."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from media.database import Database
from media.people import accounts, invitations, sessions, tables
from media.people.accounts import LoginTakenError, Role, WeakPasswordError
from media.people.invitations import InvitationGoneError, InvitationState
from tests.media.conftest import NOW

PASSWORD = "un bon mot de passe"


def invite(database: Database, role: Role = Role.VOLUNTEER) -> str:
    with database.write() as connection:
        return invitations.invite(connection, role, "Pour Zoé", None, NOW)


def accept(database: Database, token: str, login: str = "zoe", password: str = PASSWORD, now=NOW):
    with database.write() as connection:
        return invitations.accept_invitation(connection, token, login, "Zoé", password, now)


def states(database: Database, now=NOW) -> list[InvitationState]:
    with database.read() as connection:
        return [held.state for held in invitations.list_invitations(connection, now)]


def test_an_invitation_makes_one_account_of_its_role(database: Database):
    token = invite(database, Role.REVIEWER)
    assert accept(database, token).role is Role.REVIEWER
    with pytest.raises(InvitationGoneError):
        accept(database, token, "autre")
    with database.read() as connection:
        assert accounts.count_accounts(connection) == 1
    assert states(database) == [InvitationState.USED]


def test_an_invitation_survives_what_was_typed_badly(database: Database):
    token = invite(database)
    with pytest.raises(WeakPasswordError):
        accept(database, token, password="court")
    accept(database, token)
    other = invite(database)
    with pytest.raises(LoginTakenError):
        accept(database, other)
    accept(database, other, "zoe2")


def test_an_invitation_expires(database: Database):
    token = invite(database)
    late = NOW + invitations.INVITATION_LENGTH
    with pytest.raises(InvitationGoneError):
        accept(database, token, now=late)
    assert states(database, late) == [InvitationState.EXPIRED]
    accept(database, token, now=late - timedelta(seconds=1))


def test_an_invitation_is_taken_back(database: Database):
    token = invite(database)
    with database.write() as connection:
        held = invitations.list_invitations(connection, NOW)[0]
        invitations.revoke_invitation(connection, held.id, NOW)
    with pytest.raises(InvitationGoneError):
        accept(database, token)
    assert states(database) == [InvitationState.REVOKED]


def test_an_unknown_link_says_no_more_than_a_used_one(database: Database):
    with database.read() as connection, pytest.raises(InvitationGoneError):
        invitations.find_invitation(connection, "inconnu", NOW)


def test_the_token_is_not_stored(database: Database):
    token = invite(database)
    with database.read() as connection:
        assert token not in repr(connection.execute(select(tables.invitation)).all())


def test_a_link_sets_a_password_anew_once_and_ends_sessions(database: Database):
    account = accept(database, invite(database))
    with database.write() as connection:
        session = sessions.open_session(connection, account, NOW)
        token = invitations.allow_reset(connection, account.id, None, NOW)
        assert invitations.find_invitation(connection, token, NOW).account == account
        invitations.accept_reset(connection, token, "un autre mot de passe", NOW)
        assert sessions.find_session(connection, session, NOW) is None
        assert accounts.check_password(connection, "zoe", "un autre mot de passe") == account
        assert accounts.check_password(connection, "zoe", PASSWORD) is None
        with pytest.raises(InvitationGoneError):
            invitations.accept_reset(connection, token, PASSWORD, NOW)


def test_a_new_reset_takes_back_the_one_before_and_expires_sooner(database: Database):
    account = accept(database, invite(database))
    with database.write() as connection:
        first = invitations.allow_reset(connection, account.id, None, NOW)
        second = invitations.allow_reset(connection, account.id, None, NOW)
        with pytest.raises(InvitationGoneError):
            invitations.find_invitation(connection, first, NOW)
        with pytest.raises(InvitationGoneError):
            invitations.find_invitation(connection, second, NOW + invitations.RESET_LENGTH)


def test_a_link_does_only_what_it_is_for(database: Database):
    account = accept(database, invite(database))
    other = invite(database)
    with database.write() as connection:
        reset = invitations.allow_reset(connection, account.id, None, NOW)
    with pytest.raises(InvitationGoneError):
        accept(database, reset, "autre")
    with database.write() as connection, pytest.raises(InvitationGoneError):
        invitations.accept_reset(connection, other, PASSWORD, NOW)


def test_a_closed_account_gets_no_new_password(database: Database):
    accept(database, invite(database, Role.ADMINISTRATOR), "chef")
    account = accept(database, invite(database))
    with database.write() as connection:
        token = invitations.allow_reset(connection, account.id, None, NOW)
        accounts.close_account(connection, account.id, NOW)
        with pytest.raises(InvitationGoneError):
            invitations.accept_reset(connection, token, PASSWORD, NOW)

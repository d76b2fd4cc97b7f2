"""A catalogue of the version before keeps its accounts and sessions, and gets what this one adds."""

from datetime import timedelta
from pathlib import Path

from alembic import command
from sqlalchemy import text

from media.database import Database, _alembic_config
from media.people import accounts, invitations, sessions
from media.people.accounts import HASHER, Account, Role
from tests.media.conftest import NOW

BEFORE = "0002"
PASSWORD = "un bon mot de passe"


def open_before(url: str) -> Database:
    database = Database(url)
    command.upgrade(_alembic_config(database.engine), BEFORE)
    with database.write() as connection:
        values = {"hash": HASHER.hash(PASSWORD), "now": NOW, "later": NOW + timedelta(days=9)}
        connection.execute(
            text(
                "INSERT INTO account (login, name, role, password_hash, created_at)"
                " VALUES ('zoe', 'Zoé', 'admin', :hash, :now)"
            ),
            values,
        )
        connection.execute(
            text(
                "INSERT INTO session (token_hash, account_id, created_at, expires_at)"
                " VALUES (:token, 1, :now, :later)"
            ),
            {**values, "token": sessions.hash_token("jeton")},
        )
    return database


def check(database: Database) -> None:
    assert not database.is_current()
    database.upgrade()
    assert database.is_current()
    zoe = Account(1, "zoe", "Zoé", Role.ADMINISTRATOR)
    with database.write() as connection:
        assert accounts.check_password(connection, "zoe", PASSWORD) == zoe
        found = sessions.find_session(connection, "jeton", NOW)
        assert found == sessions.SignedIn(zoe, is_unnoted=True)
        assert sessions.list_sessions(connection, 1, NOW)[0].browser is None
        token = invitations.invite(connection, Role.VOLUNTEER, "", 1, NOW)
        assert invitations.accept_invitation(connection, token, "luc", "Luc", PASSWORD, NOW).id == 2
    database.close()


def test_a_sqlite_catalogue_of_the_version_before_is_brought_here(tmp_path: Path):
    check(open_before(f"sqlite:///{tmp_path / 'catalogue.sqlite'}"))


def test_a_postgresql_catalogue_of_the_version_before_is_brought_here(fresh_postgres: str):
    check(open_before(fresh_postgres))

"""An archive that holds one of everything, so that every route of the program leads to something."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select
from starlette.testclient import TestClient

from media import schema
from media.correction import proposals
from media.correction.authors import Author
from media.correction.errors import RefusedSaveError
from media.correction.saving import Save, list_conflicts, save_turn
from media.people import accounts, invitations, sessions, withdrawals
from media.people.accounts import Role
from media.people.privacy import set_private
from media.quotes.capturing import capture, find_span
from media.texts.documents import GivenDocument
from media.texts.drafts import add_draft
from media.transcript import Edition
from media.transcripts import list_turns
from media.volunteering.glossary import add_term
from media.volunteering.sittings import begin_sitting
from tests.web.conftest import NOW, PASSWORD, Archive, make_archive, open_client
from web.security import make_form_token
from web.visits import SESSION_COOKIE

ROLES: list[Role | None] = [None, *Role]
LOGINS = {Role.VOLUNTEER: "voisin", Role.REVIEWER: "relectrice", Role.ADMINISTRATOR: "samira"}
PAGE = "'''Titre :''' Une page<br />\n==Transcription==\n<b>Anne : </b>Bonjour à toutes et à tous.\n"
PASSING = {"session", "attempt", "trusted_address", "followed", "listening"}  # rows that reading writes


@dataclass(frozen=True)
class Whole:
    """The archive, and what fills the `{…}` of its routes."""

    archive: Archive
    values: dict[str, list[str]]

    @contextmanager
    def browse(self, role: Role | None, login: str | None = None) -> Iterator[TestClient]:
        """Open a browser of somebody of this role, signed in anew."""
        with open_client(self.archive.settings) as client:
            self.enter(client, role, login)
            yield client

    def enter(self, client: TestClient, role: Role | None, login: str | None = None) -> str:
        """Sign in, or only come by; returns a token for forms."""
        client.cookies.clear()
        if role is None:
            client.cookies.set("entendu_visitor", "passant")
            return make_form_token("passant")
        with self.archive.database.write() as connection:
            name = schema.account.c.login == (login or LOGINS[role])
            account = connection.execute(select(schema.account.c.id).where(name)).scalar_one()
            held = accounts.get_account(connection, account)
            token = sessions.open_session(connection, held, datetime.now(UTC))
        client.cookies.set(SESSION_COOKIE, token)
        return make_form_token(token)

    def picture(self) -> str:
        """Everything that the catalogue holds, as one hash; what only reading leaves is left out."""
        digest = sha256()
        with self.archive.database.read() as connection:
            for table in schema.metadata.sorted_tables:
                if table.name not in PASSING:
                    rows = sorted(map(repr, connection.execute(select(table)).all()))
                    digest.update(repr((table.name, rows)).encode())
        return digest.hexdigest()


def make_whole(folder: Path, sound: Path) -> Whole:
    """Fill an archive with one of everything, the private episode too."""
    archive = make_archive(folder, sound)
    with archive.database.write() as connection:
        accounts.add_account(connection, "relectrice", "Une relectrice", Role.REVIEWER, PASSWORD, NOW)
        values = _fill(connection, archive, archive.talk)
        values["token"] = [invitations.invite(connection, Role.VOLUNTEER, "", None, datetime.now(UTC))]
        values["withdrawal"] = [str(withdrawals.withdraw_name(connection, "Personne", "x", None, NOW))]
    values["conflict"] = [_make_conflict(archive, int(values["turn"][0]))]
    return Whole(archive, values)


def fill_private(whole: Whole) -> dict[str, list[str]]:
    """Fill an episode, then make it private: what then leads to it leads strangers nowhere."""
    archive = whole.archive
    with archive.database.write() as connection:
        values = _fill(connection, archive, archive.talk)
        set_private(connection, archive.talk, None, NOW, private=True)
    return {**whole.values, **values}


def _fill(connection: Connection, archive: Archive, episode: int) -> dict[str, list[str]]:
    turn = list_turns(connection, episode)[1]  # the first is music
    now, author = datetime.now(UTC), _author(connection, "voisin")
    wanted = f"{turn.turn.text} Oui, {now.timestamp()}."
    proposal, secret = proposals.propose(connection, turn.id, turn.version, wanted, author, now)
    span = find_span(connection, episode, Edition.SPOKEN, 20_000, 24_000)
    given = GivenDocument("page.wiki", PAGE.encode(), "")
    assert author.account_id is not None
    draft = add_draft(connection, author.account_id, given, now, show=None, episode_id=None, private=True)
    show = connection.execute(
        select(schema.show.c.id).join(schema.episode).where(schema.episode.c.id == episode)
    ).scalar_one()
    if not connection.execute(select(schema.metadata.tables["glossary_term"])).first():
        add_term(connection, show, "Valbrune", author, now, ["val brune"])
    return {
        "episode": [str(episode)],
        "turn": [str(turn.id)],
        "proposal": [str(proposal)],
        "secret": [secret],
        "quote": [capture(connection, episode, Edition.SPOKEN, [span], author, now - timedelta(days=1)).id],
        "draft": [str(draft)],
        "sitting": [str(begin_sitting(connection, author.account_id, 10, now))],
    }


def _author(connection: Connection, login: str) -> Author:
    held: Any = connection.execute(select(schema.account).where(schema.account.c.login == login)).one()
    return Author(held.id, held.name)


def _make_conflict(archive: Archive, turn: int) -> str:
    with archive.database.read() as connection:
        author = _author(connection, "voisin")
    try:
        save_turn(archive.database, Save(turn, 99, "Autre chose."), author, NOW)
    except RefusedSaveError:
        with archive.database.read() as connection:
            return str(list_conflicts(connection, turn_id=turn)[0].id)
    raise AssertionError("a stale save was taken")

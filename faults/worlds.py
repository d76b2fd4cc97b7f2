"""The archives that scenes are played on: one is made with care, each scene gets a copy.

Small, as what breaks breaks at any size: three episodes of forty turns, heard by a machine, and
four people who correct them. On PostgreSQL the copy is a database made from a template.
"""

import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, create_engine, make_url, text
from starlette.applications import Starlette

from bench.long_episode import Shape, add_silence, read_words, speak
from faults.ledger import Ledger
from media import episodes, files, progress, shows, transcripts
from media.database import Database, open_database
from media.people import accounts, sessions
from media.people.accounts import Role
from media.settings import Settings
from media.transcript import Transcript
from search.indexing import sync_index
from web.app import create_app

EPISODES = 3
PEOPLE = 4
WORDS, TURNS = 480, 40
SITE_URL = "http://127.0.0.1:8765"
ROOM_BYTES = 1 << 30  # memory's own disk is used where it has so much room: no world outlives its scene


@dataclass(frozen=True)
class Template:
    """An archive to be copied, and the cookies of the people who are signed in to it."""

    data: Path
    cookies: tuple[str, ...]
    postgres: str | None = None  # the address of the server, where the catalogue is a database of it

    def copy_to(self, data: Path) -> "World":
        """Make a world of it."""
        shutil.rmtree(data, ignore_errors=True)
        shutil.copytree(self.data, data)
        url = ""
        if self.postgres:
            url = _address(self.postgres, "world_" + data.parent.name)
            _on_server(self.postgres, f'DROP DATABASE IF EXISTS "{_name(url)}" WITH (FORCE)')
            _on_server(self.postgres, f'CREATE DATABASE "{_name(url)}" TEMPLATE faults_template')
        settings = Settings(data=data, database_url=url, site_url=SITE_URL, language="en")
        return World(settings, self.cookies, data.parent.parent / "log")


@dataclass
class World:
    """One archive, what it has acknowledged, and where its processes log."""

    settings: Settings
    cookies: tuple[str, ...]
    log: Path
    ledger: Ledger = field(default_factory=Ledger)

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.settings.data

    @property
    def catalogue(self) -> Path:
        """The SQLite file."""
        return self.data / "catalogue.sqlite"

    @property
    def app(self) -> Starlette:
        """The web application of these settings, not yet started."""
        return _make_app(self.settings.data, self.settings.database_url)

    @contextmanager
    def open(self) -> Iterator[Database]:
        """Open the catalogue, as a command does."""
        database = open_database(self.settings)
        try:
            yield database
        finally:
            database.close()

    def through(self, url: str) -> "World":
        """See the same archive through another address of its database; the ledger is one."""
        return replace(self, settings=self.settings.model_copy(update={"database_url": url}))


def make_template(
    folder: Path, postgres: str | None = None, add: Callable[..., None] | None = None
) -> Template:
    """Make the archive that scenes copy; `add` puts more into it."""
    url = ""
    if postgres:
        url = _address(postgres, "faults_template")
        _on_server(postgres, f'DROP DATABASE IF EXISTS "{_name(url)}"')
        _on_server(postgres, f'CREATE DATABASE "{_name(url)}"')
    data = folder / ("data-pg" if postgres else "data")
    settings = Settings(data=data, database_url=url, site_url=SITE_URL, language="en")
    database = open_database(settings)
    try:
        cookies = _fill(settings, database)
        if add:
            add(settings, database)
        sync_index(settings, database)
    finally:
        database.close()
    return Template(data, cookies, postgres)


def find_room() -> Path:
    """Say where worlds are best kept: in memory where there is room, else with other temporary files."""
    memory = Path("/dev/shm")
    if memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > ROOM_BYTES:
        return memory
    return Path(os.environ.get("TMPDIR", "/tmp"))


def _fill(settings: Settings, database: Database) -> tuple[str, ...]:
    now = datetime.now(UTC)
    with database.write() as connection:
        show = shows.add_show(connection, "Place du Marché", now)
        for number in range(EPISODES):
            shape = Shape(WORDS, TURNS, 120_000 + 1_000 * number)
            audio = add_silence(settings, shape.duration_ms)
            files.add_audio(connection, audio)
            episode = episodes.add_episode(
                connection, show.id, f"e{number}", f"Marché {number}", now, published_at=now,
                original_sha256=audio.sha256, listening_sha256=audio.sha256,
            )  # fmt: skip
            said = Transcript(tuple(speak(read_words(), shape)), "fr", "faults")
            transcripts.save_machine_transcript(connection, episode, said, f"e{number}", now)
            progress.record_ready(connection, episode, now)
        return tuple(_sign_in(connection, number) for number in range(PEOPLE))


def _sign_in(connection: Connection, number: int) -> str:
    now = datetime.now(UTC)
    account = accounts.add_account(
        connection, f"personne{number}", f"Bénévole {number}", Role.VOLUNTEER, secrets.token_hex(8), now
    )
    return sessions.open_session(connection, account, now)


@cache
def _make_app(data: Path, url: str) -> Starlette:
    """Make the application once for each folder: its templates are read before processes are forked."""
    return create_app(Settings(data=data, database_url=url, site_url=SITE_URL, language="en"))


def _on_server(url: str, statement: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


def _address(url: str, name: str) -> str:
    return url.replace("/postgres?", f"/{name}?")


def _name(url: str) -> str:
    return str(make_url(url).database)

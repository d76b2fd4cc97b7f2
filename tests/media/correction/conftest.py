"""An episode of a few turns to be corrected, on either database, and the people who correct it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from hypothesis import settings as hypothesis_settings
from sqlalchemy import Connection, insert

from media import episodes, schema, shows, transcripts
from media.correction.authors import Author
from media.database import Database
from media.transcript import Transcript, Turn, TurnKind, Word, speech_turn
from media.transcripts import StoredTurn
from tests.media.conftest import NOW

hypothesis_settings.register_profile("shared machine", deadline=None)
hypothesis_settings.load_profile("shared machine")

TEXTS = (
    (1, "Bonjour à toutes et à tous, bienvenue dans cette émission."),
    (2, "Merci de nous recevoir, nous parlons de mooflow et du libre."),
    (1, "Alors racontez-nous comment tout a commencé."),
    (2, "Eh bien voilà, c’était un été à la mairie."),
)


def say(
    text: str, start_ms: int = 0, word_ms: int = 200, probability: float | None = 0.9
) -> tuple[Word, ...]:
    """Time a text's words one after the other."""
    return tuple(
        Word(word, start_ms + at * word_ms, start_ms + (at + 1) * word_ms, probability)
        for at, word in enumerate(text.split(" "))
    )


def machine_turns() -> tuple[Turn, ...]:
    turns, clock = [], 0
    for voice, text in TEXTS:
        turns.append(speech_turn(say(text, clock), voice))
        clock = (turns[-1].end_ms or 0) + 300
    turns.insert(2, Turn(kind=TurnKind.MUSIC, start_ms=turns[1].end_ms, end_ms=turns[2].start_ms))
    return tuple(turns)


def add_people(connection: Connection) -> tuple[Author, Author]:
    """Add two accounts."""
    people = []
    for login in ("zoe", "luk"):
        row = insert(schema.account).values(
            login=login, name=login.title(), role="volunteer", password_hash="-", created_at=NOW
        )
        identity = connection.execute(row.returning(schema.account.c.id)).scalar_one()
        people.append(Author(identity, login.title()))
    return people[0], people[1]


@dataclass(frozen=True)
class Desk:
    """An episode at work: its catalogue, and two people."""

    database: Database
    episode_id: int
    zoe: Author
    luk: Author

    def read(self) -> list[StoredTurn]:
        with self.database.read() as connection:
            return transcripts.list_turns(connection, self.episode_id, public=False)

    def turn(self, place: int) -> StoredTurn:
        return self.read()[place]

    def speech(self) -> list[StoredTurn]:
        return [held for held in self.read() if held.turn.kind is TurnKind.SPEECH]

    def content(self) -> list[StoredTurn]:
        """All that is kept of the turns but how often they changed."""
        return [replace(held, version=0) for held in self.read()]


def add_episode(connection: Connection, title: str, turns: tuple[Turn, ...] | None = None) -> int:
    """Add an episode of the show, transcribed by a machine."""
    show = shows.find_show(connection, "Là-haut") or shows.add_show(connection, "Là-haut", NOW)
    episode_id = episodes.add_episode(connection, show.id, title, title, NOW)
    transcript = Transcript(turns or machine_turns(), "fr", "test")
    transcripts.save_machine_transcript(connection, episode_id, transcript, f"run-{title}", NOW)
    return episode_id


@pytest.fixture
def desk(database: Database) -> Desk:
    with database.write() as connection:
        zoe, luk = add_people(connection)
        return Desk(database, add_episode(connection, "Premier"), zoe, luk)


@pytest.fixture(scope="session")
def lasting_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A catalogue for properties: each example adds its own episode."""
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('properties') / 'catalogue.sqlite'}")
    database.upgrade()
    with database.write() as connection:
        zoe, luk = add_people(connection)
    yield Desk(database, 0, zoe, luk)
    database.close()

"""An archive of two shows, in which a machine has heard some things wrong."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection

from media import episodes, files, progress, shows, transcripts
from media.correction.authors import Author
from media.database import Database
from media.people import accounts
from media.people.accounts import Role
from media.transcript import Doubt, DoubtKind, Transcript, Turn, Word, speech_turn

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
STEP_MS = 400
SURE, UNSURE = 0.97, 0.31
QUOTED = "*«\N{NO-BREAK SPACE}mooflow\N{NO-BREAK SPACE}»,*"


@dataclass(frozen=True)
class Archive:
    """An archive, and where things are in it."""

    database: Database
    market: int  # show
    river: int  # another
    talk: int  # episode of the market
    second: int  # another, of the market
    far: int  # of the river
    anne: Author
    paul: Author


def say(text: str, start_ms: int = 1_000) -> list[Word]:
    """Give each word a time; those between asterisks were heard with doubt."""
    words = []
    for place, written in enumerate(text.split(" ")):
        at = start_ms + place * STEP_MS
        probability = UNSURE if "*" in written else SURE
        words.append(Word(written.replace("*", ""), at, at + STEP_MS - 100, probability))
    return words


def turn(text: str, start_ms: int = 1_000, voice: int = 1, doubts: Iterable[Doubt] = ()) -> Turn:
    """A turn of one voice."""
    return speech_turn(say(text, start_ms), voice, doubts)


def add_episode(connection: Connection, show_id: int, title: str, turns: Iterable[Turn]) -> int:
    """Add an episode that a machine has transcribed."""
    audio = files.AudioFile("a" * 64, ".mp3", "audio/mpeg", 10, 600_000, b"")
    files.add_audio(connection, audio)
    episode = episodes.add_episode(connection, show_id, title, title, NOW, listening_sha256=audio.sha256)
    heard = Transcript(tuple(turns), "fr", "faster-whisper base")
    transcripts.save_machine_transcript(connection, episode, heard, title, NOW)
    progress.record_ready(connection, episode, NOW)
    return episode


@pytest.fixture
def archive(database: Database) -> Archive:
    """Two shows, three episodes, two volunteers."""
    with database.write() as connection:
        market = shows.add_show(connection, "Place du Marché", NOW, terms=["Valbrune"]).id
        river = shows.add_show(connection, "La Rivière", NOW).id
        talk = add_episode(
            connection,
            market,
            "Un",
            [
                turn(f"Bonjour à tous et bienvenue à *Valbrunne* pour parler de {QUOTED} ensemble."),
                turn("On a choisi *mooflow* en *2019* et *de* toute façon c’est bien.", 20_000, 2),
                turn(
                    "Alors alors alors alors alors alors voilà.",
                    40_000,
                    2,
                    [Doubt(DoubtKind.LOOP, 1, 4)],
                ),
            ],
        )
        second = add_episode(
            connection, market, "Deux", [turn("Avec l’outil mooflow, et les mooflows, tout va bien aussi.")]
        )
        far = add_episode(
            connection, river, "Trois", [turn("Ici Mooflow coule comme une rivière tranquille.")]
        )
        people = [
            accounts.add_account(connection, login, name, Role.VOLUNTEER, "un mot de passe", NOW)
            for login, name in (("anne", "Anne"), ("paul", "Paul"))
        ]
    anne, paul = (Author(person.id, person.name) for person in people)
    return Archive(database, market, river, talk, second, far, anne, paul)

"""What is new: lately transcribed, lately validated, never what is private."""

from datetime import timedelta

from sqlalchemy import Connection, update

from media import schema
from media.correction.journal import ActKind
from media.database import Database
from media.episodes import EpisodeStatus, add_episode
from media.news import find_transcribed, find_validated, read_news
from media.progress import record_ready
from media.shows import add_show
from media.transcript import Transcript, Turn, TurnKind, TurnState, Word, speech_turn
from media.transcripts import record_act, save_machine_transcript
from tests.media.conftest import NOW

HOUR = timedelta(hours=1)


def add_talk(connection: Connection, guid: str, hours: int, **fields: object) -> int:
    show = add_show(connection, f"Émission {guid}", NOW)
    episode = add_episode(connection, show.id, guid, f"Épisode {guid}", NOW, **fields)
    turns = (
        speech_turn([Word("bonjour", 0, 500)], 1),
        Turn(kind=TurnKind.MUSIC),
        speech_turn([Word("oui")], 1),
    )
    save_machine_transcript(connection, episode, Transcript(turns, "fr", "test"), guid, NOW)
    record_ready(connection, episode, NOW + hours * HOUR)
    return episode


def validate(connection: Connection, episode: int, hours: int, *, last: bool = True) -> None:
    spoken = (schema.turn.c.episode_id == episode) & (schema.turn.c.kind == TurnKind.SPEECH)
    if not last:
        spoken &= schema.turn.c.position == 0
    connection.execute(update(schema.turn).where(spoken).values(state=TurnState.VALIDATED))
    record_act(connection, episode, ActKind.STATE, {}, NOW + hours * HOUR)
    record_act(connection, episode, ActKind.SPEAKER, {}, NOW + 9 * HOUR)


def test_the_last_transcribed_comes_first_and_private_ones_never(database: Database) -> None:
    with database.write() as connection:
        old, new = add_talk(connection, "a", 1), add_talk(connection, "b", 2)
        add_talk(connection, "c", 3, private=True)
        show = add_show(connection, "À venir", NOW)
        add_episode(connection, show.id, "d", "À venir", NOW, status=EpisodeStatus.WAITING)
    with database.read() as connection:
        assert find_transcribed(connection, 9) == [(new, NOW + 2 * HOUR), (old, NOW + HOUR)]
        assert [held.episode.title for held in read_news(connection, [(new, NOW), (999, NOW)])] == [
            "Épisode b"
        ]
        assert len(find_transcribed(connection, 1)) == 1


def test_an_episode_is_validated_once_all_its_speech_is(database: Database) -> None:
    with database.write() as connection:
        half, whole, hidden = (add_talk(connection, guid, 0, private=guid == "c") for guid in "abc")
        validate(connection, half, 1, last=False)
        validate(connection, whole, 2)
        validate(connection, hidden, 3)
    with database.read() as connection:
        assert find_validated(connection) == [(whole, NOW + 2 * HOUR)]

"""A document is taken in whole, to the right episode, or leaves nothing."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingest.errors import AudioError, IngestError
from ingest.importing.arriving import Imported, Wishes, import_document
from ingest.importing.errors import StubAloneError, UnknownChoiceError
from ingest.texts.errors import TextError
from media.correction.acts import save_text
from media.correction.authors import Author
from media.database import Database
from media.episodes import EpisodeStatus, list_episodes
from media.errors import EntenduError
from media.settings import Settings
from media.shows import list_shows
from media.texts.documents import latest_document
from media.texts.errors import OtherTextError
from media.texts.values import BlockKind
from media.transcript import Edition, Transcript, TurnKind, Word, speech_turn
from media.transcripts import list_turns, save_machine_transcript
from tests.ingest.importing.conftest import write_page
from tests.ingest.sounds import run_ffmpeg

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LUK = Author(None, "Luk")
SHOW = Wishes(show="Libre à vous !")


def take(
    database: Database, settings: Settings, text: str | bytes, wishes: Wishes = SHOW, name: str = "page.wiki"
) -> Imported:
    content = text if isinstance(text, bytes) else text.encode()
    return import_document(database, settings, content, name, wishes, LUK, NOW)


def test_a_page_makes_an_episode_that_is_read_at_once(database: Database, settings: Settings):
    done = take(database, settings, write_page(3))
    assert done.is_new
    assert (done.episode.title, done.episode.show_title) == ("Émission 3", "Libre à vous !")
    assert (done.episode.status, done.episode.edition) == (EpisodeStatus.READY, Edition.PUBLISHED)
    assert done.installed.speakers == ("Anne Martin", "Luk")
    with database.read() as connection:
        assert [episode.id for episode in list_episodes(connection)] == [done.episode.id]


def test_the_page_imported_again_is_merged_into_its_episode(database: Database, settings: Settings):
    first = take(database, settings, write_page(3))
    with database.write() as connection:
        turn = list_turns(connection, first.episode.id)[-1]
        save_text(connection, turn.id, 0, "Merci beaucoup Luk, à la semaine prochaine.", LUK, NOW)
    again = take(database, settings, write_page(3).replace("Bonjour Anne,", "Bonjour à toi Anne,"))
    assert (again.episode.id, again.is_new, again.installed.changed) == (first.episode.id, False, 1)
    with database.read() as connection:
        said = [turn.turn.text for turn in list_turns(connection, first.episode.id)]
    assert said[2].startswith("Bonjour à toi Anne,") and said[3].startswith("Merci beaucoup Luk")


def test_what_cannot_be_read_leaves_nothing(database: Database, settings: Settings):
    for content in (b"", b"\x00\x01\x02" * 50, b"\x89PNG\r\n\x1a\n" + b"\x00" * 50):
        with pytest.raises(TextError):
            take(database, settings, content)
    with pytest.raises(IngestError):
        take(database, settings, write_page(1), Wishes(show="X", audio=Path("/nowhere.mp3")))
    with database.read() as connection:
        assert list_shows(connection) == []


def test_sound_that_is_none_leaves_no_text(database: Database, settings: Settings, tmp_path: Path):
    broken = tmp_path / "page.mp3"
    broken.write_bytes(b"<html>login</html>")
    with pytest.raises(AudioError):
        take(database, settings, write_page(1), Wishes(show="X", audio=broken))
    with database.read() as connection:
        assert list_shows(connection) == []


def test_sound_comes_with_the_text_and_waits_to_be_recognised(
    database: Database, settings: Settings, tmp_path: Path
):
    sound = tmp_path / "sound.wav"
    run_ffmpeg("-f", "lavfi", "-i", "sine=frequency=300:duration=1", str(sound))
    done = take(database, settings, write_page(1), Wishes(show="X", audio=sound))
    assert (done.episode.status, done.episode.edition) == (EpisodeStatus.WAITING, Edition.PUBLISHED)
    assert done.episode.original_sha256 is not None
    later = take(database, settings, write_page(2), SHOW)
    with_sound = take(database, settings, write_page(2), Wishes(episode_id=later.episode.id, audio=sound))
    assert with_sound.episode.status is EpisodeStatus.WAITING


def test_the_text_of_another_episode_is_said_so_with_the_score(database: Database, settings: Settings):
    done = take(database, settings, write_page(1))
    heard = [Word(f"mot{at}", at * 500, at * 500 + 400) for at in range(300)]
    with database.write() as connection:
        other = Transcript((speech_turn(heard),), "fr", "test")
        save_machine_transcript(connection, done.episode.id, other, "run", NOW)
    wishes = Wishes(episode_id=done.episode.id)
    with pytest.raises(OtherTextError):
        take(database, settings, write_page(2), wishes)
    assert take(database, settings, write_page(2), Wishes(episode_id=done.episode.id, anyway=True)).has_words


def test_a_stub_alone_is_told_and_makes_nothing(database: Database, settings: Settings):
    stub = "Publié [https://www.librealire.org/emission ici] - Juillet 2019"
    with pytest.raises(StubAloneError):
        take(database, settings, stub)
    done = take(database, settings, write_page(4))
    again = take(database, settings, stub)
    assert again.episode.id == done.episode.id
    assert again.installed.published_at_url == "https://www.librealire.org/emission"
    with database.read() as connection:
        assert len(list_turns(connection, done.episode.id)) == 4


def test_a_private_text_is_in_no_list(database: Database, settings: Settings):
    done = take(database, settings, write_page(1), Wishes(show="X", private=True))
    assert done.episode.private
    again = take(database, settings, write_page(1).replace("hier", "demain"), Wishes(show="X"))
    assert again.episode.private
    with database.read() as connection:
        assert list_episodes(connection) == []


def test_the_program_of_the_2nd_of_july_comes_in_with_its_counts(
    database: Database, settings: Settings, shared: Path
):
    """The real page of the issue: 60 turns, 2 music breaks, 7 sounds, 2 doubts, one question."""
    path = shared / "transcripts" / "004_014a810285a2e1fe.txt"
    done = take(database, settings, path.read_bytes(), name=path.name)
    with database.read() as connection:
        held = list_turns(connection, done.episode.id)
        kept = latest_document(connection, done.episode.id)
    counts: dict[str, int] = {}
    for turn in held:
        if turn.voice is not None and turn.voice.name is not None:
            counts[turn.voice.name] = counts.get(turn.voice.name, 0) + 1
    assert counts == {
        "Étienne Gonnu": 33,
        "Corinne Migeon": 13,
        "Grégory Gutierez": 10,
        "Voix off": 3,
        "Julie Chaumard": 1,
    }
    kinds = [turn.turn.kind for turn in held]
    assert (kinds.count(TurnKind.MUSIC), kinds.count(TurnKind.EVENT)) == (2, 7)
    assert sum(len(turn.turn.doubts) for turn in held) == 2
    assert kept is not None and kept.content == path.read_bytes()
    (question,) = done.read.questions
    other = Wishes(show=SHOW.show, choices={question.block: BlockKind.SPEECH})
    again = take(database, settings, path.read_bytes(), other, path.name)
    assert (again.episode.id, again.installed.changed > 0) == (done.episode.id, True)
    back = take(database, settings, path.read_bytes(), name=path.name)
    assert back.installed.turns == 60


def test_a_choice_that_nobody_asked_for_is_refused(database: Database, settings: Settings):
    with pytest.raises(UnknownChoiceError):
        take(database, settings, write_page(1), Wishes(show="X", choices={9999: BlockKind.HEADING}))
    with pytest.raises(EntenduError):
        take(database, settings, write_page(1), Wishes(episode_id=12))

"""A published text takes its times from what was heard: words stay, voices get names, gaps are kept."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from imageio_ffmpeg import get_ffmpeg_exe

from ingest.alignment.episodes import align_episode
from ingest.sound.audio import decode_samples
from media import files
from media.correction.acts import save_text
from media.correction.authors import Author
from media.database import Database
from media.episodes import add_episode, get_episode, list_chapters, update_episode
from media.people.withdrawals import withdraw_words
from media.shows import add_show
from media.store.folder import FolderStore
from media.texts.alignment import AlignmentReport, GapKind, VoiceVerdict, read_alignment
from media.texts.installing import install_text
from media.transcript import DoubtKind, Edition, Transcript, Turn, TurnKind, Word, speech_turn
from media.transcripts import (
    Attribution,
    StoredTurn,
    list_turns,
    list_voices,
    name_voice,
    save_machine_transcript,
)
from tests.ingest.workers import NOW
from tests.media.texts.conftest import Page

SAMIRA = Author(None, "Samira")
SHA256 = "a" * 64
AUDIO = FolderStore(Path("no-audio"))  # of texts of which nothing is withdrawn
TEXT = """== Ouverture ==
Anne Dupont : Bonjour à toutes et à tous, vous écoutez l’émission du mardi sur les libertés informatiques.
Nous parlerons longuement de la mairie de Malakoff, qui passe au logiciel libre depuis sept ans.
[Jingle]
== La chronique ==
Luk : Merci Anne, bonne nouvelle en effet, et voici la chronique consacrée aux formats ouverts et durables.
Anne Dupont : Merci Luk, rendez-vous la semaine prochaine pour une autre émission pleine de surprises."""
SAID = {
    1: "bonjour à toutes à tous vous écoutez l'émission du mardi sur les libertés informatiques nous "
    "parlerons longuement de la mairie de malakoff qui passe au logiciel libre depuis sept ans",
    2: "merci anne bonne nouvelle en effet et voici la chronique consacrée aux formats ouverts et durables",
    3: "merci luc rendez-vous la semaine prochaine pour une autre émission pleine de surprises",
}
LOST = (
    "Luk : Ici vient un long paragraphe que personne ne prononce jamais dans cet enregistrement, "
    + " ".join(f"paragraphe{number} oublié{number}" for number in range(20))
)


on_both = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    if getattr(request, "param", "sqlite") == "sqlite":
        catalogue = Database(f"sqlite:///{tmp_path / 'catalogue.sqlite'}")
    else:
        catalogue = Database(request.getfixturevalue("fresh_postgres"))
    catalogue.upgrade()
    with catalogue.write() as connection:
        show = add_show(connection, "Libre à vous !", NOW)
        add_episode(connection, show.id, "g", "La mairie", NOW)
        files.add_audio(connection, files.AudioFile(SHA256, ".mp3", "audio/mpeg", 1, 60_000))
        update_episode(connection, 1, {"listening_sha256": SHA256})
    yield catalogue
    catalogue.close()


def heard_turns() -> tuple[Turn, ...]:
    """What the machine heard: three turns of two voices, with a jingle between the first two."""
    turns, at = [], 1_000
    for number, text in SAID.items():
        words = [Word(word, at + 300 * n, at + 300 * (n + 1), 0.9) for n, word in enumerate(text.split())]
        turns.append(speech_turn(words, 1 if number == 2 else 2))
        at = (words[-1].end_ms or 0) + 500
        if number == 1:
            turns.append(Turn(kind=TurnKind.MUSIC, start_ms=at, end_ms=at + 5_000))
            at += 5_500
    return tuple(turns)


def hear(database: Database, run: str = "1") -> None:
    turns = heard_turns()
    speech = [(t.start_ms or 0, t.end_ms or 0) for t in turns if t.words]
    with database.write() as connection:
        files.keep_speech(connection, SHA256, speech)
        save_machine_transcript(connection, 1, Transcript(turns, "fr", "test"), run, NOW)


def publish(database: Database, text: str = TEXT) -> None:
    page = Page(text)
    with database.write() as connection:
        install_text(connection, 1, page.read, page.given(), SAMIRA, NOW)


def align(database: Database) -> AlignmentReport:
    report = align_episode(database, AUDIO, 1, NOW)
    assert report is not None
    return report


def turns_of(database: Database, edition: Edition) -> list[StoredTurn]:
    with database.read() as connection:
        return list_turns(connection, 1, edition)


def revision(database: Database) -> int:
    with database.read() as connection:
        return get_episode(connection, 1).revision


def test_words_take_the_times_that_were_heard_and_stay_what_they_were(database: Database):
    publish(database)
    before = [held.turn.text for held in turns_of(database, Edition.PUBLISHED)]
    hear(database)
    report = align(database)
    published = turns_of(database, Edition.PUBLISHED)
    heard = [turn for turn in heard_turns() if turn.words]
    assert [held.turn.text for held in published] == before
    starts = [held.turn.start_ms for held in published if held.turn.words]
    assert starts[0] == heard[0].start_ms and starts[-2:] == [heard[1].start_ms, heard[2].start_ms]
    assert all(word.start_ms is not None for held in published for word in held.turn.words)
    (jingle,) = [held.turn for held in published if held.turn.kind is TurnKind.EVENT]
    music = heard_turns()[1]
    assert (jingle.start_ms, jingle.end_ms) == (music.start_ms, music.end_ms)
    assert report.holds and report.gaps == () and report.heard > 0.9 * report.words
    assert set(report.confidences or {}) == {held.id for held in published if held.turn.words}
    with database.read() as connection:
        chapters = [chapter.start_ms for chapter in list_chapters(connection, 1)]
        assert read_alignment(connection, 1) == report
    assert chapters == [starts[0], starts[-2]]


@on_both
def test_the_names_of_the_text_name_the_voices_that_were_heard(database: Database):
    publish(database)
    hear(database)
    report = align(database)
    spoken = [held for held in turns_of(database, Edition.SPOKEN) if held.turn.words]
    published = [held for held in turns_of(database, Edition.PUBLISHED) if held.turn.words]
    names = [held.voice and held.voice.name for held in spoken]
    assert names == ["Anne Dupont", "Luk", "Anne Dupont"]
    assert {held.voice and held.voice.id for held in spoken} == {
        held.voice and held.voice.id for held in published
    }
    assert [each.verdict for each in report.voices] == [VoiceVerdict.NAMED] * 2
    assert all(each.shared_ms == each.heard_ms > 3_000 for each in report.voices)


def test_a_voice_that_a_person_named_keeps_its_name(database: Database):
    hear(database)
    with database.write() as connection:
        name_voice(connection, 1, 2, "Annie", NOW)
    publish(database)
    report = align(database)
    names = [held.voice and held.voice.name for held in turns_of(database, Edition.SPOKEN) if held.turn.words]
    assert names == ["Annie", "Luk", "Annie"]
    assert sorted(each.verdict for each in report.voices) == [VoiceVerdict.KEPT, VoiceVerdict.NAMED]


def test_aligning_twice_changes_nothing_and_a_correction_made_here_keeps_its_words(database: Database):
    publish(database)
    hear(database)
    first = align(database)
    done = revision(database)
    assert align(database) == first and revision(database) == done
    last = turns_of(database, Edition.PUBLISHED)[-1]
    corrected = last.turn.text.replace("surprises", "très belles surprises")
    with database.write() as connection:
        save_text(connection, last.id, last.version, corrected, SAMIRA, NOW)
    align(database)
    held = turns_of(database, Edition.PUBLISHED)[-1]
    assert held.turn.text == corrected and held.version == last.version + 1
    assert all(word.start_ms is not None for word in held.turn.words)


@on_both
def test_what_nobody_says_is_a_gap_and_a_doubt_until_it_goes(database: Database):
    publish(database, TEXT.replace("Luk : Merci", LOST + "\nLuk : Merci"))
    hear(database)
    report = align(database)
    lost = next(held for held in turns_of(database, Edition.PUBLISHED) if "personne" in held.turn.text)
    assert [gap.kind for gap in report.gaps] == [GapKind.TEXT]
    assert report.gaps[0].first_turn == report.gaps[0].last_turn == lost.id
    (doubt,) = [doubt for doubt in lost.turn.doubts if doubt.kind is DoubtKind.UNPLACED]
    assert (doubt.first_word, doubt.last_word) == (0, len(lost.turn.words) - 1)
    with database.write() as connection:
        save_text(connection, lost.id, lost.version, "Voilà.", SAMIRA, NOW)
    align(database)
    assert not any(
        doubt.kind is DoubtKind.UNPLACED
        for held in turns_of(database, Edition.PUBLISHED)
        for doubt in held.turn.doubts
    )


def test_the_text_of_another_episode_gets_no_times(database: Database):
    other = "\n".join(
        f"Zoé : {' '.join(f'{word}{line}' for word in ('girafe', 'banane', 'violon', 'citerne'))}"
        for line in range(9)
    )
    publish(database, other)
    hear(database)
    report = align(database)
    assert not report.holds and report.score < 0.25 and report.heard == 0
    assert all(held.turn.start_ms is None for held in turns_of(database, Edition.PUBLISHED))
    assert not any(held.voice and held.voice.name for held in turns_of(database, Edition.SPOKEN))


def test_a_new_transcription_is_aligned_anew_with_the_same_names(database: Database):
    publish(database)
    hear(database)
    align(database)
    hear(database, "2")
    align(database)
    with database.read() as connection:
        voices = list_voices(connection, 1)
    assert [(voice.name, voice.attribution) for voice in voices] == [
        ("Anne Dupont", Attribution.IMPORTED),
        ("Luk", Attribution.IMPORTED),
    ]


def test_an_episode_without_sound_or_without_a_text_is_left_alone(database: Database):
    hear(database)
    assert align_episode(database, AUDIO, 1, NOW) is None
    publish(database)
    with database.write() as connection:
        update_episode(connection, 1, {"listening_sha256": None})
    assert align_episode(database, AUDIO, 1, NOW) is None


def test_what_was_withdrawn_of_a_text_before_it_had_times_is_silenced_when_it_has(
    tmp_path: Path, database: Database
) -> None:
    """FAULTS 62: what is withdrawn is not heard either."""
    sha256 = keep_tone(tmp_path, database)
    publish(database)
    first = next(held for held in turns_of(database, Edition.PUBLISHED) if held.turn.words)
    with database.write() as connection:
        withdraw_words(connection, first.id, (0, 4), "demande", None, NOW)
    hear(database)
    assert align_episode(database, FolderStore(tmp_path), 1, NOW) is not None
    with database.read() as connection:
        silent = get_episode(connection, 1).listening_sha256
    assert silent not in {None, sha256}
    copy = files.audio_path(tmp_path, silent or "", ".mp3")
    assert np.abs(decode_samples(copy, start_ms=1_100, end_ms=2_300)).max() < 1e-3
    assert np.abs(decode_samples(copy, start_ms=10_000, end_ms=12_000)).max() > 0.1


def keep_tone(folder: Path, database: Database) -> str:
    """Keep a minute of a tone as the episode's copy."""
    seconds = np.arange(60 * 32_000) / 32_000
    samples = (8_000 * np.sin(2 * np.pi * 330 * seconds)).astype("<i2")
    made = folder / "made.mp3"
    command = [get_ffmpeg_exe(), "-v", "error", "-f", "s16le", "-ar", "32000", "-i", "-", "-b:a", "64k"]
    subprocess.run([*command, "-write_xing", "0", str(made)], input=samples.tobytes(), check=True)
    sha256, size = files.hash_file(made), made.stat().st_size
    FolderStore(folder).keep(made, sha256, ".mp3")
    with database.write() as connection:
        files.add_audio(connection, files.AudioFile(sha256, ".mp3", "audio/mpeg", size, 60_000))
        update_episode(connection, 1, {"listening_sha256": sha256})
    return sha256

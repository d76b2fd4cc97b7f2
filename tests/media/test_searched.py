"""What a search reads at once is what the catalogue's other functions give piece by piece."""

from datetime import UTC, datetime, timedelta

import pytest

from media.database import Database
from media.episodes import EpisodeStatus, add_episode, get_episode, replace_chapters, update_episode
from media.people.withdrawals import lift_withdrawal, withdraw_name, withdraw_words
from media.searched import count_awaited, find_transcribed_since, list_titles, read_shown
from media.shows import add_show
from media.transcript import Chapter, Doubt, DoubtKind, Transcript, Turn, TurnKind, Word, speech_turn
from media.transcripts import get_turns, list_turns, name_voice, save_machine_transcript
from tests.media.conftest import NOW

HOUR = timedelta(hours=1)


def say(text: str, start_ms: int = 0) -> list[Word]:
    starts = range(start_ms, start_ms + 400 * (text.count(" ") + 1), 400)
    return [Word(word, at, at + 400) for word, at in zip(text.split(" "), starts, strict=True)]


@pytest.fixture
def episode_id(database: Database) -> int:
    """A public episode with two voices, music, a doubt and chapters."""
    turns = (
        speech_turn(say("la mairie de Malakoff"), 1, [Doubt(DoubtKind.LOOP, 1, 2)]),
        Turn(kind=TurnKind.MUSIC, start_ms=1_600, end_ms=9_000),
        speech_turn(say("un logiciel libre", 9_000), 2),
    )
    with database.write() as connection:
        show = add_show(connection, "Libre à vous !", NOW)
        episode_id = add_episode(
            connection, show.id, "g", "Avec Zoé Martin", NOW, published_at=NOW, language="fr",
            status=EpisodeStatus.READY, transcribed_at=NOW,
        )  # fmt: skip
        save_machine_transcript(connection, episode_id, Transcript(turns, "fr", "test"), "run", NOW)
        replace_chapters(connection, episode_id, [Chapter(0, "Début"), Chapter(9_000, "Zoé Martin")])
        name_voice(connection, episode_id, 1, "Zoé Martin", NOW)
    return episode_id


def test_turns_come_with_their_episode_show_and_voice(database, episode_id):
    with database.read() as connection:
        turns = list_turns(connection, episode_id)
        shown = read_shown(connection, [stored.id for stored in turns] + [10**6])
        episode = get_episode(connection, episode_id)
    assert list(shown) == [turns[0].id, turns[2].id]  # music is not speech
    first, second = shown.values()
    assert first.texts == ["la", "mairie", "de", "Malakoff"]
    assert [word[1:3] for word in first.words] == [[0, 400], [400, 800], [800, 1_200], [1_200, 1_600]]
    assert [doubt[1:] for doubt in first.doubts] == [[1, 2]]
    assert (first.speaker, first.voice, first.attribution) == ("Zoé Martin", 1, "human")
    assert (second.speaker, second.voice, second.attribution) == (None, 2, "none")
    assert (first.episode, first.show, first.show_slug) == (
        episode.title, episode.show_title, episode.show_slug,
    )  # fmt: skip
    assert (first.published_at, first.transcribed_at) == (NOW, NOW)
    assert (first.revision, first.language, first.has_audio) == (episode.revision, "fr", False)
    assert [chapter.title for chapter in first.chapters] == ["Début", "Zoé Martin"]


@pytest.mark.parametrize("fields", [{"private": True}, {"status": EpisodeStatus.WORKING}])
def test_what_is_not_public_is_left_out(database, episode_id, fields):
    with database.write() as connection:
        update_episode(connection, episode_id, fields)
        turns = list_turns(connection, episode_id)
        assert read_shown(connection, [stored.id for stored in turns]) == {}


def test_what_is_withdrawn_is_read_as_everywhere_else(database, episode_id):
    with database.write() as connection:
        ids = [stored.id for stored in list_turns(connection, episode_id)]
        words = withdraw_words(connection, ids[0], (1, 1), "objection", None, NOW)
        withdraw_words(connection, ids[2], None, "objection", None, NOW)
        withdraw_name(connection, "Zoé Martin", "objection", None, NOW)
    with database.read() as connection:
        shown = read_shown(connection, ids)
        public = get_turns(connection, ids)
        title = get_episode(connection, episode_id).title
    assert list(shown) == [ids[0]]
    read = shown[ids[0]]
    assert " ".join(read.texts) == public[ids[0]].turn.text
    assert "mairie" not in read.texts
    assert [tuple(doubt[1:]) for doubt in read.doubts] == [
        (doubt.first_word, doubt.last_word) for doubt in public[ids[0]].turn.doubts
    ]
    names = [read.speaker, read.episode, *(chapter.title for chapter in read.chapters)]
    assert not [name for name in names if name and "Martin" in name]
    assert (read.speaker, read.episode) == (public[ids[0]].voice.name, title)
    with database.write() as connection:
        lift_withdrawal(connection, words, "by agreement", None, NOW)
        assert read_shown(connection, ids)[ids[0]].texts[1] == "mairie"


def test_titles_and_what_was_transcribed_lately(database, episode_id):
    with database.read() as connection:
        assert list_titles(connection) == {"libre-a-vous": "Libre à vous !"}
        assert find_transcribed_since(connection, None) == {episode_id: NOW}
        assert find_transcribed_since(connection, NOW - HOUR) == {episode_id: NOW}
        assert find_transcribed_since(connection, NOW) == {}


def test_episodes_awaited_are_counted_by_show_date_and_identity(database, episode_id):
    with database.write() as connection:
        show = add_show(connection, "Autre", NOW)
        dated = add_episode(connection, show.id, "a", "A", NOW, published_at=NOW)
        add_episode(connection, show.id, "b", "B", NOW, status=EpisodeStatus.FAILED)
        add_episode(connection, show.id, "c", "C", NOW, status=EpisodeStatus.SKIPPED)
        add_episode(connection, show.id, "d", "D", NOW, private=True)
        day = NOW.replace(hour=0), NOW.replace(hour=23)
        era = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
        assert count_awaited(connection) == 2
        assert count_awaited(connection, ["autre"]) == 2
        assert count_awaited(connection, ["libre-a-vous"]) == 0
        assert count_awaited(connection, ["autre"], [day]) == 1
        assert count_awaited(connection, spans=[era]) == 1
        assert count_awaited(connection, spans=[]) == 0
        assert count_awaited(connection, episode_id=dated) == 1

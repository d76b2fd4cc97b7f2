"""A name goes as far as its scope says, with the counts that were told before."""

import pytest

from media import transcripts
from media.correction import speakers, undoing
from media.correction.errors import NotSpeechError, SpeakerNameError
from media.correction.speakers import Scope, assign_speaker, count_scopes
from media.errors import NotFoundError
from tests.media.conftest import NOW
from tests.media.correction.conftest import Desk, add_episode


def names(desk: Desk) -> list[str | None]:
    return [held.voice.name if held.voice else None for held in desk.speech()]


@pytest.mark.parametrize(
    ("place", "scope", "expected"),
    [
        (0, Scope.TURN, ["Célo", None, None, None]),
        (0, Scope.FROM_HERE, ["Célo", None, "Célo", None]),
        (2, Scope.FROM_HERE, [None, None, "Célo", None]),
        (2, Scope.EPISODE, ["Célo", None, "Célo", None]),
        (2, Scope.EVERYWHERE, ["Célo", None, "Célo", None]),  # the voice had no name to follow
    ],
)
def test_a_scope_names_what_it_counted(desk: Desk, place: int, scope: Scope, expected: list[str | None]):
    turn = desk.speech()[place]
    with desk.database.write() as connection:
        counted = count_scopes(connection, turn.id)
        outcome = assign_speaker(connection, turn.id, 0, " Célo\n", scope, desk.zoe, NOW)
    assert names(desk) == expected
    assert len(outcome.turns) == (counted[scope] or counted[Scope.EPISODE]) == expected.count("Célo")


def test_everywhere_follows_the_name_into_other_episodes(desk: Desk):
    with desk.database.write() as connection:
        other = add_episode(connection, "Second")
        transcripts.name_voice(connection, desk.episode_id, 1, "Celo", NOW)
        transcripts.name_voice(connection, other, 2, "Celo", NOW)
        turn = desk.turn(0)
        assert count_scopes(connection, turn.id) == {
            Scope.TURN: 1,
            Scope.FROM_HERE: 2,
            Scope.EPISODE: 2,
            Scope.EVERYWHERE: 4,
        }
        places = speakers.list_places(connection, turn.id)
        assert [(place.title, place.turns) for place in places] == [("Premier", 2), ("Second", 2)]
        outcome = assign_speaker(connection, turn.id, 0, "Célo", Scope.EVERYWHERE, desk.zoe, NOW)
        assert len(outcome.turns) == 4
        assert transcripts.list_speakers(connection) == ["Célo"]
        undoing.undo(connection, outcome.act_id or 0, desk.zoe, NOW)
        assert transcripts.list_speakers(connection) == ["Celo"]


def test_only_the_episodes_that_were_ticked_are_renamed(desk: Desk):
    with desk.database.write() as connection:
        other = add_episode(connection, "Second")
        for episode_id in (desk.episode_id, other):
            transcripts.name_voice(connection, episode_id, 1, "Celo", NOW)
        turn = desk.turn(0)
        assign_speaker(connection, turn.id, 0, "Célo", Scope.EVERYWHERE, desk.zoe, NOW, episodes=[])
        assert transcripts.list_speakers(connection) == ["Celo", "Célo"]


def test_turns_go_to_another_voice_or_to_nobody(desk: Desk):
    turn = desk.turn(0)
    with desk.database.write() as connection:
        assign_speaker(connection, turn.id, 0, None, Scope.EPISODE, desk.zoe, NOW, voice=2)
        assert [voice.number for voice in transcripts.list_voices(connection, desk.episode_id)] == [2]
        assign_speaker(connection, turn.id, 1, None, Scope.TURN, desk.zoe, NOW)
        with pytest.raises(NotFoundError):
            assign_speaker(connection, turn.id, 2, None, Scope.TURN, desk.zoe, NOW, voice=99)
    assert [held.turn.voice for held in desk.speech()] == [None, 2, 2, 2]


def test_a_name_that_exists_joins_two_spellings_until_that_is_undone(desk: Desk):
    with desk.database.write() as connection:
        other = add_episode(connection, "Second")
        transcripts.name_voice(connection, desk.episode_id, 1, "Célo", NOW)
        for episode_id in (desk.episode_id, other):
            transcripts.name_voice(connection, episode_id, 2, "Celo", NOW)
        turn = desk.speech()[1]
        joined = assign_speaker(connection, turn.id, 0, "Célo", Scope.EVERYWHERE, desk.zoe, NOW)
        assert transcripts.list_speakers(connection) == ["Célo"]
        undoing.undo(connection, joined.act_id or 0, desk.luk, NOW)
        assert transcripts.list_speakers(connection) == ["Celo", "Célo"]


def test_a_name_is_only_text_and_has_a_length(desk: Desk):
    turn, music = desk.turn(0), desk.turn(2)
    with desk.database.write() as connection:
        for name in ("", "\u202e", "x" * 121):
            with pytest.raises(SpeakerNameError):
                assign_speaker(connection, turn.id, 0, name, Scope.TURN, desk.zoe, NOW)
        with pytest.raises(NotSpeechError):
            assign_speaker(connection, music.id, 0, "Zoé", Scope.TURN, desk.zoe, NOW)
        assert not any(count_scopes(connection, music.id).values())
        assign_speaker(connection, turn.id, 0, "<b>\u202eZoé</b>", Scope.TURN, desk.zoe, NOW)
    assert names(desk)[0] == "<b>Zoé</b>"

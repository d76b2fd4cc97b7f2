"""What is withdrawn is gone from all that the public reads of the catalogue, is logged, and comes back."""

from typing import Any

import pytest
from sqlalchemy import Connection, select

from media import episodes, schema, shows, transcripts
from media.changes import last_change, list_changes
from media.database import Database
from media.episodes import EpisodeStatus, Person
from media.people import accounts, withdrawals
from media.people.accounts import Role
from media.people.withdrawals import WithdrawalError, WithdrawalKind
from media.transcript import Chapter, Transcript, TurnKind, Word, speech_turn
from tests.media.conftest import NOW


def say(text: str, start_ms: int) -> list[Word]:
    starts = range(start_ms, start_ms + 300 * len(text.split()), 300)
    return [Word(word, start, start + 250) for word, start in zip(text.split(), starts, strict=True)]


def transcript(shift: int = 0) -> Transcript:
    first = speech_turn(say("bonjour ici Luc Petit pour la rivière", 1_000 + shift), 1)
    second = speech_turn(say("merci Luc je dirai mon adresse", 10_000 + shift), 2)
    return Transcript((first, second), "fr", "test")


@pytest.fixture
def episode(database: Database) -> int:
    with database.write() as connection:
        accounts.add_account(connection, "zoe", "Zoé", Role.ADMINISTRATOR, "un bon mot de passe", NOW)
        show = shows.add_show(connection, "La Rivière", NOW)
        made = episodes.add_episode(
            connection,
            show.id,
            "g",
            "Luc Petit raconte",
            NOW,
            people=[Person("Luc PETIT", "guest")],
            description="<p>Avec Luc Petit.</p>",
            status=EpisodeStatus.READY,
        )
        transcripts.save_machine_transcript(connection, made, transcript(), "r", NOW)
        episodes.replace_chapters(connection, made, [Chapter(0, "Luc Petit, pêcheur")])
    return made


def turns(connection: Connection, episode_id: int) -> list[transcripts.StoredTurn]:
    return transcripts.list_turns(connection, episode_id)


def changes(connection: Connection, episode_id: int) -> tuple[int, int]:
    return episodes.get_episode(connection, episode_id).revision, len(list_changes(connection, 0))


def test_words_are_read_no_more_by_any_function_and_come_back(database: Database, episode: int):
    with database.write() as connection:
        turn = turns(connection, episode)[1]
        before = changes(connection, episode)
        act = withdrawals.withdraw_words(connection, turn.id, (4, 5), "Adresse dite à l’antenne", 1, NOW)
        assert changes(connection, episode) == (before[0] + 1, before[1] + 1)
        read = [
            turns(connection, episode)[1],
            transcripts.get_turns(connection, [turn.id])[turn.id],
            transcripts.list_turns_around(connection, turns(connection, episode)[0], 1)[1],
        ]
        for held in read:
            assert held.turn.text.startswith("merci Luc je dirai [")
            assert "adresse" not in held.turn.text
        raw = transcripts.list_turns(connection, episode, public=False)[1]
        assert raw.turn.text.endswith("mon adresse")
        assert withdrawals.list_silenced(connection, episode) == [(11_200, 11_750)]
        withdrawals.lift_withdrawal(connection, act, "Accord retrouvé", 1, NOW)
        assert turns(connection, episode)[1] == turn
        assert withdrawals.list_silenced(connection, episode) == []
        assert changes(connection, episode) == (before[0] + 2, before[1] + 2)


def test_another_transcription_does_not_bring_words_back(database: Database, episode: int):
    with database.write() as connection:
        turn = turns(connection, episode)[1]
        withdrawals.withdraw_words(connection, turn.id, (4, 5), "Adresse", 1, NOW)
        assert transcripts.save_machine_transcript(connection, episode, transcript(90), "autre", NOW)
        held = turns(connection, episode)[1]
        assert held.id != turn.id
        assert "adresse" not in held.turn.text
        assert held.turn.text.startswith("merci Luc je ")


def test_a_whole_turn_leaves_a_dated_notice_and_nobody_said_it(database: Database, episode: int):
    with database.write() as connection:
        turn = turns(connection, episode)[1]
        withdrawals.withdraw_words(connection, turn.id, None, "À sa demande", 1, NOW)
        held = turns(connection, episode)[1]
        assert (held.turn.kind, held.voice, held.turn.words) == (TurnKind.EVENT, None, ())
        assert "2026" in (held.turn.label or "")


def test_words_that_are_not_there_are_not_withdrawn(database: Database, episode: int):
    with database.write() as connection:
        turn = turns(connection, episode)[1]
        for words in ((3, 9), (-1, 2), (3, 2)):
            with pytest.raises(WithdrawalError):
                withdrawals.withdraw_words(connection, turn.id, words, "x", 1, NOW)
        assert withdrawals.list_withdrawals(connection) == []


def test_overlapping_times_do_not_take_a_neighbour(database: Database, episode: int):
    words = [Word("un", 0, 300), Word("deux", 280, 600), Word("trois", 560, 900)]
    with database.write() as connection:
        again = Transcript((speech_turn(words, 1),), "fr", "test")
        transcripts.save_machine_transcript(connection, episode, again, "s", NOW)
        withdrawals.withdraw_words(connection, turns(connection, episode)[0].id, (1, 1), "x", 1, NOW)
        first, notice, last = turns(connection, episode)[0].turn.words
        assert (first, last) == (words[0], words[2])
        assert "deux" not in notice.text


def test_a_name_is_read_nowhere_and_comes_back(database: Database, episode: int):
    def public(connection: Connection) -> list[Any]:
        held = episodes.get_episode(connection, episode)
        return [
            held.title,
            held.description,
            held.people,
            held.slug,
            episodes.list_chapters(connection, episode),
            episodes.list_episodes(connection),
            episodes.get_episodes(connection, [episode]),
            [voice.name for voice in transcripts.list_voices(connection, episode)],
            [(turn.voice and turn.voice.name, turn.turn.text) for turn in turns(connection, episode)],
            transcripts.list_speakers(connection),
        ]

    with database.write() as connection:
        transcripts.name_voice(connection, episode, 1, "Luc Petit", NOW)
        before, shown = changes(connection, episode), public(connection)
        act = withdrawals.withdraw_name(connection, "luc petit", "Objection", 1, NOW)
        assert "petit" not in repr(public(connection)).casefold()
        spoken = withdrawals.find_spoken(connection, "Luc Petit")
        assert [(spot.episode_id, spot.first_word, spot.last_word) for spot in spoken] == [(episode, 2, 3)]
        assert turns(connection, episode)[0].turn.text.startswith("bonjour ici [")
        assert next(voice.name for voice in transcripts.list_voices(connection, episode))
        assert changes(connection, episode) == (before[0] + 1, before[1] + 1)
        assert "Luc Petit raconte" in [held.title for held in episodes.list_announced(connection, 1)]
        withdrawals.lift_withdrawal(connection, act, "Erreur", 1, NOW)
        assert public(connection)[7:] == shown[7:]


def test_a_name_touches_only_the_episodes_that_have_it(database: Database, episode: int):
    with database.write() as connection:
        other = episodes.add_episode(connection, 1, "h", "Rien", NOW, status=EpisodeStatus.READY)
        withdrawals.withdraw_name(connection, "Luc Petit", "Objection", 1, NOW)
        assert changes(connection, other)[0] == 0
        assert {change.episode_id for change in list_changes(connection, 0)} == {episode}
        with pytest.raises(WithdrawalError):
            withdrawals.withdraw_name(connection, " ?! ", "x", 1, NOW)


def test_an_episode_is_read_by_nobody_and_comes_back_as_it_was(database: Database, episode: int):
    with database.write() as connection:
        act = withdrawals.withdraw_episode(connection, episode, "Objection", 1, NOW)
        assert episodes.get_episode(connection, episode).private
        assert episodes.list_episodes(connection) == []
        assert withdrawals.withdrawn_since(connection, episode) == NOW
        with pytest.raises(WithdrawalError):
            withdrawals.withdraw_episode(connection, episode, "encore", 1, NOW)
        withdrawals.lift_withdrawal(connection, act, "Accord", 1, NOW)
        assert not episodes.get_episode(connection, episode).private
        assert withdrawals.withdrawn_since(connection, episode) is None


def test_a_private_episode_stays_private_when_its_withdrawal_is_lifted(database: Database, episode: int):
    with database.write() as connection:
        episodes.update_episode(connection, episode, {"private": True})
        act = withdrawals.withdraw_episode(connection, episode, "Objection", 1, NOW)
        withdrawals.lift_withdrawal(connection, act, "Accord", 1, NOW)
        assert episodes.get_episode(connection, episode).private


def test_the_log_says_who_when_and_why_and_keeps_what_was_lifted(database: Database, episode: int):
    with database.write() as connection:
        turn = turns(connection, episode)[0]
        act = withdrawals.withdraw_words(connection, turn.id, (2, 3), "Demande du 2 mars", 1, NOW)
        withdrawals.withdraw_episode(connection, episode, "Tout", None, NOW)
        withdrawals.lift_withdrawal(connection, act, "Accord", 1, NOW)
        last = last_change(connection)
        withdrawals.lift_withdrawal(connection, act, "Encore", 1, NOW)
        assert last_change(connection) == last
        whole, passage = withdrawals.list_withdrawals(connection)
        assert (passage.kind, passage.reason, passage.made_by) == (
            WithdrawalKind.PASSAGE,
            "Demande du 2 mars",
            "Zoé",
        )
        assert (passage.lifted_at, passage.lifted_by, passage.lift_reason) == (NOW, "Zoé", "Accord")
        assert (whole.kind, whole.made_by, whole.lifted_at) == (WithdrawalKind.EPISODE, None, None)
        acts = connection.execute(select(schema.revision.c.act, schema.revision.c.detail)).all()
        assert "Petit" not in repr(acts)

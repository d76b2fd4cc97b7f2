"""Whoever corrects neither reads what is withdrawn, nor overwrites it: it comes back when that is lifted."""

import pytest
from sqlalchemy import Connection

from media import episodes, shows, transcripts
from media.correction import acts, history, proposals
from media.correction.authors import Author
from media.correction.errors import WithdrawnWordsError
from media.correction.saving import Save, save_turn
from media.database import Database
from media.people import withdrawals
from media.transcript import Transcript, Word, speech_turn
from tests.media.conftest import NOW

ZOE = Author(None, "Zoé")


def say(text: str, start_ms: int) -> list[Word]:
    starts = range(start_ms, start_ms + 300 * len(text.split()), 300)
    return [Word(word, start, start + 250) for word, start in zip(text.split(), starts, strict=True)]


@pytest.fixture
def turn(database: Database) -> transcripts.StoredTurn:
    words = say("je vis rue du Pont", 0)
    after = say("merci à vous", 5_000)
    with database.write() as connection:
        show = shows.add_show(connection, "Émission", NOW)
        episode = episodes.add_episode(connection, show.id, "g", "Épisode", NOW)
        said = Transcript((speech_turn(words, 1), speech_turn(after, 1)), "fr", "t")
        transcripts.save_machine_transcript(connection, episode, said, "r", NOW)
        transcripts.name_voice(connection, episode, 1, "Luc Petit", NOW)
        held = transcripts.list_turns(connection, episode)[0]
        acts.save_text(connection, held.id, held.version, "je vis rue du Pontet", ZOE, NOW)
        return transcripts.get_turns(connection, [held.id])[held.id]


def withdraw(connection: Connection, turn: transcripts.StoredTurn) -> int:
    return withdrawals.withdraw_words(connection, turn.id, (2, 4), "Adresse", None, NOW)


def test_no_version_of_a_turn_shows_what_is_withdrawn(database: Database, turn: transcripts.StoredTurn):
    with database.write() as connection:
        withdraw(connection, turn)
        withdrawals.withdraw_name(connection, "Luc Petit", "Objection", None, NOW)
        shown = repr(history.list_versions(connection, turn.id))
        shown += repr(history.list_acts(connection, turn.episode_id))
        assert "Pont" not in shown and "Petit" not in shown
        assert "je vis" in " ".join(held.text for held in history.list_versions(connection, turn.id))


def test_a_text_over_withdrawn_words_is_kept_and_changes_nothing(
    database: Database, turn: transcripts.StoredTurn
):
    with database.write() as connection:
        act = withdraw(connection, turn)
    typed = Save(turn.id, turn.version, "je vis [passage retiré] ici")
    with pytest.raises(WithdrawnWordsError) as refused:
        save_turn(database, typed, ZOE, NOW)
    assert refused.value.conflict_id is not None
    assert refused.value.current is not None
    assert "Pont" not in refused.value.current.turn.text
    with database.write() as connection:
        withdrawals.lift_withdrawal(connection, act, "Accord", None, NOW)
        assert transcripts.get_turns(connection, [turn.id])[turn.id].turn == turn.turn
    save_turn(database, Save(turn.id, turn.version, "je vis ici"), ZOE, NOW)


def test_a_proposal_for_withdrawn_words_shows_none_of_them(database: Database, turn: transcripts.StoredTurn):
    with database.write() as connection:
        text = "je vis rue du Pontet, à Luc Petit"
        _, secret = proposals.propose(connection, turn.id, turn.version, text, Author(None, "Léa"), NOW)
        withdrawals.withdraw_name(connection, "Luc Petit", "Objection", None, NOW)
        shown = proposals.list_proposals(connection)
        assert "Pontet" in shown[0].text and "Petit" not in shown[0].text
        act = withdraw(connection, turn)
        shown = [*proposals.list_proposals(connection), proposals.find_proposal(connection, secret)]
        assert len(shown) == 2 and "Pont" not in repr(shown)
        withdrawals.lift_withdrawal(connection, act, "Accord", None, NOW)
        assert "Pontet" in proposals.list_proposals(connection)[0].text


def test_a_turn_with_withdrawn_words_is_neither_merged_nor_cut(
    database: Database, turn: transcripts.StoredTurn
):
    with database.write() as connection:
        withdraw(connection, turn)
        after = transcripts.list_turns(connection, turn.episode_id)[1]
    for change in (
        lambda connection: acts.split_turn(connection, turn.id, turn.version, 2, ZOE, NOW),
        lambda connection: acts.merge_turns(
            connection, (turn.id, turn.version), (after.id, after.version), ZOE, NOW
        ),
    ):
        with database.write() as connection, pytest.raises(WithdrawnWordsError):
            change(connection)

"""What is proposed waits beside the text, and its proposer learns what became of it."""

from dataclasses import replace

import pytest

from media import transcripts
from media.correction import acts, history, proposals, retranscription, undoing
from media.correction.authors import Author
from media.correction.errors import (
    EmptyProposalError,
    ProposalDecidedError,
    ReasonMissingError,
    TurnConflictError,
)
from media.correction.proposals import Fate, Source
from media.transcript import Transcript, Turn, TurnState, speech_turn
from tests.media.conftest import NOW
from tests.media.correction.conftest import Desk, machine_turns, say

VISITOR = Author(None, "Une auditrice")


def test_a_visitor_s_proposal_is_accepted_in_their_name_and_they_see_it(desk: Desk):
    turn = desk.turn(1)
    text = turn.turn.text.replace("mooflow", "MoveFlow")
    with desk.database.write() as connection:
        proposal_id, secret = proposals.propose(
            connection, turn.id, 0, text, VISITOR, NOW, comment="mon métier"
        )
        (waiting,) = proposals.list_proposals(connection)
        assert (waiting.id, waiting.fate, waiting.comment) == (proposal_id, Fate.WAITING, "mon métier")
        proposals.accept(connection, proposal_id, desk.luk, NOW)
        seen = proposals.find_proposal(connection, secret)
        assert seen is not None
        assert (seen.fate, seen.decider) == (Fate.ACCEPTED, "Luk")
        assert proposals.find_proposal(connection, secret + "x") is None
        last = history.list_versions(connection, turn.id)[-1]
        assert (last.author, last.kind, last.reason) == (VISITOR, "proposal", "mon métier")
        assert proposals.count_proposals(connection, VISITOR)[Fate.ACCEPTED] == 1
        with pytest.raises(ProposalDecidedError):
            proposals.accept(connection, proposal_id, desk.zoe, NOW)
    assert desk.turn(1).turn.text == text
    assert desk.turn(1).turn.state is TurnState.MACHINE


def test_a_proposal_is_adjusted_or_returned_with_a_reason(desk: Desk):
    turn = desk.turn(0)
    with desk.database.write() as connection:
        first, secret = proposals.propose(connection, turn.id, 0, "Bonsoir à tous.", VISITOR, NOW)
        second, _ = proposals.propose(connection, turn.id, 0, "Salut.", VISITOR, NOW)
        proposals.adjust(connection, first, 0, "Bonsoir à toutes.", desk.luk, NOW)
        seen = proposals.find_proposal(connection, secret)
        assert seen is not None
        assert seen.fate is Fate.ADJUSTED
        with pytest.raises(ReasonMissingError):
            proposals.return_proposal(connection, second, " ", desk.luk, NOW)
        proposals.return_proposal(connection, second, "On entend « bonsoir ».", desk.luk, NOW)
        assert proposals.get_proposal(connection, second).answer == "On entend «\xa0bonsoir\xa0»."
    assert desk.turn(0).turn.text == "Bonsoir à toutes."


def test_a_proposal_over_a_text_that_changed_since_is_not_accepted_blindly(desk: Desk):
    turn = desk.turn(0)
    with desk.database.write() as connection:
        proposal_id, _ = proposals.propose(connection, turn.id, 0, "Bonsoir.", VISITOR, NOW)
        acts.save_text(connection, turn.id, 0, "Bonjour.", desk.zoe, NOW)
        with pytest.raises(TurnConflictError) as caught:
            proposals.accept(connection, proposal_id, desk.luk, NOW)
        assert caught.value.typed == "Bonsoir."
        with pytest.raises(TurnConflictError):
            proposals.propose(connection, turn.id, 0, "Bonne nuit.", VISITOR, NOW)


@pytest.mark.parametrize("text", ["", " \x00", "le même"])
def test_a_proposal_that_changes_nothing_is_refused(desk: Desk, text: str):
    turn = desk.turn(0)
    same = turn.turn.text if text == "le même" else text
    with desk.database.write() as connection, pytest.raises(EmptyProposalError):
        proposals.propose(connection, turn.id, 0, same, VISITOR, NOW)


def hear_again(desk: Desk, turns: tuple[Turn, ...], run: str = "run-2") -> int:
    with desk.database.write() as connection:
        transcript = Transcript(turns, "fr", "large")
        assert not transcripts.save_machine_transcript(connection, desk.episode_id, transcript, run, NOW)
        count = retranscription.propose_retranscription(connection, desk.episode_id, run, NOW)
        assert retranscription.propose_retranscription(connection, desk.episode_id, run, NOW) == 0
    return count


def other_hearing(**changed: str) -> tuple[Turn, ...]:
    """The same audio heard with other words here and there."""
    turns = []
    for turn in machine_turns():
        words = [
            replace(word, text=text)
            for word in turn.words
            if (text := changed.get(word.text.strip(",."), word.text))
        ]
        turns.append(replace(turn, words=tuple(words)) if turn.words else turn)
    return tuple(turns)


@pytest.fixture
def touched(desk: Desk) -> Desk:
    with desk.database.write() as connection:
        acts.set_state(connection, desk.turn(0).id, 0, TurnState.READ, desk.zoe, NOW)
    return desk


def test_a_machine_that_hears_again_proposes_word_by_word_and_overwrites_nothing(touched: Desk):
    before = touched.read()
    assert hear_again(touched, other_hearing(mooflow="MoveFlow", été="hiver,", libre="")) == 3
    assert touched.read() == before
    with touched.database.write() as connection:
        offered = proposals.list_proposals(connection, source=Source.MACHINE)
        assert [(offer.replaced, offer.text) for offer in offered] == [
            ("mooflow", "MoveFlow"),
            ("libre.", ""),
            ("été", "hiver,"),
        ]
        for offer in offered:  # each after the other: the turn's version goes on
            proposals.accept(connection, offer.id, touched.luk, NOW)
    assert touched.turn(1).turn.text == "Merci de nous recevoir, nous parlons de MoveFlow et du"
    assert touched.turn(4).turn.text == "Eh bien voilà, c’était un hiver, à la mairie."
    assert [w.start_ms for w in touched.turn(4).turn.words] == [w.start_ms for w in before[4].turn.words]


def test_what_a_machine_adds_goes_into_the_turn_that_was_not_over(touched: Desk):
    turns = list(machine_turns())
    words = list(turns[1].words)
    words[3:4] = [
        replace(words[3], end_ms=(words[3].start_ms or 0) + 90),
        *say("très", words[3].start_ms or 0),
    ]
    turns[1] = speech_turn(words, 2)
    assert hear_again(touched, tuple(turns)) == 1
    with touched.database.write() as connection:
        (offer,) = proposals.list_proposals(connection)
        assert (offer.replaced, offer.text, offer.first_word, offer.last_word) == ("", "très", 4, 3)
        acts.save_text(connection, offer.turn_id, 0, "Ah oui " + touched.turn(1).turn.text, touched.zoe, NOW)
        outcome = proposals.accept(connection, offer.id, touched.luk, NOW)
        assert "recevoir, très nous parlons" in touched_text(outcome)
        undoing.undo(connection, outcome.act_id or 0, touched.luk, NOW)


def touched_text(outcome: acts.Outcome) -> str:
    return outcome.turns[0].turn.text


def test_a_machine_s_words_for_words_that_changed_are_refused(touched: Desk):
    hear_again(touched, other_hearing(mooflow="MoveFlow"))
    with touched.database.write() as connection:
        (offer,) = proposals.list_proposals(connection)
        acts.save_text(connection, offer.turn_id, 0, "Tout autre chose.", touched.zoe, NOW)
        with pytest.raises(ProposalDecidedError):
            proposals.accept(connection, offer.id, touched.luk, NOW)


def test_what_was_returned_is_not_proposed_again_and_a_later_machine_overtakes(touched: Desk):
    assert hear_again(touched, other_hearing(mooflow="MoveFlow", été="hiver")) == 2
    with touched.database.write() as connection:
        offered = proposals.list_proposals(connection)
        proposals.return_proposal(connection, offered[0].id, "", touched.luk, NOW)
    assert hear_again(touched, other_hearing(mooflow="MoveFlow", été="hivers"), "run-3") == 1
    with touched.database.read() as connection:
        assert [offer.text for offer in proposals.list_proposals(connection)] == ["hivers"]
        assert proposals.get_proposal(connection, offered[1].id).fate is Fate.OVERTAKEN


def test_a_machine_replaces_the_turns_where_nobody_worked(desk: Desk):
    with desk.database.write() as connection:
        transcript = Transcript(other_hearing(mooflow="MoveFlow"), "fr", "large")
        assert transcripts.save_machine_transcript(connection, desk.episode_id, transcript, "run-2", NOW)
        assert retranscription.propose_retranscription(connection, desk.episode_id, "run-2", NOW) == 0
    assert "MoveFlow" in desk.turn(1).turn.text


def test_an_identity_is_never_given_twice(desk: Desk):
    seen = {held.id for held in desk.read()}
    with desk.database.write() as connection:
        transcript = Transcript(machine_turns(), "fr", "large")
        transcripts.save_machine_transcript(connection, desk.episode_id, transcript, "run-2", NOW)
    assert not seen & {held.id for held in desk.read()}

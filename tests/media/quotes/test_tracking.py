"""A quote says truthfully what became of its words."""

from datetime import timedelta

from media.correction import acts, undoing
from media.correction.speakers import Scope, assign_speaker
from media.people import withdrawals
from media.quotes.values import Fate
from media.transcript import Transcript, TurnState, speech_turn
from media.transcripts import name_voice, save_machine_transcript
from tests.media.conftest import NOW
from tests.media.correction.conftest import say
from tests.media.quotes.conftest import Quoting, on_both

LATER = NOW + timedelta(days=1)


def correct(quoting: Quoting, place: int, text: str) -> int:
    turn, zoe = quoting.desk.turn(place), quoting.desk.zoe
    outcome = quoting.act(acts.save_text, turn.id, turn.version, text, zoe, LATER)
    assert isinstance(outcome, acts.Outcome) and outcome.act_id is not None
    return outcome.act_id


def test_a_quote_that_nobody_touched_is_the_same(quoting: Quoting):
    quote = quoting.quote((1, 1, 1, 4))
    shown = quoting.show(quote)
    assert (quote.text, shown.quote.text) == ("de nous recevoir, nous",) * 2
    assert shown.standing.fate is Fate.SAME and shown.standing.fates == ()
    assert shown.standing.text == quote.text and shown.standing.says_the_same


@on_both
def test_a_correction_is_told_with_its_author_its_day_and_the_difference(quoting: Quoting):
    quote = quoting.quote((1, 4, 1, 7))  # nous parlons de mooflow
    correct(quoting, 1, "Merci de nous recevoir, nous parlons de MoveFlow et du libre.")
    standing = quoting.show(quote).standing
    assert standing.fates == (Fate.CORRECTED,)
    assert (quoting.show(quote).quote.text, standing.text) == (
        "nous parlons de mooflow",
        "nous parlons de MoveFlow",
    )
    assert [run.before + run.after for run in standing.differences[0] if not run.kept] == [
        ("mooflow", "MoveFlow")
    ]
    assert [(change.author, change.made_at) for change in standing.changes] == [("Zoe", LATER)]


def test_a_correction_beside_a_quote_changes_nothing_of_it(quoting: Quoting):
    quote = quoting.quote((1, 4, 1, 6))
    correct(quoting, 1, "Un grand merci de nous recevoir, nous parlons de MoveFlow et du libre.")
    standing = quoting.show(quote).standing
    assert (standing.fate, standing.text) == (Fate.SAME, "nous parlons de")
    assert standing.spans[0][0].first_word == 6


def test_what_is_undone_is_the_same_again(quoting: Quoting):
    quote = quoting.quote((1, 4, 1, 7))
    act_id = correct(quoting, 1, "Rien à voir.")
    assert quoting.fates(quote) == (Fate.CORRECTED,)
    quoting.act(undoing.undo, act_id, quoting.desk.zoe, LATER)
    shown = quoting.show(quote)
    assert shown.standing.fate is Fate.SAME
    assert [change.fate for change in shown.standing.changes] == [Fate.CORRECTED, Fate.SAME]


def test_words_taken_out_are_lost_and_what_is_there_now_is_shown(quoting: Quoting):
    quote = quoting.quote((1, 6, 1, 7))
    correct(quoting, 1, "Merci de nous recevoir, nous parlons et du libre.")
    standing = quoting.show(quote).standing
    assert (standing.fate, standing.text) == (Fate.LOST, None)
    assert quoting.show(quote).quote.text == "de mooflow"


@on_both
def test_a_quote_cut_apart_joined_and_moved_keeps_its_words(quoting: Quoting):
    quote, zoe = quoting.quote((3, 0, 3, 3)), quoting.desk.zoe
    turn = quoting.desk.turn(3)
    quoting.act(acts.split_turn, turn.id, turn.version, 2, zoe, LATER)
    assert quoting.fates(quote) == (Fate.CUT,)
    assert quoting.show(quote).standing.text == quote.text
    first, second = quoting.desk.turn(3), quoting.desk.turn(4)
    quoting.act(acts.merge_turns, (first.id, first.version), (second.id, second.version), zoe, LATER)
    assert quoting.fates(quote) == ()
    both = quoting.quote((3, 4, 4, 1))
    first, second = quoting.desk.turn(3), quoting.desk.turn(4)
    quoting.act(acts.merge_turns, (first.id, first.version), (second.id, second.version), zoe, LATER)
    assert quoting.fates(both) == (Fate.RENAMED, Fate.JOINED)  # two voices are one
    assert quoting.show(both).standing.text == both.text


def test_words_that_a_boundary_carries_to_another_turn_are_found_there(quoting: Quoting):
    quote, zoe = quoting.quote((3, 4, 3, 5)), quoting.desk.zoe
    first, second = quoting.desk.turn(3), quoting.desk.turn(4)
    quoting.act(acts.move_boundary, (first.id, first.version), (second.id, second.version), 3, zoe, LATER)
    standing = quoting.show(quote).standing
    assert (standing.fate, standing.text) == (Fate.MOVED, quote.text)
    assert standing.spans[0][0].turn_id == second.id


def test_a_voice_that_is_named_is_told(quoting: Quoting):
    quote = quoting.quote((1, 0, 1, 3))
    quoting.act(name_voice, quoting.desk.episode_id, 2, "Zoé Martin", LATER, quoting.desk.zoe.account_id)
    standing = quoting.show(quote).standing
    assert (quote.speakers, standing.fates) == ((), (Fate.RENAMED,))
    assert standing.spans[0][0].speaker == "Zoé Martin"
    assert [(change.fate, change.author) for change in standing.changes] == [(Fate.RENAMED, "Zoe")]


def test_a_turn_given_to_somebody_is_told(quoting: Quoting):
    quote, turn = quoting.quote((1, 0, 1, 3)), quoting.desk.turn(1)
    quoting.act(assign_speaker, turn.id, turn.version, "Luk", Scope.TURN, quoting.desk.luk, LATER)
    standing = quoting.show(quote).standing
    assert standing.fates == (Fate.RENAMED,)
    assert [change.author for change in standing.changes] == ["Luk"]


def test_reading_and_validating_change_no_quote(quoting: Quoting):
    quote, turn = quoting.quote((1, 0, 1, 3)), quoting.desk.turn(1)
    quoting.act(acts.set_state, turn.id, turn.version, TurnState.READ, quoting.desk.zoe, LATER)
    shown = quoting.show(quote)
    assert (shown.standing.fate, shown.check) == (Fate.SAME, "read")
    assert quote.state is TurnState.MACHINE


def test_another_transcript_is_searched_for_the_words(quoting: Quoting):
    quote = quoting.quote((1, 4, 1, 9))
    turns = (
        speech_turn(say("Bonjour à tous et à toutes, bienvenue.", 0), 1),
        speech_turn(say("Merci de nous recevoir, nous parlons de MoveFlow et du libre.", 2_400), 2),
    )
    transcript = Transcript(turns, "fr", "other")
    quoting.act(save_machine_transcript, quoting.desk.episode_id, transcript, "again", LATER)
    standing = quoting.show(quote).standing
    assert standing.fates == (Fate.RETRANSCRIBED,)
    assert standing.text == "nous parlons de MoveFlow et du"
    assert not standing.says_the_same
    assert [(change.fate, change.made_at) for change in standing.changes] == [(Fate.RETRANSCRIBED, LATER)]


def test_what_another_transcript_has_nothing_of_is_lost(quoting: Quoting):
    quote = quoting.quote((1, 4, 1, 9))
    transcript = Transcript((speech_turn(say("Un tout autre sujet.", 2_400), 1),), "fr", "other")
    quoting.act(save_machine_transcript, quoting.desk.episode_id, transcript, "again", LATER)
    standing = quoting.show(quote).standing
    assert standing.fates == (Fate.LOST, Fate.RETRANSCRIBED)
    assert " ".join(piece.text for piece in standing.nearby) == "sujet."


def test_withdrawn_words_are_given_back_nowhere(quoting: Quoting):
    quote, turn = quoting.quote((1, 4, 1, 7)), quoting.desk.turn(1)
    quoting.act(withdrawals.withdraw_words, turn.id, None, "asked", None, LATER)
    shown = quoting.show(quote)
    assert (shown.standing.fate, shown.standing.withdrawn_at) == (Fate.WITHDRAWN, LATER)
    assert "mooflow" not in repr(shown) and "recevoir" not in repr(shown)


def test_words_corrected_and_then_withdrawn_are_given_back_nowhere(quoting: Quoting):
    quote = quoting.quote((1, 4, 1, 7))
    correct(quoting, 1, "Merci de nous recevoir, on cause de MoveFlow et du libre.")
    turn = quoting.desk.turn(1)
    quoting.act(withdrawals.withdraw_words, turn.id, (4, 7), "asked", None, LATER)
    shown = quoting.show(quote)
    assert shown.standing.fate is Fate.WITHDRAWN
    assert not {"mooflow", "MoveFlow", "parlons", "cause"} & set(repr(shown).replace("'", " ").split())


def test_some_words_withdrawn_leave_the_others(quoting: Quoting):
    quote, turn = quoting.quote((1, 4, 1, 7)), quoting.desk.turn(1)
    quoting.act(withdrawals.withdraw_words, turn.id, (7, 8), "asked", None, LATER)
    shown = quoting.show(quote)
    assert shown.standing.fate is Fate.PARTLY_WITHDRAWN
    assert shown.quote.text.startswith("nous parlons de [") and "mooflow" not in repr(shown)


def test_a_withdrawal_that_is_lifted_gives_the_quote_back(quoting: Quoting):
    quote, turn = quoting.quote((1, 4, 1, 7)), quoting.desk.turn(1)
    act = quoting.act(withdrawals.withdraw_words, turn.id, None, "asked", None, LATER)
    quoting.act(withdrawals.lift_withdrawal, act, "agreed", None, LATER)
    assert quoting.show(quote).quote.text == quote.text


def test_an_episode_withdrawn_says_nothing_more(quoting: Quoting):
    quote = quoting.quote((1, 4, 1, 7))
    quoting.act(withdrawals.withdraw_episode, quoting.desk.episode_id, "asked", None, LATER)
    shown = quoting.show(quote)
    assert (shown.standing.fate, shown.standing.since) == (Fate.WITHDRAWN, LATER)
    assert "mooflow" not in repr(shown) and "Premier" not in repr(shown)


def test_a_withdrawn_name_is_not_said_by_a_quote(quoting: Quoting):
    quote = quoting.quote((1, 4, 1, 7))
    quoting.act(withdrawals.withdraw_name, "Mooflow", "asked", None, LATER)
    shown = quoting.show(quote)
    assert shown.standing.fate is Fate.SAME
    assert "mooflow" not in repr(shown)

"""Each change that a quote tells is what one act did, and no old reading gives back what is withdrawn."""

from collections.abc import Callable
from datetime import datetime, timedelta

from media.correction import acts, undoing
from media.correction.speakers import Scope, assign_speaker
from media.people import withdrawals
from media.quotes.values import Change, Fate, Quote
from media.texts.installing import install_text
from media.transcript import Edition
from media.transcripts import list_turns, name_voice
from tests.media.conftest import NOW
from tests.media.quotes.conftest import Quoting
from tests.media.texts.conftest import Page

PUBLISHED = """Anne : Bonjour à toutes et à tous, la mairie passe au logiciel libre.
Luk : Merci de nous recevoir, nous parlons de mooflow."""


def day(number: int) -> datetime:
    return NOW + timedelta(days=number)


def change(
    quoting: Quoting, act: Callable[..., object], place: int, at: int, *values: object
) -> acts.Outcome:
    turn = quoting.desk.turn(place)
    outcome = quoting.act(act, turn.id, turn.version, *values, quoting.desk.zoe, day(at))
    assert isinstance(outcome, acts.Outcome)
    return outcome


def merge(quoting: Quoting, place: int, at: int) -> None:
    pair = [(turn.id, turn.version) for turn in quoting.desk.read()[place : place + 2]]
    quoting.act(acts.merge_turns, *pair, quoting.desk.luk, day(at))


def told(quoting: Quoting, quote: Quote) -> list[tuple[Fate, str, datetime]]:
    changes: tuple[Change, ...] = quoting.show(quote).standing.changes
    return [(one.fate, one.author, one.made_at) for one in changes]


def test_a_split_and_a_merge_after_a_correction_are_told_as_what_they_are(quoting: Quoting):
    quote = quoting.quote((1, 2, 1, 7))  # nous recevoir, nous parlons de mooflow
    change(quoting, acts.save_text, 1, 1, "Merci de nous recevoir, nous parlons de MoveFlow et du libre.")
    change(quoting, acts.split_turn, 1, 2, 4)
    merge(quoting, 1, 3)
    assert told(quoting, quote) == [
        (Fate.CORRECTED, "Zoe", day(1)),
        (Fate.CUT, "Zoe", day(2)),
        (Fate.JOINED, "Luk", day(3)),
    ]
    assert quoting.fates(quote) == (Fate.CORRECTED,)


def test_words_corrected_twice_and_put_back_are_told_each_time(quoting: Quoting):
    quote = quoting.quote((1, 4, 1, 7))
    change(quoting, acts.split_turn, 1, 1, 5)
    outcome = change(quoting, acts.save_text, 2, 2, "parlons de MoveFlow et du libre.")
    quoting.act(undoing.undo, outcome.act_id, quoting.desk.zoe, day(3))
    assert [fate for fate, _, _ in told(quoting, quote)] == [Fate.CUT, Fate.CORRECTED, Fate.SAME]


def test_a_merge_that_gives_words_to_another_voice_says_who_did_it_and_when(quoting: Quoting):
    quoting.act(name_voice, quoting.desk.episode_id, 1, "Luk Roy", NOW, quoting.desk.luk.account_id)
    quote = quoting.quote((4, 0, 4, 3))
    merge(quoting, 3, 1)
    assert quoting.fates(quote) == (Fate.RENAMED, Fate.MOVED)
    assert told(quoting, quote) == [(Fate.MOVED, "Luk", day(1)), (Fate.RENAMED, "Luk", day(1))]


def test_a_turn_given_to_another_voice_is_told_once(quoting: Quoting):
    quote = quoting.quote((1, 0, 1, 3))
    change(quoting, assign_speaker, 1, 1, "Luk", Scope.TURN)
    assert told(quoting, quote) == [(Fate.RENAMED, "Zoe", day(1))]


def test_a_word_written_taken_out_and_then_withdrawn_is_in_no_old_reading(quoting: Quoting):
    quote = quoting.quote((1, 4, 1, 7))
    change(quoting, acts.save_text, 1, 1, "Merci de nous recevoir, nous parlons de Mareva et du libre.")
    change(quoting, acts.save_text, 1, 2, "Merci de nous recevoir, nous parlons de mooflow et de Mareva.")
    turn = quoting.desk.turn(1)
    assert "Mareva" in repr(quoting.show(quote))
    word = [word.text for word in turn.turn.words].index("Mareva.")
    quoting.act(withdrawals.withdraw_words, turn.id, (word, word), "asked", None, day(3))
    shown = quoting.show(quote)
    assert shown.standing.fate is Fate.SAME
    assert len(shown.standing.changes) == 2
    assert "Mareva" not in repr(shown)


def test_a_name_withdrawn_is_in_no_old_reading(quoting: Quoting):
    quote = quoting.quote((1, 4, 1, 7))
    change(quoting, acts.save_text, 1, 1, "Merci de nous recevoir, nous parlons de Mareva Petit et du libre.")
    change(quoting, acts.save_text, 1, 2, "Merci de nous recevoir, nous parlons d’elle et du libre.")
    assert "Mareva Petit" in repr(quoting.show(quote))
    quoting.act(withdrawals.withdraw_name, "Mareva Petit", "asked", None, day(3))
    shown = quoting.show(quote)
    assert "Mareva" not in repr(shown)
    assert len(shown.standing.changes) == 2


def test_a_quote_of_a_published_text_is_followed_when_it_is_imported_again(quoting: Quoting):
    desk = quoting.desk

    def install(text: str, at: int) -> None:
        page = Page(text)
        quoting.act(install_text, desk.episode_id, page.read, page.given(), desk.zoe, day(at))

    install(PUBLISHED, 0)
    with desk.database.read() as connection:
        turns = list_turns(connection, desk.episode_id, Edition.PUBLISHED)
    places = [[held.id for held in desk.read()].index(turn.id) for turn in turns]
    kept, touched = (quoting.quote((place, 2, place, 7), edition=Edition.PUBLISHED) for place in places)
    install(PUBLISHED.replace("mooflow", "MoveFlow"), 1)
    assert (quoting.show(kept).standing.fate, told(quoting, kept)) == (Fate.SAME, [])
    standing = quoting.show(touched).standing
    assert standing.fates == (Fate.CORRECTED,)
    assert standing.text == "nous recevoir, nous parlons de MoveFlow."
    assert told(quoting, touched) == [(Fate.CORRECTED, "wiki.april.org", day(1))]

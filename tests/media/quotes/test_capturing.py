"""What is frozen, what is refused, who heard it, what its author may do."""

from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select, update

from media import schema, shows
from media.correction import acts, undoing
from media.errors import NotFoundError
from media.people import withdrawals
from media.quotes import tables
from media.quotes.capturing import MAX_QUOTE_MS, MAX_QUOTE_WORDS, capture, find_span, read_quote
from media.quotes.errors import (
    NothingToHearError,
    NoTimesError,
    NoWordsError,
    QuoteError,
    QuoteTooLongError,
    RangeReversedError,
    WordsGoneError,
    WordsWithdrawnError,
)
from media.quotes.exporting import write_csv
from media.quotes.hearings import list_heard_words, record_hearing
from media.quotes.showing import hide_quote, list_own_quotes, list_quotes
from media.quotes.values import Check, Fate, Place, Quote, Span
from media.transcript import Edition, Word, pack_words
from media.transcripts import get_turns
from tests.media.conftest import NOW
from tests.media.quotes.conftest import Quoting

LATER = NOW + timedelta(days=1)


def publish(quoting: Quoting, text: str) -> int:
    """Give the episode a published text without times: one turn."""
    row = insert(schema.turn).values(
        episode_id=quoting.desk.episode_id,
        edition=Edition.PUBLISHED,
        position=0,
        kind="speech",
        words=pack_words([Word(word) for word in text.split(" ")]),
        state="machine",
    )
    with quoting.desk.database.write() as connection:
        return int(connection.execute(row.returning(schema.turn.c.id)).scalar_one())


def give_sound(quoting: Quoting) -> None:
    with quoting.desk.database.write() as connection:
        audio = {"sha256": "a" * 64, "suffix": ".mp3", "media_type": "audio/mpeg", "size_bytes": 1}
        connection.execute(insert(schema.audio).values(audio))
        connection.execute(update(schema.episode).values(listening_sha256="a" * 64, original_sha256="a" * 64))


def test_a_quote_freezes_all_that_proves_it(quoting: Quoting):
    give_sound(quoting)
    with quoting.desk.database.write() as connection:
        connection.execute(update(schema.show).values(licence="cc-by-sa-4.0", notice="Gardez ceci."))
    quote = quoting.quote((1, 4, 1, 7), author=quoting.desk.zoe)
    assert (quote.show, quote.episode, quote.licence, quote.notice) == (
        "Là-haut", "Premier", "cc-by-sa-4.0", "Gardez ceci.",
    )  # fmt: skip
    assert (quote.original_sha256, quote.copy_sha256, quote.author) == ("a" * 64, "a" * 64, "Zoe")
    assert quote.start is not None and quote.start.heard
    assert " ".join(piece.text for piece in quote.before).endswith("Merci de nous recevoir,")
    assert " ".join(piece.text for piece in quote.after).startswith("et du libre. Alors")
    assert len(quote.id) == 12 and quote == quoting.show(quote).quote


def test_the_same_words_by_the_same_person_are_one_quote_and_by_another_two(quoting: Quoting):
    zoe, luk = quoting.desk.zoe, quoting.desk.luk
    ids = [quoting.quote((1, 0, 1, 2), author=who).id for who in (zoe, zoe, luk, None, None)]
    assert ids[0] == ids[1] and ids[3] == ids[4] and len(set(ids)) == 3


def test_what_is_left_out_is_shown_and_what_touches_is_no_cut(quoting: Quoting):
    assert quoting.quote((1, 0, 1, 1), (1, 4, 1, 5)).text == "Merci de […] nous parlons"
    assert quoting.quote((1, 0, 1, 1), (1, 2, 1, 3)).text == "Merci de nous recevoir,"


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ([(1, 5, 1, 2)], RangeReversedError),
        ([(1, 4, 1, 5), (1, 0, 1, 1)], RangeReversedError),
        ([(1, 0, 1, 3), (1, 2, 1, 5)], RangeReversedError),
        ([(1, 0, 1, 400)], WordsGoneError),
        ([(2, 0, 2, 0)], WordsGoneError),  # music
        ([], NoWordsError),
    ],
)
def test_what_is_no_passage_is_refused_and_nothing_is_made(
    quoting: Quoting, words: list[tuple[int, int, int, int]], error: type[QuoteError]
):
    with pytest.raises(error):
        quoting.quote(*words)
    with quoting.desk.database.read() as connection:
        assert connection.execute(select(func.count()).select_from(tables.quote)).scalar() == 0


def test_a_quotation_is_short(quoting: Quoting):
    turn_id = publish(quoting, " ".join(["mot"] * (MAX_QUOTE_WORDS + 1)))
    span = Span(Place(turn_id, 0), Place(turn_id, MAX_QUOTE_WORDS))
    with quoting.desk.database.write() as connection:
        for asked, refused in ((span, True), (Span(span.first, Place(turn_id, MAX_QUOTE_WORDS - 1)), False)):
            arguments = (connection, quoting.desk.episode_id, Edition.PUBLISHED, [asked], None, NOW)
            if refused:
                with pytest.raises(QuoteTooLongError):
                    capture(*arguments)
            else:
                assert capture(*arguments).is_smoothed
        with pytest.raises(QuoteTooLongError):
            find_span(connection, quoting.desk.episode_id, Edition.SPOKEN, 0, MAX_QUOTE_MS + 1)
        with pytest.raises(NoTimesError):
            find_span(connection, quoting.desk.episode_id, Edition.PUBLISHED, 0, 1_000)


def test_a_quote_of_one_text_does_not_follow_the_other(quoting: Quoting):
    turn_id = publish(quoting, "Merci de nous recevoir.")
    span = Span(Place(turn_id, 0), Place(turn_id, 3))
    quote = quoting.act(capture, quoting.desk.episode_id, Edition.PUBLISHED, [span], None, NOW)
    assert isinstance(quote, Quote) and (quote.start, quote.text) == (None, "Merci de nous recevoir.")
    quoting.act(acts.save_text, turn_id, 0, "Merci bien de nous recevoir.", quoting.desk.zoe, LATER)
    standing = quoting.show(quote).standing
    assert (standing.fate, standing.text) == (Fate.CORRECTED, "Merci bien de nous recevoir.")


def test_places_count_words_as_readers_see_them(quoting: Quoting):
    turn = quoting.desk.turn(1)
    quoting.act(withdrawals.withdraw_words, turn.id, (0, 3), "asked", None, NOW)
    with quoting.desk.database.read() as connection:
        shown = get_turns(connection, [turn.id])[turn.id].turn.words
    assert shown[1].text == "nous" and shown[0].text.startswith("[")
    quote = quoting.quote((1, 1, 1, 4))
    assert quote.text == "nous parlons de mooflow"
    assert "recevoir" not in repr(quoting.show(quote))
    with pytest.raises(WordsWithdrawnError):
        quoting.quote((1, 0, 1, 4))


def test_a_private_episode_is_not_quoted(quoting: Quoting):
    quote = quoting.quote((1, 0, 1, 3))
    with quoting.desk.database.write() as connection:
        connection.execute(update(schema.episode).values(private=True))
    with pytest.raises(NotFoundError):
        quoting.quote((1, 0, 1, 3))
    shown = quoting.show(quote)
    assert shown.standing.fate is Fate.UNPUBLISHED and "Merci" not in repr(shown)


def test_reading_what_would_be_quoted_writes_nothing(quoting: Quoting):
    turn = quoting.desk.turn(1)
    with quoting.desk.database.read() as connection:
        span = Span(Place(turn.id, 0), Place(turn.id, 3))
        read_quote(connection, quoting.desk.episode_id, Edition.SPOKEN, [span], None, NOW)
        assert list_quotes(connection, quoting.desk.episode_id) == []


def test_who_heard_it_is_told_until_other_words_stand_there_and_when_they_are_back(quoting: Quoting):
    quote, zoe, luk = quoting.quote((1, 4, 1, 7)), quoting.desk.zoe, quoting.desk.luk
    with pytest.raises(NothingToHearError):
        quoting.act(record_hearing, quote.id, zoe, NOW)
    give_sound(quoting)
    quote = quoting.quote((1, 4, 1, 7), author=zoe)
    for who in (zoe, zoe, luk):
        quoting.act(record_hearing, quote.id, who, NOW)
    shown = quoting.show(quote)
    assert [hearing.author for hearing in shown.hearings] == ["Zoe", "Luk"]
    assert shown.check is Check.HEARD
    turn = quoting.desk.turn(1)
    assert quoting.act(list_heard_words, quoting.desk.episode_id, quoting.desk.read()) == {turn.id: [(4, 7)]}
    text = turn.turn.text.replace("mooflow", "MoveFlow")
    outcome = quoting.act(acts.save_text, turn.id, turn.version, text, zoe, LATER)
    assert isinstance(outcome, acts.Outcome)
    assert quoting.act(list_heard_words, quoting.desk.episode_id, quoting.desk.read()) == {}
    shown = quoting.show(quote)
    assert [hearing.overtaken_at for hearing in shown.hearings] == [LATER, LATER]
    assert shown.check is Check.READ
    quoting.act(undoing.undo, outcome.act_id, zoe, LATER)
    assert quoting.show(quote).check is Check.HEARD
    turn = quoting.desk.turn(1)
    quoting.act(acts.save_text, turn.id, turn.version, f"Un grand {turn.turn.text}", zoe, LATER)
    assert quoting.act(list_heard_words, quoting.desk.episode_id, quoting.desk.read()) == {turn.id: [(6, 9)]}


def test_an_author_takes_a_quote_out_of_lists_and_its_address_holds(quoting: Quoting):
    zoe, luk = quoting.desk.zoe, quoting.desk.luk
    assert zoe.account_id and luk.account_id
    quote = quoting.quote((1, 4, 1, 7), author=zoe)
    with pytest.raises(NotFoundError):
        quoting.act(hide_quote, quote.id, luk.account_id, NOW)
    quoting.act(hide_quote, quote.id, zoe.account_id, NOW)
    with quoting.desk.database.read() as connection:
        assert list_own_quotes(connection, zoe.account_id) == []
        kept = list_own_quotes(connection, zoe.account_id, hidden=True)
    assert [shown.quote.text for shown in kept] == [quote.text]
    assert quoting.show(quote).quote.text == quote.text
    assert quote.text in write_csv(kept, "https://radio.example")


def test_a_show_keeps_its_address_when_its_title_changes(quoting: Quoting):
    with quoting.desk.database.write() as connection:
        show = shows.find_show(connection, "Là-haut")
        assert show is not None
        shows.update_show(connection, show.id, {"title": "Autrement"})
        assert shows.get_show(connection, show.id).slug == show.slug == "la-haut"

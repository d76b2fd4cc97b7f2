"""The doubt queue: what is asked, in which order, to whom, and what answers do."""

from datetime import timedelta

import pytest
from sqlalchemy import Connection, event, select, update

from media import schema
from media.correction.acts import save_text, set_state
from media.correction.errors import TurnConflictError
from media.episodes import update_episode
from media.transcript import DoubtKind, TurnState
from media.transcripts import Attribution, get_turns, list_turns, list_voices
from media.volunteering import tables
from media.volunteering.answering import (
    Answer,
    Asked,
    NoAnswerError,
    answer_question,
    save_late,
    take_back,
)
from media.volunteering.doubts import Kind
from media.volunteering.listening import PAUSE, count_play, count_plays
from media.volunteering.questions import LOOP_MS, Question, read_question
from media.volunteering.queue import LEASE, PASSED_OVER, count_doubts, take_doubts
from media.volunteering.sittings import begin_sitting, get_sitting, measure_harvest
from media.volunteering.survey import follow_changes
from tests.media.volunteering.conftest import NOW, Archive


@pytest.fixture
def surveyed(archive: Archive) -> Archive:
    """The archive, once everything was looked at."""
    while follow_changes(archive.database, NOW):
        pass
    return archive


def ask_all(connection: Connection, account_id: int | None = 1) -> list[Question]:
    """Ask all that is in the queue, in order."""
    taken = take_doubts(connection, account_id or 1, NOW, most=100)
    questions = [read_question(connection, doubt_id) for doubt_id in taken]
    return [question for question in questions if question is not None]


def free_all(connection: Connection) -> None:
    """Let every lease go."""
    connection.execute(update(tables.doubt).values(leased_by=None, leased_until=None))


def find(connection: Connection, kind: Kind) -> Question:
    return next(question for question in ask_all(connection) if question.kind is kind)


def test_what_matters_is_asked_and_little_words_are_not(surveyed: Archive):
    with surveyed.database.write() as connection:
        asked = {(question.kind, question.words) for question in ask_all(connection)}
    assert (Kind.NEAR, "Valbrunne") in asked
    assert (Kind.RARE, "mooflow") in asked
    assert (Kind.NUMBER, "2019") in asked
    assert (Kind.LOOP, "alors alors alors alors") in asked
    assert not [words for _, words in asked if words == "de"]
    voices = [question for question in asked if question[0] is Kind.SPEAKER]
    assert len(voices) == 1  # of the second voice: the others hardly speak


def test_the_most_to_be_gained_comes_first_and_the_most_listened_to_before_it(surveyed: Archive):
    with surveyed.database.write() as connection:
        first = ask_all(connection)[0]
        assert (first.kind, first.episode.id) == (Kind.LOOP, surveyed.talk)
        sentence = connection.execute(
            select(tables.doubt.c.id).where(tables.doubt.c.episode_id == surveyed.talk)
        ).scalars()
        assert set(sentence)
        for minute in range(5):
            count_play(connection, surveyed.talk, NOW + timedelta(minutes=minute))
        raised = connection.execute(
            select(tables.doubt.c.gain, tables.doubt.c.priority).where(tables.doubt.c.id == first.id)
        ).one()
    assert raised.priority > raised.gain


def test_plays_are_counted_once_within_a_pause_and_of_known_episodes_only(archive: Archive):
    with archive.database.write() as connection:
        for after in (timedelta(0), PAUSE / 2, PAUSE, PAUSE * 3):
            count_play(connection, archive.talk, NOW + after)
        count_play(connection, 999_999, NOW)
        assert count_plays(connection, archive.talk) == 3
        assert count_plays(connection, 999_999) == 0


def test_a_question_has_its_sentence_and_eight_seconds_of_sound(surveyed: Archive):
    with surveyed.database.write() as connection:
        question = find(connection, Kind.NUMBER)
    assert (question.before, question.words) == ("On a choisi mooflow en", "2019")
    assert question.after.startswith("et de toute façon")
    assert question.end_ms - question.start_ms == LOOP_MS
    assert question.start_ms < question.heard_ms < question.end_ms


def test_two_volunteers_are_not_asked_the_same_until_a_lease_lapses(surveyed: Archive):
    anne, paul = surveyed.anne.account_id or 0, surveyed.paul.account_id or 0
    with surveyed.database.write() as connection:
        hers = take_doubts(connection, anne, NOW)
        his = take_doubts(connection, paul, NOW)
        assert take_doubts(connection, anne, NOW + timedelta(seconds=30)) == hers
        assert not set(hers) & set(his)
        later = NOW + timedelta(seconds=31) + LEASE
        assert set(take_doubts(connection, paul, later)) <= {*hers, *his}


def test_the_next_doubt_is_found_by_the_index_of_the_order(surveyed: Archive):
    """The queue is bounded: nothing is sorted, nothing is read whole."""
    if surveyed.database.url.get_backend_name() != "sqlite":
        pytest.skip("the plan is SQLite's")
    asked: list[tuple[str, object]] = []
    engine = surveyed.database.engine
    note = lambda _c, _cursor, statement, parameters, *_: asked.append((statement, parameters))  # noqa: E731
    event.listen(engine, "before_cursor_execute", note)
    with surveyed.database.write() as connection:
        take_doubts(connection, 1, NOW)
        event.remove(engine, "before_cursor_execute", note)
        statement, parameters = next(held for held in asked if "leased_until IS NULL" in held[0])
        plan = connection.exec_driver_sql("EXPLAIN QUERY PLAN " + statement, parameters).all()
    steps = " / ".join(str(step[-1]) for step in plan)
    assert "USING INDEX ix_doubt_queue" in steps
    assert "TEMP B-TREE" not in steps


def test_confirming_settles_a_doubt_for_good(surveyed: Archive):
    with surveyed.database.write() as connection:
        question = find(connection, Kind.NUMBER)
        sitting = begin_sitting(connection, surveyed.anne.account_id or 0, 10, NOW)
        answered = answer_question(connection, question, sitting, None, "2019", surveyed.anne, NOW)
        assert answered.answer is Answer.CONFIRMED
        held = get_turns(connection, [question.turn_id])[question.turn_id]
        assert held.turn.words[question.first_word].probability is None
    while follow_changes(surveyed.database, NOW):
        pass
    with surveyed.database.write() as connection:
        assert not [each for each in ask_all(connection) if each.kind is Kind.NUMBER]


def test_typing_corrects_the_words_alone_and_keeps_their_times(surveyed: Archive):
    with surveyed.database.write() as connection:
        question = next(each for each in ask_all(connection) if each.words == "mooflow")
        before = get_turns(connection, [question.turn_id])[question.turn_id]
        sitting = begin_sitting(connection, surveyed.anne.account_id or 0, 10, NOW)
        answer_question(connection, question, sitting, None, " MoveFlow ", surveyed.anne, NOW)
        after = get_turns(connection, [question.turn_id])[question.turn_id]
    assert after.turn.text == before.turn.text.replace("mooflow", "MoveFlow")
    assert after.turn.state is TurnState.MACHINE
    kept = [(w.start_ms, w.end_ms) for w in before.turn.words]
    assert [(w.start_ms, w.end_ms) for w in after.turn.words] == kept


def test_an_answer_is_taken_back_and_asked_again(surveyed: Archive):
    anne = surveyed.anne
    with surveyed.database.write() as connection:
        question = find(connection, Kind.NUMBER)
        sitting = begin_sitting(connection, anne.account_id or 0, 10, NOW)
        answer_question(connection, question, sitting, None, "2020", anne, NOW)
        assert take_back(connection, sitting, anne, NOW)
        held = get_turns(connection, [question.turn_id])[question.turn_id]
        assert held.turn.words[question.first_word].text == "2019"
        assert find(connection, Kind.NUMBER).words == "2019"
        assert not take_back(connection, sitting, anne, NOW)


def test_naming_a_voice_names_it_in_the_whole_episode(surveyed: Archive):
    with surveyed.database.write() as connection:
        question = find(connection, Kind.SPEAKER)
        sitting = begin_sitting(connection, surveyed.anne.account_id or 0, 10, NOW)
        answer_question(connection, question, sitting, None, "Hélène Castaing", surveyed.anne, NOW)
        voices = {voice.number: voice for voice in list_voices(connection, surveyed.talk)}
        assert voices[2].name == "Hélène Castaing"
        assert voices[2].attribution is Attribution.HUMAN
        assert take_back(connection, sitting, surveyed.anne, NOW)
        assert find(connection, Kind.SPEAKER).turn_id == question.turn_id


def test_skipping_leaves_it_to_others_and_cannot_tell_marks_it(surveyed: Archive):
    anne, paul = surveyed.anne.account_id or 0, surveyed.paul.account_id or 0
    with surveyed.database.write() as connection:
        sitting = begin_sitting(connection, anne, 10, NOW)
        number, rare = (
            next(e for e in ask_all(connection, anne) if e.words == words) for words in ("2019", "mooflow")
        )
        answer_question(connection, number, sitting, Answer.SKIPPED, "", surveyed.anne, NOW)
        answer_question(connection, rare, sitting, Answer.CANNOT_TELL, "", surveyed.anne, NOW)
        assert not {"2019", "mooflow"} & {
            each.words for each in ask_all(connection, anne) if each.turn_id == rare.turn_id
        }
        free_all(connection)
        left = {(each.words, each.turn_id): each for each in ask_all(connection, paul)}
        assert ("2019", number.turn_id) in left
        assert left["mooflow", rare.turn_id].kind is Kind.MARKED
        assert get_sitting(connection, sitting, anne).answered == 0
        free_all(connection)
        later = NOW + PASSED_OVER + timedelta(minutes=1)
        words = [read_question(connection, each) for each in take_doubts(connection, anne, later, 100)]
        assert "2019" in {each.words for each in words if each}


def test_nothing_typed_is_no_answer(surveyed: Archive):
    with surveyed.database.write() as connection:
        question = find(connection, Kind.SPEAKER)
        sitting = begin_sitting(connection, surveyed.anne.account_id or 0, 10, NOW)
        with pytest.raises(NoAnswerError):
            answer_question(connection, question, sitting, None, "   ", surveyed.anne, NOW)


def test_a_doubt_whose_words_changed_is_not_asked_and_what_was_typed_for_it_is_kept(surveyed: Archive):
    with surveyed.database.write() as connection:
        question = find(connection, Kind.NUMBER)
        text = get_turns(connection, [question.turn_id])[question.turn_id].turn.text
        save_text(connection, question.turn_id, question.version, "Oui, " + text, surveyed.paul, NOW)
        assert read_question(connection, question.id) is None
        asked = Asked(question.turn_id, question.version, question.first_word, question.last_word)
        with pytest.raises(TurnConflictError) as refused:
            save_late(connection, asked, "2018", surveyed.anne, NOW)
    assert refused.value.typed == text.replace("2019", "2018")


def test_the_marks_that_hang_on_words_are_not_asked_about_and_stay(surveyed: Archive):
    with surveyed.database.write() as connection:
        question = next(each for each in ask_all(connection) if each.before.endswith("parler de"))
        assert (question.opening, question.words, question.closing) == (
            "«\N{NO-BREAK SPACE}",
            "mooflow",
            "\N{NO-BREAK SPACE}»,",
        )
        sitting = begin_sitting(connection, surveyed.anne.account_id or 0, 10, NOW)
        answer_question(connection, question, sitting, None, "MoveFlow", surveyed.anne, NOW)
        written = get_turns(connection, [question.turn_id])[question.turn_id].turn.text
    assert "de «\N{NO-BREAK SPACE}MoveFlow\N{NO-BREAK SPACE}», ensemble" in written


def test_a_doubt_that_is_typed_stays_a_doubt(surveyed: Archive):
    with surveyed.database.write() as connection:
        question = find(connection, Kind.LOOP)
        sitting = begin_sitting(connection, surveyed.anne.account_id or 0, 10, NOW)
        answer_question(connection, question, sitting, None, "[alors ?]", surveyed.anne, NOW)
        (doubt,) = get_turns(connection, [question.turn_id])[question.turn_id].turn.doubts
    assert doubt.kind is DoubtKind.MARKED


def test_a_sitting_says_what_audio_is_without_a_doubt(surveyed: Archive):
    with surveyed.database.write() as connection:
        sitting = begin_sitting(connection, surveyed.anne.account_id or 0, 10, NOW)
        loop = find(connection, Kind.LOOP)
        answer_question(connection, loop, sitting, None, "alors", surveyed.anne, NOW)
        harvest = measure_harvest(connection, sitting)
        assert (harvest.settled, harvest.corrected, harvest.turns, harvest.episodes) == (1, 1, 1, 1)
        assert harvest.reliable_ms > 0
        held = get_sitting(connection, sitting, surveyed.anne.account_id or 0)
    assert held.left_s == 600 - loop.cost_s


def test_what_was_read_is_asked_about_no_more_but_for_marks(surveyed: Archive):
    with surveyed.database.write() as connection:
        for held in list_turns(connection, surveyed.talk):
            set_state(connection, held.id, held.version, TurnState.READ, surveyed.anne, NOW)
    while follow_changes(surveyed.database, NOW):
        pass
    with surveyed.database.write() as connection:
        kinds = {each.kind for each in ask_all(connection) if each.episode.id == surveyed.talk}
    assert kinds == {Kind.LOOP, Kind.SPEAKER}


def test_an_episode_that_becomes_private_leaves_nothing_in_the_queue(surveyed: Archive):
    with surveyed.database.write() as connection:
        before = count_doubts(connection)
        update_episode(connection, surveyed.talk, {"private": True}, NOW)
        assert [each for each in ask_all(connection) if each.episode.id == surveyed.talk] == []
    while follow_changes(surveyed.database, NOW):
        pass
    with surveyed.database.read() as connection:
        held = connection.execute(select(tables.doubt.c.episode_id).distinct()).scalars()
        assert surveyed.talk not in set(held)
        assert count_doubts(connection) < before
        assert connection.execute(select(schema.episode.c.id)).first()

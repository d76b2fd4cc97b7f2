"""Acts change turns as asked, refuse what is stale, and lose nothing that was typed."""

from dataclasses import replace

import pytest

from media import changes, episodes
from media.correction import acts, events, history, marks, restoring, saving
from media.correction.acts import TextChange
from media.correction.errors import (
    CutError,
    LabelError,
    NotAdjacentError,
    NotReadError,
    NotSpeechError,
    OwnReadingError,
    TextTooLongError,
    TimeOutsideError,
    TurnConflictError,
    TurnGoneError,
    UnknownLanguageError,
    UnknownWordsError,
)
from media.correction.saving import Resolution, Save
from media.correction.typed import MAX_TURN_LENGTH
from media.transcript import DoubtKind, TurnKind, TurnState
from tests.media.conftest import NOW
from tests.media.correction.conftest import Desk


def test_a_saved_text_keeps_the_times_of_the_words_that_stay(desk: Desk):
    before = desk.turn(1)
    text = before.turn.text.replace("mooflow", "MoveFlow")
    outcome = saving.save_turn(desk.database, Save(before.id, 0, text), desk.zoe, NOW)
    after = desk.turn(1)
    assert outcome.turns == (after,)
    assert [w.start_ms for w in after.turn.words] == [w.start_ms for w in before.turn.words]
    assert [w.text for w in after.turn.words if not w.heard] == ["MoveFlow"]
    assert (after.version, after.turn.state, after.read_by) == (1, TurnState.READ, desk.zoe.account_id)


def test_an_act_is_a_revision_of_the_episode_and_a_change_of_the_index(desk: Desk):
    with desk.database.read() as connection:
        last = changes.last_change(connection)
    saving.save_turn(desk.database, Save(desk.turn(0).id, 0, "Autre chose."), desk.zoe, NOW)
    with desk.database.read() as connection:
        assert [change.episode_id for change in changes.list_changes(connection, last)] == [desk.episode_id]
        assert episodes.get_episode(connection, desk.episode_id).revision == 2


def test_a_text_that_says_the_same_changes_nothing(desk: Desk):
    turn = desk.turn(0)
    outcome = saving.save_turn(desk.database, Save(turn.id, 0, f" {turn.turn.text}\n"), desk.zoe, NOW)
    assert (outcome.act_id, outcome.turns) == (None, (turn,))


def test_a_word_corrected_out_of_a_queue_does_not_say_that_the_turn_was_read(desk: Desk):
    saving.save_turn(desk.database, Save(desk.turn(0).id, 0, "Bonjour.", read=False), desk.zoe, NOW)
    assert (desk.turn(0).turn.state, desk.turn(0).read_by) == (TurnState.MACHINE, None)


def test_one_save_sent_twice_is_one(desk: Desk):
    save = Save(desk.turn(0).id, 0, "Une fois.", token="page-1")
    first = saving.save_turn(desk.database, save, desk.zoe, NOW)
    assert saving.save_turn(desk.database, save, desk.zoe, NOW) == first
    assert desk.turn(0).version == 1
    with pytest.raises(TurnConflictError):  # another person's page may count as this one does
        saving.save_turn(desk.database, replace(save, text="Deux fois."), desk.luk, NOW)


def test_a_stale_save_is_refused_and_its_text_is_kept(desk: Desk):
    turn = desk.turn(0)
    saving.save_turn(desk.database, Save(turn.id, 0, "De Zoé."), desk.zoe, NOW)
    for _ in range(2):  # sent again, it is kept once
        with pytest.raises(TurnConflictError) as caught:
            saving.save_turn(desk.database, Save(turn.id, 0, "De Luk."), desk.luk, NOW)
    assert caught.value.typed == "De Luk."
    assert caught.value.current is not None
    assert caught.value.current.turn.text == "De Zoé."
    with desk.database.read() as connection:
        (conflict,) = saving.list_conflicts(connection, episode_id=desk.episode_id)
    assert (conflict.id, conflict.text, conflict.author) == (caught.value.conflict_id, "De Luk.", desk.luk)


@pytest.mark.parametrize(
    ("resolution", "text"),
    [(Resolution.MINE, "De Luk."), (Resolution.THEIRS, "De Zoé."), (Resolution.BOTH, "De Zoé. De Luk.")],
)
def test_a_conflict_is_settled_as_its_author_chooses(desk: Desk, resolution: Resolution, text: str):
    turn = desk.turn(0)
    saving.save_turn(desk.database, Save(turn.id, 0, "De Zoé."), desk.zoe, NOW)
    with pytest.raises(TurnConflictError) as caught:
        saving.save_turn(desk.database, Save(turn.id, 0, "De Luk."), desk.luk, NOW)
    assert caught.value.conflict_id is not None
    with desk.database.write() as connection:
        saving.resolve_conflict(connection, caught.value.conflict_id, resolution, 1, desk.luk, NOW)
        assert saving.list_conflicts(connection, turn_id=turn.id) == []
        (settled,) = saving.list_conflicts(connection, turn_id=turn.id, settled=True)
        assert (settled.resolution, settled.text) == (resolution, "De Luk.")
        texts = {version.text for version in history.list_versions(connection, turn.id)}
    assert desk.turn(0).turn.text == text
    assert {"De Zoé.", text} <= texts


def test_what_changed_but_the_words_is_no_conflict(desk: Desk):
    turn = desk.turn(0)
    with desk.database.write() as connection:
        marks.mark_doubt(connection, turn.id, 0, 1, 2, desk.luk, NOW)
        acts.set_state(connection, turn.id, 1, TurnState.READ, desk.luk, NOW)
    saving.save_turn(desk.database, Save(turn.id, 0, "Bonjour à toutes."), desk.zoe, NOW)
    assert desk.turn(0).turn.text == "Bonjour à toutes."
    assert [doubt.kind for doubt in desk.turn(0).turn.doubts] == [DoubtKind.MARKED]


def test_too_long_a_text_is_refused_and_kept_whole(desk: Desk):
    text = "mot " * 75_000
    with pytest.raises(TextTooLongError) as caught:
        saving.save_turn(desk.database, Save(desk.turn(0).id, 0, text), desk.zoe, NOW)
    assert caught.value.message.values == {"most": MAX_TURN_LENGTH, "count": 300_000}
    with desk.database.read() as connection:
        (conflict,) = saving.list_conflicts(connection, author=desk.zoe)
    assert (conflict.text, conflict.cause) == (text, "long")
    saving.save_turn(desk.database, Save(desk.turn(0).id, 0, "é" * MAX_TURN_LENGTH), desk.zoe, NOW)


def test_a_text_for_a_turn_that_was_merged_is_kept_beside_the_one_that_has_its_words(desk: Desk):
    first, second = desk.speech()[2:]
    with desk.database.write() as connection:
        acts.merge_turns(connection, (first.id, 0), (second.id, 0), desk.zoe, NOW)
    with pytest.raises(TurnGoneError) as caught:
        saving.save_turn(desk.database, Save(second.id, 0, "Trop tard."), desk.luk, NOW)
    assert caught.value.current is not None
    assert caught.value.current.id == first.id
    with desk.database.read() as connection:
        assert [c.text for c in saving.list_conflicts(connection, episode_id=desk.episode_id)] == [
            "Trop tard."
        ]


def test_a_text_for_a_turn_that_nobody_knows_is_kept_with_its_episode(desk: Desk):
    with pytest.raises(TurnGoneError):
        saving.save_turn(desk.database, Save(9_999, 3, "Perdu ?", episode_id=desk.episode_id), desk.zoe, NOW)
    with desk.database.read() as connection:
        assert [c.text for c in saving.list_conflicts(connection, episode_id=desk.episode_id)] == ["Perdu ?"]


def test_a_turn_emptied_of_its_words_stays_to_be_filled_again(desk: Desk):
    turn = desk.turn(0)
    saving.save_turn(desk.database, Save(turn.id, 0, "  "), desk.zoe, NOW)
    assert desk.turn(0).turn.words == ()
    saving.save_turn(desk.database, Save(turn.id, 1, turn.turn.text), desk.zoe, NOW)
    assert desk.turn(0).turn.words == turn.turn.words


def test_several_texts_are_one_act_or_none(desk: Desk):
    first, second = desk.speech()[:2]
    with desk.database.write() as connection:
        both = [TextChange(first.id, 0, "Un."), TextChange(second.id, 0, "Deux.")]
        outcome = acts.save_texts(connection, both, desk.zoe, NOW)
        assert [act.id for act in history.list_acts(connection, desk.episode_id)] == [outcome.act_id]
    stale = [TextChange(first.id, 1, "Trois."), TextChange(second.id, 0, "Quatre.")]
    with pytest.raises(TurnConflictError), desk.database.write() as connection:
        acts.save_texts(connection, stale, desk.luk, NOW)
    assert [held.turn.text for held in desk.speech()[:2]] == ["Un.", "Deux."]


def test_a_split_turn_starts_at_its_first_word_and_a_merge_restores_it(desk: Desk):
    before = desk.turn(1)
    with desk.database.write() as connection:
        left, right = acts.split_turn(connection, before.id, 0, 4, desk.zoe, NOW).turns
        assert (left.id, right.position) == (before.id, before.position + 1)
        assert right.turn.start_ms == before.turn.words[4].start_ms
    assert [held.position for held in desk.read()] == list(range(6))
    with desk.database.write() as connection:
        acts.merge_turns(connection, (left.id, 1), (right.id, 1), desk.zoe, NOW)
    assert desk.turn(1) == replace(before, version=2)
    with desk.database.read() as connection:
        made, gone = history.list_versions(connection, right.id)
    assert (made.kin, made.gone, gone.kin, gone.gone) == (before.id, False, before.id, True)


def test_a_merge_of_two_voices_keeps_the_one_that_is_chosen(desk: Desk):
    first, second = desk.speech()[2:]
    with desk.database.write() as connection:
        (turn,) = acts.merge_turns(
            connection, (first.id, 0), (second.id, 0), desk.zoe, NOW, keep_voice_of_second=True
        ).turns
    assert (turn.id, turn.voice, turn.turn.voice) == (first.id, second.voice, 2)


def test_a_boundary_moves_words_with_their_times(desk: Desk):
    first, second = desk.speech()[2:]
    both = first.turn.words + second.turn.words
    with desk.database.write() as connection:
        acts.move_boundary(connection, (first.id, 0), (second.id, 0), 8, desk.zoe, NOW)
    left, right = desk.speech()[2:]
    assert (left.turn.words, right.turn.words) == (both[:8], both[8:])
    assert (right.turn.start_ms, right.voice) == (both[8].start_ms, second.voice)


def test_cuts_and_joints_that_cannot_be_are_refused(desk: Desk):
    one, two, music, three, _ = desk.read()
    with desk.database.write() as connection:
        for at in (0, -1, 999):
            with pytest.raises(CutError):
                acts.split_turn(connection, one.id, 0, at, desk.zoe, NOW)
            with pytest.raises(CutError):
                acts.move_boundary(connection, (one.id, 0), (two.id, 0), at, desk.zoe, NOW)
        for a, b in ((one, three), (two, one), (one, one)):
            with pytest.raises(NotAdjacentError):
                acts.merge_turns(connection, (a.id, 0), (b.id, 0), desk.zoe, NOW)
        with pytest.raises(NotSpeechError):
            acts.merge_turns(connection, (two.id, 0), (music.id, 0), desk.zoe, NOW)
        with pytest.raises(TurnConflictError):
            acts.split_turn(connection, one.id, 7, 2, desk.zoe, NOW)
    assert all(held.version == 0 for held in desk.read())


def test_a_turn_is_validated_by_another_than_its_reader(desk: Desk):
    turn = desk.turn(0)
    with desk.database.write() as connection:
        with pytest.raises(NotReadError):
            acts.set_state(connection, turn.id, 0, TurnState.VALIDATED, desk.luk, NOW)
        acts.set_state(connection, turn.id, 0, TurnState.READ, desk.zoe, NOW)
        with pytest.raises(OwnReadingError):
            acts.set_state(connection, turn.id, 1, TurnState.VALIDATED, desk.zoe, NOW)
        acts.set_state(connection, turn.id, 1, TurnState.VALIDATED, desk.luk, NOW)
    assert desk.turn(0).turn.state is TurnState.VALIDATED


@pytest.mark.parametrize("read", [True, False])
def test_editing_a_validated_turn_returns_it_to_read_with_the_reason(desk: Desk, read: bool):
    turn = desk.turn(0)
    with desk.database.write() as connection:
        acts.set_state(connection, turn.id, 0, TurnState.READ, desk.zoe, NOW)
        acts.set_state(connection, turn.id, 1, TurnState.VALIDATED, desk.luk, NOW)
        acts.save_text(connection, turn.id, 2, "Autre.", desk.luk, NOW, reason="mal entendu", read=read)
        last = history.list_versions(connection, turn.id)[-1]
    assert (last.turn.state, last.reason, last.author) == (TurnState.READ, "mal entendu", desk.luk)
    assert desk.turn(0).read_by == desk.luk.account_id


def test_words_are_marked_as_doubtful_right_or_foreign_and_a_later_text_keeps_it(desk: Desk):
    turn = desk.turn(1)
    with desk.database.write() as connection:
        marks.mark_doubt(connection, turn.id, 0, 6, 6, desk.zoe, NOW)
        marks.mark_language(connection, turn.id, 1, 7, 7, "en", desk.zoe, NOW)
        marks.confirm_words(connection, turn.id, 2, 0, 1, desk.zoe, NOW)
    text = turn.turn.text.replace("Merci", "Grand merci")
    saving.save_turn(desk.database, Save(turn.id, 3, text), desk.zoe, NOW)
    words = desk.turn(1).turn.words
    assert [word.language for word in words].index("en") == 8
    assert [word.probability for word in words[:4]] == [None, None, None, 0.9]
    assert [(doubt.first_word, doubt.last_word) for doubt in desk.turn(1).turn.doubts] == [(7, 7)]
    with desk.database.write() as connection:
        marks.clear_doubt(connection, turn.id, 4, 0, 8, desk.zoe, NOW)
        for first, last in ((-1, 2), (3, 2), (0, 99)):
            with pytest.raises(UnknownWordsError):
                marks.mark_doubt(connection, turn.id, 5, first, last, desk.zoe, NOW)
        with pytest.raises(UnknownLanguageError):
            marks.mark_language(connection, turn.id, 5, 0, 0, "<b>", desk.zoe, NOW)
    assert desk.turn(1).turn.doubts == ()


def test_sounds_are_written_and_taken_away(desk: Desk):
    turn = desk.turn(0)
    with desk.database.write() as connection:
        (event,) = events.insert_event(connection, turn.id, 0, " [Rires]\n", desk.zoe, NOW).turns
        assert (event.position, event.turn.label, event.turn.kind) == (1, "[Rires]", TurnKind.EVENT)
        assert event.turn.start_ms == turn.turn.end_ms
        for label in ("", "x" * 201):
            with pytest.raises(LabelError):
                events.insert_event(connection, turn.id, 0, label, desk.zoe, NOW)
        for times in ((-5, 10), (900, 100)):
            with pytest.raises(TimeOutsideError):
                events.insert_event(
                    connection, turn.id, 0, "[x]", desk.zoe, NOW, start_ms=times[0], end_ms=times[1]
                )
        with pytest.raises(NotSpeechError):
            events.delete_event(connection, turn.id, 0, desk.zoe, NOW)
        assert events.delete_event(connection, event.id, 1, desk.zoe, NOW).gone == (event.id,)
    assert [held.position for held in desk.read()] == list(range(5))


def test_any_version_of_a_turn_comes_back(desk: Desk):
    turn = desk.turn(1)
    saving.save_turn(desk.database, Save(turn.id, 0, "Un."), desk.zoe, NOW)
    with desk.database.write() as connection:
        restoring.restore(connection, turn.id, 0, 1, desk.luk, NOW, reason="c’était mieux")
    assert desk.turn(1).turn.words == turn.turn.words
    with desk.database.write() as connection:
        acts.split_turn(connection, turn.id, 2, 4, desk.zoe, NOW)
        restoring.restore(connection, turn.id, 1, 3, desk.luk, NOW)
        kinds = [version.kind for version in history.list_versions(connection, turn.id)]
    assert kinds == [None, "text", "restore", "split", "restore"]
    assert desk.turn(1).turn.text == "Un."

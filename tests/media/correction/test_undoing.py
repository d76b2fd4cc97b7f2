"""Whatever was done is undone and done again, act by act, unless somebody went on there."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from media.correction import acts, events, marks, saving, speakers, undoing
from media.correction.acts import TextChange
from media.correction.errors import UndoRefusedError
from media.correction.journal import Outcome
from media.correction.saving import Save
from media.correction.speakers import Scope
from media.transcript import TurnKind, TurnState
from media.transcripts import StoredTurn, list_turns
from tests.media.conftest import NOW
from tests.media.correction.conftest import Desk, add_episode

Act = Callable[[Connection, Desk, list[StoredTurn], int], Outcome]


def type_text(connection: Connection, desk: Desk, turns: list[StoredTurn], seed: int) -> Outcome:
    turn = speech(turns, seed)
    words = turn.turn.text.split(" ")
    words[seed % len(words)] = "changé ??? vite"
    return acts.save_text(connection, turn.id, turn.version, " ".join(words), desk.zoe, NOW)


def split(connection: Connection, desk: Desk, turns: list[StoredTurn], seed: int) -> Outcome:
    turn = speech(turns, seed)
    if len(turn.turn.words) < 2:
        return Outcome((), None)
    at_word = 1 + seed % (len(turn.turn.words) - 1)
    return acts.split_turn(connection, turn.id, turn.version, at_word, desk.zoe, NOW)


def pair(turns: list[StoredTurn], seed: int) -> tuple[StoredTurn, StoredTurn] | None:
    said = [(one, two) for one, two in pairwise(turns) if {one.turn.kind, two.turn.kind} == {TurnKind.SPEECH}]
    return said[seed % len(said)] if said else None


def merge(connection: Connection, desk: Desk, turns: list[StoredTurn], seed: int) -> Outcome:
    found = pair(turns, seed)
    if found is None:
        return Outcome((), None)
    one, two = ((held.id, held.version) for held in found)
    return acts.merge_turns(connection, one, two, desk.luk, NOW, keep_voice_of_second=bool(seed % 2))


def move(connection: Connection, desk: Desk, turns: list[StoredTurn], seed: int) -> Outcome:
    found = pair(turns, seed)
    if found is None:
        return Outcome((), None)
    count = sum(len(held.turn.words) for held in found)
    one, two = ((held.id, held.version) for held in found)
    return acts.move_boundary(connection, one, two, 1 + seed % (count - 1), desk.zoe, NOW)


def name(connection: Connection, desk: Desk, turns: list[StoredTurn], seed: int) -> Outcome:
    turn = speech(turns, seed)
    scope, who = list(Scope)[seed % 4], ("Célo", "Celo", None)[seed % 3]
    return speakers.assign_speaker(connection, turn.id, turn.version, who, scope, desk.luk, NOW)


def mark(connection: Connection, desk: Desk, turns: list[StoredTurn], seed: int) -> Outcome:
    turn = speech(turns, seed)
    last = len(turn.turn.words) - 1
    do = (marks.mark_doubt, marks.clear_doubt, marks.confirm_words)[seed % 3]
    return do(connection, turn.id, turn.version, min(seed % 5, last), last, desk.zoe, NOW)


def speak_english(connection: Connection, desk: Desk, turns: list[StoredTurn], seed: int) -> Outcome:
    turn = speech(turns, seed)
    return marks.mark_language(connection, turn.id, turn.version, 0, 0, "en", desk.zoe, NOW)


def check(connection: Connection, desk: Desk, turns: list[StoredTurn], seed: int) -> Outcome:
    turn = speech(turns, seed)
    state = TurnState.VALIDATED if turn.turn.state is TurnState.READ else TurnState.READ
    author = desk.luk if turn.read_by == desk.zoe.account_id else desk.zoe
    return acts.set_state(connection, turn.id, turn.version, state, author, NOW)


def ring(connection: Connection, desk: Desk, turns: list[StoredTurn], seed: int) -> Outcome:
    turn = turns[seed % len(turns)]
    return events.insert_event(connection, turn.id, turn.version, "[Jingle]", desk.zoe, NOW)


def silence(connection: Connection, desk: Desk, turns: list[StoredTurn], seed: int) -> Outcome:
    sounds = [held for held in turns if held.turn.kind is not TurnKind.SPEECH]
    if not sounds:
        return Outcome((), None)
    sound = sounds[seed % len(sounds)]
    return events.delete_event(connection, sound.id, sound.version, desk.luk, NOW)


def type_everywhere(connection: Connection, desk: Desk, turns: list[StoredTurn], seed: int) -> Outcome:
    said = [held for held in turns if held.turn.kind is TurnKind.SPEECH]
    typed = [TextChange(held.id, held.version, held.turn.text + f" mot{seed}") for held in said]
    return acts.save_texts(connection, typed, desk.zoe, NOW)


ACTS: list[Act] = [
    type_text,
    split,
    merge,
    move,
    name,
    mark,
    speak_english,
    check,
    ring,
    silence,
    type_everywhere,
]


def speech(turns: list[StoredTurn], seed: int) -> StoredTurn:
    said = [held for held in turns if held.turn.kind is TurnKind.SPEECH and held.turn.words]
    return said[seed % len(said)]


def can_go_on(turns: list[StoredTurn]) -> bool:
    return any(held.turn.words for held in turns)


def test_a_joint_is_undone_redone_and_undone_again(desk: Desk):
    first, second = desk.turn(3), desk.turn(4)
    with desk.database.write() as connection:
        pair = (first.id, first.version), (second.id, second.version)
        act_id = acts.merge_turns(connection, *pair, desk.zoe, NOW).act_id
        assert act_id is not None
    before = [held for held in desk.content() if held.id not in {first.id, second.id}]
    with desk.database.write() as connection:
        for act in (undoing.undo, undoing.redo, undoing.undo, undoing.redo, undoing.undo):
            assert not act(connection, act_id, desk.zoe, NOW).refused
    assert [held.turn.text for held in desk.speech()][-2:] == [first.turn.text, second.turn.text]
    assert len(desk.content()) == len(before) + 2


@settings(max_examples=25)
@given(st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 60)), max_size=9))
def test_undoing_every_act_gives_the_first_transcript_and_redoing_them_the_last(
    lasting_desk: Desk, done: list[tuple[Act, int]]
):
    with lasting_desk.database.write() as connection:
        count = connection.exec_driver_sql("SELECT count(*) FROM episode").scalar()
        desk = replace(lasting_desk, episode_id=add_episode(connection, f"e{count}"))
    first = desk.content()
    act_ids = []
    with desk.database.write() as connection:
        for act, seed in done:
            turns = list_turns(connection, desk.episode_id, public=False)
            if can_go_on(turns) and (act_id := act(connection, desk, turns, seed).act_id) is not None:
                act_ids.append(act_id)
    last = desk.content()
    assert_in_order(last)
    with desk.database.write() as connection:
        for act_id in reversed(act_ids):
            assert not undoing.undo(connection, act_id, desk.zoe, NOW).refused
    assert desk.content() == first
    with desk.database.write() as connection:
        for act_id in act_ids:
            assert not undoing.redo(connection, act_id, desk.luk, NOW).refused
    assert desk.content() == last


def assert_in_order(turns: list[StoredTurn]) -> None:
    assert [held.position for held in turns] == list(range(len(turns)))
    for held in turns:
        starts = [word.start_ms or 0 for word in held.turn.words]
        assert starts == sorted(starts)


def test_what_somebody_changed_since_is_not_undone_and_the_rest_is(desk: Desk):
    first, second = desk.speech()[:2]
    with desk.database.write() as connection:
        both = [TextChange(first.id, 0, "Un."), TextChange(second.id, 0, "Deux.")]
        bulk = acts.save_texts(connection, both, desk.zoe, NOW).act_id
        acts.save_text(connection, first.id, 1, "Un de Luk.", desk.luk, NOW)
        assert bulk is not None
        outcome = undoing.undo(connection, bulk, desk.zoe, NOW)
    assert outcome.refused == (first.id,)
    assert [held.turn.text for held in desk.speech()[:2]] == ["Un de Luk.", second.turn.text]


def test_a_cut_is_undone_whole_or_not_at_all(desk: Desk):
    turn = desk.turn(0)
    with desk.database.write() as connection:
        outcome = acts.split_turn(connection, turn.id, 0, 3, desk.zoe, NOW)
        left, right = outcome.turns
        acts.save_text(connection, right.id, 1, "repris par Luk", desk.luk, NOW)
    before = desk.content()
    with pytest.raises(UndoRefusedError), desk.database.write() as connection:
        undoing.undo(connection, outcome.act_id or 0, desk.zoe, NOW)
    assert desk.content() == before
    assert left.turn.words == desk.turn(0).turn.words


def test_an_act_is_undone_once_and_redone_once(desk: Desk):
    outcome = saving.save_turn(desk.database, Save(desk.turn(0).id, 0, "Un."), desk.zoe, NOW)
    act_id = outcome.act_id or 0
    with desk.database.write() as connection:
        with pytest.raises(UndoRefusedError):
            undoing.redo(connection, act_id, desk.zoe, NOW)
        undoing.undo(connection, act_id, desk.zoe, NOW, token="page-1")
        undoing.undo(connection, act_id, desk.zoe, NOW, token="page-1")  # the same, sent twice
        with pytest.raises(UndoRefusedError):
            undoing.undo(connection, act_id, desk.zoe, NOW)
        undoing.redo(connection, act_id, desk.zoe, NOW)
        with pytest.raises(UndoRefusedError):
            undoing.redo(connection, act_id, desk.zoe, NOW)
        with pytest.raises(UndoRefusedError):
            undoing.undo(connection, 9_999, desk.zoe, NOW)
    assert desk.turn(0).turn.text == "Un."


def test_a_name_given_since_by_another_is_not_undone(desk: Desk):
    turn = desk.turn(0)
    with desk.database.write() as connection:
        given = speakers.assign_speaker(connection, turn.id, 0, "Célo", Scope.EPISODE, desk.zoe, NOW)
        speakers.assign_speaker(connection, turn.id, 0, "Celo", Scope.EPISODE, desk.luk, NOW)
        with pytest.raises(UndoRefusedError):
            undoing.undo(connection, given.act_id or 0, desk.zoe, NOW)

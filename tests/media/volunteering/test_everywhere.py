"""One correction in many places touches whole words only, and is one act."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.correction.acts import save_text, set_state
from media.correction.history import list_acts
from media.transcript import Turn, TurnState
from media.transcripts import StoredTurn, get_turns, list_turns
from media.volunteering.everywhere import (
    BadCorrectionError,
    Occurrence,
    Pick,
    apply_everywhere,
    check_correction,
    correct_text,
    find_occurrences,
    get_sweep,
    list_sweeps,
    undo_sweep,
)
from tests.media.volunteering.conftest import NOW, Archive, turn


def stored(text: str, state: TurnState = TurnState.MACHINE) -> StoredTurn:
    made: Turn = replace(turn(text), state=state)
    return StoredTurn(7, 1, 0, made, None)


def found(text: str, heard: str, written: str) -> list[str]:
    return [occurrence.becomes for occurrence in find_occurrences([stored(text)], heard, written)]


def corrected(text: str, heard: str, written: str) -> str:
    return correct_text(stored(text), heard, written, range(100))[0]


def test_whole_words_are_corrected_with_what_hangs_on_them():
    assert corrected(
        "Voilà mooflow, «\N{NO-BREAK SPACE}Mooflow\N{NO-BREAK SPACE}» enfin.", "mooflow", "MoveFlow"
    ) == ("Voilà MoveFlow, «\N{NO-BREAK SPACE}MoveFlow\N{NO-BREAK SPACE}» enfin.")
    assert corrected("avec l’étalabe, bien", "étalabe", "Étalab") == "avec l’Étalab, bien"


@pytest.mark.parametrize(
    "text", ["les mooflows", "un moofloé", "le mooflow-là", "remooflow", "moof low", "moo, flow"]
)
def test_words_like_it_but_different_are_left_alone(text: str):
    assert found(text, "mooflow", "MoveFlow") == []
    assert found(text, "moo flow", "MoveFlow") == []


def test_an_accent_makes_another_word():
    assert found("elle elu un maire", "élu", "Élu") == []
    assert corrected("l’élu et l'elu et l’élue", "elu", "élu") == "l’élu et l'élu et l’élue"


def test_several_words_become_one_and_one_becomes_several():
    assert corrected("La mouve flo, ici.", "mouve flo", "MoveFlow") == "La MoveFlow, ici."
    assert corrected("chez framasoft, ici.", "framasoft", "Frama Soft") == "chez Frama Soft, ici."


def test_case_follows_what_was_written_unless_the_correction_has_its_own():
    assert corrected("Claif en main, claif", "claif", "clef") == "Clef en main, clef"


def test_what_is_written_right_already_is_no_occurrence():
    assert found("déjà MoveFlow ici", "moveflow", "MoveFlow") == []


def test_an_article_that_would_not_agree_is_said_and_not_chosen():
    places = list(find_occurrences([stored("voici l’aufloux et de mooflow")], "aufloux", "MoveFlow"))
    assert [(place.is_awkward, place.is_chosen) for place in places] == [(True, False)]
    before_vowel = list(find_occurrences([stored("de mooflow, voici mooflow")], "mooflow", "Open"))
    assert [place.is_awkward for place in before_vowel] == [True, False]


def test_a_validated_place_is_not_chosen_by_itself():
    held = stored("voici mooflow", TurnState.VALIDATED)
    place: Occurrence = next(find_occurrences([held], "mooflow", "MoveFlow"))
    assert place.is_validated
    assert not place.is_chosen


@given(
    st.lists(st.sampled_from(["mooflow", "Mooflow,", "mooflows", "l’mooflow", "et", "MoveFlow"]), min_size=1)
)
def test_correcting_changes_the_occurrences_and_nothing_else(said: list[str]):
    """Property: the words between are the same, and correcting again finds nothing."""
    text = " ".join(said)
    written = corrected(text, "mooflow", "MoveFlow")
    assert found(written, "mooflow", "MoveFlow") == []
    kept = [word for word in said if "flow" not in word.lower()]
    assert [word for word in written.split(" ") if "flow" not in word.lower()] == kept
    assert written.count("mooflows") == said.count("mooflows")


@pytest.mark.parametrize(
    ("heard", "written"), [("", "a"), ("a", ""), ("?", "a"), ("a", "a"), ("a " * 9, "b"), ("a", "b\u202e")]
)
def test_a_correction_of_nothing_is_refused(heard: str, written: str):
    with pytest.raises(BadCorrectionError):
        check_correction(heard, written)


def test_many_places_are_one_act_and_one_undo(archive: Archive):
    with archive.database.write() as connection:
        turns = [
            held
            for episode in (archive.talk, archive.second, archive.far)
            for held in list_turns(connection, episode)
        ]
        places = list(find_occurrences(turns, "mooflow", "MoveFlow"))
        assert len(places) == 4
        picks = [Pick(place.held.id, place.held.version, place.first_word) for place in places]
        sweep_id, left_out = apply_everywhere(connection, "mooflow", "MoveFlow", picks, archive.anne, NOW)
        assert left_out == 0
        sweep = get_sweep(connection, sweep_id or 0)
        assert (sweep.places, sweep.episodes) == (4, 3)
        after = get_turns(connection, [held.id for held in turns])
        assert not list(find_occurrences(after.values(), "mooflow", "MoveFlow"))
        assert "mooflows" in " ".join(held.turn.text for held in after.values())
        acts = {act.id for episode in (archive.talk, archive.far) for act in list_acts(connection, episode)}
        assert acts == {sweep.act_id}
        undone = undo_sweep(connection, sweep.id, archive.paul, NOW)
        assert undone.undone_at == NOW
        back = get_turns(connection, [held.id for held in turns])
        assert {key: held.turn for key, held in back.items()} == {held.id: held.turn for held in turns}
        assert [each.id for each in list_sweeps(connection)] == [sweep.id]


def test_a_turn_that_changed_since_is_left_out_and_a_validated_one_is_read_again(archive: Archive):
    with archive.database.write() as connection:
        talk, far = list_turns(connection, archive.talk)[0], list_turns(connection, archive.far)[0]
        set_state(connection, far.id, far.version, TurnState.READ, archive.paul, NOW)
        read = get_turns(connection, [far.id])[far.id]
        set_state(connection, far.id, read.version, TurnState.VALIDATED, archive.anne, NOW)
        validated = get_turns(connection, [far.id])[far.id]
        places = list(find_occurrences([talk, validated], "mooflow", "MoveFlow"))
        picks = [Pick(place.held.id, place.held.version, place.first_word) for place in places]
        save_text(connection, talk.id, talk.version, "Tout autre chose", archive.paul, NOW)
        sweep_id, left_out = apply_everywhere(connection, "mooflow", "MoveFlow", picks, archive.anne, NOW)
        assert left_out == 1
        assert get_turns(connection, [far.id])[far.id].turn.state is TurnState.READ
        assert get_turns(connection, [talk.id])[talk.id].turn.text == "Tout autre chose"
        assert get_sweep(connection, sweep_id or 0).turns == ((archive.far, far.id),)
        assert apply_everywhere(connection, "mooflow", "MoveFlow", picks[:1], archive.anne, NOW) == (None, 1)

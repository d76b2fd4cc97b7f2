"""The ledger: minutes by state and by month, the machine's errors, and what they were learnt from."""

from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from media.correction.acts import save_text, set_state
from media.correction.undoing import undo
from media.transcript import Transcript, TurnState
from media.transcripts import get_turns, list_turns
from media.volunteering.accuracy import compare_episode, compare_words
from media.volunteering.effort import list_errors, read_ledger
from media.volunteering.rarity import count_surveyed, read_spread
from media.volunteering.survey import follow_changes
from tests.media.volunteering.conftest import NOW, Archive, say
from tests.media.volunteering.test_everywhere import stored

words = st.lists(
    st.sampled_from(["un", "deux", "Mairie", "l’élu,", "MoveFlow", "«", "ici."]), min_size=1, max_size=12
)


def settle(archive: Archive) -> None:
    while follow_changes(archive.database, NOW):
        pass


@given(words)
def test_words_left_as_heard_have_no_error(said: list[str]):
    text = " ".join(said)
    assert compare_words(say(text), say(text.upper())) == (0, [])


@given(words, words)
def test_errors_are_at_most_the_longer_and_none_only_for_the_same(one: list[str], other: list[str]):
    errors, _ = compare_words(say(" ".join(one)), say(" ".join(other)))
    assert 0 <= errors <= max(len(one), len(other))


def test_a_replacement_of_names_is_learnt_and_one_of_little_words_is_not():
    errors, pairs = compare_words(say("on a mou flo et les gens"), say("on a MoveFlow et des gens"))
    assert (errors, pairs) == (3, [("mou flo", "MoveFlow")])
    assert compare_words(say("Alors ici"), say("Donc ici"))[1] == []


def test_only_what_people_read_is_compared():
    heard = Transcript((stored("on a mou flo").turn,), "fr", "base")
    assert compare_episode(heard, [stored("on a MoveFlow")]).tallies == {}
    left = stored("on a MoveFlow", TurnState.READ)
    left = replace(left, turn=replace(left.turn, end_ms=heard.turns[0].end_ms))
    compared = compare_episode(heard, [left])
    assert compared.tallies == {"": (3, 2)}
    assert compared.replaced == Counter({("mou flo", "MoveFlow"): 1})


def test_the_ledger_counts_minutes_by_state_and_what_was_done_this_month(archive: Archive):
    settle(archive)
    with archive.database.write() as connection:
        before = read_ledger(connection, NOW)
        assert (before.minutes.read_ms, before.read_this_month_ms) == (0, 0)
        assert before.minutes.machine_ms > 0
        held = list_turns(connection, archive.talk)[0]
        outcome = set_state(connection, held.id, held.version, TurnState.READ, archive.anne, NOW)
    settle(archive)
    length_ms = (held.turn.end_ms or 0) - (held.turn.start_ms or 0)
    with archive.database.write() as connection:
        after = read_ledger(connection, NOW)
        assert after.minutes.read_ms == after.read_this_month_ms == length_ms
        assert after.minutes.machine_ms == before.minutes.machine_ms - length_ms
        assert after.next_episodes[0].id == archive.talk
        undo(connection, outcome.act_id or 0, archive.anne, NOW)
    settle(archive)
    with archive.database.read() as connection:
        assert read_ledger(connection, NOW).read_this_month_ms == 0


def test_word_error_is_by_show_model_and_speaker(archive: Archive):
    settle(archive)
    with archive.database.write() as connection:
        for episode in (archive.talk, archive.second):
            for held in list_turns(connection, episode):
                text = held.turn.text.replace("mooflow", "MoveFlow") + " encore" * 12
                save_text(connection, held.id, held.version, text, archive.anne, NOW)
    settle(archive)
    with archive.database.read() as connection:
        (row,) = list_errors(connection, by_speaker=False)
        assert (row.show, row.model) == ("Place du Marché", "faster-whisper base")
        left = sum(
            len(held.turn.words)
            for episode in (archive.talk, archive.second)
            for held in list_turns(connection, episode)
        )
        assert row.words == left
        assert row.errors == 4 * 12 + 4
        assert list_errors(connection, by_speaker=True)[0].speaker == ""


def test_words_are_counted_by_episode_and_a_correction_moves_the_counts(archive: Archive):
    settle(archive)
    with archive.database.write() as connection:
        assert count_surveyed(connection) == 3
        assert read_spread(connection, ["mooflow", "riviere", "moveflow"]) == {"mooflow": 3, "riviere": 1}
        held = list_turns(connection, archive.far)[0]
        text = held.turn.text.replace("Mooflow", "MoveFlow")
        save_text(connection, held.id, held.version, text, archive.anne, NOW)
    settle(archive)
    with archive.database.read() as connection:
        assert read_spread(connection, ["mooflow", "moveflow"]) == {"mooflow": 2, "moveflow": 1}
        assert get_turns(connection, [held.id])


def test_following_again_surveys_nothing(archive: Archive):
    settle(archive)
    assert follow_changes(archive.database, NOW) == 0

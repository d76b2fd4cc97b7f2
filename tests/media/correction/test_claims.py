"""Passages are about five minutes long, and a claim tells who is there without keeping anybody out."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from media.correction import acts, claims, saving
from media.correction.claims import CLAIM_LENGTH, PASSAGE_MS, SHORT_PASSAGE_MS, list_passages, read_passage
from media.correction.saving import Save
from media.correction.tables import claim as claim_table
from media.transcript import Turn, Word, speech_turn
from tests.media.conftest import NOW
from tests.media.correction.conftest import Desk, add_episode, say


def long_turns(lengths_ms: list[int]) -> tuple[Turn, ...]:
    turns, clock = [], 0
    for length in lengths_ms:
        turns.append(speech_turn(say("un deux trois quatre", clock, length // 4), 1))
        clock += length
    return tuple(turns)


@given(st.lists(st.integers(4_000, 400_000), min_size=1, max_size=40))
def test_every_turn_is_in_one_passage_of_a_fair_length(lasting_desk: Desk, lengths: list[int]):
    with lasting_desk.database.write() as connection:
        count = connection.exec_driver_sql("SELECT count(*) FROM episode").scalar()
        episode_id = add_episode(connection, f"p{count}", long_turns(lengths))
        passages = list_passages(connection, episode_id, NOW)
    assert [turn for passage in passages for turn in passage.turn_ids] == sorted(
        turn for passage in passages for turn in passage.turn_ids
    )
    assert sum(len(passage.turn_ids) for passage in passages) == len(lengths)
    for passage in passages:
        assert (passage.end_ms or 0) - (passage.start_ms or 0) <= PASSAGE_MS + 400_000 + SHORT_PASSAGE_MS


@given(st.lists(st.integers(4_000, 700_000), min_size=1, max_size=12), st.booleans())
def test_a_passage_read_alone_is_the_one_that_is_listed(
    lasting_desk: Desk, lengths: list[int], with_text: bool
):
    text = (speech_turn([Word("mot")] * 30, 1),) if with_text else ()
    with lasting_desk.database.write() as connection:
        count = connection.exec_driver_sql("SELECT count(*) FROM episode").scalar()
        episode_id = add_episode(connection, f"p{count}", (*long_turns(lengths), *text))
        listed = {passage.number: passage for passage in list_passages(connection, episode_id, NOW)}
        for number in range(max(listed) + 3):
            assert read_passage(connection, episode_id, number, NOW) == listed.get(number)


def test_splitting_a_turn_moves_no_other_passage(desk: Desk):
    with desk.database.write() as connection:
        episode_id = add_episode(connection, "Long", long_turns([120_000] * 12))
        before = list_passages(connection, episode_id, NOW)
        acts.split_turn(connection, before[1].turn_ids[0], 0, 2, desk.zoe, NOW)
        after = list_passages(connection, episode_id, NOW)
    assert [passage.start_ms for passage in after] == [passage.start_ms for passage in before]
    assert len(after[1].turn_ids) == len(before[1].turn_ids) + 1
    assert [p.turn_ids for p in (after[0], after[2])] == [p.turn_ids for p in (before[0], before[2])]


def test_a_text_without_audio_is_cut_by_its_length(desk: Desk):
    turn = speech_turn([Word("mot")] * 100, 1)
    with desk.database.write() as connection:
        episode_id = add_episode(connection, "Sans audio", (turn,) * 12)
        assert len(list_passages(connection, episode_id, NOW)) == 2


def test_a_claim_lapses_after_a_quarter_of_an_hour_unless_its_author_works(desk: Desk):
    later = NOW + timedelta(minutes=10)
    with desk.database.write() as connection:
        mine = claims.claim_passage(connection, desk.episode_id, 0, desk.zoe, NOW)
        assert mine.expires_at == NOW + CLAIM_LENGTH
        assert claims.claim_passage(connection, desk.episode_id, 0, desk.luk, NOW) == mine
    saving.save_turn(desk.database, Save(desk.turn(0).id, 0, "Au travail."), desk.zoe, later)
    with desk.database.write() as connection:
        (passage,) = list_passages(connection, desk.episode_id, NOW + CLAIM_LENGTH)
        assert passage.claim is not None
        assert passage.claim.author == desk.zoe
        (passage,) = list_passages(connection, desk.episode_id, later + CLAIM_LENGTH)
        assert passage.claim is None
        taken = claims.claim_passage(connection, desk.episode_id, 0, desk.luk, later + CLAIM_LENGTH)
        assert taken.author == desk.luk


def test_a_claim_of_another_keeps_nobody_from_saving(desk: Desk):
    with desk.database.write() as connection:
        claims.claim_passage(connection, desk.episode_id, 0, desk.zoe, NOW)
    saving.save_turn(desk.database, Save(desk.turn(0).id, 0, "De Luk."), desk.luk, NOW)
    assert desk.turn(0).turn.text == "De Luk."


def test_a_claim_is_let_go_or_taken_over(desk: Desk):
    with desk.database.write() as connection:
        claims.claim_passage(connection, desk.episode_id, 0, desk.zoe, NOW)
        claims.claim_passage(connection, desk.episode_id, 0, desk.luk, NOW, take_over=True)
        assert claims.list_claims(connection, desk.episode_id, NOW)[0].author == desk.luk
        claims.release_claims(connection, desk.episode_id, desk.zoe)
        assert len(claims.list_claims(connection, desk.episode_id, NOW)) == 1
        claims.release_claims(connection, desk.episode_id, desk.luk, 0)
        assert connection.execute(select(claim_table)).first() is None

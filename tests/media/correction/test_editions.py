"""Whatever is done to one text of an episode leaves the other as it was."""

import pytest

from media import episodes, transcripts
from media.correction import claims, speakers
from media.correction.acts import merge_turns, move_boundary, save_text, split_turn
from media.correction.errors import LockedTextError, NotAdjacentError
from media.correction.events import insert_event
from media.correction.history import list_correctors, list_versions
from media.correction.proposals import propose
from media.correction.realignment import carry_marks
from media.correction.restoring import restore
from media.correction.review import count_to_review
from media.correction.speakers import Scope
from media.correction.undoing import undo
from media.transcript import Chapter, Edition, Transcript, Turn, TurnState, Word, speech_turn
from media.transcripts import Attribution, StoredTurn, list_turns
from tests.media.conftest import NOW
from tests.media.correction.conftest import Desk, machine_turns, say

WRITTEN = ("Bonjour à toutes et à tous.", "Merci de nous recevoir.", "Racontez-nous.", "C’était un été.")


@pytest.fixture
def desk(desk: Desk) -> Desk:
    """The episode at work, with a published text beside what was said, that leads; without times."""
    with desk.database.write() as connection:
        voices = {voice.number: voice.id for voice in transcripts.list_voices(connection, desk.episode_id)}
        turns = [
            speech_turn([Word(word) for word in text.split(" ")], voice=1 + place % 2)
            for place, text in enumerate(WRITTEN)
        ]
        transcripts.replace_turns(connection, desk.episode_id, Edition.PUBLISHED, turns, voices)
        episodes.update_episode(connection, desk.episode_id, {"edition": Edition.PUBLISHED}, NOW)
    return desk


def read(desk: Desk, edition: Edition) -> list[StoredTurn]:
    with desk.database.read() as connection:
        return list_turns(connection, desk.episode_id, edition, public=False)


def at(held: StoredTurn) -> tuple[int, int]:
    return held.id, held.version


@pytest.mark.parametrize("edition", list(Edition))
def test_cuts_joints_events_and_their_undoing_stay_within_a_text(desk: Desk, edition: Edition):
    (other,) = set(Edition) - {edition}
    before, beside = read(desk, edition), read(desk, other)
    place = 1 if edition is Edition.PUBLISHED else 3
    acts = []
    with desk.database.write() as connection:
        one = before[place]
        outcome = split_turn(connection, *at(one), 2, desk.zoe, NOW)
        acts.append(outcome.act_id)
        head, tail = outcome.turns
        assert (tail.edition, tail.position) == (edition, one.position + 1)
        acts.append(move_boundary(connection, at(head), at(tail), 1, desk.zoe, NOW).act_id)
        head, tail = (list_turns(connection, desk.episode_id, edition)[at_] for at_ in (place, place + 1))
        acts.append(insert_event(connection, *at(tail), "Rires", desk.zoe, NOW).act_id)
        acts.append(merge_turns(connection, at(head), at(tail), desk.zoe, NOW).act_id)
    assert [held.position for held in read(desk, edition)] == list(range(len(before) + 1))
    assert read(desk, other) == beside
    with desk.database.write() as connection:
        for act_id in reversed(acts):
            assert act_id is not None
            undo(connection, act_id, desk.zoe, NOW)
    assert [(held.id, held.turn) for held in read(desk, edition)] == [(held.id, held.turn) for held in before]
    assert read(desk, other) == beside
    assert {held.edition for held in _versions(desk, before[place])} == {edition}


def _versions(desk: Desk, held: StoredTurn) -> list:
    with desk.database.read() as connection:
        return list_versions(connection, held.id)


def test_turns_of_two_texts_are_never_joined(desk: Desk):
    said, written = read(desk, Edition.SPOKEN), read(desk, Edition.PUBLISHED)
    with desk.database.write() as connection, pytest.raises(NotAdjacentError):
        merge_turns(connection, at(said[0]), at(written[1]), desk.zoe, NOW)


def test_a_voice_is_named_in_both_texts_and_given_turns_in_one(desk: Desk):
    written = read(desk, Edition.PUBLISHED)
    with desk.database.write() as connection:
        counts = speakers.count_scopes(connection, written[0].id)
        assert (counts[Scope.FROM_HERE], counts[Scope.EPISODE]) == (2, 2)
        speakers.assign_speaker(connection, *at(written[0]), "Zoé", Scope.EPISODE, desk.zoe, NOW)
    for edition in Edition:
        names = {held.voice.name for held in read(desk, edition) if held.voice and held.voice.number == 1}
        assert names == {"Zoé"}


def test_passages_claims_and_review_are_those_of_a_text(desk: Desk):
    with desk.database.write() as connection:
        own, other = (
            claims.list_passages(connection, desk.episode_id, NOW, edition)
            for edition in (None, Edition.SPOKEN)
        )
        assert [held.id for held in read(desk, Edition.PUBLISHED)] == list(own[0].turn_ids)
        assert not set(own[0].turn_ids) & set(other[0].turn_ids)
        claims.claim_passage(connection, desk.episode_id, 0, desk.zoe, NOW)
        free = claims.claim_passage(connection, desk.episode_id, 0, desk.luk, NOW, edition=Edition.SPOKEN)
        assert free.author == desk.luk
        assert [claim.author for claim in claims.list_claims(connection, desk.episode_id, NOW)] == [desk.zoe]
        for edition in Edition:
            held = list_turns(connection, desk.episode_id, edition)[0]
            save_text(connection, *at(held), "Bonjour à tous.", desk.zoe, NOW)
        assert count_to_review(connection, desk.luk) == 1
        assert list_correctors(connection, desk.episode_id, Edition.SPOKEN) == ["Zoe"]


def test_a_machine_replaces_what_was_said_and_touches_nothing_published(desk: Desk):
    before = read(desk, Edition.PUBLISHED)
    again = Transcript((speech_turn(say("tout autre chose"), 1),), "fr", "better")
    with desk.database.write() as connection:
        speakers.assign_speaker(connection, *at(before[0]), "Zoé", Scope.TURN, desk.zoe, NOW)
        assert transcripts.save_machine_transcript(connection, desk.episode_id, again, "again", NOW)
        written = list_turns(connection, desk.episode_id)
        (said,) = list_turns(connection, desk.episode_id, Edition.SPOKEN)
        assert [held.turn.words for held in written] == [held.turn.words for held in before]
        assert [held.voice and held.voice.name for held in written] == ["Zoé", None, None, None]
        assert said.turn.text == "tout autre chose" and said.voice is not None
        assert said.voice.number not in {held.voice.number for held in written if held.voice}
        assert said.voice.attribution is Attribution.NONE
        save_text(connection, *at(said), "Tout à fait autre chose", desk.zoe, NOW)
        assert not transcripts.save_machine_transcript(connection, desk.episode_id, again, "third", NOW)


def test_headings_follow_their_turns_whatever_becomes_of_them(desk: Desk):
    written = read(desk, Edition.PUBLISHED)
    headings = [Chapter(None, "Un", written[0].id), Chapter(None, "Deux", written[2].id)]
    with desk.database.write() as connection:
        episodes.replace_chapters(connection, desk.episode_id, [Chapter(9, "Du fichier")])
        episodes.replace_chapters(connection, desk.episode_id, headings, Edition.PUBLISHED)
        assert episodes.list_chapters(connection, desk.episode_id) == headings
        joined = merge_turns(connection, at(written[1]), at(written[2]), desk.zoe, NOW)
        moved = episodes.list_chapters(connection, desk.episode_id)[1]
        assert (moved.title, moved.turn_id, moved.position) == ("Deux", written[1].id, 1)
        assert joined.act_id is not None
        undo(connection, joined.act_id, desk.zoe, NOW)
        assert episodes.list_chapters(connection, desk.episode_id) == headings
        episodes.update_episode(connection, desk.episode_id, {"edition": Edition.SPOKEN}, NOW)
        assert episodes.list_chapters(connection, desk.episode_id) == [Chapter(9, "Du fichier")]


def test_paragraphs_stay_where_they_were_through_corrections(desk: Desk):
    texts = ["Un", "deux", "trois", "Quatre", "cinq"]
    words = [Word(text, paragraph=text == "Quatre") for text in texts]
    assert [word.paragraph for word in carry_marks(words, words)] == [False, False, False, True, False]
    for text, begins in (
        ("Un deux trois Cinq six", "Cinq"),
        ("Un deux trois quatre Quatre cinq", "Quatre"),
        ("Un deux trois cinq", "cinq"),
        ("Autre Quatre cinq", "Quatre"),
        ("Un deux trois", None),
        ("Quatre cinq", None),
    ):
        carried = carry_marks(words, [Word(word) for word in text.split()])
        assert [word.text for word in carried if word.paragraph] == ([begins] if begins else []), text
    with desk.database.write() as connection:
        turn = Turn(tuple(words), state=TurnState.VALIDATED)
        transcripts.replace_turns(connection, desk.episode_id, Edition.PUBLISHED, [turn], {})
        (held,) = list_turns(connection, desk.episode_id)
        (saved,) = save_text(connection, *at(held), "Un deux trois Quatre six", desk.zoe, NOW).turns
        assert saved.turn.words[3].paragraph
        (back,) = restore(connection, held.id, 0, saved.version, desk.zoe, NOW).turns
        assert back.turn.words == tuple(words)


def test_words_of_a_published_text_that_stay_keep_the_times_it_was_aligned_to(desk: Desk):
    words = [Word("Racontez", 500, 900), Word("tout", 1_200, 1_500, heard=False), Word("ici.", 2_000, 2_400)]
    with desk.database.write() as connection:
        transcripts.replace_turns(connection, desk.episode_id, Edition.PUBLISHED, [speech_turn(words)], {})
        (held,) = list_turns(connection, desk.episode_id)
        (saved,) = save_text(connection, *at(held), "Racontez tout là-bas ici.", desk.zoe, NOW).turns
    assert [saved.turn.words[place] for place in (0, 1, 3)] == words
    assert 1_500 <= (saved.turn.words[2].start_ms or 0) <= 2_000


@pytest.mark.parametrize("where", ["episode", "show"])
def test_a_licence_that_allows_no_changes_keeps_the_published_text_as_it_is(desk: Desk, where: str):
    with desk.database.write() as connection:
        connection.exec_driver_sql(f"UPDATE {where} SET licence = 'Verbatim'")
    said, written = read(desk, Edition.SPOKEN), read(desk, Edition.PUBLISHED)
    acts = (
        lambda connection: save_text(connection, *at(written[0]), "Autre.", desk.zoe, NOW),
        lambda connection: split_turn(connection, *at(written[0]), 2, desk.zoe, NOW),
        lambda connection: merge_turns(connection, at(written[0]), at(written[1]), desk.zoe, NOW),
        lambda connection: propose(connection, *at(written[0]), "Autre.", desk.zoe, NOW),
    )
    for act in acts:
        with pytest.raises(LockedTextError), desk.database.write() as connection:
            act(connection)
    assert read(desk, Edition.PUBLISHED) == written
    with desk.database.write() as connection:
        save_text(connection, *at(said[0]), "Autre.", desk.zoe, NOW)
        speakers.assign_speaker(connection, *at(written[0]), "Zoé", Scope.EPISODE, desk.zoe, NOW)


def test_what_leads_decides_what_is_meant(desk: Desk):
    with desk.database.write() as connection:
        assert transcripts.list_editions(connection, desk.episode_id) == (Edition.PUBLISHED, Edition.SPOKEN)
        assert [held.turn.text for held in list_turns(connection, desk.episode_id)] == list(WRITTEN)
        episodes.update_episode(connection, desk.episode_id, {"edition": Edition.SPOKEN}, NOW)
        assert transcripts.list_editions(connection, desk.episode_id) == (Edition.SPOKEN, Edition.PUBLISHED)
        assert len(list_turns(connection, desk.episode_id)) == len(machine_turns())
        around = transcripts.list_turns_around(connection, list_turns(connection, desk.episode_id)[1], 9)
        assert {held.edition for held in around} == {Edition.SPOKEN}

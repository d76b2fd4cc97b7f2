"""Shows, episodes, transcripts and progress, on a real catalogue of each engine."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media import changes, episodes, progress, shows, transcripts
from media.database import Database
from media.episodes import EpisodeStatus, Person
from media.errors import Message, NotFoundError
from media.transcript import Chapter, Transcript, TurnState, Word, speech_turn
from media.transcripts import Attribution
from tests.media.conftest import NOW

SAID = Transcript(
    (
        speech_turn([Word("Bonjour", 0, 400, 0.9), Word("à", 400, 450, 0.8), Word("tous.", 450, 900)], 1),
        speech_turn([Word("Bonsoir.", 1000, 1500, 0.7)], 2),
    ),
    "fr",
    "test",
)


def add_episode(database: Database, title: str = "Premier") -> int:
    with database.write() as connection:
        show = shows.find_show(connection, "Là-haut") or shows.add_show(connection, "Là-haut", NOW)
        return episodes.add_episode(
            connection, show.id, title, title, NOW, people=[Person("Zoé", "guest")], declared_ms=90_000
        )


def test_shows_of_one_title_have_slugs_of_their_own(database: Database):
    with database.write() as connection:
        slugs = [shows.add_show(connection, "L’été\N{NO-BREAK SPACE}!", NOW).slug for _ in range(3)]
    assert slugs == ["l-ete", "l-ete-2", "l-ete-3"]


def test_an_episode_comes_back_as_it_was_announced(database: Database):
    episode_id = add_episode(database)
    with database.read() as connection:
        episode = episodes.get_episode(connection, episode_id)
    assert (episode.show_title, episode.people, episode.duration_ms, episode.status) == (
        "Là-haut",
        (Person("Zoé", "guest"),),
        90_000,
        EpisodeStatus.WAITING,
    )
    assert episode.first_seen_at == NOW
    assert episode.published_at is None


def test_what_is_not_there_is_named(database: Database):
    with database.read() as connection, pytest.raises(NotFoundError) as caught:
        episodes.get_episode(connection, 404)
    assert caught.value.message.values["name"] == "404"


def test_private_episodes_are_in_no_list(database: Database):
    episode_id = add_episode(database)
    with database.write() as connection:
        episodes.update_episode(connection, episode_id, {"private": True}, NOW)
    with database.read() as connection:
        assert episodes.list_episodes(connection) == []
        assert sum(episodes.count_episodes(connection).values()) == 0


def test_a_machine_transcript_becomes_the_turns_and_is_kept_whole(database: Database):
    episode_id = add_episode(database)
    with database.write() as connection:
        assert transcripts.save_machine_transcript(connection, episode_id, SAID, "run-1", NOW)
    with database.read() as connection:
        assert tuple(stored.turn for stored in transcripts.list_turns(connection, episode_id)) == SAID.turns
        assert transcripts.read_machine_transcript(connection, episode_id) == SAID
        assert [change.episode_id for change in changes.list_changes(connection, 0)] == [episode_id]


def test_saving_one_run_twice_doubles_nothing(database: Database):
    """FAULTS 1: a step killed after its commit is taken again."""
    episode_id = add_episode(database)
    for _ in range(2):
        with database.write() as connection:
            transcripts.save_machine_transcript(connection, episode_id, SAID, "run-1", NOW)
    with database.read() as connection:
        assert len(transcripts.list_turns(connection, episode_id)) == len(SAID.turns)
        assert len(changes.list_changes(connection, 0)) == 1


def test_a_machine_never_overwrites_what_a_person_named(database: Database):
    episode_id = add_episode(database)
    with database.write() as connection:
        transcripts.save_machine_transcript(connection, episode_id, SAID, "run-1", NOW)
        transcripts.name_voice(connection, episode_id, 1, "Étienne", NOW)
    other = replace(SAID, turns=SAID.turns[:1])
    with database.write() as connection:
        assert not transcripts.save_machine_transcript(connection, episode_id, other, "run-2", NOW)
    with database.read() as connection:
        assert len(transcripts.list_turns(connection, episode_id)) == 2
        assert transcripts.read_machine_transcript(connection, episode_id) == SAID


def test_naming_a_voice_is_an_act_that_the_index_hears_of(database: Database):
    episode_id = add_episode(database)
    with database.write() as connection:
        transcripts.save_machine_transcript(connection, episode_id, SAID, "run-1", NOW)
        before = changes.last_change(connection)
        transcripts.name_voice(connection, episode_id, 2, "Aïcha", NOW)
    with database.read() as connection:
        assert [change.episode_id for change in changes.list_changes(connection, before)] == [episode_id]
        first, second = transcripts.list_voices(connection, episode_id)
        assert (first.name, second.name, second.attribution) == (None, "Aïcha", Attribution.HUMAN)
        assert transcripts.list_speakers(connection) == ["Aïcha"]
        assert episodes.get_episode(connection, episode_id).revision == 2


def test_the_turns_around_one_come_in_order(database: Database):
    episode_id = add_episode(database)
    with database.write() as connection:
        many = Transcript(tuple(SAID.turns[0] for _ in range(9)), "fr", "test")
        transcripts.save_machine_transcript(connection, episode_id, many, "run-1", NOW)
    with database.read() as connection:
        middle = transcripts.list_turns(connection, episode_id)[4]
        around = transcripts.list_turns_around(connection, middle, 2)
    assert [stored.position for stored in around] == [2, 3, 4, 5, 6]
    assert all(stored.turn.state is TurnState.MACHINE for stored in around)


def test_chapters_are_replaced_and_listed_by_time(database: Database):
    episode_id = add_episode(database)
    with database.write() as connection:
        episodes.replace_chapters(connection, episode_id, [Chapter(9, "b")])
        episodes.replace_chapters(connection, episode_id, [Chapter(500, "d"), Chapter(0, "c")])
        assert episodes.list_chapters(connection, episode_id) == [Chapter(0, "c"), Chapter(500, "d")]


def test_a_due_feed_is_given_to_one_worker_at_a_time(database: Database):
    with database.write() as connection:
        shows.add_show(connection, "A", NOW, feed_url="https://a.example/feed")
        taken = shows.claim_due_show(connection, NOW)
        assert taken is not None
        assert shows.claim_due_show(connection, NOW) is None
        assert shows.claim_due_show(connection, NOW + shows.POLL_LEASE) is not None


def test_feeds_of_a_host_that_is_busy_wait_and_keep_nobody_else_waiting(database: Database):
    with database.write() as connection:
        for number, host in enumerate(("slow", "slow", "quick")):
            url = f"https://{host}.example/{number}"
            shows.add_show(connection, f"Émission {number}", NOW, feed_url=url)
        taken = shows.claim_due_show(connection, NOW, busy_hosts={"slow.example"})
        assert taken is not None and taken.feed_url == "https://quick.example/2"
        assert shows.claim_due_show(connection, NOW, busy_hosts={"slow.example"}) is None
        assert shows.claim_due_show(connection, NOW) is not None


@given(show=st.integers(1, 10**6), at=st.integers(0, 10**10), minutes=st.integers(5, 10_080))
def test_a_feed_keeps_its_place_in_the_hour(show: int, at: int, minutes: int):
    pause, now = timedelta(minutes=minutes), NOW + timedelta(milliseconds=at)
    due = shows.next_poll(show, now, pause)
    assert pause / 2 <= due - now < pause * 3 / 2
    assert shows.next_poll(show, due, pause) == due + pause


def test_feeds_that_are_added_together_are_read_spread_over_the_hour():
    hour = timedelta(hours=1)
    due = sorted(shows.next_poll(show, NOW, hour) for show in range(1, 501))
    assert max(later - sooner for sooner, later in pairwise(due)) < timedelta(seconds=20)


def test_a_failure_waits_for_its_next_try_and_then_returns_to_the_queue(database: Database):
    episode_id = add_episode(database)
    later = NOW + timedelta(minutes=5)
    with database.write() as connection:
        progress.begin_attempt(connection, episode_id, "run-1", "worker-0", NOW)
        progress.record_failure(connection, episode_id, Message("no %(x)s", {"x": 1}), later, NOW)
    with database.write() as connection:
        assert progress.put_back_due_retries(connection, NOW) == 0
        assert progress.put_back_due_retries(connection, later) == 1
        assert progress.list_waiting(connection, 9) == [progress.Waiting(episode_id, 1, is_wished=False)]
        held = progress.get_progress(connection, episode_id)
    assert held is not None
    assert held.failure == Message("no %(x)s", {"x": 1})


def test_a_run_taken_up_again_is_the_same_attempt(database: Database):
    episode_id = add_episode(database)
    attempts = []
    for run in ("run-1", "run-1", "run-2"):
        with database.write() as connection:
            progress.begin_attempt(connection, episode_id, run, "worker-0", NOW)
            held = progress.get_progress(connection, episode_id)
        attempts.append(held and held.attempts)
    assert attempts == [1, 1, 2]


def test_a_ready_episode_leaves_no_progress_behind(database: Database):
    episode_id = add_episode(database)
    with database.write() as connection:
        progress.begin_attempt(connection, episode_id, "run-1", "worker-0", NOW)
        progress.record_progress(connection, episode_id, progress.Step.RECOGNISE, 2, 5, NOW)
        progress.record_ready(connection, episode_id, NOW)
    with database.read() as connection:
        assert progress.list_progress(connection) == []
        assert episodes.get_episode(connection, episode_id).status is EpisodeStatus.READY

"""Who comes next: what somebody waits for, then shows in turn; what is stopped is in nobody's hands."""

from datetime import timedelta

import pytest
from sqlalchemy import Connection

from media import progress, shows, wishes, workers
from media.database import Database
from media.episodes import EpisodeStatus, add_episode, get_episode, update_episode
from media.people.attempts import TooManyTriesError
from media.workers import WorkerCard, WorkerState
from tests.media.conftest import NOW


def add_show(connection: Connection, title: str, episodes: int) -> list[int]:
    """Add a show, its latest episode first."""
    show = shows.add_show(connection, title, NOW)
    days = [{"published_at": NOW - timedelta(days=day)} for day in range(episodes)]
    return [add_episode(connection, show.id, f"{title}-{n}", title, NOW, **day) for n, day in enumerate(days)]


def order(connection: Connection, limit: int = 99) -> list[int]:
    return [row.episode_id for row in progress.list_waiting(connection, limit)]


def test_shows_come_in_turn_and_one_under_way_counts(database: Database):
    with database.write() as connection:
        many, few = add_show(connection, "Beaucoup", 5), add_show(connection, "Peu", 2)
        assert order(connection) == [many[0], few[0], many[1], few[1], *many[2:]]
        progress.begin_attempt(connection, many[0], "r", "w", NOW)
        assert order(connection) == [few[0], many[1], few[1], *many[2:]]
        progress.begin_attempt(connection, many[1], "r2", "w", NOW)
        assert order(connection)[:3] == [few[0], few[1], many[2]]


def test_what_somebody_waits_for_comes_first_and_an_operator_before_readers(database: Database):
    with database.write() as connection:
        line = add_show(connection, "Radio", 4)
        wishes.ask_first(connection, line[3], NOW, reader="198.51.100.7")
        wishes.ask_first(connection, line[2], NOW + timedelta(seconds=1), reader=None)
        assert order(connection) == [line[2], line[3], line[0], line[1]]
        assert [row.is_wished for row in progress.list_waiting(connection, 3)] == [True, True, False]
        progress.record_ready(connection, line[2], NOW)
        assert not wishes.is_wished(connection, line[2])
        with pytest.raises(wishes.NotWaitingError):
            wishes.ask_first(connection, line[2], NOW, reader=None)


def test_a_reader_may_wait_for_a_few_and_all_readers_for_a_few_more(database: Database):
    with database.write() as connection:
        line = add_show(connection, "Radio", 12)
        for episode in line[: wishes.WISHES.most]:
            wishes.ask_first(connection, episode, NOW, reader="a")
            wishes.ask_first(connection, episode, NOW, reader="a")  # again: costs nothing
        with pytest.raises(TooManyTriesError):
            wishes.ask_first(connection, line[4], NOW, reader="a")
        for number in range(wishes.WISHES.most, wishes.MOST_WISHES):
            wishes.ask_first(connection, line[number], NOW, reader=f"b{number}")
    with pytest.raises(wishes.TooManyWishesError), database.write() as connection:
        wishes.ask_first(connection, line[8], NOW, reader="c")
    with database.write() as connection:
        wishes.ask_first(connection, line[9], NOW, reader=None)  # an operator always may
        progress.record_ready(connection, line[0], NOW)
        wishes.ask_first(connection, line[8], NOW, reader="c")


def test_what_is_stopped_is_in_nobodys_hands_and_may_be_asked_for_again(database: Database):
    with database.write() as connection:
        (episode,) = add_show(connection, "Radio", 1)
        hold = progress.begin_attempt(connection, episode, "run-1", "w", NOW)
        assert progress.is_held(connection, hold)
        assert progress.cancel(connection, episode) and not progress.cancel(connection, episode)
        assert not progress.is_held(connection, hold)
        assert progress.list_cancelled_runs(connection) == {"run-1"}
        assert progress.list_progress(connection) == [] and order(connection) == []
        assert get_episode(connection, episode).status is EpisodeStatus.SKIPPED
        progress.ask_again(connection, episode)
        (waiting,) = progress.list_waiting(connection, 9)
        assert waiting.attempts == 1  # the next run has another name than the one that was stopped
        assert progress.list_cancelled_runs(connection) == set()


def test_words_that_were_there_outlive_a_stopped_transcription(database: Database):
    with database.write() as connection:
        (episode,) = add_show(connection, "Radio", 1)
        progress.record_ready(connection, episode, NOW)
        update_episode(connection, episode, {"status": EpisodeStatus.WAITING})
        assert progress.cancel(connection, episode)
        assert get_episode(connection, episode).status is EpisodeStatus.READY


def test_a_hold_is_lost_to_whoever_takes_the_same_run_up(database: Database):
    """FAULTS 4: the run has one name for all workers, each taking of it a number."""
    with database.write() as connection:
        (episode,) = add_show(connection, "Radio", 1)
        first = progress.begin_attempt(connection, episode, "run-1", "a", NOW)
        second = progress.begin_attempt(connection, episode, "run-1", "b", NOW)
        assert not progress.is_held(connection, first) and progress.is_held(connection, second)


def test_workers_are_known_to_each_other_until_a_day_after_they_went(database: Database):
    card = WorkerCard("studio-0-abc", "studio", "here", "1.0", 4, 8, 6000)
    with database.write() as connection:
        workers.keep_beating(connection, card, WorkerState.WORKING, NOW)
        workers.keep_beating(connection, card, WorkerState.WORKING, NOW)
        (worker,) = workers.list_workers(connection)
        assert (worker.card, worker.beats, worker.gone_at) == (card, 2, None)
        assert workers.count_living(connection) == 1 and workers.count_processes(connection) == 4
        workers.ask_to_drain(connection, "studio", NOW)
        workers.ask_to_drain(connection, "studio", NOW)
        assert workers.is_to_drain(connection, card)
        assert workers.resume(connection, "studio") and not workers.resume(connection, "studio")
        workers.ask_to_drain(connection, card.name, NOW)
        workers.keep_beating(connection, card, WorkerState.DRAINED, NOW)
        assert workers.count_living(connection) == 0 and workers.list_beats(connection) == {}
        workers.forget_gone(connection, NOW + workers.FORGOTTEN_AFTER + timedelta(seconds=1))
        assert workers.list_workers(connection) == [] and workers.list_drains(connection) == {}

"""The change log, as those who follow it see it, and as long as it needs to be."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from media import changes
from media.changes import Lag, forget_superseded, last_change, list_changes, log_change, measure_lag
from media.database import Database

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def log(database: Database, *episodes: int) -> None:
    with database.write() as connection:
        for place, episode in enumerate(episodes):
            log_change(connection, episode, NOW + timedelta(seconds=place))


def test_lag_is_what_is_left_to_follow(database: Database) -> None:
    log(database, 7, 8, 7)
    with database.read() as connection:
        assert measure_lag(connection, -1) == Lag(3, 3, NOW)
        assert measure_lag(connection, 2) == Lag(3, 1, NOW + timedelta(seconds=2))
        assert measure_lag(connection, 3) == Lag(3, 0, None)


@given(episodes=st.lists(st.integers(1, 6), max_size=30), cut=st.integers(0, 30), at_once=st.integers(1, 5))
@settings(max_examples=25)
def test_whoever_follows_the_log_is_led_to_the_same_episodes_before_and_after_it_is_shortened(
    database: Database, episodes: list[int], cut: int, at_once: int
) -> None:
    log(database, *episodes)
    with database.read() as connection:
        newest = last_change(connection)
        places = range(max(0, newest - cut), newest + 1)
        before = [{change.episode_id for change in list_changes(connection, place)} for place in places]
    held, changes.FORGOTTEN_AT_ONCE = changes.FORGOTTEN_AT_ONCE, at_once
    try:
        forget_superseded(database)
    finally:
        changes.FORGOTTEN_AT_ONCE = held
    with database.read() as connection:
        after = [{change.episode_id for change in list_changes(connection, place)} for place in places]
        left = [change.episode_id for change in list_changes(connection, -1)]
        assert last_change(connection) == newest
    assert after == before and len(left) == len(set(left))


def test_an_identity_is_not_given_again_after_the_log_was_shortened(database: Database) -> None:
    log(database, 7, 7, 7)
    assert forget_superseded(database) == 2
    assert forget_superseded(database) == 0
    log(database, 8)
    with database.read() as connection:
        assert [change.id for change in list_changes(connection, 0)] == [3, 4]

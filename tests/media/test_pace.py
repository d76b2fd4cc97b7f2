"""What is counted of the work from afar, on both engines."""

from datetime import timedelta

from media import episodes, files, pace, progress, shows
from media.database import Database
from media.episodes import EpisodeStatus
from media.errors import Message
from media.pace import Amount
from media.progress import Step
from tests.media.conftest import NOW

HOUR_MS = 3_600_000


def test_sound_is_counted_by_the_copy_and_where_there_is_none_as_it_was_announced(database: Database) -> None:
    with database.write() as connection:
        show = shows.add_show(connection, "Place du Marché", NOW)
        files.add_audio(connection, files.AudioFile("a" * 64, ".mp3", "audio/mpeg", 1, HOUR_MS))
        done = {"status": EpisodeStatus.READY, "listening_sha256": "a" * 64, "declared_ms": 1}
        for age_h in (0, 2, 30):
            at = NOW - timedelta(hours=age_h)
            episodes.add_episode(connection, show.id, f"r{age_h}", "a", NOW, transcribed_at=at, **done)
        episodes.add_episode(connection, show.id, "w", "b", NOW, declared_ms=2 * HOUR_MS)
        episodes.add_episode(connection, show.id, "unknown", "c", NOW)
        counted = pace.count_audio(connection)
        assert counted[EpisodeStatus.READY] == Amount(3, 3 * HOUR_MS)
        assert counted[EpisodeStatus.WAITING] == Amount(2, 2 * HOUR_MS)
        assert counted[EpisodeStatus.FAILED] == Amount(0, 0)
        assert pace.measure_done(connection, NOW - timedelta(hours=1)) == Amount(1, HOUR_MS)
        assert pace.measure_done(connection, NOW - timedelta(days=1)) == Amount(2, 2 * HOUR_MS)


def test_failures_that_say_the_same_are_one_cause(database: Database) -> None:
    with database.write() as connection:
        show = shows.add_show(connection, "Place du Marché", NOW)
        for number, (said, step) in enumerate(
            [("%(url)s is gone", Step.DOWNLOAD)] * 3
            + [("too long", Step.DECODE), ("%(url)s is gone", Step.SAVE)]
        ):
            key = episodes.add_episode(connection, show.id, str(number), "a", NOW)
            progress.begin_attempt(connection, key, f"run-{number}", "worker", NOW)
            progress.record_progress(connection, key, step, 0, 0, NOW)
            at = NOW + timedelta(minutes=number)
            progress.record_failure(connection, key, Message(said, {"url": f"http://a/{number}"}), at, at)
        again = episodes.add_episode(connection, show.id, "again", "a", NOW)
        progress.begin_attempt(connection, again, "run", "worker", NOW)
        progress.record_failure(connection, again, Message("too long"), None, NOW)
        progress.ask_again(connection, again)
        causes = pace.list_causes(connection)
    assert {(cause.msgid, cause.step, cause.episodes) for cause in causes} == {
        ("%(url)s is gone", Step.DOWNLOAD, 3),
        ("%(url)s is gone", Step.SAVE, 1),
        ("too long", Step.DECODE, 1),
    }
    first = causes[0]
    assert first.example.values == {"url": "http://a/2"}
    assert (first.latest_at, first.next_try_at) == (NOW + timedelta(minutes=2), NOW)


def test_feeds_are_read_failing_or_stopped(database: Database) -> None:
    with database.write() as connection:
        shows.add_show(connection, "Sans flux", NOW)
        for title, next_at, failure in (
            ("lu", NOW + timedelta(hours=1), None),
            ("en retard", NOW - timedelta(hours=3), None),
            ("en panne", NOW + timedelta(hours=1), Message("gone")),
            ("arrêté", None, Message("gone")),
        ):
            show = shows.add_show(connection, title, NOW, feed_url=f"https://radio.example/{title}")
            shows.record_poll(connection, show, NOW, next_at, failure)
        states = pace.count_feeds(connection, NOW)
    assert (states.read, states.failing, states.stopped) == (2, 1, 1)
    assert states.due_since == NOW - timedelta(hours=3)

"""Workers of several machines: each by its size, one drained, one told to stop an episode."""

from pathlib import Path

from ingest.work.shifts import Shift
from media.episodes import EpisodeStatus
from media.progress import cancel, list_progress
from media.workers import Worker, WorkerState, ask_to_drain, list_workers, resume
from tests.ingest.work.test_worker import check_saved_once, steps_under_way
from tests.ingest.workers import CHUNKS_EACH, Place, becomes


def workers(place: Place) -> list[Worker]:
    with place.database.read() as connection:
        return list_workers(connection)


def test_a_drained_worker_finishes_its_parts_and_the_episode_goes_on_elsewhere(
    place: Place, sounds: Path
) -> None:
    place.add(1, sounds)
    place.start(part_s=1.0, once=False)
    assert becomes(lambda: "recognise" in steps_under_way(place)), place.log()
    (first,) = workers(place)
    with place.database.write() as connection:
        ask_to_drain(connection, first.card.name, first.seen_at)
    assert becomes(lambda: workers(place)[0].state is WorkerState.DRAINED), place.log()
    heard = place.heard()
    assert len(heard) < CHUNKS_EACH + 1 and place.counts()[EpisodeStatus.WORKING] == 1
    place.start(once=False)
    assert becomes(lambda: place.counts()[EpisodeStatus.READY] == 1), place.log()
    check_saved_once(place, 1)
    assert len(place.heard()) == len(set(place.heard())) == CHUNKS_EACH + 1  # nothing was heard twice


def test_a_drained_worker_works_again_when_asked(place: Place, sounds: Path) -> None:
    place.add(1, sounds)
    process = place.start(part_s=0.5, once=False)
    assert becomes(lambda: "recognise" in steps_under_way(place)), place.log()
    (only,) = workers(place)
    with place.database.write() as connection:
        ask_to_drain(connection, only.card.host, only.seen_at)
    assert becomes(lambda: workers(place)[0].state is WorkerState.DRAINED), place.log()
    with place.database.write() as connection:
        assert resume(connection, only.card.host)
    assert becomes(lambda: place.counts()[EpisodeStatus.READY] == 1), place.log()
    check_saved_once(place, 1)
    assert process.is_alive()


def test_an_episode_that_is_stopped_stops_everywhere_and_the_next_goes_on(place: Place, sounds: Path) -> None:
    stopped, _ = place.add(2, sounds)
    place.start(part_s=1.0, once=False)
    assert becomes(lambda: place.counts()[EpisodeStatus.WORKING] == 2), place.log()
    with place.database.write() as connection:
        assert cancel(connection, stopped)
    assert becomes(lambda: place.counts()[EpisodeStatus.READY] == 1), place.log()
    with place.database.read() as connection:
        assert list_progress(connection) == []
    assert place.counts()[EpisodeStatus.SKIPPED] == 1


def test_a_worker_that_stops_says_so_and_its_work_waits_for_no_silence(place: Place, sounds: Path) -> None:
    """FAULTS 2."""
    place.add(1, sounds)
    process = place.start(part_s=1.0, once=False)
    assert becomes(lambda: "recognise" in steps_under_way(place)), place.log()
    process.terminate()
    process.join(60)
    assert process.exitcode == 0 and workers(place)[0].gone_at is not None
    place.finish()
    check_saved_once(place, 1)


def test_nothing_begins_once_the_shift_is_over_and_what_had_begun_counts() -> None:
    shift = Shift()
    with shift.act():
        shift.end()
        assert shift.is_over and shift.in_hand == 1
    assert shift.in_hand == 0
    shift.begin()
    with shift.act():
        assert shift.in_hand == 1

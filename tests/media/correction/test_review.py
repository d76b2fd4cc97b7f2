"""What one person read is put before another, the most listened to and the most doubtful first."""

import pytest

from media.correction import acts, history, marks, review
from media.correction.errors import NotReadError, OwnReadingError, ReasonMissingError
from media.transcript import DoubtKind, TurnState
from tests.media.conftest import NOW
from tests.media.correction.conftest import Desk, add_episode


@pytest.fixture
def read(desk: Desk) -> Desk:
    """A desk whose every turn of speech Zoé has read."""
    with desk.database.write() as connection:
        for held in desk.speech():
            acts.set_state(connection, held.id, 0, TurnState.READ, desk.zoe, NOW)
    return desk


def test_the_queue_holds_what_another_person_read_the_most_doubtful_first(read: Desk):
    doubtful = read.speech()[2]
    with read.database.write() as connection:
        marks.mark_doubt(connection, doubtful.id, 1, 0, 1, read.luk, NOW)
        queue = review.list_to_review(connection, read.luk)
        assert queue[0].id == doubtful.id
        assert len(queue) == review.count_to_review(connection, read.luk) == 4
        assert review.list_to_review(connection, read.zoe) == []
        assert len(review.list_to_review(connection, read.luk, limit=2)) == 2


def test_the_episodes_that_are_listened_to_come_first(read: Desk):
    with read.database.write() as connection:
        other = add_episode(connection, "Second")
        turns = {
            row[0] for row in connection.exec_driver_sql(f"SELECT id FROM turn WHERE episode_id={other}")
        }
        first = min(turns)
        acts.set_state(connection, first, 0, TurnState.READ, read.zoe, NOW)
        queue = review.list_to_review(connection, read.luk, order=lambda episode: float(episode == other))
        assert queue[0].id == first
        assert [held.id for held in review.list_to_review(connection, read.luk, episode_id=other)] == [first]


def test_another_person_validates_and_the_turn_leaves_the_queue(read: Desk):
    turn = read.turn(0)
    with read.database.write() as connection:
        with pytest.raises(OwnReadingError):
            review.validate(connection, turn.id, 1, read.zoe, NOW)
        review.validate(connection, turn.id, 1, read.luk, NOW)
        assert review.count_to_review(connection, read.luk) == 3
    assert read.turn(0).turn.state is TurnState.VALIDATED


def test_a_turn_is_returned_with_a_reason_until_it_is_corrected(read: Desk):
    turn = read.turn(0)
    with read.database.write() as connection:
        with pytest.raises(ReasonMissingError):
            review.return_turn(connection, turn.id, 1, " ", read.luk, NOW)
        review.return_turn(connection, turn.id, 1, "Réécoutez la fin.", read.luk, NOW)
        assert review.count_to_review(connection, read.luk) == 3
        (returned,) = review.list_returned(connection, read.zoe)
        assert [doubt.kind for doubt in returned.turn.doubts] == [DoubtKind.DISCUSSED]
        assert history.list_versions(connection, turn.id)[-1].reason == "Réécoutez la fin."
        acts.save_text(connection, turn.id, 2, "Bonjour à tous et à toutes.", read.zoe, NOW)
        assert review.list_returned(connection, read.zoe) == []
        assert review.count_to_review(connection, read.luk) == 4


def test_what_nobody_read_is_not_returned(desk: Desk):
    with desk.database.write() as connection, pytest.raises(NotReadError):
        review.return_turn(connection, desk.turn(0).id, 0, "non", desk.luk, NOW)

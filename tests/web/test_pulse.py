"""A worker lives while its count grows, whatever the clocks of other machines say."""

from media.workers import SILENCE
from web.pulse import Pulse


class Clock:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_count_that_grows_is_a_worker_alive() -> None:
    clock = Clock()
    pulse = Pulse(clock)
    pulse.look({"a": 5, "b": 9})
    assert pulse.count_alive() == 0
    clock.now += 10
    pulse.look({"a": 6, "b": 9})
    assert pulse.count_alive() == 1
    clock.now += SILENCE.total_seconds() + 1
    pulse.look({"a": 6, "b": 9})
    assert pulse.count_alive() == 0


def test_a_worker_that_started_again_is_alive_and_one_that_is_forgotten_is_not() -> None:
    pulse = Pulse(Clock())
    pulse.look({"a": 50})
    pulse.look({"a": 1})
    assert pulse.count_alive() == 1
    pulse.look({})
    assert pulse.count_alive() == 0

"""Guessing is slowed, the owner is not locked out (FAULTS 51)."""

from datetime import UTC, datetime, timedelta

import pytest

from web.errors import TooManyTriesError
from web.throttle import MAX_KEYS, MAX_TRIES_BY_ADDRESS, MAX_TRIES_BY_LOGIN, WINDOW, LoginThrottle


class Clock:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def guesses(throttle: LoginThrottle, login: str, addresses: list[str]) -> int:
    tried = 0
    for address in addresses:
        try:
            throttle.take_try(login, address)
        except TooManyTriesError:
            continue
        tried += 1
    return tried


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def throttle(clock: Clock) -> LoginThrottle:
    return LoginThrottle(clock)


def test_ten_thousand_guesses_from_one_address_are_few_tries(throttle: LoginThrottle) -> None:
    assert guesses(throttle, "samira", ["10.0.0.1"] * 10_000) == MAX_TRIES_BY_ADDRESS


def test_ten_thousand_guesses_from_a_thousand_addresses_are_twenty(throttle: LoginThrottle) -> None:
    assert guesses(throttle, "samira", [f"10.0.{n % 1_000}.1" for n in range(10_000)]) == MAX_TRIES_BY_LOGIN


def test_the_owner_gets_in_under_attack_from_where_she_did_before(throttle: LoginThrottle) -> None:
    throttle.take_try("samira", "192.0.2.7")
    throttle.record_success("samira", "192.0.2.7")
    guesses(throttle, "samira", [f"10.0.{n}.1" for n in range(1_000)])
    assert guesses(throttle, "samira", ["192.0.2.8"]) == 0
    assert guesses(throttle, "samira", ["192.0.2.7"]) == 1


def test_tries_come_back_with_time(throttle: LoginThrottle, clock: Clock) -> None:
    guesses(throttle, "samira", ["10.0.0.1"] * 50)
    with pytest.raises(TooManyTriesError) as refused:
        throttle.take_try("samira", "10.0.0.1")
    assert 0 < int(refused.value.message.values["minutes"]) <= 60
    clock.now += WINDOW + timedelta(seconds=1)
    throttle.take_try("samira", "10.0.0.1")


def test_another_login_is_not_slowed(throttle: LoginThrottle) -> None:
    assert guesses(throttle, "samira", ["10.0.0.1"] * 50) < 50
    assert guesses(throttle, "julien", ["10.0.0.1"]) == 1


def test_what_is_remembered_is_bounded(throttle: LoginThrottle) -> None:
    for n in range(MAX_KEYS):
        throttle.take_try(f"login-{n}", "10.0.0.1")
    assert len(throttle._tries) <= MAX_KEYS

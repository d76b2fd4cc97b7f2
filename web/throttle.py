"""Slow down the guessing of passwords without locking the owner out (FAULTS 51).

Two budgets of failed tries: one for each address and login, one for each login from everywhere.
An address from which a login has succeeded keeps its own budget even while others spend the
second one, so that an attacker cannot keep the owner out. Held in memory: a restart forgets.
"""

import threading
from collections import OrderedDict, deque
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from web.errors import TooManyTriesError

WINDOW = timedelta(hours=1)
MAX_TRIES_BY_ADDRESS = 8  # of one login from one address in the window
MAX_TRIES_BY_LOGIN = 20  # of one login from every address in the window
MAX_KEYS = 10_000  # the oldest are forgotten beyond this

Key = tuple[str, ...]


class LoginThrottle:
    """Counts failed tries; `check` raises TooManyTriesError when a budget is spent."""

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._tries: OrderedDict[Key, deque[datetime]] = OrderedDict()
        self._trusted: OrderedDict[Key, None] = OrderedDict()

    def take_try(self, login: str, address: str) -> None:
        """Count a try before its password is looked at; TooManyTriesError when none is left."""
        own: Key = (login, address)
        everyone: Key = (login,)
        with self._lock:
            budgets = {own: MAX_TRIES_BY_ADDRESS}
            if own not in self._trusted:
                budgets[everyone] = MAX_TRIES_BY_LOGIN
            for key, most in budgets.items():
                self._refuse_beyond(key, most)
            for key in budgets:
                self._tries.setdefault(key, deque()).append(self._now())
                self._tries.move_to_end(key)
            _forget_oldest(self._tries)

    def record_success(self, login: str, address: str) -> None:
        """Trust this address for this login, and give its tries back."""
        own: Key = (login, address)
        with self._lock:
            spent = len(self._tries.pop(own, ()))
            everyone = self._tries.get((login,), deque())
            for _ in range(min(spent, len(everyone))):
                everyone.pop()
            self._trusted[own] = None
            _forget_oldest(self._trusted)

    def _refuse_beyond(self, key: Key, most: int) -> None:
        tries = self._tries.get(key, deque())
        while tries and tries[0] <= self._now() - WINDOW:
            tries.popleft()
        if len(tries) >= most:
            left = tries[0] + WINDOW - self._now()
            raise TooManyTriesError(f"{len(tries)} tries for {key}", minutes=max(1, -(-left.seconds // 60)))


def _forget_oldest(held: OrderedDict[Key, Any]) -> None:
    while len(held) > MAX_KEYS:
        held.popitem(last=False)

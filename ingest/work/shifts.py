"""What a worker has in hand, and whether it begins anything more.

To drain a worker is to end its shift: what has begun goes on to its end, and whatever would begin
waits, for as long as that takes. Once nothing is in hand the worker may be stopped; what waited
here is taken over by others meanwhile, and their hold on it makes ours void (FAULTS 4).
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Shift:
    """Counts the acts under way, and holds back new ones while it is over; safe to share by threads."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._is_over = False
        self._acts = 0

    @contextmanager
    def act(self) -> Iterator[None]:
        """Do something within the shift: waits for the next one where it is over."""
        with self._changed:
            self._changed.wait_for(lambda: not self._is_over)
            self._acts += 1
        try:
            yield
        finally:
            with self._changed:
                self._acts -= 1

    def end(self) -> None:
        """Let nothing more begin."""
        with self._changed:
            self._is_over = True

    def begin(self) -> None:
        """Let things begin again."""
        with self._changed:
            self._is_over = False
            self._changed.notify_all()

    @property
    def is_over(self) -> bool:
        """Whether nothing more begins."""
        return self._is_over

    @property
    def in_hand(self) -> int:
        """How many acts are under way."""
        return self._acts

"""A worker run from a terminal, and what ends it."""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from ingest.work.console import Display
from ingest.work.worker import run_worker
from media.database import Database
from media.language import terminal_language, translate
from media.settings import Settings
from terminal.following import follow_changes
from terminal.saying import problems, say


def run_here(settings: Settings, database: Database, *, once: bool, beside: bool = False) -> bool:
    """Run a worker in this process; return whether every episode it took went well."""
    with stopped_by_signals(beside=beside) as stop, drained_by_signal() as drain:
        ended = threading.Event()
        following = (settings, database, stop, ended)
        follower = threading.Thread(target=follow_changes, args=following, daemon=True)
        follower.start()
        with Display(problems, say) as display:
            failures = run_worker(settings, database, once=once, stop=stop, show=display.show, drain=drain)
        if stop.is_set():
            os._exit(0)  # steps cut down here are taken again: a stop is a crash that was asked for
        ended.set()
        follower.join()
    for failure in failures:
        problems.print(f"{failure.title}: {translate(failure.message, terminal_language())}", style="red")
    return not failures


@contextmanager
def stopped_by_signals(*, beside: bool) -> Iterator[threading.Event]:
    """Set an event when the process is asked to stop, or when the one that it runs beside is gone."""
    stop = threading.Event()
    if beside:
        threading.Thread(target=_outlive, args=(stop,), daemon=True).start()
    asked = (signal.SIGTERM, signal.SIGINT)
    before = [signal.signal(name, lambda *_: stop.set()) for name in asked]
    try:
        yield stop
    finally:
        for name, handler in zip(asked, before, strict=True):
            signal.signal(name, handler)


@contextmanager
def drained_by_signal() -> Iterator[threading.Event]:
    """Set an event when the worker is asked to finish and take nothing new: SIGUSR1."""
    drain = threading.Event()
    before = signal.signal(signal.SIGUSR1, lambda *_: drain.set())
    try:
        yield drain
    finally:
        signal.signal(signal.SIGUSR1, before)


def _outlive(stop: threading.Event) -> None:
    """Wait for the end of standard input, which ends with the process that we run beside."""
    sys.stdin.read()
    stop.set()

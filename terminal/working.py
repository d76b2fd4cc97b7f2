"""A worker run from a terminal, its index and the volunteers' queue following the change log."""

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from ingest.work.console import Display
from ingest.work.worker import run_worker
from media.database import Database
from media.errors import EntenduError
from media.language import terminal_language, translate
from media.settings import Settings
from media.volunteering import survey
from search import sync_index
from terminal.saying import problems, say

INDEX_EVERY_S = 0.5  # how often the change log is looked at while a worker runs
SURVEY_EVERY_S = 3.0  # how often, at most, episodes are surveyed
SURVEYED_AT_ONCE = 2  # episodes, of half a second each: the index waits for them

log = logging.getLogger("entendu")


def run_here(settings: Settings, database: Database, *, once: bool, beside: bool = False) -> bool:
    """Run a worker in this process; return whether every episode it took went well."""
    with stopped_by_signals(beside=beside) as stop:
        ended = threading.Event()
        following = (settings, database, stop, ended)
        follower = threading.Thread(target=follow_changes, args=following, daemon=True)
        follower.start()
        with Display(problems, say) as display:
            failures = run_worker(settings, database, once=once, stop=stop, show=display.show)
        if stop.is_set():
            os._exit(0)  # steps cut down here are taken again: a stop is a crash that was asked for
        ended.set()
        follower.join()
    for failure in failures:
        problems.print(f"{failure.title}: {translate(failure.message, terminal_language())}", style="red")
    return not failures


def follow_changes(
    settings: Settings, database: Database, stop: threading.Event, ended: threading.Event | None = None
) -> None:
    """Keep this machine's index in line with the catalogue, and survey what changed; then once more.

    Told to `stop`, the last round only indexes: somebody waits. Where the work `ended` by itself,
    it surveys all that there is to survey.
    """
    ended = ended or stop
    due = time.monotonic()
    while True:
        last = ended.wait(INDEX_EVERY_S)
        try:
            sync_index(settings, database)
        except EntenduError as error:
            log.warning("the index does not follow: %s", error)
        if last:
            while not stop.is_set() and _survey_some(database, survey.AT_ONCE):
                pass
            return
        if time.monotonic() >= due:
            _survey_some(database, survey.QUIET)
            due = time.monotonic() + SURVEY_EVERY_S


def _survey_some(database: Database, quiet: timedelta) -> bool:
    """Survey a few episodes that have been `quiet`; True where there may be more."""
    try:
        return survey.follow_changes(database, datetime.now(UTC), SURVEYED_AT_ONCE, quiet) > 0
    except EntenduError as error:
        log.warning("the queue of doubts does not follow: %s", error)
    except Exception:  # one episode that cannot be surveyed keeps none from being indexed
        log.exception("the queue of doubts does not follow")
    return False


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


def _outlive(stop: threading.Event) -> None:
    """Wait for the end of standard input, which ends with the process that we run beside."""
    sys.stdin.read()
    stop.set()

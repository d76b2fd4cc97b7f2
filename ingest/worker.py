"""The worker: reads feeds that are due, puts waiting episodes in the queue, takes over from the dead.

One process holds one slot of its machine. It may be killed at any moment: the queue (DBOS, on
SQLite beside the catalogue or in the same PostgreSQL) remembers what was begun, and whichever
worker next looks finds the slot empty and its work to be resumed.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dbos import DBOS, DBOSConfig, SetWorkflowID

from ingest.addresses import Network
from ingest.polling import poll_show
from ingest.pool import Pool
from ingest.slots import hold_slot, list_empty_slots
from ingest.steps import Tools, now
from ingest.work import CHUNKS, EPISODES, WORKFLOWS_VERSION, EpisodeWork, note_failure
from media.database import Database
from media.episodes import EpisodeStatus
from media.errors import EntenduError, Message
from media.progress import Progress, list_progress, list_waiting, list_working, put_back_due_retries
from media.settings import Settings
from media.shows import claim_due_show, count_due

log = logging.getLogger(__name__)

TICK_S = 0.3
QUEUE_POLL_S = 0.2  # how soon a free process takes the next chunk
TAKE_OVER_EVERY_S = 10.0  # FAULTS 1: work of a dead worker goes on within a minute
FEEDS_AT_ONCE = 4  # one slow host delays no other feed
EPISODES_AHEAD = 20  # put in the queue at a time; the latest published goes first
EPISODES_AT_ONCE = 1  # a worker's processes go to one episode's chunks, then the next's
DEAD_RUNS = ("ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")

Show = Callable[[Iterable[Progress], datetime], None]


@dataclass(frozen=True, slots=True)
class Failure:
    """An episode that a worker could not bring to its words."""

    episode_title: str
    message: Message


def run_worker(
    settings: Settings, database: Database, *, once: bool, stop: threading.Event, show: Show
) -> list[Failure]:
    """Work until told to stop, or with `once` until nothing is due; return what failed meanwhile.

    `show` is given the rows of work under way, several times a second.
    """
    with hold_slot(settings) as slot, Pool(settings.workers) as pool:
        network = Network.allowing(settings.allowed_hosts)
        tools = Tools(settings, database, network, pool, slot.name)
        with _queue(settings, tools, pool.size) as work:
            return _Rounds(tools, work, show, once=once).run(stop)


class _Rounds:
    """The worker's loop, and what it remembers from one round to the next."""

    def __init__(self, tools: Tools, work: EpisodeWork, show: Show, *, once: bool) -> None:
        self._tools = tools
        self._work = work
        self._show = show
        self._once = once
        self._begun_at = now()
        self._queued: set[str] = set()
        self._feeds = ThreadPoolExecutor(FEEDS_AT_ONCE, thread_name_prefix="feed")
        self._polls: set[Future[None]] = set()
        self._looked_for_dead_at = 0.0

    def run(self, stop: threading.Event) -> list[Failure]:
        """Go round until told to stop, or until nothing is due."""
        rounds = 0
        while not stop.is_set():
            if rounds % round(TAKE_OVER_EVERY_S / TICK_S) == 0:
                take_over_dead_work(self._tools)
            rounds += 1
            try:
                idle = self._go_round()
            except EntenduError as error:  # a full disk or a busy catalogue passes
                log.warning("%s", error)
                idle = False
            if self._once and idle:
                break
            stop.wait(TICK_S)
        self._feeds.shutdown(wait=not stop.is_set(), cancel_futures=True)
        return self._failures()

    def _go_round(self) -> bool:
        """Start what is due; return whether nothing is due or under way."""
        moment = now()
        self._poll_feeds(moment)
        with self._tools.database.write() as connection:
            put_back_due_retries(connection, moment)
            waiting = list_waiting(connection, EPISODES_AHEAD)
            working = list_working(connection)
            rows = list_progress(connection)
            due = count_due(connection, moment)
        for episode_id, attempts in waiting:
            self._enqueue(episode_id, attempts)
        self._show([row for row in rows if row.status is EpisodeStatus.WORKING], moment)
        return not (waiting or working or due or self._polls)

    def _poll_feeds(self, moment: datetime) -> None:
        self._polls = {poll for poll in self._polls if not poll.done()}
        while len(self._polls) < FEEDS_AT_ONCE:
            with self._tools.database.write() as connection:
                show = claim_due_show(connection, moment)
            if show is None:
                return
            tools = self._tools
            self._polls.add(
                self._feeds.submit(poll_show, tools.database, tools.settings, tools.network, show, moment)
            )

    def _enqueue(self, episode_id: int, attempts: int) -> None:
        """Put an attempt in the queue, under a name that makes doing so twice the same as once."""
        run = f"episode-{episode_id}-{attempts + 1}"
        if run not in self._queued:
            with SetWorkflowID(run):
                DBOS.enqueue_workflow(EPISODES, self._work.transcribe, episode_id)
            self._queued.add(run)

    def _failures(self) -> list[Failure]:
        with self._tools.database.read() as connection:
            return [
                Failure(row.episode_title, row.failure)
                for row in list_progress(connection)
                if row.failure is not None and row.updated_at >= self._begun_at
            ]


def take_over_dead_work(tools: Tools) -> None:
    """Resume what workers of this machine left behind when they died, and give up what cannot be resumed."""
    for name in list_empty_slots(tools.settings):
        for run in DBOS.list_workflows(status="PENDING", executor_id=name, load_input=False):
            log.info("taking over %s from %s", run.workflow_id, name)
            DBOS.resume_workflow(run.workflow_id)
    with tools.database.read() as connection:
        working = list_working(connection)
    for row in working:
        status = DBOS.get_workflow_status(row.run) if row.run else None
        if status is None or status.status in DEAD_RUNS:
            note_failure(tools, row.episode_id, EntenduError(f"the run {row.run} is lost: {status}"))


@contextmanager
def _queue(settings: Settings, tools: Tools, processes: int) -> Iterator[EpisodeWork]:
    """Join the work queue for as long as the worker runs."""
    config: DBOSConfig = {
        "name": "entendu",
        "system_database_url": queue_url(settings),
        "application_version": WORKFLOWS_VERSION,
        "executor_id": tools.worker,
        "log_level": "WARNING",
    }
    DBOS(config=config)
    work = EpisodeWork(tools)
    DBOS.launch()
    try:
        limits: dict[str, Any] = {"polling_interval_sec": QUEUE_POLL_S}
        DBOS.register_queue(EPISODES, worker_concurrency=EPISODES_AT_ONCE, **limits)
        DBOS.register_queue(CHUNKS, worker_concurrency=processes, **limits)
        yield work
    finally:
        DBOS.destroy(destroy_registry=False)


def queue_url(settings: Settings) -> str:
    """Say where the work queue is kept: beside a SQLite catalogue, or in the same PostgreSQL."""
    return settings.database_url or f"sqlite:///{settings.data.resolve() / 'queue.sqlite'}"

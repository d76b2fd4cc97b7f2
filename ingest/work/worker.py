"""The worker: reads feeds that are due, puts waiting episodes in the queue, takes over from the gone.

One process holds one slot of its machine. It may be killed at any moment: the queue (DBOS, on
SQLite beside the catalogue or in the same PostgreSQL) remembers what was begun, and whichever
worker next looks finds what is to be resumed. To be told to stop is no different.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dbos import DBOS, DBOSConfig, SetWorkflowID
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from ingest.errors import WorkerError
from ingest.feeds.polling import poll_show
from ingest.importing.offered import take_offer
from ingest.network.addresses import Network
from ingest.work.pool import Pool
from ingest.work.slots import take_slot
from ingest.work.steps import Engines, Tools, now
from ingest.work.sweeping import sweep_incoming
from ingest.work.takeover import Watch, forget_finished, take_over
from ingest.work.workflows import CHUNKS, EPISODES, WORKFLOWS_VERSION, EpisodeWork
from media.database import Database
from media.episodes import EpisodeStatus, get_episodes
from media.errors import N_, EntenduError, Message
from media.progress import (
    Progress,
    keep_beating,
    list_progress,
    list_waiting,
    list_working,
    put_back_due_retries,
)
from media.settings import Settings
from media.shows import claim_due_show, count_due, list_shows
from media.store.opening import open_store
from media.texts.offers import claim_due_offer, count_due_offers

log = logging.getLogger(__name__)

QUEUE_FILE = "queue.sqlite"
TICK_S = 0.3
BEAT_S = 5.0
QUEUE_POLL_S = 0.2  # how soon a free process takes the next chunk
TAKE_OVER_EVERY_S = 10.0  # FAULTS 1: work of a dead worker goes on within a minute
FEEDS_AT_ONCE = 4  # one slow host delays no other feed
EPISODES_AHEAD = 20  # put in the queue at a time; the latest published goes first
EPISODES_AT_ONCE = 2  # one may download while another's chunks have the processes

Show = Callable[[Iterable[Progress], datetime], None]


class QueueError(WorkerError):
    """The work queue cannot be opened."""

    msgid = N_("The work queue %(path)s cannot be used: %(reason)s. Check the disk, or move that file away.")
    transient = True


@dataclass(frozen=True, slots=True)
class Failure:
    """An episode that a worker could not bring to its words, or a show whose feed it could not read."""

    title: str
    message: Message


def run_worker(
    settings: Settings,
    database: Database,
    *,
    once: bool,
    stop: threading.Event,
    show: Show,
    engines: Engines | None = None,
) -> list[Failure]:
    """Work until told to stop, or with `once` until nothing is due; return what failed meanwhile.

    `show` is given the rows of work under way or failed, several times a second. Told to stop, it
    returns at once, with threads and processes still at work: the caller then ends its process,
    and what that cuts down is taken up again, as after a crash.
    """
    slot, pool = take_slot(settings), Pool(settings.workers)
    network = Network.allowing(settings.allowed_hosts)
    tools = Tools(settings, database, open_store(settings), network, pool, engines or Engines(), slot.name)
    try:
        sweep_incoming(tools.store, database)
        work = _join_queue(tools)
        return _Rounds(tools, work, show, once=once).run(stop)
    finally:
        if not stop.is_set():
            DBOS.destroy(destroy_registry=False)
            pool.close()
            slot.release()


@dataclass(frozen=True, slots=True)
class _Run:
    """An attempt at an episode, under a name that all workers give it: to enqueue it twice is once."""

    name: str
    episode_id: int
    attempt: int


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
        self._watch = Watch(tools)
        self._next: dict[str, float] = {}  # when what is not done every round is due

    def run(self, stop: threading.Event) -> list[Failure]:
        """Go round until told to stop, or until nothing is due."""
        idle = False
        while not stop.is_set() and not (self._once and idle):
            try:
                idle = self._go_round()
            except (EntenduError, SQLAlchemyError) as error:  # a full disk, a busy catalogue or queue passes
                log.warning("%s", error)
            stop.wait(TICK_S)
        self._feeds.shutdown(wait=not stop.is_set(), cancel_futures=True)
        if stop.is_set():
            return []
        forget_finished()
        return self._failures()

    def _go_round(self) -> bool:
        """Start what is due; return whether nothing is due or under way."""
        self._do_what_is_rare()
        moment = now()
        with self._tools.database.read() as connection:
            rows = list_progress(connection)
            due = count_due(connection, moment)
            offered = count_due_offers(connection, moment)
            working = list_working(connection)
            waiting = _list_runs(connection)
        self._show(rows, moment)
        self._poll_feeds(due, moment)
        self._take_offers(offered, moment)
        self._put_back_retries(rows, moment)
        for run in waiting:
            self._enqueue(run)
        return not (waiting or working or due or offered or self._polls or (self._once and self._is_busy()))

    def _do_what_is_rare(self) -> None:
        if self._is_time("beat", BEAT_S):
            with self._tools.database.write() as connection:
                keep_beating(connection, self._tools.worker, now())
        if self._is_time("take over", TAKE_OVER_EVERY_S):
            take_over(self._tools, self._watch)
            forget_finished()
            self._queued.clear()

    def _is_time(self, name: str, every_s: float) -> bool:
        moment = time.monotonic()
        if moment < self._next.get(name, 0.0):
            return False
        self._next[name] = moment + every_s
        return True

    def _poll_feeds(self, due: int, moment: datetime) -> None:
        for poll in [poll for poll in self._polls if poll.done()]:
            self._polls.remove(poll)
            if error := poll.exception():
                log.error("a feed could not be read", exc_info=error)  # it is due again after its lease
        while due and len(self._polls) < FEEDS_AT_ONCE:
            tools = self._tools
            with tools.database.write() as connection:
                show = claim_due_show(connection, moment)
            if show is None:
                return
            self._polls.add(
                self._feeds.submit(poll_show, tools.database, tools.settings, tools.network, show, moment)
            )

    def _take_offers(self, due: int, moment: datetime) -> None:
        """Fetch transcripts that feeds offer, beside the feeds themselves."""
        tools = self._tools
        while due and len(self._polls) < FEEDS_AT_ONCE:
            with tools.database.write() as connection:
                offer = claim_due_offer(connection, moment)
            if offer is None:
                return
            self._polls.add(
                self._feeds.submit(take_offer, tools.database, tools.network, tools.store, offer, moment)
            )

    def _put_back_retries(self, rows: Iterable[Progress], moment: datetime) -> None:
        if any(row.retry_at and row.retry_at <= moment for row in rows if row.status is EpisodeStatus.FAILED):
            with self._tools.database.write() as connection:
                put_back_due_retries(connection, moment)

    def _enqueue(self, run: _Run) -> None:
        if run.name not in self._queued:
            with SetWorkflowID(run.name):
                DBOS.enqueue_workflow(EPISODES, self._work.transcribe, run.episode_id, run.attempt)
            self._queued.add(run.name)

    def _is_busy(self) -> bool:
        """Tell whether runs of ours have yet to be recorded as finished."""
        ours = self._tools.worker
        return bool(DBOS.list_workflows(status="PENDING", executor_id=ours, load_input=False, limit=1))

    def _failures(self) -> list[Failure]:
        with self._tools.database.read() as connection:
            episodes, shows = list_progress(connection), list_shows(connection)
        failed = [(row.episode_title, row.failure, row.updated_at) for row in episodes]
        failed += [(show.title, show.failure, show.polled_at or show.created_at) for show in shows]
        return [Failure(title, why) for title, why, when in failed if why and when >= self._begun_at]


def _list_runs(connection: Connection) -> list[_Run]:
    """List the next runs of episodes that wait.

    The version and the episode's revision are in the name: what another version of the program left
    in the queue is no obstacle, nor is an earlier transcription.
    """
    attempts = dict(list_waiting(connection, EPISODES_AHEAD))
    held = get_episodes(connection, attempts)
    return [
        _Run(f"{WORKFLOWS_VERSION}-episode-{key}-{held[key].revision}-{done + 1}", key, done + 1)
        for key, done in attempts.items()
    ]


def _join_queue(tools: Tools) -> EpisodeWork:
    """Join the work queue; QueueError where that cannot be."""
    config: DBOSConfig = {
        "name": "entendu",
        "system_database_url": queue_url(tools.settings),
        "application_version": WORKFLOWS_VERSION,
        "executor_id": tools.worker,
        "log_level": "CRITICAL",  # that it cannot be launched, we say ourselves
    }
    chatter = logging.getLogger("dbos")
    level = chatter.level
    limits: dict[str, Any] = {"polling_interval_sec": QUEUE_POLL_S}
    try:
        DBOS(config=config)
        work = EpisodeWork(tools)
        DBOS.launch()
        DBOS.register_queue(EPISODES, worker_concurrency=EPISODES_AT_ONCE, **limits)
        DBOS.register_queue(CHUNKS, worker_concurrency=tools.pool.size, **limits)
        chatter.setLevel(level)
    except SQLAlchemyError as error:
        path = "PostgreSQL" if tools.settings.database_url else str(tools.settings.data / QUEUE_FILE)
        reason = str(getattr(error, "orig", None) or error).splitlines()[0]
        raise QueueError(f"{path}: {error}", task="queue", path=path, reason=reason) from error
    return work


def queue_url(settings: Settings) -> str:
    """Say where the work queue is kept: beside a SQLite catalogue, or in the same PostgreSQL."""
    return settings.database_url or f"sqlite:///{settings.data.resolve() / QUEUE_FILE}"

"""The worker: reads feeds that are due, puts waiting episodes in the queue, takes over from the gone.

One process holds one slot of its machine. It may be killed at any moment: the queue remembers what
was begun, and whichever worker next looks, here or on another machine, finds what is to be resumed.
To be told to stop is no different. To be drained is gentler: it finishes what it has in hand, takes
nothing more, says when it may be stopped, and works again when asked.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version

from dbos import DBOS
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from ingest.network.addresses import Network
from ingest.work.errands import Errands
from ingest.work.limits import Share, take_share
from ingest.work.pool import Pool
from ingest.work.queues import Run, enqueue, forget_finished, is_busy, join_queue
from ingest.work.slots import Slot, take_slot
from ingest.work.steps import Engines, Tools, now
from ingest.work.sweeping import look_after_audio
from ingest.work.takeover import Watch, take_over
from ingest.work.workflows import EpisodeWork
from media.database import Database
from media.episodes import EpisodeStatus, get_episodes
from media.errors import EntenduError, Message
from media.progress import (
    Progress,
    list_cancelled_runs,
    list_progress,
    list_waiting,
    list_working,
    put_back_due_retries,
)
from media.settings import Settings
from media.shows import count_due, list_shows
from media.store.opening import open_store
from media.texts.offers import count_due_offers
from media.workers import (
    WorkerCard,
    WorkerState,
    ask_to_drain,
    count_living,
    is_to_drain,
    keep_beating,
    record_gone,
)

log = logging.getLogger(__name__)

TICK_S = 0.3
BEAT_S = 5.0
LOOK_EVERY_S = 1.0  # at what operators ask for
AUDIO_EVERY_S = 600.0  # at what could not be kept or silenced, and what was left half-written
TAKE_OVER_EVERY_S = 10.0  # FAULTS 1: work of a dead worker goes on within a minute
EPISODES_AHEAD = 2  # put in the queue for each worker: whoever comes next finds the line in order
LINE_SHARE = 10  # ordering the line takes one part in as many of our time
DRAIN_LIMIT_S = 1_800.0  # what is in hand after this is left to others

Show = Callable[[Iterable[Progress], datetime], None]


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
    drain: threading.Event | None = None,
) -> list[Failure]:
    """Work until told to stop, or with `once` until nothing is due; return what failed meanwhile.

    `show` is given the rows of work under way or failed, several times a second. Told to stop, it
    returns at once, with threads and processes still at work: the caller then ends its process,
    and what that cuts down is taken up again, as after a crash. Set, `drain` asks for this worker
    to be drained, as `entendu workers drain` does.
    """
    share = take_share(settings)
    slot, pool = take_slot(settings), Pool(share.processes, share.child)
    network = Network.allowing(settings.allowed_hosts)
    tools = Tools(settings, database, open_store(settings), network, pool, engines or Engines(), slot.name)
    rounds = _Rounds(tools, _describe(slot, share), show, once=once, drain=drain or threading.Event())
    try:
        return rounds.run(stop)
    finally:
        _leave(tools)
        if not stop.is_set():
            DBOS.destroy(destroy_registry=False)
            pool.close()
            slot.release()


def _describe(slot: Slot, share: Share) -> WorkerCard:
    return WorkerCard(
        name=slot.name,
        host=slot.host,
        place=slot.place,
        version=version("entendu"),
        processes=share.processes,
        cores=share.cores,
        memory_mb=share.memory_mb,
    )


def _leave(tools: Tools) -> None:
    """Tell the others that they need not wait for our beats to stand still."""
    try:
        with tools.database.write() as connection:
            record_gone(connection, tools.worker, now())
    except EntenduError as error:  # they find out by themselves
        log.warning("%s", error)


class _Rounds:
    """The worker's loop, and what it remembers from one round to the next."""

    def __init__(
        self, tools: Tools, card: WorkerCard, show: Show, *, once: bool, drain: threading.Event
    ) -> None:
        self._tools = tools
        self._card = card
        self._show = show
        self._once = once
        self._drain = drain
        self._state = WorkerState.WORKING
        self._work: EpisodeWork | None = None  # None: not in the queue yet
        self._begun_at = now()
        self._queued: set[str] = set()
        self._errands = Errands(tools)
        self._watch = Watch(tools)
        self._line: list[Run] = []  # the next of those that wait
        self._next: dict[str, float] = {}  # when what is not done every round is due

    def run(self, stop: threading.Event) -> list[Failure]:
        """Go round until told to stop, or until nothing is due."""
        idle = False
        while not stop.is_set() and not (self._once and idle):
            try:
                idle = self._go_round()
            except (EntenduError, SQLAlchemyError) as error:  # a full disk, a busy catalogue or queue passes
                if self._work is None:
                    raise
                log.warning("%s", error)
            stop.wait(TICK_S)
        self._errands.end(wait=not stop.is_set())
        if stop.is_set() or self._work is None:
            return []
        forget_finished()
        return self._failures()

    def _go_round(self) -> bool:
        """Start what is due; return whether nothing is due or under way."""
        if self._is_time("look", LOOK_EVERY_S):
            self._do_as_asked()
        if self._is_time("beat", BEAT_S):
            self._beat()
        if self._state is not WorkerState.WORKING:
            return self._state is WorkerState.DRAINED
        if self._work is None:
            self._work = join_queue(self._tools)
        if self._is_time("take over", TAKE_OVER_EVERY_S):
            take_over(self._tools, self._watch)
            self._queued.clear()
        if self._is_time("audio", AUDIO_EVERY_S):
            self._errands.look_after(look_after_audio, self._tools.store, self._tools.database)
        return self._start_what_is_due(self._work)

    def _start_what_is_due(self, work: EpisodeWork) -> bool:
        moment = now()
        with self._tools.database.read() as connection:
            rows = list_progress(connection)
            due = count_due(connection, moment)
            offered = count_due_offers(connection, moment)
            working = list_working(connection)
            self._look_along_the_line(connection)
        self._show(rows, moment)
        self._errands.start_due(due, offered, moment)
        self._put_back_retries(rows, moment)
        for run in self._line:
            if run.name not in self._queued:
                enqueue(work, run)
                self._queued.add(run.name)
        ours = self._once and is_busy(self._tools.worker)
        return not (self._line or working or due or offered or self._errands.are_under_way or ours)

    def _look_along_the_line(self, connection: Connection) -> None:
        """List who is next, as often as a long line allows."""
        if self._is_time("line", 0.0):
            began = time.monotonic()
            self._line = _list_runs(connection, EPISODES_AHEAD * max(1, count_living(connection)))
            self._next["line"] = time.monotonic() + (time.monotonic() - began) * LINE_SHARE

    def _do_as_asked(self) -> None:
        """Look whether anything of ours is to be stopped, or we are to be drained or to work again."""
        with self._tools.database.read() as connection:
            drain = is_to_drain(connection, self._card)
            cancelled = list_cancelled_runs(connection)
        self._tools.pool.drop(cancelled)
        if self._drain.is_set() and not drain:
            self._drain.clear()
            with self._tools.database.write() as connection:
                ask_to_drain(connection, self._card.name, now())
            drain = True
        if not drain and self._state is not WorkerState.WORKING:
            log.info("%s works again", self._card.name)
            self._tools.shift.begin()
            self._go_to(WorkerState.WORKING)
        elif drain and self._state is WorkerState.WORKING:
            log.info("%s takes nothing new", self._card.name)
            self._tools.shift.end()
            self._go_to(WorkerState.DRAINING)
            self._next["drained"] = time.monotonic() + DRAIN_LIMIT_S
        if self._state is WorkerState.DRAINING and self._has_finished():
            log.info("%s is drained: it may be stopped", self._card.name)
            self._go_to(WorkerState.DRAINED)

    def _has_finished(self) -> bool:
        under_way = self._tools.shift.in_hand or self._errands.are_unfinished
        return not under_way or time.monotonic() >= self._next["drained"]

    def _go_to(self, state: WorkerState) -> None:
        self._state = state
        self._beat()

    def _beat(self) -> None:
        with self._tools.database.write() as connection:
            keep_beating(connection, self._card, self._state, now())

    def _is_time(self, name: str, every_s: float) -> bool:
        moment = time.monotonic()
        if moment < self._next.get(name, 0.0):
            return False
        self._next[name] = moment + every_s
        return True

    def _put_back_retries(self, rows: Iterable[Progress], moment: datetime) -> None:
        if any(row.retry_at and row.retry_at <= moment for row in rows if row.status is EpisodeStatus.FAILED):
            with self._tools.database.write() as connection:
                put_back_due_retries(connection, moment)

    def _failures(self) -> list[Failure]:
        with self._tools.database.read() as connection:
            episodes, shows = list_progress(connection), list_shows(connection)
        failed = [(row.episode_title, row.failure, row.updated_at) for row in episodes]
        failed += [(show.title, show.failure, show.polled_at or show.created_at) for show in shows]
        return [Failure(title, why) for title, why, when in failed if why and when >= self._begun_at]


def _list_runs(connection: Connection, most: int) -> list[Run]:
    """List the next runs of episodes that wait."""
    waiting = list_waiting(connection, most)
    held = get_episodes(connection, [episode.episode_id for episode in waiting])
    return [Run(episode, held[episode.episode_id].revision) for episode in waiting]

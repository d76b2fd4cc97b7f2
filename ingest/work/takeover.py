"""Take over the work of workers that are gone, give up what cannot go on, and forget what is done.

A worker of our place is gone once its slot's lock is free. Any other, or one that is frozen, is
gone once its beats have stood still for a while, as seen by our own clock: two machines' clocks
are never compared (FAULTS 8). A worker that was only slow, or cut off, loses nothing but its work:
the queue refuses what it records afterwards, and the catalogue asks whose hold it is.
"""

import logging
import time
from collections.abc import Iterable

from dbos import DBOS, WorkflowStatus

from ingest.errors import WorkerError
from ingest.work.queues import FINISHED, drop_runs, forget_finished, hand_out_again, list_begun
from ingest.work.slots import find_place, list_living
from ingest.work.steps import Tools, now
from ingest.work.workflows import WORKFLOWS_VERSION, note_failure
from media.errors import N_
from media.progress import Hold, Progress, list_cancelled_runs, list_working
from media.workers import Worker, forget_gone, list_workers, record_gone

log = logging.getLogger(__name__)

SILENCE_S = 40.0  # FAULTS 1: with the pause between two looks, work goes on within a minute
POISON = "MAX_RECOVERY_ATTEMPTS_EXCEEDED"


class InterruptedRunError(WorkerError):
    """A run ended without having said how: its queue, or its program's version, is gone."""

    msgid = N_("The work on this episode was interrupted. It will be tried again.")
    transient = True


class PoisonEpisodeError(WorkerError):
    """A run brought its worker down each time that it was taken up."""

    msgid = N_(
        "The work on this episode brought the program down too often and was given up. "
        "Look at the log and the machine's memory before you ask for it again."
    )


class Watch:
    """Tells which workers are gone, by what it saw of their beats."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._seen: dict[str, tuple[int, float]] = {}  # worker: its beats, and since when so many

    def list_gone(self, names: Iterable[str]) -> set[str]:
        """Return those of these workers that are gone; we never are. Every worker is watched."""
        with self._tools.database.read() as connection:
            known = {worker.card.name: worker for worker in list_workers(connection)}
        place, living = find_place(self._tools.settings), list_living(self._tools.settings)

        def is_gone(name: str) -> bool:
            worker = known.get(name)
            if worker is None:
                return self._is_silent(name, 0)
            is_ours = worker.card.place == place
            left = worker.gone_at is not None or (is_ours and name not in living)
            return self._is_silent(name, worker.beats) or left

        gone = {name for name in {*names, *known} - {self._tools.worker} if is_gone(name)}
        self._note(known[name] for name in gone & known.keys())
        return gone

    def _is_silent(self, name: str, beats: int) -> bool:
        seen, since = self._seen.get(name, (-1, 0.0))
        if seen != beats:
            since = time.monotonic()
            self._seen[name] = (beats, since)
        return time.monotonic() - since >= SILENCE_S

    def _note(self, gone: Iterable[Worker]) -> None:
        """Write down who is newly gone, for people and for the other workers."""
        news = [worker.card.name for worker in gone if worker.gone_at is None]
        with self._tools.database.write() as connection:
            for name in news:
                log.warning("the worker %s is gone", name)
                record_gone(connection, name, now())
            forget_gone(connection, now())


def take_over(tools: Tools, watch: Watch) -> None:
    """Have the queue hand out again what workers that are gone were doing, and judge lost runs."""
    begun = list_begun()
    with tools.database.read() as connection:
        working = list_working(connection)
        cancelled = list_cancelled_runs(connection)
    holders = {run.executor_id for run in begun if run.executor_id}
    holders |= {row.worker for row in working if row.worker}
    gone = watch.list_gone(holders)
    drop_runs(run.workflow_id for run in begun if run.workflow_id in cancelled)
    if taken := [run.workflow_id for run in begun if run.executor_id in gone]:
        log.info("taking over %s", ", ".join(taken))
        hand_out_again(gone)
    for row in working:
        _judge(tools, row, gone | {tools.worker})
    forget_finished()


def _judge(tools: Tools, row: Progress, not_at_it: set[str]) -> None:
    """Put an episode back whose run can do nothing more for it."""
    run = row.run or ""
    hold = Hold(row.episode_id, run, row.hold)
    status = DBOS.get_workflow_status(run) if run else None
    if status is not None and status.status == POISON:
        note_failure(tools, hold, PoisonEpisodeError(f"{run} is poison", task=run))
    elif status is None or status.status in FINISHED:
        lost = InterruptedRunError(f"{run} is lost: {status and status.status}", task=run)
        note_failure(tools, hold, lost)
    elif _is_stranded(status, not_at_it):
        old = InterruptedRunError(f"{run} is of version {status.app_version}", task=run)
        note_failure(tools, hold, old)
        drop_runs([run])


def _is_stranded(status: WorkflowStatus, not_at_it: set[str]) -> bool:
    """Tell whether a run was begun by another version of the program, which is not here any more."""
    return status.app_version != WORKFLOWS_VERSION and (status.executor_id or "") in not_at_it

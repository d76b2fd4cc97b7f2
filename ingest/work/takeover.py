"""Take over the work of workers that are gone, give up what cannot go on, and forget what is done.

A worker of this machine is gone once its slot's lock is free. One of another machine, or one that
is frozen, is gone once its beats have stood still for a while, as seen by our own clock: two
machines' clocks are never compared (FAULTS 8). A worker that was only slow loses nothing but its
work: the queue refuses what it records afterwards, and the catalogue asks whose run it is.
"""

import logging
import time
from collections.abc import Iterable

from dbos import DBOS, WorkflowStatus

from ingest.errors import WorkerError
from ingest.work.slots import list_empty_slots
from ingest.work.steps import Tools
from ingest.work.workflows import EPISODE_WORKFLOW, WORKFLOWS_VERSION, note_failure
from media.errors import N_
from media.progress import list_beats, list_working

log = logging.getLogger(__name__)

SILENCE_S = 40.0  # FAULTS 1: with the pause between two looks, work goes on within a minute
FINISHED = ("SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")
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
        """Return those of these workers that are gone; our own name never is."""
        with self._tools.database.read() as connection:
            beats = list_beats(connection)
        empty = set(list_empty_slots(self._tools.settings))
        others = set(names) - {self._tools.worker}
        return {name for name in others if name in empty or self._is_silent(name, beats.get(name, 0))}

    def _is_silent(self, name: str, beats: int) -> bool:
        seen, since = self._seen.get(name, (-1, 0.0))
        if seen != beats:
            since = time.monotonic()
            self._seen[name] = (beats, since)
        return time.monotonic() - since >= SILENCE_S


def take_over(tools: Tools, watch: Watch) -> None:
    """Have the queue hand out again what workers that are gone were doing, and judge lost runs."""
    pending = DBOS.list_workflows(status="PENDING", load_input=False, load_output=False)
    holders = {run.executor_id for run in pending if run.executor_id}
    with tools.database.read() as connection:
        working = list_working(connection)
    holders |= {row.worker for row in working if row.worker}
    gone = watch.list_gone(holders)
    if taken := [run.workflow_id for run in pending if run.executor_id in gone]:
        log.info("taking over %s", ", ".join(taken))
        # The public `resume_workflow` forgets how often a run was taken up, and takes it from the living.
        DBOS._recover_pending_workflows(sorted(gone))
    for row in working:
        _judge(tools, row.episode_id, row.run or "", gone | {tools.worker})


def forget_finished() -> None:
    """Delete the runs that are over, with the results of their parts: what lasts is in the catalogue."""
    for run in DBOS.list_workflows(
        name=EPISODE_WORKFLOW, status=list(FINISHED), load_input=False, load_output=False
    ):
        parts = _list_parts(run.workflow_id)
        if unbegun := [part.workflow_id for part in parts if part.status == "ENQUEUED"]:
            DBOS.cancel_workflows(unbegun)  # of a run that failed
        if not any(part.status == "PENDING" for part in parts):
            DBOS.delete_workflows([run.workflow_id, *(part.workflow_id for part in parts)])


def _judge(tools: Tools, episode_id: int, run: str, not_at_it: set[str]) -> None:
    """Put an episode back whose run can do nothing more for it."""
    status = DBOS.get_workflow_status(run) if run else None
    if status is not None and status.status == POISON:
        note_failure(tools, episode_id, run, PoisonEpisodeError(f"{run} is poison", task=run))
    elif status is None or status.status in FINISHED:
        note_failure(
            tools,
            episode_id,
            run,
            InterruptedRunError(f"{run} is lost: {status and status.status}", task=run),
        )
    elif _is_stranded(status, not_at_it):
        error = InterruptedRunError(f"{run} is of version {status.app_version}", task=run)
        note_failure(tools, episode_id, run, error)
        DBOS.cancel_workflows([run, *(part.workflow_id for part in _list_parts(run))])


def _list_parts(run: str) -> list[WorkflowStatus]:
    return DBOS.list_workflows(parent_workflow_id=run, load_input=False, load_output=False)


def _is_stranded(status: WorkflowStatus, not_at_it: set[str]) -> bool:
    """Tell whether a run was begun by another version of the program, which is not here any more."""
    return status.app_version != WORKFLOWS_VERSION and (status.executor_id or "") in not_at_it

"""The work queue (DBOS), on SQLite beside the catalogue or in the same PostgreSQL: joined, filled, emptied.

Only this module, and `ingest.work.workflows` where an episode's steps are, know the queue's own
names. Two of them are not public, for want of a public one, and the version is pinned: see
`hand_out_again` and `_take_only`.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from dbos import DBOS, DBOSConfig, SetWorkflowID, WorkflowStatus
from dbos._dbos import _get_dbos_instance
from sqlalchemy.exc import SQLAlchemyError

from ingest.errors import WorkerError
from ingest.work.steps import Tools
from ingest.work.workflows import CHUNKS, EPISODE_WORKFLOW, EPISODES, WISHES, WORKFLOWS_VERSION, EpisodeWork
from media.errors import N_
from media.progress import Waiting
from media.reach import bound_waits
from media.settings import Settings

QUEUE_FILE = "queue.sqlite"
QUEUE_POLL_S = 0.2  # how soon a free process takes the next chunk
EPISODES_AT_ONCE = 2  # one may download while another's chunks have the processes
WISHES_AT_ONCE = 1  # beside those: somebody waits
FINISHED = ("SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")


class QueueError(WorkerError):
    """The work queue cannot be opened."""

    msgid = N_("The work queue %(path)s cannot be used: %(reason)s. Check the disk, or move that file away.")
    transient = True


@dataclass(frozen=True, slots=True)
class Run:
    """The next attempt at an episode, under a name that all workers give it: to enqueue it twice is once.

    The version and the episode's revision are in the name: what another version of the program left
    in the queue is no obstacle, nor is an earlier transcription.
    """

    episode: Waiting
    revision: int

    @property
    def name(self) -> str:
        """Its identity in the queue; once wished for it has another, and whichever begins first counts."""
        ends = "-wished" if self.episode.is_wished else ""
        return f"{WORKFLOWS_VERSION}-episode-{self.episode.episode_id}-{self.revision}-{self.attempt}{ends}"

    @property
    def attempt(self) -> int:
        """Its number, from 1."""
        return self.episode.attempts + 1


def join_queue(tools: Tools) -> EpisodeWork:
    """Join the work queue; QueueError where that cannot be."""
    config: DBOSConfig = {
        "name": "entendu",
        "system_database_url": bound_waits(queue_url(tools.settings)).render_as_string(hide_password=False),
        "application_version": WORKFLOWS_VERSION,
        "executor_id": tools.worker,
        "log_level": "CRITICAL",  # that it cannot be launched, we say ourselves
    }
    chatter = logging.getLogger("dbos")
    level = chatter.level
    room = {EPISODES: EPISODES_AT_ONCE, WISHES: WISHES_AT_ONCE, CHUNKS: tools.pool.size}
    try:
        DBOS(config=config)
        work = EpisodeWork(tools)
        DBOS.launch()
        _take_only(lambda: dict.fromkeys(room, 0) if tools.shift.is_over else room)
        for name, most in room.items():
            DBOS.register_queue(name, worker_concurrency=most, polling_interval_sec=QUEUE_POLL_S)
        chatter.setLevel(level)
    except SQLAlchemyError as error:
        path = "PostgreSQL" if tools.settings.database_url else str(tools.settings.data / QUEUE_FILE)
        reason = str(getattr(error, "orig", None) or error).splitlines()[0]
        raise QueueError(f"{path}: {error}", task="queue", path=path, reason=reason) from error
    return work


def queue_url(settings: Settings) -> str:
    """Say where the work queue is kept: beside a SQLite catalogue, or in the same PostgreSQL."""
    return settings.database_url or f"sqlite:///{settings.data.resolve() / QUEUE_FILE}"


def enqueue(work: EpisodeWork, run: Run) -> None:
    """Put a run in the queue; one that somebody waits for has a queue that is seldom full."""
    with SetWorkflowID(run.name):
        queue = WISHES if run.episode.is_wished else EPISODES
        DBOS.enqueue_workflow(queue, work.transcribe, run.episode.episode_id, run.attempt)


def is_busy(worker: str) -> bool:
    """Tell whether runs of a worker have yet to be recorded as finished."""
    return bool(DBOS.list_workflows(status="PENDING", executor_id=worker, load_input=False, limit=1))


def list_begun() -> list[WorkflowStatus]:
    """List the runs, and the parts of runs, that some worker has begun."""
    return DBOS.list_workflows(status="PENDING", load_input=False, load_output=False)


def hand_out_again(workers: Iterable[str]) -> None:
    """Put back in the queue what workers that are gone had begun; to do so twice is to do it once.

    The public `resume_workflow` forgets how often a run was taken up, and takes it from the living.
    """
    DBOS._recover_pending_workflows(sorted(workers))


def drop_runs(runs: Iterable[str]) -> None:
    """Stop runs and their parts, wherever they are: nothing more of them begins or is kept."""
    for run in runs:
        DBOS.cancel_workflows([run, *(part.workflow_id for part in _list_parts(run))])


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


def _list_parts(run: str) -> list[WorkflowStatus]:
    return DBOS.list_workflows(parent_workflow_id=run, load_input=False, load_output=False)


def _take_only(room: Callable[[], Mapping[str, int]]) -> None:
    """Have this process take as much from each queue as it has room for now.

    The queue keeps one limit for all workers, that of whoever registered last; ours differ in size,
    and one that drains takes nothing. So the limit is replaced as it is read.
    """
    system = _get_dbos_instance()._sys_db
    read = system.get_queue

    def read_own(name: str, **options: Any) -> Any:
        queue = read(name, **options)
        if queue is not None and name in (own := room()):
            queue._worker_concurrency = own[name]
        return queue

    system.get_queue = read_own  # type: ignore[method-assign]

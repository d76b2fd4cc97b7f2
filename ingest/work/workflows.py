"""An episode's way from its announcement to its words, as durable steps (DBOS workflows).

Each step's result is recorded before the next begins: a worker that dies at any moment is
followed by another that goes on after the last finished step, and a step cut down in its middle
is taken again and changes nothing twice. The chunks of an episode are workflows of their own,
so that they spread over the processes of every worker. What a step does is in `ingest.work.steps`;
here is only their order, and what a failure leads to.
"""

import logging
import re
import time
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from dbos import DBOS, DBOSConfiguredInstance, SetEnqueueOptions, SetWorkflowID, WorkflowHandle
from dbos import error as queue_errors

from ingest.errors import ServerBusyError
from ingest.voices.diarisation import HeardVoices
from ingest.words.recognition import ChunkWords
from ingest.work import steps
from ingest.work.pool import give_way
from ingest.work.steps import Plan, Tools
from media.errors import DatabaseError, EntenduError, NotFoundError
from media.logs import belonging
from media.progress import Hold, Step, get_progress, is_held, record_failure
from media.wishes import is_wished

log = logging.getLogger(__name__)

WORKFLOWS_VERSION = "3"  # another order of steps is another version: runs begun under one finish under it
EPISODE_WORKFLOW = "transcribe_episode"
EPISODES, WISHES, CHUNKS = "episodes", "wishes", "chunks"  # the queues
FIRST, IN_TURN = 1, 2  # priorities of chunks
MAX_RECOVERIES = 20  # times that one run may bring its worker down before it is given up
RETRY_DELAYS = tuple(timedelta(minutes=minutes) for minutes in (1, 10, 60, 360, 1440))
EPISODE_OF_RUN = re.compile(r"-episode-(\d+)-")
BUSY_PAUSES_S = (1, 2, 4, 8, 16)  # a catalogue that another holds locked, or that restarts, comes back

Result = TypeVar("Result")


@DBOS.dbos_class("EpisodeWork")
class EpisodeWork(DBOSConfiguredInstance):
    """The workflows of a worker, bound to the tools that its steps use."""

    def __init__(self, tools: Tools) -> None:
        super().__init__("worker")
        self._tools = tools

    @DBOS.workflow(name=EPISODE_WORKFLOW, max_recovery_attempts=MAX_RECOVERIES)
    def transcribe(self, episode_id: int, attempt: int) -> None:
        """Bring one episode from its announcement to its saved words."""
        with belonging(episode=episode_id):
            run, hold = DBOS.workflow_id or "", None
            try:
                with self._tools.shift.act():
                    hold = patiently(steps.begin, self._tools, episode_id, run, attempt)
                if hold is not None:
                    self._transcribe(hold)
            except NotFoundError as error:
                log.info("an episode was taken away while it was worked on: %s", error)
            except queue_errors.DBOSAwaitedWorkflowCancelledError:
                log.info("episode %d: somebody stopped the work", episode_id)
            except EntenduError as error:
                self._fail(episode_id, hold, error)
            except Exception as error:  # the worker loop: whatever it is, the next episode goes on
                log.exception("episode %d", episode_id)
                self._fail(episode_id, hold, EntenduError(f"{type(error).__name__}: {error}"))

    @DBOS.workflow(name="recognise_chunk", max_recovery_attempts=MAX_RECOVERIES)
    def recognise(self, part: Plan) -> ChunkWords | EntenduError:
        """Recognise one chunk, on whichever worker is free; a failure is a result like another."""
        return self._try("recognise", steps.recognise_part, part)

    @DBOS.workflow(name="separate_voices", max_recovery_attempts=MAX_RECOVERIES)
    def separate(self, plan: Plan) -> HeardVoices | EntenduError:
        """Tell the episode's voices apart, on whichever worker is free; as `recognise`."""
        return self._try("diarise", steps.separate_voices, plan)

    def _transcribe(self, hold: Hold) -> None:
        give_way()
        episode_id, report = hold.episode_id, steps.Reporter(self._tools, hold)
        report(Step.DOWNLOAD)
        if not self._step("fetch", steps.fetch_audio, episode_id, report):
            return
        report(Step.DECODE)
        if self._step("text", steps.take_text, episode_id):
            self._step("keep sound", steps.keep_sound, hold)
            return
        plan = self._step("prepare", steps.prepare_audio, hold)
        report(Step.RECOGNISE, 0, len(plan.chunks))
        voices = self._start(hold, "voices", self.separate, plan)
        heard = self._hear(hold, plan, report)
        report(Step.DIARISE)
        separated = _unless_failed(voices.get_result())
        report(Step.SAVE)
        self._step("save", steps.save_words, hold, plan, heard, separated)
        not_aligned = self._try("align", steps.align_text, episode_id)
        if isinstance(not_aligned, EntenduError):  # the words are there all the same
            log.warning("episode %d was not aligned: %s", episode_id, not_aligned)

    def _hear(self, hold: Hold, plan: Plan, report: steps.Reporter) -> list[ChunkWords]:
        """Have every chunk recognised, a few ahead of the last one done.

        Enough of them for all workers, and no more: other episodes' chunks come in between, so that
        twelve hours keep no quarter of an hour waiting; and a wish made meanwhile tells on the rest.
        """
        count = len(plan.chunks)
        parts = [self._start_chunk(hold, plan, number) for number in range(min(plan.ahead, count))]
        heard: list[ChunkWords] = []
        while len(heard) < count:
            heard.append(_unless_failed(parts[len(heard)].get_result()))
            if len(parts) < count:
                parts.append(self._start_chunk(hold, plan, len(parts)))
            report(Step.RECOGNISE, len(heard), count)
        return heard

    def _start_chunk(self, hold: Hold, plan: Plan, number: int) -> WorkflowHandle[ChunkWords | EntenduError]:
        return self._start(hold, f"chunk-{number}", self.recognise, plan.part(number))

    def _step(self, name: str, act: Callable[..., Result], *given: object) -> Result:
        with self._tools.shift.act(), belonging(**_belongs_to(DBOS.workflow_id)):
            return DBOS.run_step({"name": name}, patiently, act, self._tools, *given)

    def _try(self, name: str, act: Callable[..., Result], *given: object) -> Result | EntenduError:
        try:
            return self._step(name, act, *given)
        except EntenduError as error:
            return error

    def _start(
        self, hold: Hold, part: str, workflow: Callable[..., Result], *given: object
    ) -> WorkflowHandle[Result]:
        priority = FIRST if patiently(self._is_wished, hold.episode_id) else IN_TURN
        with SetWorkflowID(f"{hold.run}-{part}"), SetEnqueueOptions(priority=priority):
            return DBOS.enqueue_workflow(CHUNKS, workflow, *given)

    def _is_wished(self, episode_id: int) -> bool:
        with self._tools.database.read() as connection:
            return is_wished(connection, episode_id)

    def _fail(self, episode_id: int, hold: Hold | None, error: EntenduError) -> None:
        log.warning("episode %d: %s", episode_id, error)
        if hold is not None:
            self._step("fail", note_failure, hold, error)


def _belongs_to(run: str | None) -> dict[str, int]:
    """Tell for the log which episode a run is of, from its name: chunks are heard by other workers.

    >>> _belongs_to("4-episode-12-0-1-chunk-3"), _belongs_to(None)
    ({'episode': 12}, {})
    """
    found = EPISODE_OF_RUN.search(run or "")
    return {"episode": int(found[1])} if found else {}


def _unless_failed(result: Result | EntenduError) -> Result:
    if isinstance(result, EntenduError):
        raise result
    return result


def patiently(act: Callable[..., Result], *given: object) -> Result:
    """Do something again while the catalogue cannot be reached, for half a minute and its own waits."""
    for pause_s in BUSY_PAUSES_S:
        try:
            return act(*given)
        except DatabaseError as error:
            log.warning("once more in %d s: %s", pause_s, error)
            time.sleep(pause_s)
    return act(*given)


def note_failure(tools: Tools, hold: Hold, error: EntenduError) -> None:
    """Keep why a run stopped, and when the episode is tried again where that can help.

    Nothing is changed where another worker or run has the episode by now, or where it is ready.
    """
    moment = steps.now()
    with tools.database.write() as connection:
        held = get_progress(connection, hold.episode_id)
        if held is None or not is_held(connection, hold):
            return
        delay = retry_delay(error, held.retries)
        retry_at = None if delay is None else moment + delay
        record_failure(connection, hold.episode_id, error.message, retry_at, moment)


def retry_delay(error: EntenduError, retries: int) -> timedelta | None:
    """Say how long to wait before the next try by itself; None: only a person can help.

    >>> retry_delay(EntenduError("a bug"), 0) is None
    True
    """
    if not error.transient or retries >= len(RETRY_DELAYS):
        return None
    asked = error.retry_after_s if isinstance(error, ServerBusyError) else None
    return max(RETRY_DELAYS[retries], timedelta(seconds=asked or 0))

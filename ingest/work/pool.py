"""Processes that do the heavy work, one core each, so that its death is never ours.

Native code can crash, hang or take all memory; in a child that costs one task. Children are
spawned (forking a process with threads is unsafe), each runs one function at a time on one
thread, models stay loaded between tasks, and a child that grew or served long is replaced. A
child ends with its parent, however the parent died. Only this module knows about processes:
callers hand over a picklable function and get its result, or a `WorkerError`.
"""

import logging
import os
import pickle
import resource
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import get_context, parent_process, resource_tracker, set_start_method
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from queue import LifoQueue
from threading import Lock, Thread, get_native_id
from types import TracebackType
from typing import Any, Self, TypeVar

from ingest.errors import TooSlowError, WorkDroppedError, WorkerDiedError
from media.errors import EntenduError

log = logging.getLogger(__name__)

T = TypeVar("T")

TASK_LIMIT_S = 1800.0  # ten minutes of speech take one, on a slow machine ten
TASKS_PER_CHILD = 200  # native libraries leak a little
GROWN_BYTES = 1_400 * 1024 * 1024  # of memory in use at most; a child above is replaced after its task
MEMORY_BYTES = 8 * 1024**3  # of data, where the system can refuse more
NICENESS = 10
OOM_FIRST = Path("/proc/self/oom_score_adj")
CLOSING_S = 5.0
THREAD_SETTINGS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")

RSS_UNIT = 1 if sys.platform == "darwin" else 1024
ENVIRONMENT = Lock()  # held while a child copies our environment


@dataclass(frozen=True, slots=True)
class ChildLimits:
    """What one child may use before it is replaced or refused."""

    tasks: int = TASKS_PER_CHILD
    grown_bytes: int = GROWN_BYTES
    memory_bytes: int = MEMORY_BYTES


GENEROUS = ChildLimits()


@dataclass(frozen=True, slots=True)
class Reply:
    """What a child answers: a result or an error, and whether it goes on."""

    result: Any  # whatever the function returned
    error: BaseException | None
    leaves: bool


class Child:
    """One process and the pipe to it."""

    def __init__(self, limits: ChildLimits) -> None:
        context = get_context("spawn")
        self._pipe, theirs = context.Pipe()
        with _one_thread_each(), _deaf_to_keyboard():
            self.process: BaseProcess = context.Process(target=_serve, args=(theirs, limits), daemon=True)
            self.process.start()
        theirs.close()

    def call(self, work: bytes, task: str, limit_s: float) -> Reply:
        """Have a pickled call done. The child is dead once WorkerError left here."""
        try:
            self._pipe.send_bytes(work)
            if not wait([self._pipe, self.process.sentinel], limit_s):
                raise TooSlowError(f"{task} passed {limit_s:.0f} s", task=task, seconds=round(limit_s))
            reply: Reply = pickle.loads(self._pipe.recv_bytes())  # noqa: S301 -- our own child
        except (EOFError, OSError, pickle.UnpicklingError) as error:
            self.end()
            status = self.process.exitcode
            raise WorkerDiedError(f"{task}: its process ended with status {status}", task=task) from error
        except TooSlowError:
            self.end()
            raise
        return reply

    def end(self) -> None:
        """Kill the process, and wait until it is gone."""
        self._pipe.close()
        self.process.kill()
        self.process.join(CLOSING_S)


class Pool:
    """At most `size` children, started when there is work; use as a context, or call `close`."""

    def __init__(self, workers: int = 0, limits: ChildLimits = GENEROUS) -> None:
        """`workers` 0: one for each core that we may use."""
        self.size = workers or count_cores()
        self._limits = limits
        self._idle: LifoQueue[Child | None] = LifoQueue()
        self._busy: dict[Child, str] = {}  # with what for
        self._dropped: set[str] = set()
        self._closed = False
        for _ in range(self.size):
            self._idle.put(None)
        self._callers = ThreadPoolExecutor(self.size, "pool")

    def submit(
        self, function: Callable[..., T], *args: object, limit_s: float = TASK_LIMIT_S, label: str = ""
    ) -> "Future[T]":
        """Queue a call for the next free child; `limit_s` counts from when a child begins it.

        The future raises what the function raised, TooSlowError, WorkerDiedError, or
        WorkDroppedError once its label is dropped.
        """
        work = pickle.dumps((function, args))
        return self._callers.submit(self._call, work, name_task(function), limit_s, label)

    def run(
        self, function: Callable[..., T], *args: object, limit_s: float = TASK_LIMIT_S, label: str = ""
    ) -> T:
        """Have a call done by a child, and wait for its result; as `submit`."""
        return self.submit(function, *args, limit_s=limit_s, label=label).result()

    def drop(self, labels: Iterable[str]) -> None:
        """End whatever is done for these labels, which nobody wants any more."""
        self._dropped = set(labels)
        for child, label in tuple(self._busy.items()):
            if label in self._dropped:
                child.process.kill()

    def close(self) -> None:
        """Drop what is queued, and end every child, at work or not."""
        self._closed = True
        for child in tuple(self._busy):
            child.process.kill()  # whoever waits for it gets a WorkerDiedError
        self._callers.shutdown(cancel_futures=True)
        while not self._idle.empty():
            if idle := self._idle.get_nowait():
                idle.end()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _call(self, work: bytes, task: str, limit_s: float, label: str) -> Any:
        idle = self._idle.get()
        child = idle if idle and idle.process.is_alive() else None
        kept = None
        try:
            if self._closed:
                raise WorkerDiedError(f"{task}: the pool is closed", task=task)
            if label in self._dropped:
                raise WorkDroppedError(f"{task}: {label} was stopped", task=task)
            child = child or Child(self._limits)
            self._busy[child] = label
            reply = child.call(work, task, limit_s)
            kept = None if reply.leaves else child
        except WorkerDiedError as error:
            if label in self._dropped:
                raise WorkDroppedError(f"{task}: {label} was stopped", task=task) from error
            raise
        finally:
            if child:
                self._busy.pop(child, None)
                if not kept:
                    child.end()
            self._idle.put(kept)
        if reply.error:
            raise reply.error
        return reply.result


def give_way() -> None:
    """Let what this thread does from now on, and what it starts, come after pages and the index."""
    if sys.platform == "linux":  # where a thread has a priority of its own
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, get_native_id(), NICENESS)


def count_cores() -> int:
    """Count the cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def name_task(function: Callable[..., object]) -> str:
    """Name a function for a message; a partial by what it wraps."""
    inner = getattr(function, "func", function)
    return str(getattr(inner, "__name__", inner))


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Have a child started here read one thread as its share, before it imports any library."""
    with ENVIRONMENT:
        before = {name: os.environ.get(name) for name in THREAD_SETTINGS}
        os.environ.update(dict.fromkeys(THREAD_SETTINGS, "1"))
        try:
            yield
        finally:
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value


@contextmanager
def _deaf_to_keyboard() -> Iterator[None]:
    """Have a child started here never hear a terminal's Ctrl-C, even while it imports: that is for us."""
    resource_tracker.ensure_running()  # started later, it would unblock what we block
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _serve(pipe: Connection, limits: ChildLimits) -> None:
    """Answer calls until the parent hangs up; a child's whole life."""
    set_start_method("fork", force=True)  # names no semaphore (tqdm makes one): a killed child leaks none
    Thread(target=_follow_parent, daemon=True).start()
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, NICENESS)
    with suppress(OSError):  # where memory is short, we die before those who answer readers
        OOM_FIRST.write_text("800")
    with suppress(ValueError, OSError):  # no such limit on this system
        resource.setrlimit(resource.RLIMIT_DATA, (limits.memory_bytes, limits.memory_bytes))
    for count in range(1, limits.tasks + 1):
        try:
            work = pipe.recv_bytes()
        except EOFError:
            return
        pipe.send_bytes(_answer(work, leaves=count == limits.tasks, limits=limits))


def _follow_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _answer(work: bytes, *, leaves: bool, limits: ChildLimits) -> bytes:
    result: object = None
    error: BaseException | None = None
    function, args = pickle.loads(work)  # noqa: S301 -- our own parent
    try:
        result = function(*args)
    except MemoryError as failure:
        error = WorkerDiedError(f"out of memory: {failure}", task=name_task(function))
    except EntenduError as failure:
        error = failure
    except Exception as failure:
        log.exception("a task failed")
        error = failure
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * RSS_UNIT > limits.grown_bytes
    return pickle.dumps(Reply(result, error, leaves or grown))

"""Workers that tests start as processes of their own, and kill: a real queue, a hand-written recogniser.

Processes come from a fork server that has imported everything, so that a start costs a tenth of a
second. What the recogniser heard goes to a ledger beside the data, one line a part.
"""

import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import ingest.work.queues
import ingest.work.steps
import ingest.work.takeover
import ingest.work.worker
from ingest.errors import WorkDroppedError
from ingest.feeds.subscriptions import add_file
from ingest.sound.chunks import Span
from ingest.voices.diarisation import HeardVoices
from ingest.voices.speakers import VoiceSpan
from ingest.words.recognition import ChunkTask, ChunkWords, Language
from ingest.work.pool import GENEROUS, ChildLimits, Pool, name_task
from ingest.work.steps import Engines
from ingest.work.workflows import EpisodeWork
from media.database import Database, open_database
from media.episodes import EpisodeStatus, count_episodes
from media.settings import Settings
from media.transcript import Word
from tests.ingest.sounds import run_ffmpeg

ROOT = Path(__file__).parents[2]
DEMO = ROOT / "media" / "demo" / "demo.mp3"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
GENEROUS_S = 600.0  # a bound on waits, never a measure: processors are shared
CHUNKS_EACH = 5  # of the demo's speech, for four processes
LEDGER = "ENTENDU_TESTS_LEDGER"
PART_S = "ENTENDU_TESTS_PART_S"


@dataclass(frozen=True)
class Death:
    """Where a worker kills itself: before a step, when it is done but not recorded, or after."""

    step: str
    moment: str  # "before", "unrecorded" or "after"


@dataclass
class Place:
    """A data folder with its catalogue, and the workers started on it."""

    data: Path
    settings: Settings
    database: Database
    started: list[BaseProcess] = field(default_factory=list)

    @classmethod
    def at(cls, data: Path, **settings: Any) -> "Place":
        """Open a place."""
        held = Settings(data=data, workers=4, **settings)
        return cls(data, held, open_database(held))

    def start(self, **options: Any) -> BaseProcess:
        """Start a worker; `options` as of `work`."""
        context = get_context("forkserver")
        context.set_forkserver_preload(["tests.ingest.workers"])
        process = context.Process(target=work, args=(self.settings,), kwargs=options)
        process.start()
        self.started.append(process)
        return process

    def finish(self, **options: Any) -> None:
        """Let a worker do all that is due."""
        process = self.start(**options)
        process.join(GENEROUS_S)
        assert process.exitcode == 0, self.log()

    def close(self) -> None:
        """End what runs."""
        for process in self.started:
            process.kill()
            process.join()
            process.close()
        self.database.close()

    def heard(self) -> list[str]:
        """List the parts that were heard to their end."""
        ledger = self.data / "ledger"
        return ledger.read_text().splitlines() if ledger.exists() else []

    def log(self) -> str:
        """Read what the workers logged."""
        return (self.data / "log").read_text() if (self.data / "log").exists() else ""

    def add(self, count: int, folder: Path) -> list[int]:
        """Add episodes, each with a sound of its own."""
        return [
            add_file(
                self.database, self.settings, cut_demo(folder, number), NOW, language="fr", show="Essais"
            )
            for number in range(count)
        ]

    def counts(self) -> dict[EpisodeStatus, int]:
        """Count episodes by status."""
        with self.database.read() as connection:
            return count_episodes(connection)


class InlinePool(Pool):
    """A pool without processes: what dies here is the worker."""

    def __init__(self, workers: int = 0, limits: ChildLimits = GENEROUS) -> None:
        self.size = workers
        self._dropped = set[str]()

    def run(self, function: Callable[..., Any], *args: object, limit_s: float = 0, label: str = "") -> Any:
        """Call the function."""
        if label in self._dropped:
            raise WorkDroppedError(label, task=name_task(function))
        return function(*args)

    def submit(
        self, function: Callable[..., Any], *args: object, limit_s: float = 0, label: str = ""
    ) -> Future[Any]:
        """Refuse: no step uses it."""
        raise AssertionError(name_task(function))

    def drop(self, labels: Iterable[str]) -> None:
        """Refuse what comes for these labels."""
        self._dropped = set(labels)

    def close(self) -> None:
        """Do nothing."""


def work(
    settings: Settings,
    *,
    once: bool = True,
    part_s: float = 0.05,
    die: Death | None = None,
    inline: bool = True,
    engines: Engines | None = None,
    version: str | None = None,
    limit_s: float | None = None,
    silence_s: float | None = None,
) -> None:
    """Be a worker; a process's whole life."""
    logging.basicConfig(filename=settings.data / "log", level=logging.INFO)
    logging.getLogger("dbos").setLevel(logging.WARNING)
    os.environ[LEDGER], os.environ[PART_S] = str(settings.data / "ledger"), str(part_s)
    if inline:
        ingest.work.worker.Pool = InlinePool  # type: ignore[misc]
    _watch_connections(settings.data / "abroad")
    if die:
        _arrange(die)
    if version:
        ingest.work.queues.WORKFLOWS_VERSION = version
    if limit_s:
        ingest.work.steps.TASK_LIMIT_S = limit_s
    if silence_s:
        ingest.work.takeover.SILENCE_S = silence_s
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    database = open_database(settings)
    ingest.work.worker.run_worker(
        settings, database, once=once, stop=stop, show=lambda rows, now: None, engines=engines or FAKE
    )
    os._exit(0)


def recognise(task: ChunkTask) -> ChunkWords:
    """Hear a word in each stretch of speech, and write so in the ledger."""
    time.sleep(float(os.environ[PART_S]))
    words = tuple(
        Word(f"mot{span.start_ms}", span.start_ms, span.end_ms, 0.9) for span in task.speech if span.length_ms
    )
    _note(f"{task.audio.stem[:8]} {task.chunk.start_ms}")
    return ChunkWords(words, (), task.language)


def hear(audio: Path, speech: Iterable[Span], settings: Settings, *, speakers: int | None) -> HeardVoices:
    """Give every stretch of speech to one voice."""
    _note(f"{audio.stem[:8]} voices")
    return HeardVoices(tuple(VoiceSpan(span.start_ms, span.end_ms, 1) for span in speech), ())


def detect(task: ChunkTask) -> Language:
    """Hear French."""
    return Language("fr", 0.9)


def no_model(settings: Settings) -> Path:
    """Name a folder that nobody opens."""
    return settings.data


FAKE = Engines(no_model, detect, recognise, hear)


def cut_demo(folder: Path, number: int) -> Path:
    """Cut a sound from the demo, another one for each number."""
    return _cut(folder, number)


def becomes(claim: Callable[[], bool], within_s: float = GENEROUS_S) -> bool:
    """Wait until something is so."""
    until = time.monotonic() + within_s
    while time.monotonic() < until:
        if claim():
            return True
        time.sleep(0.05)
    return False


@lru_cache
def _cut(folder: Path, number: int) -> Path:
    path = folder / f"essai_{number}.mp3"
    run_ffmpeg("-ss", str(number * 0.4), "-i", str(DEMO), "-c", "copy", "-map_metadata", "-1", str(path))
    return path


def _note(line: str) -> None:
    descriptor = os.open(os.environ[LEDGER], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(descriptor, f"{line}\n".encode())
    os.close(descriptor)


def _watch_connections(told: Path) -> None:
    """Note each connection that leaves this machine: nobody may phone home."""
    real_connect = socket.socket.connect

    def connect(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not str(address[0]).startswith("127."):
            told.write_text(repr(address))
        real_connect(self, address)

    socket.socket.connect = connect  # type: ignore[method-assign]


def _arrange(death: Death) -> None:
    """Have this process killed at a step: `kill -9`, from within, at a known place."""
    real_step = EpisodeWork._step

    def dying_step(self: EpisodeWork, name: str, act: Callable[..., Any], *given: object) -> Any:
        if name != death.step:
            return real_step(self, name, act, *given)
        if death.moment == "before":
            _die()
        result = real_step(self, name, _then_die(act) if death.moment == "unrecorded" else act, *given)
        _die()
        return result

    EpisodeWork._step = dying_step  # type: ignore[method-assign]


def _then_die(act: Callable[..., Any]) -> Callable[..., Any]:
    def dying(*given: object) -> Any:
        act(*given)
        _die()

    return dying


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(GENEROUS_S)

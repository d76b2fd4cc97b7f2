"""A worker whose recogniser is written by hand: the program's own loop, queue, steps and saving.

    python -m faults.hearing DATA

What it hears is the same whenever it hears it, so that an episode that was killed ten times ends
as one that was left alone. This module imports little: processes of the pool load it.
"""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import ingest.work.worker
from ingest.sound.chunks import Span
from ingest.voices.diarisation import HeardVoices
from ingest.voices.speakers import VoiceSpan
from ingest.words.recognition import ChunkTask, ChunkWords, Language
from ingest.work.pool import Pool, name_task
from ingest.work.steps import Engines
from media.database import open_database
from media.settings import Settings
from media.transcript import Word

PART_S = 0.05
STARVED = "ENTENDU_FAULTS_STARVED"  # names the file that says that a process starved already
MORE_THAN_ANY_BYTES = 1 << 45


class InlinePool(Pool):
    """A pool without processes: what dies here is the worker."""

    def __init__(self, workers: int = 0, *_: object, **__: object) -> None:
        self.size = workers or 2

    def run(self, function: Callable[..., Any], *args: object, limit_s: float = 0, label: str = "") -> Any:
        """Call the function."""
        return function(*args)

    def submit(
        self, function: Callable[..., Any], *args: object, limit_s: float = 0, label: str = ""
    ) -> Future[Any]:
        """Refuse: no step uses it."""
        raise AssertionError(name_task(function))

    def drop(self, labels: Iterable[str]) -> None:
        """Drop nothing: nobody cancels here."""

    def close(self) -> None:
        """Do nothing."""


def work(settings: Settings, engines: Engines, *, inline: bool = True) -> None:
    """Be a worker until nothing is due."""
    if inline:
        vars(ingest.work.worker)["Pool"] = InlinePool
    database = open_database(settings)
    ingest.work.worker.run_worker(
        settings, database, once=True, stop=threading.Event(), show=lambda *_: None, engines=engines
    )
    database.close()


def find_no_model(settings: Settings) -> Path:
    """Name a folder that nobody opens."""
    return settings.data


def detect(_: ChunkTask) -> Language:
    """Hear French."""
    return Language("fr", 0.9)


def recognise(task: ChunkTask) -> ChunkWords:
    """Hear a word in each stretch of speech."""
    time.sleep(PART_S)
    words = tuple(
        Word(f"mot{span.start_ms}", span.start_ms, span.end_ms, 0.9) for span in task.speech if span.length_ms
    )
    return ChunkWords(words, (), task.language)


def starve(task: ChunkTask) -> ChunkWords:
    """Want more memory than there is, the first time."""
    if _is_first():
        bytearray(MORE_THAN_ANY_BYTES)
    return recognise(task)


def be_killed(task: ChunkTask) -> ChunkWords:
    """End as the system ends a process when memory is short, the first time."""
    if _is_first():
        os.kill(os.getpid(), signal.SIGKILL)
    return recognise(task)


def hear(_: Path, speech: Iterable[Span], __: Settings, *, speakers: int | None) -> HeardVoices:
    """Give every stretch of speech to one voice."""
    return HeardVoices(tuple(VoiceSpan(span.start_ms, span.end_ms, 1) for span in speech), ())


STEADY = Engines(find_no_model, detect, recognise, hear)


def _is_first() -> bool:
    try:
        Path(os.environ[STARVED]).touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


if __name__ == "__main__":
    work(Settings(data=Path(sys.argv[1]), workers=2), STEADY)

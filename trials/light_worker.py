"""A worker whose recogniser is written by hand: deterministic, and as slow as it is told to be.

It hears nothing while the trial's gate is closed, so that every machine can be caught mid-episode
however slow each is.
"""

import os
import time
from dataclasses import replace
from pathlib import Path

from ingest.words.recognition import ChunkTask, ChunkWords
from media.settings import read_settings
from tests.ingest.workers import FAKE, work

GATE = "TRIAL_GATE"  # closed while a file of this name is there


def recognise(task: ChunkTask) -> ChunkWords:
    """Hear as the tests' recogniser does, once the gate is open."""
    while Path(os.environ[GATE]).exists():
        time.sleep(0.1)
    return FAKE.recognise(task)


if __name__ == "__main__":
    silence = os.environ.get("TRIAL_SILENCE_S")
    work(
        read_settings(),
        once=False,
        part_s=float(os.environ.get("TRIAL_PART_S", "0.7")),
        silence_s=float(silence) if silence else None,
        engines=replace(FAKE, recognise=recognise),
    )

"""A worker whose recogniser is written by hand: deterministic, and as slow as it is told to be."""

import os

from media.settings import read_settings
from tests.ingest.workers import work

if __name__ == "__main__":
    silence = os.environ.get("TRIAL_SILENCE_S")
    part_s = float(os.environ.get("TRIAL_PART_S", "0.7"))
    work(read_settings(), once=False, part_s=part_s, silence_s=float(silence) if silence else None)

"""Run by Python at the start of every program that a test runs: its catalogue is on the test server."""

import os
from pathlib import Path

from places import SERVER, database_of

if SERVER in os.environ and "ENTENDU_DATA" in os.environ:
    os.environ.setdefault(
        "ENTENDU_DATABASE_URL", database_of(Path(os.environ["ENTENDU_DATA"]) / "catalogue.sqlite")
    )

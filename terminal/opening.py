"""Open the house for a command: its settings and its catalogue, closed when the command is done."""

from collections.abc import Iterator
from contextlib import contextmanager

from media.database import Database, open_database
from media.settings import Settings, read_settings
from terminal.saying import named_failures, set_up_logging


@contextmanager
def open_house() -> Iterator[tuple[Settings, Database]]:
    """Read the settings and open the catalogue; what is understood of a failure is one sentence."""
    with named_failures():
        settings = read_settings()
        set_up_logging(settings)
        database = open_database(settings)
        try:
            yield settings, database
        finally:
            database.close()

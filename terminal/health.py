"""What `entendu doctor` looks at, room by room."""

from collections.abc import Callable
from functools import partial

from ingest.words.weights import check_model
from ingest.work.checks import check_decoder, check_speaker_model
from media.database import Database, open_database
from media.errors import N_
from media.files import check_disk
from media.settings import Settings
from search.checks import check_index


def list_checks(settings: Settings) -> list[tuple[str, Callable[[], str]]]:
    """List what is looked at; each check returns a few words or raises an EntenduError."""

    def on_catalogue(check: Callable[[Database], str]) -> str:
        database = open_database(settings)
        try:
            return check(database)
        finally:
            database.close()

    return [
        (N_("speech model"), lambda: check_model(settings)),
        (N_("speaker model"), lambda: check_speaker_model(settings)),
        (N_("decoder"), check_decoder),
        (N_("disk"), lambda: check_disk(settings.data)),
        (N_("catalogue"), lambda: on_catalogue(Database.check)),
        (N_("index"), lambda: on_catalogue(partial(check_index, settings))),
    ]

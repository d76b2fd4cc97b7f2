"""What `entendu doctor` looks at, room by room."""

from collections.abc import Callable
from functools import partial

from ingest.words.weights import check_model
from ingest.work.checks import check_decoder, check_speaker_model
from media.database import Database, open_database
from media.errors import N_, EntenduError
from media.files import check_disk
from media.language import terminal_language, translate
from media.settings import Settings
from media.store.opening import open_store
from search.checks import check_index
from terminal.saying import out, say


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
        (N_("audio"), lambda: open_store(settings).check()),
        (N_("catalogue"), lambda: on_catalogue(Database.check)),
        (N_("index"), lambda: on_catalogue(partial(check_index, settings))),
    ]


def look_around(settings: Settings) -> bool:
    """Say of each check how it went; True where all went well."""
    healthy = True
    for name, check in list_checks(settings):
        try:
            out.print(f"✓ {say(name)}: {check()}", style="green")
        except EntenduError as error:
            healthy = False
            out.print(f"✗ {say(name)}: {translate(error.message, terminal_language())}", style="red")
    return healthy

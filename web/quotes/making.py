"""What an address may have made in an hour, and where it is kept.

What was made before is not counted, since sending it costs nothing.
"""

from datetime import datetime

from ingest.sound.made import MadeFiles
from media.errors import N_
from media.people.attempts import Budget, TooManyTriesError, refuse_spent, take_try
from web.site import Site

CLIPS_FROM_ADDRESS = Budget("clips", 120)
FILMS_FROM_ADDRESS = Budget("films", 12)
CARDS_FROM_ADDRESS = Budget("cards", 240)


class TooManyMadeError(TooManyTriesError):
    """An address asked for more clips, films or cards than its budget."""

    msgid = N_(
        "Too many clips or pictures were asked for from your address. "
        "Wait %(minutes)d minutes before the next; those that were made before can still be had."
    )


def files_of(site: Site) -> MadeFiles:
    """Return the folder of what the site makes."""
    return MadeFiles(site.settings.made_folder)


def take_budget(site: Site, budget: Budget, address: str, now: datetime) -> None:
    """Count one more made for an address; TooManyMadeError says in words how long to wait."""
    keys = {budget: address}
    try:
        with site.database.read() as connection:
            refuse_spent(connection, keys, now)  # a flood writes nothing
        with site.database.write() as connection:
            take_try(connection, keys, now)
    except TooManyTriesError as error:
        raise TooManyMadeError(f"{budget.name} of {address}", **error.message.values) from error

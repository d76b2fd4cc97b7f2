"""Write a transcript to standard output, for the command line."""

import sys

from media.database import Database
from media.episodes import get_episode
from media.language import terminal_language
from media.settings import Settings
from media.transcript import Edition
from media.writing.formats import FORMATS
from media.writing.gathering import gather_script
from media.writing.script import make_labels


def write_export(
    settings: Settings, database: Database, episode_id: int, format: str, edition: Edition | None
) -> None:
    """Write an episode's transcript, of the edition that leads where none is named."""
    wanted = FORMATS[format]
    with database.read() as connection:
        script = gather_script(
            connection,
            get_episode(connection, episode_id),
            make_labels(terminal_language()),
            edition=edition,
            site_url=settings.site_url,
            with_document=wanted.needs_document,
        )
    sys.stdout.write(wanted.render(script))

"""Look at this machine's index as `entendu doctor` does: is it whole, of this version, and up to date?"""

from media.changes import last_change
from media.database import Database
from media.errors import N_
from media.settings import Settings
from search.errors import IndexCorruptedError, SearchError
from search.folder import IndexFolder
from search.storage import read_seal


class IndexMissingError(SearchError):
    """There is no index, though there is something to find."""

    msgid = N_("There is no index yet. Run `entendu work`, or `entendu reindex`.")


def check_index(settings: Settings, database: Database) -> str:
    """Say where the index is and how many changes it still has to follow; SearchError says what is wrong."""
    folder = IndexFolder(settings.index_folder)
    with database.read() as connection:
        newest = last_change(connection)
    if folder.current is None:
        if newest:
            raise IndexMissingError(f"no index in {folder.path}")
        return str(folder.path)
    if folder.is_damaged:
        raise IndexCorruptedError(f"{folder.path} is marked as damaged", path=str(folder.path))
    behind = newest - read_seal(folder.current).last_change
    return f"{folder.current} (−{behind})" if behind else str(folder.current)

"""How far this machine's index is: behind the catalogue's log, being built, damaged, or not there.

What is read here is small files and one row of the catalogue: it may be asked every second.
"""

from dataclasses import dataclass
from datetime import datetime

from media.changes import Lag, measure_lag
from media.database import Database
from media.settings import Settings
from search.errors import IndexCorruptedError
from search.folder import IndexFolder
from search.storage import read_seal

NONE_FOLLOWED = -1  # what an index that is not there has followed


@dataclass(frozen=True, slots=True)
class IndexStanding:
    """How far an index is."""

    followed: int  # the last change that it holds; NONE_FOLLOWED where there is no index
    lag: Lag
    percent: int | None  # of the index being built, where there is none to search
    is_damaged: bool  # it could not be read, and is to be built anew

    @property
    def is_searchable(self) -> bool:
        """Whether there is an index to search, however old."""
        return self.followed != NONE_FOLLOWED

    def late_s(self, now: datetime) -> float:
        """Tell for how long the first change that it lacks has waited, in seconds."""
        return 0.0 if self.lag.since is None else max(0.0, (now - self.lag.since).total_seconds())


def read_standing(settings: Settings, database: Database) -> IndexStanding:
    """Read how far this machine's index is."""
    folder = IndexFolder(settings.index_folder)
    followed = find_followed(folder)
    with database.read() as connection:
        lag = measure_lag(connection, followed)
    is_missing = followed == NONE_FOLLOWED
    is_damaged = folder.current is not None and (folder.is_damaged or is_missing)
    return IndexStanding(followed, lag, folder.percent_rebuilt if is_missing else None, is_damaged)


def find_followed(folder: IndexFolder) -> int:
    """Find the last change that the index in use holds; NONE_FOLLOWED where none can be read."""
    while (index := folder.current) is not None:
        try:
            return read_seal(index).last_change
        except IndexCorruptedError:
            if folder.current == index:  # else another took its place meanwhile
                break
    return NONE_FOLLOWED

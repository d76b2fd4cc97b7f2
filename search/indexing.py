"""Write the index: follow the change log, or build it anew beside the one in use.

One process writes at a time, by a lock. A commit holds an episode's passages in place of those
that it had, and the last change followed, so that a crash at any point is healed by following
the log again: indexing an episode twice changes nothing. An index that is missing, damaged or of
another version is rebuilt; readers go on with the one that they have until the new one is whole.
"""

import gc
import logging
import shutil
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection
from whoosh.index import TOC, FileIndex

from media.changes import last_change, list_changes
from media.database import Database
from media.searched import list_searchable, list_shown
from media.settings import Settings
from search.engine.bulk_writer import BulkWriter
from search.engine.merging import (
    MAX_MERGED_IN_PASSING,
    MAX_MERGED_WHEN_IDLE,
    MAX_SEGMENT_PASSAGES,
    MAX_SEGMENTS_A_SIZE,
    choose_merge,
)
from search.errors import IndexCorruptedError, IndexLockedError
from search.folder import IndexFolder
from search.offers import take_offer
from search.passages import Passage, cut_passages
from search.schema import build_schema
from search.storage import Seal, SealedStorage, read_seal, sweep_seals

logger = logging.getLogger(__name__)

EPISODES_A_COMMIT = 50
FOLLOW_EVERY_S = 1.0  # while rebuilding, for the index in use
REBUILD_WAIT_S = 30.0


Progress = Callable[[int, int], None]  # episodes done, of how many


def sync_index(settings: Settings, database: Database, on_progress: Progress | None = None) -> int:
    """Follow the change log to its end once, and return how many episodes were indexed.

    An index that is missing, damaged or of another version is built anew, unless another machine
    offers a copy of its own. Returns 0 at once while
    another process writes: that one follows the log.
    """
    folder = IndexFolder(settings.index_folder)
    try:
        with folder.lock(wait_s=0):
            index = _usable_index(folder)
            try:
                if index is not None:
                    return _follow(index, database)
            except IndexCorruptedError as error:  # in what no reader has read yet
                logger.warning("the index is rebuilt: %s", error)
            taken = take_offer(settings, database)
            if taken is not None:
                return _use(taken, folder, database)
            return _rebuild(folder, database, on_progress)
    except IndexLockedError:
        return 0
    except OSError as error:
        raise folder.unwritable(error) from error


def rebuild_index(settings: Settings, database: Database, on_progress: Progress | None = None) -> int:
    """Build the index anew from the catalogue, swap it in whole, and return how many episodes it holds.

    Searches, and changes saved meanwhile, go on in the index in use. IndexLockedError while
    another process writes.
    """
    folder = IndexFolder(settings.index_folder)
    try:
        with folder.lock(REBUILD_WAIT_S):
            return _rebuild(folder, database, on_progress)
    except OSError as error:
        raise folder.unwritable(error) from error


def _usable_index(folder: IndexFolder) -> Path | None:
    index = folder.current
    if index is None or folder.is_damaged:
        return None
    try:
        seal = read_seal(index)
        if all((index / name).is_file() for name in seal.files if name.endswith((".seg", ".toc"))):
            return index
    except IndexCorruptedError as error:
        logger.warning("the index is rebuilt: %s", error)
    return None


def _follow(index: Path, database: Database) -> int:
    """Index what changed since the last commit."""
    indexed = 0
    while True:
        seal = read_seal(index)
        with database.read() as connection:
            changes = list_changes(connection, seal.last_change)
            episode_ids = list(dict.fromkeys(change.episode_id for change in changes))
            if not changes:
                break
            if len(episode_ids) > EPISODES_A_COMMIT:
                episode_ids = episode_ids[:EPISODES_A_COMMIT]
            upto = _last_followed(changes, set(episode_ids))
            passages = {episode_id: read_passages(connection, episode_id) for episode_id in episode_ids}
        _commit_changes(index, seal, upto, passages)
        indexed += len(episode_ids)
    if not indexed and len(seal.files) > MAX_SEGMENTS_A_SIZE:
        _tidy(index, seal)
    return indexed


def _last_followed(changes: Iterable[Any], taken: set[int]) -> int:
    """Find the last change before the first of an episode that was not taken."""
    upto = 0
    for change in changes:
        if change.episode_id not in taken:
            break
        upto = change.id
    return upto


def _commit_changes(index: Path, seal: Seal, upto: int, passages: dict[int, list[Passage]]) -> None:
    with _Writing(index, seal) as writing, _uncollected():
        for episode_id, episode_passages in passages.items():
            writing.replace(episode_id, episode_passages)
        writing.commit(upto, MAX_MERGED_IN_PASSING)


def _tidy(index: Path, seal: Seal) -> None:
    """Merge segments that gathered, where that was too long a work to do in passing."""
    toc = TOC.read(SealedStorage(index, seal), "MAIN", gen=seal.generation)
    if choose_merge(toc.segments, MAX_MERGED_WHEN_IDLE):
        with _Writing(index, seal) as writing:
            writing.commit(seal.last_change, MAX_MERGED_WHEN_IDLE)


def _rebuild(folder: IndexFolder, database: Database, on_progress: Progress | None) -> int:
    previous = folder.current
    live = _usable_index(folder)
    fresh = folder.path / f"index-{uuid.uuid4().hex[:12]}"
    fresh.mkdir()
    folder.set_progress(0)
    try:
        count = _build(folder, fresh, live, database, on_progress)
        folder.set_current(fresh)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    _follow(fresh, database)
    _sweep(folder, fresh)
    logger.info("index rebuilt: %d episodes, in place of %s", count, previous)
    return count


def _use(taken: Path, folder: IndexFolder, database: Database) -> int:
    """Put an index that another machine made in use, once it has followed the log to its end."""
    try:
        indexed = _follow(taken, database)
        folder.set_current(taken)
    except BaseException:
        shutil.rmtree(taken, ignore_errors=True)
        raise
    _sweep(folder, taken)
    return indexed


def _sweep(folder: IndexFolder, used: Path) -> None:
    for path in folder.path.glob("index-*"):
        if path != used:
            shutil.rmtree(path, ignore_errors=True)


def _build(
    folder: IndexFolder, fresh: Path, live: Path | None, database: Database, on_progress: Progress | None
) -> int:
    with database.read() as connection:
        followed = last_change(connection)
        episode_ids = list_searchable(connection)
    storage = SealedStorage(fresh, None)
    storage.last_change = followed
    FileIndex.create(storage, build_schema())
    meanwhile = _Meanwhile(folder, live, database)
    waiting = deque(episode_ids)
    while waiting:
        with _Writing(fresh, read_seal(fresh)) as writing:
            while waiting and writing.passages < MAX_SEGMENT_PASSAGES:
                with _uncollected(), database.read() as connection:
                    writing.add(read_passages(connection, waiting.popleft()))
                done = len(episode_ids) - len(waiting)
                meanwhile.go_on(99 * done // len(episode_ids))
                if on_progress is not None:
                    on_progress(done, len(episode_ids))
            writing.commit(followed, 0)
    return len(episode_ids)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Put off the search for garbage in cycles, which makes none here and would take half of the time.

    For an episode at a time: its words are many small objects, each batch of which makes Python look
    through all that the analysis remembers.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class _Meanwhile:
    """What goes on, once a second, while an index is built: it says how far, the other follows the log."""

    def __init__(self, folder: IndexFolder, live: Path | None, database: Database) -> None:
        self._folder = folder
        self._live = live
        self._database = database
        self._next = time.monotonic() + FOLLOW_EVERY_S

    def go_on(self, percent: int) -> None:
        """Do it, if it is time."""
        if time.monotonic() < self._next:
            return
        self._folder.set_progress(percent)
        try:
            if self._live is not None:
                _follow(self._live, self._database)
        except IndexCorruptedError:
            logger.warning("the index in use stopped being readable while it is rebuilt", exc_info=True)
            self._live = None
        self._next = time.monotonic() + FOLLOW_EVERY_S


def read_passages(connection: Connection, episode_id: int) -> list[Passage]:
    """Read what the index should hold of an episode: nothing unless it is there, public and ready."""
    return list(cut_passages(list_shown(connection, episode_id)))


class _Writing:
    """A commit in the making: committed once, or cancelled on the way out."""

    def __init__(self, index: Path, seal: Seal) -> None:
        self._index = index
        self._storage = SealedStorage(index, seal)

    def __enter__(self) -> "_Writing":
        try:
            self._writer = BulkWriter(self._storage)
        except OSError:
            raise
        except Exception as error:
            raise self._failed(error) from error
        return self

    def __exit__(self, *_: object) -> None:
        if not self._writer.is_closed:
            self._writer.cancel()

    def replace(self, episode_id: int, passages: Iterable[Passage]) -> None:
        """Put these passages in place of those that an episode has."""
        self._writer.delete_episode(episode_id)
        self.add(passages)

    def add(self, passages: Iterable[Passage]) -> None:
        """Add passages."""
        for passage in passages:
            self._writer.add_passage(passage)

    @property
    def passages(self) -> int:
        """How many passages were added."""
        return int(self._writer.docnum)

    def commit(self, last_followed: int, max_merged: int) -> None:
        """Make it the index's newest state, with all changes up to this one."""
        self._storage.last_change = last_followed
        chosen = choose_merge(self._writer.segments, max_merged)
        self._storage.leaving = frozenset(segment.make_filename(".seg") for segment in chosen)
        try:
            self._writer.commit(mergetype=lambda writer, segments: writer.take_over(segments, chosen))
        except OSError:
            raise
        except Exception as error:
            raise self._failed(error) from error
        assert self._storage.seal is not None  # noqa: S101 -- the commit sealed it
        sweep_seals(self._index, self._storage.seal.generation)

    def _failed(self, error: Exception) -> IndexCorruptedError:
        if isinstance(error, IndexCorruptedError):
            return error
        return IndexCorruptedError(f"{self._index}: {error!r}", path=str(self._index))

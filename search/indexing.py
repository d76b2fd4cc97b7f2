"""Write the index: follow the change log, or build it anew beside the one in use.

One process writes at a time, by a lock. A commit holds an episode's passages in place of those
that it had, and the last change followed, so that a crash at any point is healed by following
the log again: indexing an episode twice changes nothing. An index that is missing, damaged or of
another version is rebuilt; readers go on with the one that they have until the new one is whole.
"""

import logging
import shutil
import time
import uuid
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection
from whoosh.index import TOC, FileIndex
from whoosh.reading import SegmentReader
from whoosh.writing import SegmentWriter

from media.changes import last_change, list_changes
from media.database import Database
from media.episodes import EpisodeStatus, get_episode, list_chapters, list_episodes
from media.errors import NotFoundError
from media.settings import Settings
from media.transcripts import list_turns
from search.codec import PassageCodec
from search.errors import IndexCorruptedError, IndexLockedError
from search.folder import IndexFolder
from search.passages import EPOCH, Passage, cut_passages
from search.schema import EPISODE_KEY, NO_DAY, NO_SPEAKER, STATES, build_schema
from search.storage import Seal, SealedStorage, read_seal, sweep_seals

logger = logging.getLogger(__name__)

EPISODES_A_COMMIT = 50
FOLLOW_EVERY_S = 1.0  # while rebuilding, for the index in use
REBUILD_WAIT_S = 30.0
MEMORY_MB = 256  # of postings, before they are sorted on the disk

MAX_SEGMENTS_A_SIZE = 8
SIZES = (512, 4_096, 32_768)  # passages alive; segments of one size are merged together
# Passages rewritten by a merge: with a change waiting to be found, and with none. Larger merges would
# keep the next change waiting for more than two seconds; a rebuild does them.
MAX_MERGED_IN_PASSING = 300
MAX_MERGED_WHEN_IDLE = 2_000

Progress = Callable[[int, int], None]  # episodes done, of how many


def sync_index(settings: Settings, database: Database, on_progress: Progress | None = None) -> int:
    """Follow the change log to its end once, and return how many episodes were indexed.

    Rebuilds an index that is missing, damaged or of another version. Returns 0 at once while
    another process writes: that one follows the log.
    """
    folder = IndexFolder(settings.index_folder)
    try:
        with folder.lock(wait_s=0):
            index = _usable_index(folder)
            if index is None:
                return _rebuild(folder, database, on_progress)
            return _follow(index, database)
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
            passages = {episode_id: _read_passages(connection, episode_id) for episode_id in episode_ids}
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
    with _Writing(index, seal) as writing:
        for episode_id, episode_passages in passages.items():
            writing.replace(episode_id, episode_passages)
        writing.commit(upto, MAX_MERGED_IN_PASSING)


def _tidy(index: Path, seal: Seal) -> None:
    """Merge segments that gathered, where that was too long a work to do in passing."""
    toc = TOC.read(SealedStorage(index, seal), "MAIN", gen=seal.generation)
    if _choose_merge(toc.segments, MAX_MERGED_WHEN_IDLE):
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
    for path in folder.path.glob("index-*"):
        if path != fresh:
            shutil.rmtree(path, ignore_errors=True)
    logger.info("index rebuilt: %d episodes, in place of %s", count, previous)
    return count


def _build(
    folder: IndexFolder, fresh: Path, live: Path | None, database: Database, on_progress: Progress | None
) -> int:
    with database.read() as connection:
        followed = last_change(connection)
        episode_ids = _list_ready(connection)
    storage = SealedStorage(fresh, None)
    FileIndex.create(storage, build_schema())
    next_follow = time.monotonic() + FOLLOW_EVERY_S
    with _Writing(fresh, read_seal(fresh)) as writing:
        for done, episode_id in enumerate(episode_ids, 1):
            with database.read() as connection:
                passages = _read_passages(connection, episode_id)
            writing.add(passages)
            if time.monotonic() >= next_follow:
                folder.set_progress(99 * done // len(episode_ids))
                live = _keep_up(live, database)
                next_follow = time.monotonic() + FOLLOW_EVERY_S
            if on_progress is not None:
                on_progress(done, len(episode_ids))
        writing.commit(followed, None)
    return len(episode_ids)


def _keep_up(live: Path | None, database: Database) -> Path | None:
    """Follow the log in the index in use while another is built; None once it cannot be."""
    try:
        if live is not None:
            _follow(live, database)
    except IndexCorruptedError:
        logger.warning("the index in use stopped being readable while it is rebuilt", exc_info=True)
        return None
    return live


def _list_ready(connection: Connection) -> list[int]:
    episode_ids: list[int] = []
    while page := list_episodes(
        connection, statuses=[EpisodeStatus.READY], limit=500, offset=len(episode_ids)
    ):
        episode_ids.extend(episode.id for episode in page)
    return sorted(episode_ids)


def _read_passages(connection: Connection, episode_id: int) -> list[Passage]:
    """Read what the index should hold of an episode: nothing unless it is there, public and ready."""
    try:
        episode = get_episode(connection, episode_id)
    except NotFoundError:
        return []
    if episode.private or episode.status is not EpisodeStatus.READY:
        return []
    turns = list_turns(connection, episode_id)
    return list(cut_passages(episode, turns, list_chapters(connection, episode_id)))


class _Writing:
    """A commit in the making: committed once, or cancelled on the way out."""

    def __init__(self, index: Path, seal: Seal) -> None:
        self._index = index
        self._storage = SealedStorage(index, seal)

    def __enter__(self) -> "_Writing":
        try:
            self._writer: Any = SegmentWriter(
                FileIndex(self._storage), codec=PassageCodec(), limitmb=MEMORY_MB
            )
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
        try:
            self._writer.delete_by_term(EPISODE_KEY, str(episode_id))
        except Exception as error:
            raise self._failed(error) from error
        self.add(passages)

    def add(self, passages: Iterable[Passage]) -> None:
        """Add passages."""
        for passage in passages:
            self._writer.add_document(**_document(passage))

    def commit(self, last_followed: int, max_merged: int | None) -> None:
        """Make it the index's newest state, with all changes up to this one."""
        self._storage.last_change = last_followed
        chosen = _choose_merge(self._writer.segments, max_merged)
        self._storage.leaving = frozenset(segment.make_filename(".seg") for segment in chosen)
        try:
            self._writer.commit(mergetype=lambda writer, segments: _merge(writer, segments, chosen))
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


def _choose_merge(segments: Iterable[Any], max_merged: int | None) -> list[Any]:
    """Choose segments of about one size once too many have gathered, or those with more dead than alive."""
    sizes: dict[int, list[tuple[int, bool, Any]]] = {}
    for segment in segments:
        alive = segment.doc_count_all() - segment.deleted_count()
        size = sum(alive > limit for limit in SIZES)
        sizes.setdefault(size, []).append((alive, segment.deleted_count() > alive, segment))
    for _, held in sorted(sizes.items()):
        chosen = held if len(held) > MAX_SEGMENTS_A_SIZE else [one for one in held if one[1]]
        total = sum(alive for alive, _, _ in chosen)
        if chosen and (max_merged is None or total <= max_merged):
            return [segment for _, _, segment in chosen]
    return []


def _merge(writer: Any, segments: Sequence[Any], chosen: Sequence[Any]) -> list[Any]:
    for segment in chosen:
        if segment.doc_count_all() > segment.deleted_count():
            reader = SegmentReader(writer.storage, writer.schema, segment)
            writer.add_reader(reader)
            reader.close()
    return [segment for segment in segments if segment not in chosen]


def _document(passage: Passage) -> dict[str, Any]:
    return {
        "text": passage.text,
        "heading": passage.heading,
        EPISODE_KEY: str(passage.episode_id),
        "episode": passage.episode_id,
        "turn": passage.turn_id,
        "first_word": passage.first_word,
        "last_word": passage.last_word,
        "day": NO_DAY if passage.published is None else (passage.published - EPOCH).days,
        "state": STATES.index(passage.state),
        "show": passage.show.encode(),
        "speaker": (passage.speaker or NO_SPEAKER).encode(),
        "language": passage.language.encode(),
    }

"""Search the index: the one object that the web and the command line hold.

Threads share it. Each search looks whether a newer commit or a rebuilt index is there; the
snapshot in use lives as long as somebody reads it. Whatever a reader types, whatever state the
index is in, `search` answers; an index that cannot be read is reported to whoever writes it.
"""

import logging
import threading
import time
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Connection

from media.changes import last_change
from media.database import Database
from media.errors import DatabaseError
from media.searched import count_awaited, find_transcribed_since
from media.settings import Settings
from search.answers import MAX_LIMIT, SearchRequest, SearchResult
from search.errors import IndexCorruptedError
from search.facets import FACETS
from search.folder import IndexFolder
from search.inquiry import Inquiry
from search.narrowing import Episodes, list_spans
from search.query import ParsedQuery, parse_query
from search.results import label_facets, read_excerpts
from search.snapshot import Snapshot, open_snapshot
from search.standing import NONE_FOLLOWED
from search.storage import latest_generation

logger = logging.getLogger(__name__)

TIME_LIMIT_S = 1.0
WAIT_S = 2.0  # for a change that the searcher made; every machine shows it within that
WAIT_STEP_S = 0.02
MOST_WAITING = 8  # threads: where the index lags, readers who wait must not keep the others out


class SearchIndex:
    """This machine's index, open for searching; threads share it."""

    def __init__(self, folder: IndexFolder, database: Database) -> None:
        self._folder = folder
        self._database = database
        self._opening = threading.Lock()
        self._waiting = threading.BoundedSemaphore(MOST_WAITING)
        self._snapshot: Snapshot | None = None

    def search(self, request: SearchRequest) -> SearchResult:
        """Answer a request; raises for no query text and no state of the index.

        Only DatabaseError leaves, where the catalogue, which holds the words, cannot be read.
        """
        is_late = bool(request.after_change) and not self.wait_for(request.after_change)
        started = time.monotonic()
        request = replace(request, limit=max(0, min(request.limit, MAX_LIMIT)), offset=max(0, request.offset))
        result = self._answer(request, started + TIME_LIMIT_S)
        took_ms = round((time.monotonic() - started) * 1000)
        return replace(result, query=request.text, took_ms=took_ms, late=is_late)

    @property
    def followed(self) -> int:
        """The last change of the catalogue that searches see; NONE_FOLLOWED while there is no index."""
        snapshot = self._open()
        return NONE_FOLLOWED if snapshot is None else snapshot.seal.last_change

    def wait_for(self, change: int) -> bool:
        """Wait, not for long, until searches see a change; False where they do not yet.

        A change that the catalogue does not know, from another archive or made up, is no reason to wait.
        """
        if self.followed >= change:
            return True
        with self._database.read() as connection:
            if last_change(connection) < change:
                return True
        if self._snapshot is None or not self._waiting.acquire(blocking=False):
            return False
        try:
            until = time.monotonic() + WAIT_S
            while self.followed < change:
                if time.monotonic() >= until:
                    return False
                time.sleep(WAIT_STEP_S)
            return True
        finally:
            self._waiting.release()

    def _answer(self, request: SearchRequest, deadline: float) -> SearchResult:
        nothing = SearchResult(0, request.text, 0, facets={name: [] for name in FACETS})
        snapshot = self._open()
        try:
            parsed = parse_query(request.text, snapshot.languages if snapshot else ())
            nothing = replace(nothing, ignored=parsed.ignored)
            if parsed.root is None:
                return nothing
            if snapshot is None:
                return replace(nothing, rebuilding=self._folder.percent_rebuilt)
            with self._database.read() as connection:
                return _ask(connection, snapshot, request, parsed, deadline)
        except DatabaseError:
            raise
        except Exception:
            logger.exception("a search failed")  # what for is nobody's business
            if snapshot is not None:
                self._forget(snapshot)
            return replace(nothing, partial=True)

    def _open(self) -> Snapshot | None:
        """Return the newest commit of the index in use; None where there is none that can be read."""
        index = self._folder.current
        held = self._snapshot
        if index is None:
            return held  # being deleted or first built: what is open still answers
        if held is not None and held.folder == index and held.generation == latest_generation(index):
            return held
        with self._opening:
            held = self._snapshot
            if held is not None and held.folder == index and held.generation == latest_generation(index):
                return held
            try:
                self._snapshot = open_snapshot(index, held)
            except IndexCorruptedError as error:
                return self._go_on(held, index, error)
            return self._snapshot

    def _go_on(self, held: Snapshot | None, index: Path, error: IndexCorruptedError) -> Snapshot | None:
        """Report an index that cannot be read; what is open still answers until it is rebuilt."""
        if self._folder.current == index and not self._folder.is_damaged:  # else another is there by now
            logger.warning("the index is to be rebuilt: %s", error)
            try:
                self._folder.set_damaged(index)
            except OSError:
                logger.exception("nobody can be told that %s is damaged", index)
        return held

    def _forget(self, snapshot: Snapshot) -> None:
        """Drop a snapshot that failed, so that the next search opens, and checks, the index again."""
        with self._opening:
            if self._snapshot is snapshot:
                self._snapshot = None


def _ask(
    connection: Connection, snapshot: Snapshot, request: SearchRequest, parsed: ParsedQuery, deadline: float
) -> SearchResult:
    inquiry = Inquiry(snapshot, request, _read_transcribed(connection, request), deadline)
    matches = inquiry.match(parsed)
    selection = inquiry.select(parsed, matches)
    result = SearchResult(selection.total, request.text, 0, ignored=parsed.ignored)
    if selection.total:
        result = replace(result, suggestions=tuple(inquiry.list_suggestions(parsed)))
    elif request.newer_than is None:  # who follows a search wants what it finds, and nothing else
        awaited = count_awaited(connection, request.shows, list_spans(request), request.episode_id)
        unsaid = inquiry.list_unsaid(parsed)
        dropped = tuple(inquiry.list_dropped(parsed, matches, unsaid))
        said_nowhere = tuple(part.source for part in unsaid)
        result = replace(result, dropped=dropped, unsaid=said_nowhere, untranscribed=awaited)
        if not len(matches.documents) and (respelled := inquiry.respell(parsed)):
            parsed, selection = respelled.parsed, respelled.selection
            result = replace(result, corrected=respelled.text)
    is_any = request.edition is None
    excerpts = read_excerpts(connection, snapshot, selection.page, parsed, of_both_texts=is_any)
    return replace(
        result,
        total=selection.total,
        excerpts=tuple(excerpts),
        facets=label_facets(connection, selection.facets),
        listed=selection.listed,
        partial=inquiry.partial,
        more=selection.more,
    )


def _read_transcribed(connection: Connection, request: SearchRequest) -> Episodes | None:
    if request.newer_than is None and request.sort != "transcribed":
        return None
    return Episodes.of(find_transcribed_since(connection, request.newer_than))


def open_index(settings: Settings, database: Database) -> SearchIndex:
    """Open this machine's index, which need not exist yet."""
    return SearchIndex(IndexFolder(settings.index_folder), database)

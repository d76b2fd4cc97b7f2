"""Search the index: the one object that the web and the command line hold.

Threads share it. Each search looks whether a newer commit or a rebuilt index is there; the
snapshot in use lives as long as somebody reads it. Whatever a reader types, whatever state the
index is in, `search` answers; an index that cannot be read is reported to whoever writes it.
"""

import logging
import threading
import time
from dataclasses import replace

from sqlalchemy import Connection

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
from search.storage import latest_generation

logger = logging.getLogger(__name__)

TIME_LIMIT_S = 1.0


class SearchIndex:
    """This machine's index, open for searching; threads share it."""

    def __init__(self, folder: IndexFolder, database: Database) -> None:
        self._folder = folder
        self._database = database
        self._opening = threading.Lock()
        self._snapshot: Snapshot | None = None

    def search(self, request: SearchRequest) -> SearchResult:
        """Answer a request; raises for no query text and no state of the index.

        Only DatabaseError leaves, where the catalogue, which holds the words, cannot be read.
        """
        started = time.monotonic()
        request = replace(request, limit=max(0, min(request.limit, MAX_LIMIT)), offset=max(0, request.offset))
        result = self._answer(request, started + TIME_LIMIT_S)
        took_ms = round((time.monotonic() - started) * 1000)
        return replace(result, query=request.text, took_ms=took_ms)

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
            logger.exception("search failed for %r", request.text)
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
                return self._open_again(held, error)
            return self._snapshot

    def _open_again(self, held: Snapshot | None, error: IndexCorruptedError) -> Snapshot | None:
        """Report an index that cannot be read; what is open still answers until it is rebuilt."""
        index = self._folder.current
        if index is not None and not self._folder.is_damaged:
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

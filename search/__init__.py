"""How words are found: analyzer, query, index, excerpts."""

from search.answers import (
    Dropped,
    Excerpt,
    Facet,
    SearchRequest,
    SearchResult,
    Suggestion,
    describe_result,
    excerpt_path,
)
from search.errors import IndexCorruptedError, IndexLockedError, IndexWriteError, SearchError
from search.index import SearchIndex, open_index
from search.indexing import rebuild_index, sync_index

__all__ = [
    "Dropped",
    "Excerpt",
    "Facet",
    "IndexCorruptedError",
    "IndexLockedError",
    "IndexWriteError",
    "SearchError",
    "SearchIndex",
    "SearchRequest",
    "SearchResult",
    "Suggestion",
    "describe_result",
    "excerpt_path",
    "open_index",
    "rebuild_index",
    "sync_index",
]

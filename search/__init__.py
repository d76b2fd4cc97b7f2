"""How words are found: analyzer, query, index, excerpts."""

from search.answers import Excerpt, Facet, SearchRequest, SearchResult, describe_result, excerpt_path
from search.errors import IndexCorruptedError, IndexLockedError, IndexWriteError, SearchError
from search.index import SearchIndex, open_index
from search.indexing import rebuild_index, sync_index

__all__ = [
    "Excerpt",
    "Facet",
    "IndexCorruptedError",
    "IndexLockedError",
    "IndexWriteError",
    "SearchError",
    "SearchIndex",
    "SearchRequest",
    "SearchResult",
    "describe_result",
    "excerpt_path",
    "open_index",
    "rebuild_index",
    "sync_index",
]

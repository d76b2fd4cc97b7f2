"""Read the chapters that a feed points to (podcast namespace, JSON chapters 1.2).

Chapters are a comfort: whatever is wrong with them is logged, and the episode goes on without.
https://github.com/Podcastindex-org/podcast-namespace/blob/main/docs/examples/chapters/jsonChapters.md
"""

import json
import logging
import math
from typing import Any

from ingest.errors import IngestError
from ingest.feeds.values import read_title
from ingest.network.addresses import Network
from ingest.network.fetching import Fetched, fetch_bytes
from media.transcript import Chapter

log = logging.getLogger(__name__)

MAX_CHAPTERS_BYTES = 2 << 20
MAX_CHAPTERS = 1_000
LONGEST_S = 48 * 3600


def fetch_chapters(url: str, network: Network) -> list[Chapter]:
    """Fetch an episode's chapters; none where they cannot be had or read."""
    try:
        answer = fetch_bytes(url, network, max_bytes=MAX_CHAPTERS_BYTES)
    except IngestError as error:
        log.warning("chapters: %s", error)
        return []
    return parse_chapters(answer.content) if isinstance(answer, Fetched) else []


def parse_chapters(data: bytes) -> list[Chapter]:
    """Read JSON chapters in order of time; what is no chapter is left out.

    >>> parse_chapters(b'{"chapters": [{"startTime": 61.5, "title": "Fin"}, {"startTime": 0, "title": "A"}]}')
    [Chapter(start_ms=0, title='A', turn_id=None), Chapter(start_ms=61500, title='Fin', turn_id=None)]
    >>> parse_chapters(b'<html>')
    []
    """
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        log.warning("chapters that are not JSON: %r", data[:80])
        return []
    rows = document.get("chapters") if isinstance(document, dict) else None
    if not isinstance(rows, list):
        return []
    chapters = [chapter for row in rows[:MAX_CHAPTERS] if (chapter := _chapter(row))]
    return sorted(chapters, key=lambda chapter: chapter.start_ms or 0)


def _chapter(row: Any) -> Chapter | None:
    if not isinstance(row, dict) or row.get("toc") is False:
        return None
    start, title = row.get("startTime"), row.get("title")
    if isinstance(start, bool) or not isinstance(start, int | float) or not isinstance(title, str):
        return None
    if not math.isfinite(start) or not 0 <= start <= LONGEST_S or not read_title(title):
        return None
    return Chapter(round(start * 1000), read_title(title))

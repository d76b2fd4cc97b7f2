"""One search of one state of the index, until its deadline: what matches, and what else would.

Where nothing is found as typed, it says why: what the nearest spelling finds, and what each part
of the query and each filter keeps from being found. Counting stops with the search's time, and
says so.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

from search.answers import Dropped, SearchRequest, Suggestion
from search.evaluation import Matches, evaluate
from search.narrowing import Episodes
from search.query import ParsedQuery, parse_query
from search.selection import Selection, count_matches, select
from search.snapshot import Snapshot
from search.trees import build_tree

# The filters of a request, as a request has none of them.
NO_FILTERS: dict[str, object] = {
    "shows": (),
    "speakers": (),
    "years": (),
    "states": (),
    "since": None,
    "until": None,
    "episode_id": None,
}


class Inquiry:
    """A search under way; `partial` once something was cut short by the time limit."""

    def __init__(
        self, snapshot: Snapshot, request: SearchRequest, transcribed: Episodes | None, deadline: float
    ) -> None:
        self.partial = False
        self._snapshot = snapshot
        self._request = request
        self._transcribed = transcribed
        self._deadline = deadline

    def match(self, parsed: ParsedQuery) -> Matches:
        """Find what matches a query, whatever the filters."""
        matches = evaluate(build_tree(parsed, self._snapshot), self._snapshot, self._deadline)
        self.partial = self.partial or matches.partial
        return matches

    def select(self, parsed: ParsedQuery, matches: Matches) -> Selection:
        """Select the page; turns that no word is looked for in have no order but time."""
        wordless = self._request.sort == "relevance" and not parsed.clauses
        request = replace(self._request, sort="newest") if wordless else self._request
        return select(matches, self._snapshot, request, self._transcribed)

    def list_dropped(self, parsed: ParsedQuery, matches: Matches) -> Iterator[Dropped]:
        """Say what is found without each part of the query, and without each filter."""
        for part in parsed.parts:
            if part.without and (count := self._count(part.without)):
                yield Dropped(part.source, part.without, count)
        for name, nothing in NO_FILTERS.items():
            value = getattr(self._request, name)
            if value != nothing:
                wider = replace(self._request, **{name: nothing})  # type: ignore[arg-type]
                if count := count_matches(matches, self._snapshot, wider, self._transcribed):
                    yield Dropped(_say(value), self._request.text, count, name)

    def list_suggestions(self, texts: Sequence[str]) -> Iterator[Suggestion]:
        """Say what other queries find, where they find something."""
        for text in texts:
            if count := self._count(text):
                yield Suggestion(text, count)

    def _count(self, text: str) -> int:
        if time.monotonic() > self._deadline:
            self.partial = True
            return 0
        return count_matches(self.match(parse_query(text)), self._snapshot, self._request, self._transcribed)


def _say(value: object) -> str:
    if isinstance(value, tuple):
        return str(value[0]) if len(value) == 1 else ""
    return str(value)

"""One search of one state of the index, until its deadline: what matches, and what else would.

Where nothing is found as typed, it says why: what the nearest spelling finds, and what each part
of the query and each filter keeps from being found. Counting stops with the search's time, and
says so.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

from search.answers import Dropped, SearchRequest, Suggestion
from search.evaluation import Matches, evaluate
from search.narrowing import Episodes
from search.nodes import Not
from search.query import ParsedQuery, Part, parse_query
from search.selection import Selection, count_matches, select
from search.snapshot import Snapshot
from search.spelling import list_spellings
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


@dataclass(frozen=True, slots=True)
class Respelled:
    """A query in another spelling, and what it finds."""

    text: str
    parsed: ParsedQuery
    selection: Selection


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

    def parse(self, text: str) -> ParsedQuery:
        """Read a query in the languages that were spoken."""
        return parse_query(text, self._snapshot.languages)

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

    def list_dropped(
        self, parsed: ParsedQuery, matches: Matches, unsaid: tuple[Part, ...]
    ) -> Iterator[Dropped]:
        """Say what is found without each part, without all that is unsaid, and without each filter."""
        for part in parsed.parts:
            if part.without and (count := self._count(part.without)):
                yield Dropped(part.source, part.without, count)
        if 1 < len(unsaid) < len(parsed.parts):
            rest = parsed.keep([part for part in parsed.parts if part not in unsaid])
            if count := self._count(rest):
                yield Dropped(", ".join(part.source for part in unsaid), rest, count)
        for name, nothing in NO_FILTERS.items():
            value = getattr(self._request, name)
            if value != nothing:
                wider = replace(self._request, **{name: nothing})  # type: ignore[arg-type]
                if count := count_matches(matches, self._snapshot, wider, self._transcribed):
                    yield Dropped(_say(value), self._request.text, count, name)

    def list_unsaid(self, parsed: ParsedQuery) -> tuple[Part, ...]:
        """List the parts, of several, that find nothing even by themselves."""
        parts = parsed.parts if len(parsed.parts) > 1 else ()
        asked = [part for part in parts if not isinstance(part.node, Not)]
        return tuple(part for part in asked if self._has_time() and not self._count(part.source))

    def list_suggestions(self, parsed: ParsedQuery) -> Iterator[Suggestion]:
        """Say what likelier spellings of rare words find, where they find something; on a first page."""
        is_first = not self._request.offset and self._request.newer_than is None
        if not is_first or not self._has_time():
            return
        for text in list_spellings(parsed, self._snapshot):
            if count := self._count(text):
                yield Suggestion(text, count)

    def respell(self, parsed: ParsedQuery) -> Respelled | None:
        """Find the nearest spelling that something matches, where nothing does as typed."""
        for text in list_spellings(parsed, self._snapshot) if self._has_time() else ():
            if not self._has_time():
                return None
            other = self.parse(text)
            selection = self.select(other, self.match(other))
            if selection.total:
                return Respelled(text, other, selection)
        return None

    def _count(self, text: str) -> int:
        if not self._has_time():
            return 0
        matches = self.match(self.parse(text))
        return count_matches(matches, self._snapshot, self._request, self._transcribed)

    def _has_time(self) -> bool:
        if time.monotonic() <= self._deadline:
            return True
        self.partial = True
        return False


def _say(value: object) -> str:
    if isinstance(value, tuple):
        return str(value[0]) if len(value) == 1 else ""
    return str(value)

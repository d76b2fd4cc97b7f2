"""A search as its address says it: read without failing, and written with one choice changed.

Every choice stands in the address, several values of one filter as several pairs, so that a
search can be sent to somebody, kept or followed. A value that means nothing is as if absent.
"""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TypeVar
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from media.transcript import TurnState
from search.answers import ORDERS, SearchRequest, Sort
from web.visits import number

FILTERS = ("show", "speaker", "year", "state", "since", "until", "episode")  # as the address names them
# What each choice is called in a request.
FIELDS = {
    "show": "shows",
    "speaker": "speakers",
    "year": "years",
    "state": "states",
    "since": "since",
    "until": "until",
    "episode": "episode_id",
}
PAGE_LENGTH = 10
PER_EPISODE = 3
MAX_PAGE = 200
MAX_VALUES = 20  # of one filter
MAX_VALUE_LENGTH = 200
MAX_TEXT_LENGTH = 1_000  # the query language reads less, and says what it leaves out
MAX_IDENTITY = 2**31 - 1

Read = TypeVar("Read", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Choices:
    """What a reader chose, as pairs of an address in one fixed order; the page is no choice."""

    pairs: tuple[tuple[str, str], ...]

    def has(self, name: str, value: str) -> bool:
        """Tell whether this value is chosen."""
        return (name, value) in self.pairs

    def values(self, name: str) -> list[str]:
        """List the values chosen of a filter."""
        return [value for held, value in self.pairs if held == name]

    def plus(self, name: str, value: str | int) -> "Choices":
        """Add a value to those of a filter."""
        return self if self.has(name, str(value)) else Choices((*self.pairs, (name, str(value))))

    def minus(self, name: str, value: str | None = None) -> "Choices":
        """Take away a value of a filter, or all of them."""
        return Choices(tuple(p for p in self.pairs if p[0] != name or value not in (None, p[1])))

    def asking(self, text: str) -> "Choices":
        """Look for another text in the same place."""
        return Choices((("q", text), *self.minus("q").pairs))

    def within(self, episode_id: int) -> "Choices":
        """Look into one episode alone, in the order of speech."""
        return self.minus("episode").minus("sort").plus("episode", episode_id).plus("sort", "place")

    def address(self, path: str = "/search", **more: str | int) -> str:
        """Write the address of the search, or of what else is made of it.

        >>> Choices((("q", "l’été"), ("year", "2024"))).address(page=2)
        '/search?q=l%E2%80%99%C3%A9t%C3%A9&year=2024&page=2'
        """
        return f"{path}?" + urlencode([*self.pairs, *more.items()])


def read_search(params: QueryParams, *, limit: int = PAGE_LENGTH) -> SearchRequest:
    """Read a search from an address; what means nothing is left out."""
    episode = number(params.get("episode"), 0, MAX_IDENTITY) or None
    page = max(1, number(params.get("page"), 1, MAX_PAGE))
    return SearchRequest(
        text=params.get("q", "").strip()[:MAX_TEXT_LENGTH],
        shows=_read_each(params, "show", _word),
        speakers=_read_each(params, "speaker", _word),
        years=_read_each(params, "year", lambda text: number(text, 0, 9_999) or None),
        states=_read_each(params, "state", _state),
        since=_date(params.get("since")),
        until=_date(params.get("until")),
        episode_id=episode,
        sort=_sort(params.get("sort"), in_episode=episode is not None),
        limit=limit,
        offset=(page - 1) * limit,
        per_episode=None if episode else PER_EPISODE,
    )


def list_choices(wanted: SearchRequest) -> Choices:
    """Say as pairs what a request asks, as `read_search` reads them back."""
    pairs: list[tuple[str, object]] = [("q", wanted.text)]
    pairs += [("show", slug) for slug in wanted.shows]
    pairs += [("speaker", name) for name in wanted.speakers]
    pairs += [("year", year) for year in wanted.years]
    pairs += [("state", state.value) for state in wanted.states]
    single = {"since": wanted.since, "until": wanted.until, "episode": wanted.episode_id}
    pairs += [(name, value) for name, value in single.items() if value is not None]
    if wanted.sort != "relevance":
        pairs.append(("sort", wanted.sort))
    return Choices(tuple((name, str(value)) for name, value in pairs))


def read_moment(text: str | None) -> datetime | None:
    """Read an aware moment of an address; UTC where it does not say.

    >>> read_moment("2026-11-22T16:20Z"), read_moment("hier")
    (datetime.datetime(2026, 11, 22, 16, 20, tzinfo=datetime.timezone.utc), None)
    """
    try:
        moment = datetime.fromisoformat(text or "")
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _read_each(params: QueryParams, name: str, read: Callable[[str], Read | None]) -> tuple[Read, ...]:
    values: Iterable[Read | None] = (read(text) for text in params.getlist(name)[:MAX_VALUES])
    return tuple(dict.fromkeys(value for value in values if value is not None))


def _word(text: str) -> str | None:
    return text.strip()[:MAX_VALUE_LENGTH] or None


def _date(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def _state(text: str) -> TurnState | None:
    return TurnState(text) if text in list(TurnState) else None


def _sort(text: str | None, *, in_episode: bool) -> Sort:
    found: Sort = next((sort for sort in ORDERS if sort == text), "relevance")
    return "relevance" if found == "place" and not in_episode else found

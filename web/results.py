"""The results of a search: excerpts as cards, filters as a form, chips that take one away.

Every choice is in the address, so that a search can be sent to somebody. Reading it never
fails: a value that means nothing is as if it were absent.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup, escape
from sqlalchemy import Connection
from starlette.datastructures import QueryParams
from starlette.responses import Response

from media.episodes import EpisodeStatus, count_episodes, get_episodes
from media.errors import N_, Message
from media.language import translate
from media.shows import find_show
from media.transcript import TurnState
from search.answers import ORDERS, Excerpt, SearchRequest, SearchResult
from web.clock import format_day
from web.home import UNHEARD_YET
from web.visits import Visit, number, redirect

PAGE_LENGTH = 10
PER_EPISODE = 3
MAX_PAGE = 200
# How much before its first searched word an excerpt plays: within half a second, recognition errs by 0.2.
LEAD_MS = 300
MAX_FILTER_LENGTH = 200
SORTS: Mapping[str, str] = {"relevance": N_("relevance"), "newest": N_("newest"), "oldest": N_("oldest")}
STATE_NAMES: Mapping[str, str] = {"machine": N_("Machine"), "read": N_("Read"), "validated": N_("Validated")}
FILTERS = ("show", "speaker", "year", "state", "since", "until", "episode")  # as the address names them
FIELDS = {"episode": "episode_id"}


@dataclass(frozen=True, slots=True)
class Card:
    """An excerpt with what its card needs beside it."""

    excerpt: Excerpt
    quote: Markup  # escaped text, searched words in <mark>
    play_ms: int | None
    has_audio: bool
    language: str | None  # of the words
    others: int  # further excerpts of this episode, told at its last card


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is on, and the address without it."""

    label: str  # in the reader's language
    address: str


def show_results(visit: Visit) -> Response:
    """Search, and show what was found."""
    wanted = read_search(visit.request.query_params)
    if not wanted.text:
        return redirect("/")
    result = visit.site.index.search(wanted)
    params = _kept(visit.request.query_params)
    with visit.site.database.read() as connection:
        context = {
            "wanted": wanted,
            "result": result,
            "cards": _cards(connection, result),
            "chips": _chips(connection, params, visit.language),
            "without": _dropped(visit, wanted, params) if not result.total else [],
            "unheard": _count_unheard(connection),
            "params": params,
            "sorts": {name: Message(msgid) for name, msgid in SORTS.items()},
            "state_names": {name: Message(msgid) for name, msgid in STATE_NAMES.items()},
            "address": _address,
            "page": wanted.offset // PAGE_LENGTH + 1,
            "has_next": len(result.excerpts) == PAGE_LENGTH,
        }
    return visit.render("results.html", context)


def read_search(params: QueryParams) -> SearchRequest:
    """Read a search from an address; what means nothing is left out."""
    episode = number(params.get("episode"), 0, 10**9) or None
    page = max(1, number(params.get("page"), 1, MAX_PAGE))
    return SearchRequest(
        text=params.get("q", "").strip(),
        shows=_words(params, "show"),
        speakers=_words(params, "speaker"),
        since=_date(params.get("since")),
        until=_date(params.get("until")),
        years=tuple(year for text in params.getlist("year") if (year := number(text, 0, 9_999))),
        states=tuple(state for text in params.getlist("state") if (state := _state(text))),
        sort=next((sort for sort in ORDERS if sort == params.get("sort")), "relevance"),
        limit=PAGE_LENGTH,
        offset=(page - 1) * PAGE_LENGTH,
        per_episode=None if episode else PER_EPISODE,
        episode_id=episode,
    )


def mark_words(text: str, highlights: tuple[tuple[int, int], ...]) -> Markup:
    """Escape a text, and wrap these stretches of it in `<mark>`; neighbours share one.

    >>> mark_words("le <b> libre", ((7, 12),))
    Markup('le &lt;b&gt; <mark>libre</mark>')
    """
    parts = []
    done = 0
    for begin, end in _join_neighbours(text, highlights):
        parts += [escape(text[done:begin]), Markup("<mark>{}</mark>").format(text[begin:end])]
        done = end
    return Markup("").join([*parts, escape(text[done:])])


def _join_neighbours(text: str, highlights: tuple[tuple[int, int], ...]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for begin, end in sorted(highlights):
        if joined and not text[joined[-1][1] : begin].strip():
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((begin, end))
    return joined


def _cards(connection: Connection, result: SearchResult) -> list[Card]:
    episodes = get_episodes(connection, [excerpt.episode_id for excerpt in result.excerpts])
    last = {excerpt.episode_id: place for place, excerpt in enumerate(result.excerpts)}
    cards = []
    for place, excerpt in enumerate(result.excerpts):
        episode = episodes.get(excerpt.episode_id)
        cards.append(
            Card(
                excerpt,
                mark_words(excerpt.text, excerpt.highlights),
                None if excerpt.match_ms is None else max(0, excerpt.match_ms - LEAD_MS),
                episode is not None and episode.listening_sha256 is not None and excerpt.start_ms is not None,
                None if episode is None else episode.spoken_language,
                result.more.get(excerpt.episode_id, 0) if last[excerpt.episode_id] == place else 0,
            )
        )
    return cards


def _chips(connection: Connection, params: dict[str, str], language: str) -> list[Chip]:
    labels = {
        "show": N_("Show: %(value)s"),
        "speaker": N_("Speaker: %(value)s"),
        "year": N_("Year: %(value)s"),
        "state": N_("State: %(value)s"),
        "since": N_("Since %(value)s"),
        "until": N_("Until %(value)s"),
        "episode": N_("Episode: %(value)s"),
    }
    chips = []
    for name in FILTERS:
        if name in params:
            shown = _shown_value(connection, name, params[name], language)
            label = translate(Message(labels[name], {"value": shown}), language)
            chips.append(Chip(label, _address(params, {name: None})))
    return chips


def _shown_value(connection: Connection, name: str, value: str, language: str) -> str:
    if name == "show" and (show := find_show(connection, value)):
        return show.title
    if name == "episode":
        episodes = get_episodes(connection, [int(value)])
        return next((episode.title for episode in episodes.values() if not episode.private), value)
    if name in ("since", "until"):
        return format_day(date.fromisoformat(value), language)
    return translate(Message(STATE_NAMES[value]), language) if name == "state" else value


def _dropped(visit: Visit, wanted: SearchRequest, params: dict[str, str]) -> list[dict[str, Any]]:
    """Say what would be found without each filter, where that is something."""
    plural = {name: f"{name}s" for name in ("show", "speaker", "year", "state")}
    found = []
    for name in FILTERS:
        if name in params:
            nothing = {plural[name]: ()} if name in plural else {FIELDS.get(name, name): None}
            wider = replace(wanted, **nothing, limit=1, offset=0)
            if total := visit.site.index.search(wider).total:
                found.append({"name": name, "total": total, "address": _address(params, {name: None})})
    return found


def _address(params: Mapping[str, str], changes: Mapping[str, str | int | None]) -> str:
    """Write the address of a search with some choices changed; None takes one away."""
    kept = {**{name: value for name, value in params.items() if name != "page"}, **changes}
    return "/search?" + urlencode({name: value for name, value in kept.items() if value is not None})


def _kept(params: QueryParams) -> dict[str, str]:
    """Keep of an address what `read_search` could read."""
    wanted = read_search(params)
    read = {
        "q": wanted.text,
        "show": next(iter(wanted.shows), None),
        "speaker": next(iter(wanted.speakers), None),
        "year": next(iter(wanted.years), None),
        "state": next(iter(wanted.states), None),
        "since": wanted.since,
        "until": wanted.until,
        "episode": wanted.episode_id,
        "sort": None if wanted.sort == "relevance" else wanted.sort,
    }
    return {name: str(value) for name, value in read.items() if value is not None}


def _count_unheard(connection: Connection) -> int:
    counts: Mapping[EpisodeStatus, int] = count_episodes(connection)
    return sum(counts[status] for status in UNHEARD_YET)


def _words(params: QueryParams, name: str) -> tuple[str, ...]:
    return tuple(word for text in params.getlist(name) if (word := text.strip()[:MAX_FILTER_LENGTH]))


def _date(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def _state(text: str | None) -> TurnState | None:
    try:
        return TurnState(text) if text else None
    except ValueError:
        return None

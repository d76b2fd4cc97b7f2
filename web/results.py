"""The results of a search: excerpts as cards, what can be said of the search, filters beside.

Every state of the page is its address. Reading it never fails, and a page without an excerpt
always says why, and what would find something.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from markupsafe import Markup, escape
from sqlalchemy import Connection
from starlette.responses import Response

from media.episodes import get_episodes
from media.errors import N_, Message
from media.shows import list_shows
from search.answers import Excerpt, SearchRequest
from search.query import parse_query
from web.examples import write_lessons
from web.facets import STATE_NAMES, Names, group_facets, list_chips, list_ways_out
from web.quotes.found import choose_path, find_found
from web.searches import PAGE_LENGTH, Choices, list_choices, read_search
from web.visits import Visit, redirect

# How much before its first searched word an excerpt plays: within half a second, recognition errs by 0.2.
LEAD_MS = 300
MIN_HEARD_MS = 4_000  # a searched word may be the last of its excerpt: that alone makes no sense
SORTS: Mapping[str, str] = {"relevance": N_("relevance"), "newest": N_("newest"), "oldest": N_("oldest")}
SORTS_IN_EPISODE: Mapping[str, str] = {**SORTS, "place": N_("order of speech")}


@dataclass(frozen=True, slots=True)
class Card:
    """An excerpt with what its card needs beside it."""

    excerpt: Excerpt
    quote: Markup  # escaped text, searched words in <mark>
    heard: tuple[int, int] | None  # (start, end) in ms, where there is sound
    language: str | None  # of the words
    first_word: int  # of the excerpt, in its turn
    quote_address: str  # at which the sentence that was found is chosen
    others: int  # further excerpts of this episode, told at its last card
    others_address: str


def show_results(visit: Visit) -> Response:
    """Search, and show what was found."""
    wanted = read_search(visit.request.query_params)
    if not wanted.text:
        return redirect("/")
    if any(not value for _, value in visit.request.query_params.multi_items()):
        return redirect(list_choices(wanted).address())  # a form sends what was left empty, too
    result = visit.index.search(replace(wanted, limit=PAGE_LENGTH + 1))
    choices = list_choices(wanted)
    with visit.site.database.read() as connection:
        cards = _cards(connection, result.excerpts[:PAGE_LENGTH], result.more, choices)
        names = read_names(connection, choices, visit.language)
        lessons = write_lessons(visit.site.examples.read(connection), visit.language)
    context = {
        "wanted": wanted,
        "asks_nothing": parse_query(wanted.text).root is None,
        "result": result,
        "cards": cards,
        "chips": list_chips(choices, names),
        "groups": group_facets(result, choices, names),
        "ways": list_ways_out(result, choices),
        "choices": choices,
        "bare": Choices((("q", wanted.text),)).address(),
        "lessons": lessons,
        "feed": follow_address(choices, visit),
        "sorts": {name: Message(msgid) for name, msgid in _sorts(wanted).items()},
        "state_names": {name: Message(msgid) for name, msgid in STATE_NAMES.items()},
        "page": wanted.offset // PAGE_LENGTH + 1,
        "has_next": len(result.excerpts) > PAGE_LENGTH,
    }
    return visit.render("results.html", context)


def follow_address(choices: Choices, visit: Visit) -> str:
    """Write the address of the feed of what this search will find from now on."""
    now = visit.now.strftime("%Y-%m-%dT%H:%MZ")
    return choices.minus("sort").address("/search.atom", after=now)


def mark_words(text: str, highlights: Sequence[tuple[int, int]]) -> Markup:
    """Escape a text, and wrap these stretches of it in `<mark>`; neighbours share one.

    >>> mark_words("le <b> libre", ((7, 12),))
    Markup('le &lt;b&gt; <mark>libre</mark>')
    """
    parts = []
    done = 0
    for begin, end in join_neighbours(text, highlights):
        parts += [escape(text[done:begin]), Markup("<mark>{}</mark>").format(text[begin:end])]
        done = end
    return Markup("").join([*parts, escape(text[done:])])


def join_neighbours(text: str, spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Join the stretches of a text that only spaces keep apart, in order.

    >>> join_neighbours("un logiciel libre", ((12, 17), (3, 11)))
    [(3, 17)]
    """
    joined: list[tuple[int, int]] = []
    for begin, end in sorted(spans):
        if joined and not text[joined[-1][1] : begin].strip():
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((begin, end))
    return joined


def find_heard(excerpt: Excerpt) -> tuple[int, int] | None:
    """Find what is played of an excerpt: from just before its first searched word to its end, in ms."""
    if excerpt.match_ms is None or excerpt.end_ms is None:
        return None
    start = max(0, excerpt.match_ms - LEAD_MS)
    return start, max(excerpt.end_ms, start + MIN_HEARD_MS)


def _cards(
    connection: Connection, excerpts: Sequence[Excerpt], more: Mapping[int, int], choices: Choices
) -> list[Card]:
    episodes = get_episodes(connection, [excerpt.episode_id for excerpt in excerpts])
    last = {excerpt.episode_id: place for place, excerpt in enumerate(excerpts)}
    cards = []
    for place, excerpt in enumerate(excerpts):
        episode = episodes.get(excerpt.episode_id)
        first_word, found = find_found(excerpt)
        cards.append(
            Card(
                excerpt,
                mark_words(excerpt.text, excerpt.highlights),
                None if episode is None or episode.listening_sha256 is None else find_heard(excerpt),
                None if episode is None else episode.spoken_language,
                first_word,
                choose_path(excerpt.episode_id, excerpt.turn_id, *found),
                more.get(excerpt.episode_id, 0) if last[excerpt.episode_id] == place else 0,
                choices.within(excerpt.episode_id).address(),
            )
        )
    return cards


def read_names(connection: Connection, choices: Choices, language: str) -> Names:
    """Read what the values of filters are called."""
    episodes = get_episodes(connection, map(int, choices.values("episode")))
    shown: dict[str, Any] = {str(key): held.title for key, held in episodes.items() if not held.private}
    return Names(language, {show.slug: show.title for show in list_shows(connection)}, shown)


def _sorts(wanted: SearchRequest) -> Mapping[str, str]:
    return SORTS if wanted.episode_id is None else SORTS_IN_EPISODE

"""Find in an episode: the same matches as a search, every matched word, in the order of speech.

The server finds, by the analyzer of the index; the page only marks. Without script the page
itself comes back with its words marked, and each match is an address.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.responses import JSONResponse, Response

from media.transcript import Edition
from search.answers import MAX_LIMIT, Excerpt, SearchRequest, SearchResult
from search.matching import find_hits
from search.query import parse_query
from web.editions import ONE_TEXT, Shown
from web.reading import Mark
from web.results import join_neighbours
from web.searches import MAX_TEXT_LENGTH
from web.site import Searcher
from web.visits import Visit

MAX_TURNS = 500  # of one episode
MAX_SPOTS = 2_000


@dataclass(frozen=True, slots=True)
class Spot:
    """Words that match: characters [begin, end) of a turn's text; none where the turn is what matches."""

    turn_id: int
    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class Found:
    """What was found in an episode, in order, and what must be said of it."""

    text: str  # as it was asked
    spots: tuple[Spot, ...] = ()
    ignored: tuple[str, ...] = ()
    corrected: str | None = None  # the spelling that was found in place of what was typed
    partial: bool = False
    rebuilding: int | None = None

    def marks(self, at: int) -> dict[int, list[Mark]]:
        """List by turn what is to be marked; `at` is where the reader stands, from 0."""
        marks: dict[int, list[Mark]] = {}
        for number, spot in enumerate(self.spots):
            marks.setdefault(spot.turn_id, []).append(Mark(spot.begin, spot.end, number == at))
        return marks


def send_found(visit: Visit, episode_id: int, shown: Shown = ONE_TEXT) -> Response:
    """Send what is found in an episode, for the script of its page; offsets are JavaScript's."""
    found, texts = _find(visit.index, visit.request.query_params.get("find", ""), episode_id, shown)
    spots = [
        [spot.turn_id, *(_count_units(texts[spot.turn_id][:at]) for at in (spot.begin, spot.end))]
        for spot in found.spots
    ]
    document = {
        "spots": spots,
        "ignored": found.ignored,
        "corrected": found.corrected,
        "partial": found.partial,
        "rebuilding": found.rebuilding,
    }
    return JSONResponse(document, headers={"cache-control": "private, no-cache"})


def find_in_episode(index: Searcher, text: str, episode_id: int, shown: Shown = ONE_TEXT) -> Found:
    """Find a query's words in the texts of an episode that are shown, in the order of speech."""
    return _find(index, text, episode_id, shown)[0]


def _find(index: Searcher, text: str, episode_id: int, shown: Shown) -> tuple[Found, dict[int, str]]:
    text = text.strip()[:MAX_TEXT_LENGTH]
    if not text:
        return Found(text), {}
    result, excerpts = _search(index, text, episode_id, shown.searched[0])
    for edition in shown.searched[1:]:
        another, more = _search(index, text, episode_id, edition)
        result = another if not excerpts else result
        excerpts = sorted([*excerpts, *more], key=lambda held: held.start_ms or 0)
    asked = text if result.corrected is None else result.corrected
    texts = {excerpt.turn_id: excerpt.turn_text for excerpt in excerpts}
    spots = [spot for turn_id, said in texts.items() for spot in _find_spots(asked, turn_id, said)]
    found = Found(
        text,
        tuple(spots[:MAX_SPOTS]),
        result.ignored,
        result.corrected,
        result.partial or len(spots) > MAX_SPOTS,
        result.rebuilding,
    )
    return found, texts


def _search(
    index: Searcher, text: str, episode_id: int, edition: Edition | None
) -> tuple[SearchResult, Sequence[Excerpt]]:
    excerpts: list[Excerpt] = []
    while True:
        result = index.search(
            SearchRequest(
                text,
                episode_id=episode_id,
                edition=edition,
                sort="place",
                per_episode=None,
                limit=MAX_LIMIT,
                offset=len(excerpts),
            )
        )
        excerpts += result.excerpts
        if len(result.excerpts) < MAX_LIMIT or len(excerpts) >= MAX_TURNS:
            return result, excerpts


def _find_spots(text: str, turn_id: int, said: str) -> list[Spot]:
    clauses = parse_query(text).clauses
    spans = join_neighbours(said, [(hit.begin, hit.end) for hit in find_hits(said, clauses)])
    return [Spot(turn_id, begin, end) for begin, end in spans] or [Spot(turn_id, 0, 0)]


def _count_units(text: str) -> int:
    """Count as JavaScript does, in UTF-16 code units."""
    return len(text.encode("utf-16-le")) // 2

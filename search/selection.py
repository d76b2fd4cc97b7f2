"""From matching documents to the page of turns that is shown: filter, order, group by episode.

Pure, over the columns of a snapshot. A turn counts once, by its best passage. The passages of a
turn adjoin in the index, and so do the turns of an episode, in the order of speech: what is one
by turn or by episode is worked out over runs, without sorting every match. Of an episode's two
texts the published one comes first.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from media.transcript import Edition
from search.answers import SearchRequest
from search.evaluation import Matches
from search.facets import count_facets
from search.narrowing import LAST_DAY, Episodes, Mask, mask_filters
from search.schema import EDITIONS, NO_DAY
from search.snapshot import Snapshot

Documents = NDArray[np.int64]
SCORE_NOISE_BITS = 4  # of a score's 24: what the order of a sum changes


@dataclass(frozen=True, slots=True)
class Selection:
    """What of the matches is shown, as document numbers, and what is counted."""

    total: int  # turns that match
    listed: int  # those that pages show, one page after the other
    page: tuple[int, ...]
    more: Mapping[int, int]  # episode: its turns beyond those allowed, for episodes of the page
    facets: Mapping[str, list[tuple[str, int]]]


@dataclass(frozen=True, slots=True)
class Turns:
    """Turns that match, in the order of the index; arrays of one value a turn."""

    documents: Documents  # the first one that matches: its columns are the turn's
    worth: NDArray[np.int64]  # by score, then by how far the words were checked
    places: NDArray[np.int64]  # in the arrays of the matches: where its documents begin

    def __len__(self) -> int:
        return len(self.documents)

    def keep(self, mask: Mask) -> "Turns":
        """Keep some of them."""
        return Turns(self.documents[mask], self.worth[mask], self.places[mask])


def select(
    matches: Matches, snapshot: Snapshot, request: SearchRequest, transcribed: Episodes | None = None
) -> Selection:
    """Select the turns that a request shows of its matches.

    `transcribed` tells which episodes were lately, and when: for a request that asks for newer ones,
    or in that order.
    """
    matches = _keep_edition(matches, snapshot, request.edition)
    numbers = _number_turns(matches, snapshot, request.edition)
    turns = find_turns(matches, snapshot, numbers)
    masks = mask_filters(snapshot, turns.documents, request, transcribed)
    facets = count_facets(snapshot, turns.documents, masks, request)
    kept = turns.keep(reduce(np.logical_and, masks.values())) if masks else turns
    if request.per_episode is None:
        order = _order_turns(snapshot, kept, request, transcribed)
        page, listed = order[request.offset : request.offset + request.limit], len(kept)
        more: dict[int, int] = {}
    else:
        page, more, listed = _page_by_episode(snapshot, kept, request, request.per_episode, transcribed)
    best = tuple(_best_document(matches, snapshot, numbers, int(place)) for place in kept.places[page])
    return Selection(len(kept), listed, best, more, facets)


def count_matches(
    matches: Matches, snapshot: Snapshot, request: SearchRequest, transcribed: Episodes | None = None
) -> int:
    """Count the turns that a request has of its matches."""
    matches = _keep_edition(matches, snapshot, request.edition)
    numbers = _number_turns(matches, snapshot, request.edition)
    turns = find_turns(matches, snapshot, numbers)
    masks = mask_filters(snapshot, turns.documents, request, transcribed)
    return int(reduce(np.logical_and, masks.values()).sum()) if masks else len(turns)


def _keep_edition(matches: Matches, snapshot: Snapshot, edition: Edition | None) -> Matches:
    """Leave out the words of the other text."""
    if edition is None:
        return matches
    held = snapshot.columns.numbers["edition"][matches.documents] == EDITIONS.index(edition)
    return replace(matches, documents=matches.documents[held], scores=matches.scores[held])


def _number_turns(matches: Matches, snapshot: Snapshot, edition: Edition | None) -> NDArray[Any]:
    """Number the turns of matching documents: those under which they are found, or that hold their words."""
    if edition is None:
        return snapshot.turn_numbers[matches.documents]
    return snapshot.columns.numbers["said"][matches.documents].astype(np.int64)


def find_turns(matches: Matches, snapshot: Snapshot, numbers: NDArray[Any]) -> Turns:
    """Find the turns of matching documents, by their numbers, each with the score of its best."""
    places = np.flatnonzero(np.diff(numbers, prepend=-1))
    documents, scores = matches.documents, matches.scores
    if len(places) != len(documents):
        documents, scores = documents[places], np.maximum.reduceat(scores, places)
    # The bits of a float that is not negative are in its order.
    bits = np.maximum(scores, 0).astype(np.float32).view(np.int32).astype(np.int64) >> SCORE_NOISE_BITS
    worth = (bits << 2) | snapshot.columns.numbers["state"][documents]  # corrected above raw
    return Turns(documents.astype(np.int64), worth, places)


def _best_document(matches: Matches, snapshot: Snapshot, numbers: NDArray[Any], place: int) -> int:
    """Find the best document of the turn whose matches begin at a place, published if any of it matches."""
    turn, end = numbers[place], place + 1
    while end < len(numbers) and numbers[end] == turn:
        end += 1
    documents, scores = matches.documents[place:end], matches.scores[place:end]
    is_own = snapshot.columns.numbers["said"][documents] == snapshot.columns.numbers["turn"][documents]
    if is_own.any():
        scores = np.where(is_own, scores, -1)
    return int(documents[scores.argmax()])


def _page_by_episode(
    snapshot: Snapshot, turns: Turns, request: SearchRequest, most: int, transcribed: Episodes | None
) -> tuple[Documents, dict[int, int], int]:
    """Find the turns of a page, at most so many an episode; the others of these episodes; and all listed."""
    episodes = snapshot.columns.numbers["episode"][turns.documents].astype(np.int64)
    begins = np.flatnonzero(np.diff(episodes, prepend=-1))
    counts = np.diff(begins, append=len(turns))
    shown = np.minimum(counts, most)
    best = np.maximum.reduceat(turns.worth, begins) if len(begins) else turns.worth
    firsts = Turns(turns.documents[begins], best, turns.places[begins])
    order = _order_turns(snapshot, firsts, request, transcribed)
    ends = np.cumsum(shown[order])
    low = int(np.searchsorted(ends, request.offset, "right"))
    high = int(np.searchsorted(ends, request.offset + request.limit, "left")) + 1
    page: list[int] = []
    more = {}
    for at in order[low:high]:
        within = np.arange(begins[at], begins[at] + counts[at])
        chosen = within[np.argsort(-turns.worth[within], kind="stable")[:most]]
        page += (chosen if request.sort == "relevance" else np.sort(chosen)).tolist()
        if counts[at] > most:
            more[int(episodes[begins[at]])] = int(counts[at] - most)
    passed = request.offset - (int(ends[low - 1]) if low else 0)
    return np.array(page[passed : passed + request.limit], np.int64), more, int(shown.sum())


def _order_turns(
    snapshot: Snapshot, turns: Turns, request: SearchRequest, transcribed: Episodes | None
) -> Documents:
    """Sort turns as asked; those of one worth by date, an episode's in the order of speech."""
    days = snapshot.columns.numbers["day"][turns.documents].astype(np.int64)
    episodes = snapshot.columns.numbers["episode"][turns.documents].astype(np.int64)
    match request.sort:
        case "place":
            keys = [episodes]
        case "oldest":
            keys = [episodes, np.where(days == NO_DAY, LAST_DAY, days)]
        case "newest":
            keys = [-episodes, -days]
        case "transcribed":
            keys = [-episodes, -(transcribed.moments_of(episodes) if transcribed else days)]
        case "relevance":
            keys = [-episodes, -days, -turns.worth]
    return np.lexsort([turns.documents, *keys])

"""From matching documents to the page of turns that is shown: filter, count, order, group.

Pure, over the columns of a snapshot. A turn counts once, by its best passage. Each facet is
counted with every filter but its own, so that what stands beside the chosen value keeps its
count and can be chosen instead.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from search.answers import SearchRequest
from search.evaluation import Matches
from search.folding import fold
from search.passages import EPOCH
from search.schema import NO_DAY, NO_SPEAKER, STATES
from search.snapshot import Mask, Snapshot

MAX_FACET_VALUES = 20
FACETS = ("show", "speaker", "year", "state")
FIRST_DAY, LAST_DAY = NO_DAY + 1, (1 << 31) - 1

Documents = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Selection:
    """What of the matches is shown, as document numbers, and what is counted."""

    total: int
    page: tuple[int, ...]
    more: Mapping[int, int]  # episode: its turns beyond those allowed, for episodes of the page
    facets: Mapping[str, list[tuple[str, int]]]


def select(matches: Matches, snapshot: Snapshot, request: SearchRequest) -> Selection:
    """Select the turns that a request shows of its matches."""
    documents, scores = _best_of_turns(matches, snapshot)
    masks = {name: mask[documents] for name, mask in _masks(snapshot, request).items()}
    everywhere = np.ones(len(documents), np.bool_)
    chosen = reduce(np.logical_and, masks.values(), everywhere)
    facets = {
        facet: _count(
            snapshot,
            facet,
            documents[reduce(np.logical_and, (m for name, m in masks.items() if name != facet), everywhere)],
        )
        for facet in FACETS
    }
    order = _order(snapshot, documents[chosen], scores[chosen], request)
    kept, spared = _group(snapshot, order, request.per_episode)
    page = kept[request.offset : request.offset + request.limit]
    shown = {int(episode) for episode in snapshot.columns.numbers["episode"][page]}
    more = {episode: count for episode, count in spared.items() if episode in shown}
    return Selection(int(chosen.sum()), tuple(page.tolist()), more, facets)


def _best_of_turns(matches: Matches, snapshot: Snapshot) -> tuple[Documents, NDArray[np.float32]]:
    turns = snapshot.turn_numbers[matches.documents]
    best = np.lexsort((-matches.scores, turns))
    first = np.diff(turns[best], prepend=-1) != 0
    return matches.documents[best[first]], matches.scores[best[first]]


def _masks(snapshot: Snapshot, request: SearchRequest) -> dict[str, Mask]:
    """Make a mask for each filter, under the name of its facet."""
    masks: dict[str, Mask] = {}
    if request.shows:
        masks["show"] = snapshot.name_mask("show", frozenset(request.shows))
    if request.speakers:
        wanted = {fold(speaker) for speaker in request.speakers}
        same = (name for name in snapshot.columns.names["speaker"].values if name and fold(name) in wanted)
        masks["speaker"] = snapshot.name_mask("speaker", frozenset(same))
    if request.since is not None or request.until is not None:
        first = FIRST_DAY if request.since is None else _day(request.since)
        last = LAST_DAY if request.until is None else _day(request.until)
        masks["days"] = snapshot.mask_of("day", first, last)
    if request.years:
        masks["year"] = reduce(np.logical_or, (_year_mask(snapshot, year) for year in request.years))
    if request.states:
        wanted_states = [STATES.index(state) for state in request.states]
        masks["state"] = np.isin(snapshot.columns.numbers["state"], wanted_states)
    if request.episode_id is not None:
        masks["episode"] = snapshot.mask_of("episode", request.episode_id, request.episode_id)
    return masks


def _year_mask(snapshot: Snapshot, year: int) -> Mask:
    try:
        return snapshot.mask_of("day", _day(date(year, 1, 1)), _day(date(year, 12, 31)))
    except ValueError:  # no such year
        return np.zeros(len(snapshot.columns), np.bool_)


def _order(
    snapshot: Snapshot, documents: Documents, scores: NDArray[np.float32], request: SearchRequest
) -> Documents:
    """Sort turns as asked; equal scores by date, an episode's turns in the order of speech."""
    days = snapshot.columns.numbers["day"][documents].astype(np.int64)
    episodes = snapshot.columns.numbers["episode"][documents].astype(np.int64)
    if request.sort == "place":
        return documents[np.lexsort((documents, episodes))]
    if request.sort == "oldest":
        undated_last = np.where(days == NO_DAY, LAST_DAY, days)
        return documents[np.lexsort((documents, episodes, undated_last))]
    keys = (documents, -episodes, -days)
    return documents[np.lexsort(keys if request.sort == "newest" else (*keys, -scores))]


def _group(snapshot: Snapshot, order: Documents, per_episode: int | None) -> tuple[Documents, dict[int, int]]:
    """Bring each episode's turns together, by its best, and hold back those beyond so many."""
    if per_episode is None or not len(order):
        return order, {}
    episodes = snapshot.columns.numbers["episode"][order]
    names, first, inverse, counts = np.unique(
        episodes, return_index=True, return_inverse=True, return_counts=True
    )
    by_episode = np.argsort(inverse, kind="stable")
    rank = np.empty(len(order), np.int64)  # of a turn in its episode
    rank[by_episode] = np.arange(len(order)) - np.repeat(np.cumsum(counts) - counts, counts)
    shown = np.flatnonzero(rank < per_episode)
    grouped = shown[np.lexsort((rank[shown], first[inverse[shown]]))]
    spared = counts - np.minimum(counts, per_episode)
    return order[grouped], {int(name): int(count) for name, count in zip(names, spared, strict=True) if count}


def _count(snapshot: Snapshot, facet: str, documents: Documents) -> list[tuple[str, int]]:
    """Count turns by the values of a facet, most first; years latest first."""
    if facet == "year":
        return _count_years(snapshot.columns.numbers["day"][documents])
    if facet == "state":
        held = np.bincount(snapshot.columns.numbers["state"][documents], minlength=len(STATES))
        return [(str(state), int(count)) for state, count in zip(STATES, held, strict=True) if count]
    names = snapshot.columns.names[facet]
    held = np.bincount(names.refs[documents], minlength=len(names.values))
    counted = [(names.values[ref], int(held[ref])) for ref in np.flatnonzero(held)]
    named = (one for one in counted if one[0] != NO_SPEAKER)
    return sorted(named, key=lambda one: (-one[1], one[0]))[:MAX_FACET_VALUES]


def _count_years(days: NDArray[np.int64]) -> list[tuple[str, int]]:
    dated = days[days != NO_DAY].astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + EPOCH.year
    years, counts = np.unique(dated, return_counts=True)
    newest = [(str(year), int(count)) for year, count in zip(years.tolist(), counts, strict=True)]
    return newest[: -MAX_FACET_VALUES - 1 : -1]


def _day(day: date) -> int:
    return (day - EPOCH).days

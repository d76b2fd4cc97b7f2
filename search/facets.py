"""Count the turns that match by show, speaker, year and state.

Each facet is counted with every filter but its own, so that what stands beside the chosen values
keeps its count and can be chosen too; a chosen value is there even where it counts nothing, so
that it can be taken back. What is one for an episode is counted by episode.
"""

from collections.abc import Mapping, Sequence
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from search.answers import SearchRequest
from search.narrowing import Documents, Mask, same_names
from search.passages import EPOCH
from search.schema import NO_DAY, NO_SPEAKER, STATES
from search.snapshot import Snapshot

MAX_FACET_VALUES = 20
FACETS = ("show", "speaker", "year", "state")

Counted = list[tuple[str, int]]
Counts = NDArray[np.int64]


def count_facets(
    snapshot: Snapshot, documents: Documents, masks: Mapping[str, Mask], request: SearchRequest
) -> dict[str, Counted]:
    """Count turns, each by its document, for every facet; most first, years latest first."""
    counted: dict[str, Counted] = {}
    for facet in FACETS:
        others = [mask for name, mask in masks.items() if name != facet]
        kept = documents[reduce(np.logical_and, others)] if others else documents
        found = sorted(_count(snapshot, facet, kept).items(), key=lambda one: (-one[1], one[0]))
        if facet == "year":
            found.sort(key=lambda one: -int(one[0]))
        counted[facet] = _cut(found, _chosen(snapshot, facet, request))
    return counted


def _count(snapshot: Snapshot, facet: str, documents: Documents) -> dict[str, int]:
    columns = snapshot.columns
    if facet == "state":
        held = np.bincount(columns.numbers["state"][documents], minlength=len(STATES))
        return {str(state): int(count) for state, count in zip(STATES, held, strict=True) if count}
    if facet == "speaker":
        names = columns.names["speaker"]
        counts = np.bincount(names.refs[documents], minlength=len(names.values))
        return {names.values[ref]: int(counts[ref]) for ref in _named_refs(names.values, counts)}
    episodes = columns.numbers["episode"][documents]
    begins = np.flatnonzero(np.diff(episodes, prepend=0))  # an episode's turns adjoin
    turns = np.diff(begins, append=len(documents))
    return _count_by_episode(snapshot, facet, documents[begins], turns)


def _count_by_episode(snapshot: Snapshot, facet: str, firsts: Documents, turns: Counts) -> dict[str, int]:
    if facet == "year":
        days = snapshot.columns.numbers["day"][firsts]
        years = days.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + EPOCH.year
        found, inverse = np.unique(years[days != NO_DAY], return_inverse=True)
        counts = np.bincount(inverse, turns[days != NO_DAY], len(found))
        return {str(year): int(count) for year, count in zip(found.tolist(), counts, strict=True)}
    names = snapshot.columns.names[facet]
    counts = np.bincount(names.refs[firsts], turns, len(names.values))
    return {names.values[ref]: int(counts[ref]) for ref in _named_refs(names.values, counts)}


def _named_refs(values: Sequence[str], counts: NDArray[np.generic]) -> list[int]:
    return [ref for ref in np.flatnonzero(counts).tolist() if values[ref] != NO_SPEAKER]


def _chosen(snapshot: Snapshot, facet: str, request: SearchRequest) -> list[str]:
    """List the values that a request asks for, as the index has them where it does."""
    if facet == "speaker":
        known = [(speaker, sorted(same_names(snapshot, [speaker]))) for speaker in request.speakers]
        return [name for speaker, names in known for name in names or [speaker]]
    asked: Mapping[str, Sequence[object]] = {
        "show": request.shows,
        "year": request.years,
        "state": request.states,
    }
    return [str(value) for value in asked[facet]]


def _cut(counted: Counted, chosen: Sequence[str]) -> Counted:
    """Keep the first ones, and those that are chosen."""
    held = dict(counted)
    kept = [one for place, one in enumerate(counted) if place < MAX_FACET_VALUES or one[0] in chosen]
    return kept + [(value, 0) for value in dict.fromkeys(chosen) if value not in held]

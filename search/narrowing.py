"""The filters of a request as masks over turns that match, each under the name of its facet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, time
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from media.searched import Span
from search.answers import SearchRequest
from search.folding import fold
from search.passages import EPOCH
from search.schema import NO_DAY, STATES
from search.snapshot import Snapshot

FIRST_DAY, LAST_DAY = NO_DAY + 1, (1 << 31) - 1
REMEMBERED_COLUMNS = 8

Mask = NDArray[np.bool_]
Documents = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Episodes:
    """Some episodes, and when each was transcribed."""

    ids: NDArray[np.int64]  # ascending
    moments: NDArray[np.int64]  # seconds since 1970

    @classmethod
    def of(cls, moments: Mapping[int, datetime]) -> "Episodes":
        """Hold these."""
        ids = sorted(moments)
        seconds = [int(moments[episode_id].astimezone(UTC).timestamp()) for episode_id in ids]
        return cls(np.array(ids, np.int64), np.array(seconds, np.int64))

    def moments_of(self, episodes: NDArray[np.int64]) -> NDArray[np.int64]:
        """Tell when each was transcribed; 0 for one that is not held."""
        if not len(self.ids):
            return np.zeros(len(episodes), np.int64)
        at = np.minimum(np.searchsorted(self.ids, episodes), len(self.ids) - 1)
        return np.where(self.ids[at] == episodes, self.moments[at], 0)


def mask_filters(
    snapshot: Snapshot, documents: Documents, request: SearchRequest, transcribed: Episodes | None
) -> dict[str, Mask]:
    """Make a mask over documents for each filter that is on."""
    numbers = snapshot.columns.numbers
    masks: dict[str, Mask] = {}
    if request.shows:
        masks["show"] = _named(snapshot, "show", set(request.shows), documents)
    if request.speakers:
        masks["speaker"] = _named(snapshot, "speaker", same_names(snapshot, request.speakers), documents)
    if request.since is not None or request.until is not None:
        first = FIRST_DAY if request.since is None else _day(request.since)
        last = LAST_DAY if request.until is None else _day(request.until)
        masks["days"] = _between(numbers["day"][documents], first, last)
    if request.years:
        days = numbers["day"][documents]
        masks["year"] = np.logical_or.reduce([_between(days, *_days_of(year)) for year in request.years])
    if request.states:
        masks["state"] = np.isin(numbers["state"][documents], [STATES.index(each) for each in request.states])
    if request.episode_id is not None:
        masks["episode"] = numbers["episode"][documents] == request.episode_id
    if request.newer_than is not None and transcribed is not None:
        masks["transcribed"] = np.isin(numbers["episode"][documents], transcribed.ids)
    return masks


def list_spans(request: SearchRequest) -> list[Span] | None:
    """List the spans of time that a request asks for, by first and last moment; None where any will do."""
    if not request.years and request.since is None and request.until is None:
        return None
    years = [(date(y, 1, 1), date(y, 12, 31)) for y in request.years if MINYEAR <= y <= MAXYEAR]
    first, last = request.since or date.min, request.until or date.max
    spans = years if request.years else [(first, last)]
    return [
        (datetime.combine(max(begin, first), time.min, UTC), datetime.combine(min(end, last), time.max, UTC))
        for begin, end in spans
    ]


def same_names(snapshot: Snapshot, speakers: Sequence[str]) -> set[str]:
    """Find the names, as the index has them, that are these but for case and accents."""
    folded = _fold_all(snapshot.columns.names["speaker"].values)
    wanted = {fold(speaker) for speaker in speakers}
    return {name for name, held in folded if held and held in wanted}


@lru_cache(REMEMBERED_COLUMNS)
def _fold_all(names: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    return tuple((name, fold(name)) for name in names)


def _named(snapshot: Snapshot, column: str, wanted: set[str], documents: Documents) -> Mask:
    names = snapshot.columns.names[column]
    is_wanted = np.array([name in wanted for name in names.values] or [False], np.bool_)
    return is_wanted[names.refs[documents]]


def _days_of(year: int) -> tuple[int, int]:
    if not MINYEAR <= year <= MAXYEAR:
        return LAST_DAY, FIRST_DAY
    return _day(date(year, 1, 1)), _day(date(year, 12, 31))


def _between(numbers: NDArray[np.int64], low: int, high: int) -> Mask:
    return np.asarray((numbers >= low) & (numbers <= high))


def _day(day: date) -> int:
    return (day - EPOCH).days

"""A page, its counts and its facets are what counting one by one gives."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.transcript import TurnState
from search.answers import SearchRequest
from search.evaluation import Matches
from search.passages import EPOCH
from search.schema import NO_DAY, STATES
from search.selection import Selection, count_matches, select

SHOWS = ("radio", "mairie")
SPEAKERS = ("", "Zoé", "Léa")
DAYS = (NO_DAY, *((date(year, 12, 31) - EPOCH).days for year in (2023, 2024, 2025)))


@dataclass(frozen=True)
class Passage:
    """A document of an index, whether it matches, and how well."""

    episode: int
    turn: int
    show: int
    day: int
    speaker: int
    state: int
    score: float | None


@st.composite
def archives(draw: st.DrawFn) -> list[Passage]:
    """Draw an index: an episode's turns adjoin, and a turn's passages."""
    passages = []
    turn = 0
    for episode in draw(st.permutations(range(1, draw(st.integers(1, 6)) + 1))):
        show, day = draw(st.integers(0, 1)), draw(st.sampled_from(DAYS))
        for _ in range(draw(st.integers(1, 5))):
            turn += 1
            speaker, state = draw(st.integers(0, 2)), draw(st.integers(0, 2))
            for _ in range(draw(st.integers(1, 2))):
                score = draw(st.none() | st.sampled_from([0.5, 1.0, 2.0]))
                passages.append(Passage(episode, turn, show, day, speaker, state, score))
    return passages


requests = st.builds(
    SearchRequest,
    text=st.just(""),
    shows=st.sets(st.sampled_from([*SHOWS, "rien"])).map(tuple),
    speakers=st.sets(st.sampled_from(["zoe", "Léa", "Ali"])).map(tuple),
    years=st.sets(st.sampled_from([2023, 2025, 1999, 0])).map(tuple),
    states=st.sets(st.sampled_from(TurnState)).map(tuple),
    since=st.none() | st.just(date(2024, 1, 1)),
    until=st.none() | st.just(date(2024, 12, 31)),
    sort=st.sampled_from(["relevance", "newest", "oldest", "place"]),
    limit=st.integers(0, 6),
    offset=st.integers(0, 6),
    per_episode=st.none() | st.integers(1, 3),
)


def run(archive: list[Passage], request: SearchRequest) -> Selection:
    snapshot = open_archive(archive)
    found = [at for at, passage in enumerate(archive) if passage.score is not None]
    scores = [passage.score for passage in archive if passage.score is not None]
    matches = Matches(np.array(found, np.int32), np.array(scores, np.float32), partial=False)
    selection = select(matches, snapshot, request)
    assert count_matches(matches, snapshot, request) == selection.total
    return selection


def open_archive(archive: list[Passage]) -> SimpleNamespace:
    """Make what a snapshot has of these passages."""

    def column(name: str) -> np.ndarray:
        return np.array([getattr(passage, name) for passage in archive], np.int64)

    names = {
        "show": SimpleNamespace(refs=column("show"), values=SHOWS),
        "speaker": SimpleNamespace(refs=column("speaker"), values=SPEAKERS),
    }
    numbers = {name: column(name) for name in ("episode", "turn", "day", "state")}
    numbers["said"] = numbers["turn"]
    columns = SimpleNamespace(numbers=numbers, names=names)
    return SimpleNamespace(turn_numbers=column("turn") - 1, columns=columns)


def allowed(passage: Passage, request: SearchRequest, but: str = "") -> bool:
    year = None if passage.day == NO_DAY else str(np.datetime64(passage.day, "D"))[:4]
    day = np.datetime64(passage.day, "D").astype(date) if year else None
    speaker = {"Zoé": "zoe"}.get(SPEAKERS[passage.speaker], SPEAKERS[passage.speaker])
    asked = {
        "show": not request.shows or SHOWS[passage.show] in request.shows,
        "speaker": not request.speakers or speaker in request.speakers,
        "year": not request.years or year in map(str, request.years),
        "state": not request.states or STATES[passage.state] in request.states,
        "since": not request.since or (day is not None and day >= request.since),
        "until": not request.until or (day is not None and day <= request.until),
    }
    return all(held for name, held in asked.items() if name != but)


def best_of_turns(archive: list[Passage], request: SearchRequest, but: str = "") -> list[tuple[int, Passage]]:
    """List the best matching passage of each turn, with its place."""
    best: dict[int, tuple[int, Passage]] = {}
    for at, passage in enumerate(archive):
        if passage.score is None or not allowed(passage, request, but):
            continue
        held = best.get(passage.turn)
        if held is None or passage.score > (held[1].score or 0):
            best[passage.turn] = at, passage
    return list(best.values())


def sort_key(place: int, passage: Passage, request: SearchRequest) -> tuple[float, ...]:
    match request.sort:
        case "relevance":
            worth = (-(passage.score or 0), -passage.state)
            return (*worth, -passage.day, -passage.episode, place)
        case "newest":
            return (-passage.day, -passage.episode, place)
        case "oldest":
            return (passage.day if passage.day != NO_DAY else 1 << 31, passage.episode, place)
        case _:
            return (passage.episode, place)


@given(archives(), requests)
def test_turns_are_counted_ordered_and_grouped(archive, request):
    found = sorted(best_of_turns(archive, request), key=lambda one: sort_key(*one, request))
    listed = [place for place, _ in found]
    more: Counter[int] = Counter()
    if request.per_episode is not None:
        groups: dict[int, list[tuple[int, Passage]]] = {}
        for place, passage in found:
            groups.setdefault(passage.episode, []).append((place, passage))
        listed = []
        for episode, group in groups.items():
            by_worth = sorted(group, key=lambda one: (-(one[1].score or 0), -one[1].state, one[0]))
            shown = by_worth[: request.per_episode]
            listed += [at for at, _ in (shown if request.sort == "relevance" else sorted(shown, key=first))]
            more[episode] = len(group) - len(shown)
    selection = run(archive, request)
    assert (selection.total, selection.listed) == (len(found), len(listed))
    assert list(selection.page) == listed[request.offset : request.offset + request.limit]
    shown_episodes = {archive[place].episode for place in selection.page}
    assert shown_episodes >= {episode for episode in selection.more if request.limit}
    for episode in shown_episodes:
        assert selection.more.get(episode, 0) == more[episode]


def first(one: tuple[int, Passage]) -> int:
    return one[0]


@given(archives(), requests)
def test_facets_count_what_choosing_a_value_would_find(archive, request):
    facets = run(archive, request).facets
    values = {
        "show": lambda passage: SHOWS[passage.show],
        "speaker": lambda passage: SPEAKERS[passage.speaker],
        "year": lambda passage: str(np.datetime64(passage.day, "D"))[:4] if passage.day != NO_DAY else "",
        "state": lambda passage: str(STATES[passage.state]),
    }
    for facet, value in values.items():
        counted = Counter(value(passage) for _, passage in best_of_turns(archive, request, facet))
        del counted[""]
        assert {name: count for name, count in facets[facet] if count} == counted
        chosen = {"show": request.shows, "year": request.years, "state": request.states}.get(facet, ())
        assert {str(held) for held in chosen} <= dict(facets[facet]).keys()
    assert {"Zoé" if name == "zoe" else name for name in request.speakers} <= dict(facets["speaker"]).keys()


@pytest.mark.parametrize("count", [1, 30])
def test_a_long_list_of_values_keeps_those_that_are_chosen(count):
    shows = tuple(f"show-{number:02}" for number in range(count))
    archive = [Passage(at + 1, at + 1, at, NO_DAY, 0, 0, 1.0) for at in range(count)]
    snapshot = open_archive(archive)
    snapshot.columns.names["show"].values = shows
    matches = Matches(np.arange(count, dtype=np.int32), np.ones(count, np.float32), partial=False)
    held = dict(select(matches, snapshot, SearchRequest("", shows=(shows[-1],))).facets["show"])
    assert held[shows[-1]] == 1
    assert len(held) == min(count, 21)

"""Measure a filled catalogue: its size, what readers ask of it, a machine's index, and a second machine's.

Times of questions are the best and the median of many, in milliseconds: other work on the machine
only ever adds. What takes a processor is told in its seconds, too. Machines are folders here, each
with an index of its own, that share the catalogue and a folder for files.
"""

import multiprocessing
import os
import random
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import text

from media.changes import last_change, list_changes, log_change, measure_lag
from media.database import Database
from media.episodes import PAGE_LENGTH, count_episodes, get_episode, list_episodes
from media.searched import read_shown
from media.settings import Settings
from media.transcripts import list_turns
from search import SearchRequest, open_index, rebuild_index, sync_index
from search.following import LOOK_EVERY_S, Follower
from search.offers import offer_index

SEED = 7
RUNS, CHANGES = 40, 20
SETTLING_S = 15.0  # for two processes to start, on a busy machine
QUERIES = ("nous sommes", '"il y a"', "peut-être avant", "comment faire", "mo*", "Personne 12")
MIB = 1 << 20


def measure(url: str, data: Path) -> None:
    """Print every figure; seed and load first."""
    machine = f"load {os.getloadavg()[0]:.0f} on {os.cpu_count()} cores"
    print(f"seed {SEED}; {machine}; Python {sys.version.split()[0]}")
    database = Database(url)
    shared = data / "shared"
    shared.mkdir(parents=True, exist_ok=True)
    first, second = (
        Settings(data=data / name, database_url=url, audio_url=str(shared)) for name in ("first", "second")
    )
    _measure_size(database)
    _measure_questions(database)
    _measure_joining(database, first, second)
    _measure_searches(database, first)
    _measure_following(database, first, second)
    print(f"load {os.getloadavg()[0]:.0f}; most memory {_peak_mib():.0f} MiB")


def _measure_size(database: Database) -> None:
    with database.read() as connection:
        if database.engine.dialect.name == "postgresql":
            whole = connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one()
            sizes = "SELECT relname, pg_total_relation_size(oid) FROM pg_class WHERE relkind = 'r'"
            largest = connection.execute(text(f"{sizes} ORDER BY 2 DESC LIMIT 3")).all()
            print(f"{whole / MIB:.0f} MiB:", *(f"{name} {size / MIB:.0f}" for name, size in largest))
        else:
            print(f"{Path(database.name).stat().st_size / MIB:.0f} MiB")
        lag = measure_lag(connection, -1)
        print(f"{sum(count_episodes(connection).values())} episodes, {lag.changes} changes in the log")


def _measure_questions(database: Database) -> None:
    dice = random.Random(SEED)
    with database.read() as connection:
        episodes = sum(count_episodes(connection, 1).values())
        newest = last_change(connection)
        _, turns = connection.execute(text("SELECT min(id), max(id) FROM turn")).one()

        def some_turns() -> list[int]:
            return [dice.randrange(1, turns + 1) for _ in range(10)]

        def read_episode() -> object:
            episode = get_episode(connection, dice.randrange(1, episodes + 1))
            return list_turns(connection, episode.id)

        def list_page(page: int) -> object:
            return list_episodes(connection, show_id=1, limit=PAGE_LENGTH, offset=page * PAGE_LENGTH)

        _time("an episode's turns", read_episode)
        _time("the ten turns of a page of results", lambda: read_shown(connection, some_turns()))
        _time("a show's first page", lambda: list_page(0))
        _time("a show's last page", lambda: list_page(episodes // PAGE_LENGTH - 1))
        _time("a show's counts", lambda: count_episodes(connection, 1))
        _time("the last change", lambda: last_change(connection))
        _time("the five last changes", lambda: list_changes(connection, newest - 5))
        _time("the lag of an index that is not there", lambda: measure_lag(connection, -1))


def _measure_joining(database: Database, first: Settings, second: Settings) -> None:
    with _timed("index built"):
        rebuild_index(first, database)
    size = sum(path.stat().st_size for path in first.index_folder.glob("index-*/*"))
    print(f"index {size / MIB:.0f} MiB; most memory so far {_peak_mib():.0f} MiB")
    with _timed("copy offered"):
        assert offer_index(first, database, datetime.now(UTC), least=1)
    with _timed("copy taken by another machine, verified, followed to the end of the log"):
        sync_index(second, database)


def _measure_searches(database: Database, settings: Settings) -> None:
    index = open_index(settings, database)
    with _timed("index opened"):
        index.search(SearchRequest("bonjour"))
    for query in QUERIES:
        _time(f"search {query}", lambda query=query: index.search(SearchRequest(query)))  # type: ignore[misc]


def _measure_following(database: Database, *machines: Settings) -> None:
    """Time, from the commit of a change, until searches on each machine see it."""
    seen: list[list[float]] = [[] for _ in machines]
    with _followers(machines):
        indexes = [open_index(settings, database) for settings in machines]
        _change(database, 1)
        time.sleep(SETTLING_S)
        for number in range(CHANGES):
            change = _change(database, 2 + number)
            begun = time.perf_counter()
            left = dict(enumerate(indexes))
            while left:
                for place in [place for place, index in left.items() if index.followed >= change]:
                    seen[place].append(time.perf_counter() - begun)
                    del left[place]
                time.sleep(0.005)
    for place, waits in enumerate(seen):
        print(
            f"change seen by machine {place + 1}: {_tell(waits)} of {CHANGES}, worst {max(waits) * 1000:.0f}"
        )


def _change(database: Database, episode_id: int) -> int:
    with database.write() as connection:
        log_change(connection, episode_id, datetime.now(UTC))
        return last_change(connection)


@contextmanager
def _followers(machines: Sequence[Settings]) -> Iterator[None]:
    """Follow the log for each machine, in a process of its own as `entendu serve` does."""
    fresh = multiprocessing.get_context("spawn")
    children = [
        fresh.Process(target=_follow, args=(settings.data, settings.database_url)) for settings in machines
    ]
    for child in children:
        child.start()
    try:
        yield
    finally:
        for child in children:
            child.terminate()
            child.join()


def _follow(data: Path, url: str) -> None:
    settings = Settings(data=data, database_url=url)
    follower = Follower(settings, Database(url))
    while True:
        follower.go_round()
        time.sleep(LOOK_EVERY_S)


def _time(what: str, ask: Callable[[], object]) -> None:
    waits = []
    for _ in range(RUNS):
        begun = time.perf_counter()
        ask()
        waits.append(time.perf_counter() - begun)
    print(f"{what}: {_tell(waits)}", flush=True)


def _tell(waits: list[float]) -> str:
    return f"best {min(waits) * 1000:.1f} ms, median {statistics.median(waits) * 1000:.1f}"


@contextmanager
def _timed(what: str) -> Iterator[None]:
    wall, cpu = time.perf_counter(), time.process_time()
    yield
    spent = time.process_time() - cpu
    print(f"{what}: {spent:.1f} s of a core, {time.perf_counter() - wall:.1f} s", flush=True)


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

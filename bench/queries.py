"""Measure search on 40,000 passages of generated French, beside SQLite's FTS5 in the same run.

    .venv/bin/python bench/queries.py [--passages 40000] [--work FOLDER]

Words are made of French syllables and drawn by Zipf's law under the commonest real ones, so that
no word list is needed; turns hold 70 words in the mean. Both engines answer the same requests in
full: how many match, the ten best, an excerpt of each with its matches marked; ours counts the
facets too. FTS5 has the text in its table, ours reads it from the catalogue.
"""

import argparse
import random
import shutil
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate, islice
from pathlib import Path
from typing import NamedTuple

from media.database import Database, open_database
from media.episodes import EpisodeStatus, add_episode
from media.settings import Settings
from media.shows import add_show
from media.transcript import Transcript, Word, speech_turn
from media.transcripts import name_voice, save_machine_transcript
from search import SearchIndex, SearchRequest, open_index, rebuild_index, sync_index

PASSAGES = 40_000
TURNS_AN_EPISODE = 150
MEAN_WORDS = 70
SHOWS = 20
SPEAKERS = 200
VOCABULARY = 60_000
QUERIES = 20  # of each class
ROUNDS = 3
UPDATES = 24
GOAL_S = 2.0  # from a saved change to a search that finds it
NOW = datetime(2026, 11, 22, tzinfo=UTC)

COMMONEST = """de la le et les des est un à que en une qui pas on ce c’est il du a pour dans qu’il sur plus
    avec ne nous je vous d’un au par mais d’une ça y l’on se sont fait être cette tout comme aussi ou si leur
    bien peut ils elle même très quand où donc faire deux été dire autres après sans ces encore""".split()  # noqa: SIM905
ONSETS = "b c ch d f g gr j l m n p pl pr qu r s t tr v br cl bl fr gn".split()  # noqa: SIM905
VOWELS = "a e é i o u ou an en on in ai eau eu oi è ê".split()  # noqa: SIM905
CODAS = ["", "", "", "", "r", "s", "t", "l", "ge", "que", "re", "te", "ment", "tion", "isme", "able"]


class Spoken(NamedTuple):
    """A generated turn."""

    episode: int  # from 0
    speaker: str
    text: str


class Timing(NamedTuple):
    """Milliseconds of one class of queries."""

    median: float
    p95: float
    matches: float  # in the mean


def make_vocabulary(rng: random.Random) -> list[str]:
    """Invent words that look French, all different, after the commonest real ones."""
    words = dict.fromkeys(COMMONEST)
    while len(words) < VOCABULARY:
        syllables = rng.choice((1, 2, 2, 2, 3, 3))
        word = "".join(rng.choice(ONSETS) + rng.choice(VOWELS) for _ in range(syllables)) + rng.choice(CODAS)
        words[word] = None
    return list(words)


def speak(rng: random.Random, vocabulary: Sequence[str], passages: int) -> Iterator[Spoken]:
    """Generate turns; about three in a hundred words bear an ending, an article or a capital of their own."""
    weights = list(accumulate(1 / (rank + 2.7) for rank in range(len(vocabulary))))
    cast: list[str] = []
    for number in range(passages):
        if number % TURNS_AN_EPISODE == 0:
            cast = [f"Personne {rng.randrange(SPEAKERS)}" for _ in range(rng.randint(2, 5))]
        length = max(5, min(170, round(rng.gauss(MEAN_WORDS, 30))))
        words = rng.choices(vocabulary, cum_weights=weights, k=length)
        left = 0
        for at, word in enumerate(words):
            if left == 0:
                words[at] = word[0].upper() + word[1:]
                left = rng.randint(6, 24)
            elif left == 1 or at == length - 1:
                words[at] = word + rng.choice(".....?!")
            elif rng.random() < 0.06:
                words[at] = word + ","
            left -= 1
        yield Spoken(number // TURNS_AN_EPISODE, rng.choice(cast), " ".join(words))


def fill_catalogue(database: Database, turns: Sequence[Spoken]) -> None:
    """Save the turns as ready episodes of a real catalogue."""
    rng = random.Random(3)
    with database.write() as connection:
        shows = [add_show(connection, f"Émission {number}", NOW).id for number in range(SHOWS)]
    by_episode: dict[int, list[Spoken]] = {}
    for turn in turns:
        by_episode.setdefault(turn.episode, []).append(turn)
    for episode, spoken in by_episode.items():
        day = NOW - timedelta(days=rng.randrange(3_000))
        with database.write() as connection:
            held = add_episode(
                connection,
                rng.choice(shows),
                str(episode),
                f"Épisode {episode}",
                NOW,
                published_at=day,
                status=EpisodeStatus.READY,
            )
            voices = {name: at for at, name in enumerate(dict.fromkeys(turn.speaker for turn in spoken), 1)}
            made = tuple(speech_turn(_time_words(turn.text), voices[turn.speaker]) for turn in spoken)
            save_machine_transcript(connection, held, Transcript(made, "fr", "bench"), str(episode), NOW)
            for name, number in voices.items():
                name_voice(connection, held, number, name, NOW)


def build_fts5(path: Path, turns: Sequence[Spoken]) -> sqlite3.Connection:
    """Build the peer: accents folded, as near to ours as it comes."""
    connection = sqlite3.connect(path)
    tokens = "unicode61 remove_diacritics 2"
    connection.execute(
        f"CREATE VIRTUAL TABLE passage USING fts5(text, speaker UNINDEXED, tokenize='{tokens}')"
    )
    connection.executemany("INSERT INTO passage VALUES (?, ?)", ((turn.text, turn.speaker) for turn in turns))
    connection.commit()
    return connection


def ask_fts5(connection: sqlite3.Connection, request: SearchRequest) -> int:
    """Ask the peer what `SearchIndex.search` answers, facets aside."""
    where, values = "passage MATCH ?", [_fts5_query(request.text)]
    if request.speaker:
        where, values = where + " AND speaker = ?", [*values, request.speaker]
    shown = "SELECT snippet(passage, 0, '<', '>', '…', 60) FROM passage"
    connection.execute(f"{shown} WHERE {where} ORDER BY bm25(passage) LIMIT 10", values).fetchall()
    found: int = connection.execute(f"SELECT count(*) FROM passage WHERE {where}", values).fetchone()[0]
    return found


def choose_requests(turns: Sequence[Spoken], vocabulary: Sequence[str]) -> dict[str, list[SearchRequest]]:
    """Choose the queries of each class, among words by their rank and phrases really said."""
    rng = random.Random(5)
    common, middling, rare = vocabulary[100:200], vocabulary[200:1_500], vocabulary[8_000:30_000]
    texts = [turn.text.split() for turn in rng.sample(turns, QUERIES)]
    phrases = [
        " ".join(words[at : at + 3]) for words in texts if (at := max(0, len(words) // 2 - 2)) is not None
    ]
    speakers = [turn.speaker for turn in rng.sample(turns, QUERIES)]
    return {
        "rare word": [SearchRequest(rng.choice(rare)) for _ in range(QUERIES)],
        "common word": [SearchRequest(rng.choice(common)) for _ in range(QUERIES)],
        "two words": [SearchRequest(" ".join(rng.sample(middling, 2))) for _ in range(QUERIES)],
        "phrase": [SearchRequest(f'"{phrase.strip(",.?!")}"') for phrase in phrases],
        "filtered word": [SearchRequest(rng.choice(common), speaker=speaker) for speaker in speakers],
    }


def measure(ask: Callable[[SearchRequest], int], requests: Sequence[SearchRequest]) -> Timing:
    """Time each request in turn, once to warm up and then over again."""
    found = [ask(request) for request in requests]
    times = []
    for _ in range(ROUNDS):
        for request in requests:
            started = time.perf_counter()
            ask(request)
            times.append((time.perf_counter() - started) * 1000)
    return Timing(statistics.median(times), statistics.quantiles(times, n=20)[-1], statistics.mean(found))


def measure_freshness(
    settings: Settings, database: Database, index: SearchIndex
) -> tuple[list[float], list[float]]:
    """Time, in seconds, from a saved change of a whole episode to a search that finds it, and idle turns."""
    times, idle = [], []
    for number in range(UPDATES):
        marker = f"perroquet{number}"
        with database.write() as connection:
            held = add_episode(connection, 1, marker, marker, NOW, status=EpisodeStatus.READY)
            turn = speech_turn(_time_words(f"{marker} " + "mot de la fin du jour " * 14))
            made = Transcript((turn,) * TURNS_AN_EPISODE, "fr", "bench")
            save_machine_transcript(connection, held, made, marker, NOW)
        started = time.perf_counter()
        sync_index(settings, database)
        if not index.search(SearchRequest(marker)).total:
            raise AssertionError(f"{marker} was not found")
        times.append(time.perf_counter() - started)
        started = time.perf_counter()
        sync_index(settings, database)
        idle.append(time.perf_counter() - started)
    return times, idle


def run(passages: int, work: Path) -> Iterator[str]:
    """Measure everything, and yield the lines of the table, ratios first."""
    rng = random.Random(1)
    vocabulary = make_vocabulary(rng)
    turns = list(islice(speak(rng, vocabulary, passages), passages))
    settings = Settings(data=work / "data")
    database = open_database(settings)
    fill_catalogue(database, turns)
    started, cpu = time.perf_counter(), time.process_time()
    rebuild_index(settings, database)
    ours_s, ours_cpu_s = time.perf_counter() - started, time.process_time() - cpu
    started = time.perf_counter()
    peer = build_fts5(work / "peer.sqlite", turns)
    peer_s = time.perf_counter() - started
    size = sum(path.stat().st_size for path in settings.index_folder.rglob("*") if path.is_file())
    index = open_index(settings, database)
    requests = choose_requests(turns, vocabulary)
    ours = {
        name: measure(lambda request: index.search(request).total, asked) for name, asked in requests.items()
    }
    theirs = {
        name: measure(lambda request: ask_fts5(peer, request), asked) for name, asked in requests.items()
    }
    fresh, idle = measure_freshness(settings, database, index)
    yield f"Search on {passages:,} passages, mean {MEAN_WORDS} words, beside FTS5 {sqlite3.sqlite_version}"
    yield f"{'median / p95, ms':17}{'ratio p95':>9}{'ours':>18}{'FTS5':>18}{'matches':>9}{'FTS5':>8}"
    for name, mine in ours.items():
        other = theirs[name]
        yield (
            f"{name:17}{mine.p95 / other.p95:>8.2f}×{mine.median:>9.1f} /{mine.p95:>7.1f}"
            f"{other.median:>9.1f} /{other.p95:>7.1f}{mine.matches:>9.0f}{other.matches:>8.0f}"
        )
    text_bytes = sum(len(turn.text.encode()) for turn in turns)
    rate, cpu_rate, peer_rate = passages / ours_s, passages / ours_cpu_s, passages / peer_s
    yield f"build            {ours_s / peer_s:>8.1f}×   {rate:,.0f} passages/s from the catalogue,"
    yield f"                            {cpu_rate:,.0f}/s of CPU; FTS5 {peer_rate:,.0f}/s"
    yield f"index size       {size / text_bytes:>8.2f}×   the text: {size / 1e6:.0f} MB"
    median_s, worst_s = statistics.median(fresh), max(fresh)
    yield f"change to found  {worst_s / GOAL_S:>8.2f}×   the goal of {GOAL_S:.0f} s, at worst of {UPDATES}:"
    yield f"                            {worst_s:.2f} s; {median_s:.2f} s in the median"
    yield f"merging when idle           {max(idle):.2f} s at most: a change may wait that much longer"
    database.close()
    peer.close()


def _time_words(text: str) -> Iterator[Word]:
    for at, word in enumerate(text.split()):
        yield Word(word, at * 300, at * 300 + 250, 0.9)


def _fts5_query(text: str) -> str:
    return text if text.startswith('"') else " ".join(f'"{word}"' for word in text.split())


def main() -> None:
    """Run the bench from a terminal."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--passages", type=int, default=PASSAGES)
    parser.add_argument("--work", type=Path)
    options = parser.parse_args()
    work = options.work or Path(tempfile.mkdtemp(prefix="entendu-queries-"))
    try:
        for line in run(options.passages, work):
            print(line, flush=True)
    finally:
        if options.work is None:
            shutil.rmtree(work)


if __name__ == "__main__":
    main()

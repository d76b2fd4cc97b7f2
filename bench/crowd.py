"""Fill a catalogue with an archive of a federation: 10,000 episodes, 1,000,000 passages; then measure it.

    .venv/bin/python -m bench.crowd fill URL [URL…] [--episodes 10000]
    .venv/bin/python -m bench.crowd measure URL --data FOLDER

The speech is that of `bench.search`: turns of 70 words, drawn by Zipf's law, every word with its
times, all of one show. Past `--different`, the engine itself copies the episodes that are there:
other rows, the same words. What the machine first heard, which is kept packed, is the first
episode's in every one: it weighs what it would. Nothing is surveyed, and there is no sound. Several
URLs are filled at once, so that what is generated is generated once.
"""

import argparse
import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Table, insert, literal, select

from bench.crowd_figures import measure
from bench.search.speech import SPEAKERS, Spoken, make_vocabulary, speak
from media import schema
from media.database import Database
from media.episodes import EpisodeStatus
from media.packing import dump_transcript
from media.shows import add_show
from media.transcript import Transcript, speech_turn, unpack_words

TURNS = 100  # of an episode, 7,000 words: 40 minutes
VOICES = 5
AT_ONCE = 20  # episodes in one transaction
WORD_MS, GAP_MS = 260, 60
NOW = datetime(2026, 11, 1, tzinfo=UTC)
TITLE = "La fédération"


def main() -> None:
    """Fill, or measure."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    asked.add_argument("what", choices=["fill", "measure"])
    asked.add_argument("urls", nargs="+")
    asked.add_argument("--episodes", type=int, default=10_000)
    asked.add_argument("--different", type=int, default=2_500, help="the others say what these say")
    asked.add_argument(
        "--data", default="crowd", help="folder for the indexes of the machines that are measured"
    )
    told = asked.parse_args()
    if told.what == "fill":
        databases = [Database(url) for url in told.urls]
        fill(databases, told.different)
        for database in databases:
            repeat(database, told.different, told.episodes)
    else:
        measure(told.urls[0], Path(told.data))


def fill(databases: Sequence[Database], episodes: int) -> None:
    """Fill empty catalogues with so many episodes."""
    for database in databases:
        database.upgrade()
        with database.write() as connection:
            _add_show(connection)
    crowd = speak(make_vocabulary(), episodes * TURNS)
    heard = b""
    for first in range(1, episodes + 1, AT_ONCE):
        numbers = range(first, min(first + AT_ONCE, episodes + 1))
        written = {number: list(_write_turns(number, list(islice(crowd, TURNS)))) for number in numbers}
        heard = heard or _pack(written[first])
        for database in databases:
            with database.write() as connection:
                for number, turns in written.items():
                    _add_episode(connection, number, turns, heard)
        print(f"{numbers[-1]} of {episodes} episodes", end="\r", flush=True)


def repeat(database: Database, different: int, episodes: int) -> None:
    """Add episodes that say what the first ones say: the engine copies them by itself."""
    for shift in range(different, episodes, different):
        with database.write() as connection:
            _copy(connection, schema.episode, shift, different, id=shift, guid="again-")
            _copy(connection, schema.voice, shift, different, id=shift * VOICES, episode_id=shift)
            _copy(connection, schema.turn, shift, different, episode_id=shift, voice_id=shift * VOICES)
            _copy(connection, schema.machine_transcript, shift, different, episode_id=shift, run="again-")
            _copy(connection, schema.change, shift, different, episode_id=shift)


def _copy(connection: Connection, table: Table, shift: int, different: int, **moved: int | str) -> None:
    """Copy the rows of the first episodes, these numbers moved, these texts made others."""
    episode = table.c.id if table is schema.episode else table.c.episode_id
    columns = [column for column in table.c if column.name in moved or not column.primary_key]
    values = [
        _move(column, moved[column.name], shift) if column.name in moved else column for column in columns
    ]
    connection.execute(insert(table).from_select(columns, select(*values).where(episode <= different)))


def _move(column: Column[Any], by: int | str, shift: int) -> ColumnElement[Any]:
    return column + by if isinstance(by, int) else literal(f"{by}{shift}-").concat(column)


def _add_show(connection: Connection) -> None:
    show = add_show(connection, TITLE, NOW)
    people = [{"id": at + 1, "show_id": show.id, "name": f"Personne {at}"} for at in range(SPEAKERS)]
    connection.execute(insert(schema.speaker), people)


def _add_episode(connection: Connection, number: int, turns: list[dict[str, Any]], heard: bytes) -> None:
    dice = random.Random(number)
    at = NOW - timedelta(hours=7 * number)
    episode = {
        "id": number,
        "show_id": 1,
        "guid": f"crowd-{number}",
        "title": f"Émission {number}",
        "published_at": at,
        "first_seen_at": at,
        "transcribed_at": at,
        "status": EpisodeStatus.READY,
        "spoken_language": "fr",
        "revision": 1,
    }
    connection.execute(insert(schema.episode).values(episode))
    people = dice.sample(range(1, SPEAKERS + 1), VOICES)
    voices = [
        {
            "id": _voice(number, at),
            "episode_id": number,
            "number": at,
            "speaker_id": person,
            "attribution": "human",
        }
        for at, person in enumerate(people, 1)
    ]
    connection.execute(insert(schema.voice), voices)
    connection.execute(insert(schema.turn), turns)
    made = {"episode_id": number, "run": f"crowd-{number}", "source": "bench", "language": "fr"}
    connection.execute(
        insert(schema.machine_transcript).values(**made, made_at=at, content=heard, installed=True)
    )
    connection.execute(insert(schema.change).values(episode_id=number, made_at=at))


def _write_turns(number: int, spoken: Sequence[Spoken]) -> Iterator[dict[str, Any]]:
    begin = 0
    for position, turn in enumerate(spoken):
        words = turn.text.split(" ")
        starts = range(begin, begin + len(words) * (WORD_MS + GAP_MS), WORD_MS + GAP_MS)
        packed = ",".join(
            f'["{word}",{at},{at + WORD_MS},0.93,1]' for word, at in zip(words, starts, strict=True)
        )
        yield {
            "episode_id": number,
            "position": position,
            "kind": "speech",
            "voice_id": _voice(number, 1 + position * 7 % VOICES),
            "start_ms": begin,
            "end_ms": starts[-1] + WORD_MS,
            "words": f"[{packed}]",
            "doubts": [],
            "state": "machine",
        }
        begin = starts[-1] + 2 * WORD_MS


def _voice(episode: int, number: int) -> int:
    return (episode - 1) * VOICES + number


def _pack(turns: Sequence[dict[str, Any]]) -> bytes:
    made = (speech_turn(unpack_words(turn["words"]), 1) for turn in turns)
    return dump_transcript(Transcript(tuple(made), "fr", "bench"))


if __name__ == "__main__":
    main()

"""The engines under measure: each builds an index of turns, and answers a question in full.

In full: how many turns match, the ten best of the page asked for, an excerpt of each with its
matches marked. Ours has its text in a real catalogue and counts four facets, every time; a peer
has its text in its own table and counts facets where they are asked for.
"""

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import Connection, insert
from whoosh.index import FileIndex

from bench.search.questions import PAGE, Question
from bench.search.speech import SHOWS, Spoken
from media import schema
from media.database import Database, open_database
from media.episodes import EpisodeStatus, add_episode
from media.settings import Settings
from media.shows import add_show
from media.transcript import Edition, TurnKind, TurnState
from media.transcripts import Attribution, name_voice
from search import SearchIndex, SearchRequest, open_index, rebuild_index, sync_index
from search.engine.bulk_writer import BulkWriter
from search.passages import Passage
from search.schema import build_schema
from search.storage import SealedStorage, read_seal

NOW = datetime(2026, 11, 22, tzinfo=UTC)
TANTIVY = "tantivy==0.27.0"
MS_PER_WORD = 380
NEAR = 5
EPISODES_A_COMMIT = 100


class Engine(Protocol):
    """What is measured."""

    def __init__(self, folder: Path) -> None: ...

    def open(self) -> None:
        """Open the index for asking."""

    def ask(self, question: Question) -> int:
        """Answer, and return how many turns match."""


class Ours:
    """`SearchIndex.search`, as pages and programs call it."""

    def __init__(self, folder: Path) -> None:
        self.settings = Settings(data=folder / "data")
        self.database: Database = open_database(self.settings)
        self.index: SearchIndex

    def fill(self, turns: Iterable[Spoken]) -> None:
        """Write the catalogue: shows, episodes, voices and turns, as the worker leaves them."""
        with self.database.write() as connection:
            shows = [add_show(connection, f"Émission {number}", NOW).id for number in range(SHOWS)]
        waiting: list[list[Spoken]] = []
        for turn in turns:
            if not waiting or waiting[-1][0].episode != turn.episode:
                if len(waiting) == EPISODES_A_COMMIT:
                    self._write(waiting, shows)
                    waiting = []
                waiting.append([])
            waiting[-1].append(turn)
        self._write(waiting, shows)

    def build(self) -> None:
        """Build the index from the catalogue."""
        rebuild_index(self.settings, self.database)

    def index_texts(self, turns: Iterable[Spoken], folder: Path) -> None:
        """Index turns as a peer does, their texts given, in a folder of its own."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        FileIndex.create(SealedStorage(folder, None), build_schema())
        writer = BulkWriter(SealedStorage(folder, read_seal(folder)))
        for turn_id, turn in enumerate(turns, 1):
            writer.add_passage(_passage(turn_id, turn))
        writer.commit(mergetype=lambda _, segments: segments)

    def open(self) -> None:
        """Open the index for asking."""
        self.index = open_index(self.settings, self.database)
        self.index.search(SearchRequest("ouverture"))

    def ask(self, question: Question) -> int:
        """Answer, and return how many turns match."""
        text = " ".join(question.words)
        if question.joined != "all":
            text = {
                "row": f'"{text}"',
                "any": " OU ".join(question.words),
                "near": f'"{text}"~{NEAR}',
                "prefix": f"{text}*",
            }[question.joined]
        since, until = (_day(days) for days in reversed(question.days)) if question.days else (None, None)
        speakers = (question.speaker,) if question.speaker else ()
        request = SearchRequest(
            text, speakers=speakers, since=since, until=until, limit=PAGE, offset=question.offset
        )
        return self.index.search(request).total

    def follow(self) -> int:
        """Index what changed."""
        return sync_index(self.settings, self.database)

    def _write(self, episodes: list[list[Spoken]], shows: list[int]) -> None:
        with self.database.write() as connection:
            for turns in episodes:
                first = turns[0]
                held = add_episode(
                    connection,
                    shows[first.show],
                    str(first.episode),
                    f"Épisode {first.episode}",
                    NOW,
                    published_at=NOW - timedelta(days=first.day),
                    status=EpisodeStatus.READY,
                )
                voices = self._write_voices(connection, held, turns)
                rows = [
                    _row(held, voices[turn.speaker], position, turn) for position, turn in enumerate(turns)
                ]
                connection.execute(insert(schema.turn), rows)

    def _write_voices(self, connection: Connection, episode_id: int, turns: list[Spoken]) -> dict[str, int]:
        voices = {}
        for number, name in enumerate(dict.fromkeys(turn.speaker for turn in turns), 1):
            values = {"episode_id": episode_id, "number": number, "attribution": Attribution.NONE}
            added = insert(schema.voice).values(values).returning(schema.voice.c.id)
            voices[name] = connection.execute(added).scalar_one()
            name_voice(connection, episode_id, number, name, NOW)
        return voices


class Fts5:
    """SQLite's full text, its columns beside it; accents folded, which is as near to ours as it comes."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "fts5.sqlite"
        self._connection: sqlite3.Connection

    def build(self, turns: Iterable[Spoken]) -> None:
        """Build the index."""
        self._path.unlink(missing_ok=True)
        self.open()
        tokens = "unicode61 remove_diacritics 2"
        columns = "text, speaker UNINDEXED, show UNINDEXED, day UNINDEXED"
        self._connection.execute(
            f"CREATE VIRTUAL TABLE passage USING fts5({columns}, prefix='5', tokenize='{tokens}')"
        )
        rows = ((turn.text, turn.speaker, turn.show, turn.day) for turn in turns)
        self._connection.executemany("INSERT INTO passage VALUES (?, ?, ?, ?)", rows)
        self._connection.commit()

    def open(self) -> None:
        """Open the index for asking."""
        self._connection = sqlite3.connect(self._path, check_same_thread=False)

    def ask(self, question: Question) -> int:
        """Answer, and return how many turns match."""
        where, values = "passage MATCH ?", [_match(question)]
        if question.speaker:
            where, values = where + " AND speaker = ?", [*values, question.speaker]
        if question.days:
            where, values = where + " AND day BETWEEN ? AND ?", [*values, *map(str, question.days)]
        shown = "SELECT snippet(passage, 0, '<', '>', '…', 60) FROM passage"
        page = f"ORDER BY bm25(passage) LIMIT {PAGE} OFFSET {question.offset}"
        cursor = self._connection.cursor()
        cursor.execute(f"{shown} WHERE {where} {page}", values).fetchall()
        if question.facets:
            for column in ("speaker", "show"):
                counted = f"SELECT {column}, count(*) FROM passage WHERE {where} GROUP BY {column}"
                cursor.execute(counted, values).fetchall()
        found: int = cursor.execute(f"SELECT count(*) FROM passage WHERE {where}", values).fetchone()[0]
        return found


class Tantivy:
    """tantivy with its French stemmer; installed beside, never part of the program."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "tantivy"

    def build(self, turns: Iterable[Spoken]) -> None:
        """Build the index."""
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir()
        index = self._make()
        writer = index.writer(heap_size=256_000_000, num_threads=1)
        for turn in turns:
            document = self._module.Document(
                text=turn.text, speaker=turn.speaker, show=str(turn.show), day=turn.day
            )
            writer.add_document(document)
        writer.commit()
        writer.wait_merging_threads()

    def open(self) -> None:
        """Open the index for asking."""
        index = self._make()
        index.reload()
        self._searcher = index.searcher()

    def ask(self, question: Question) -> int:
        """Answer, and return how many turns match."""
        kind, occur = self._module.Query, self._module.Occur
        asked = self._read(question)
        if question.speaker:
            limits = [(occur.Must, kind.term_query(self._schema, "speaker", question.speaker))]
            if question.days:
                whole = self._module.FieldType.Integer
                limits.append((occur.Must, kind.range_query(self._schema, "day", whole, *question.days)))
            asked = kind.boolean_query([(occur.Must, asked), *limits])
        found = self._searcher.search(asked, PAGE, count=True, offset=question.offset)
        snippets = self._module.SnippetGenerator.create(self._searcher, asked, self._schema, "text")
        for _, address in found.hits:
            snippets.snippet_from_doc(self._searcher.doc(address)).to_html()
        if question.facets:
            terms = {name: {"terms": {"field": name, "size": 1_000}} for name in ("speaker", "show")}
            self._searcher.aggregate(asked, terms)
        return int(found.count)

    def _read(self, question: Question) -> Any:
        kind, occur = self._module.Query, self._module.Occur
        if question.joined == "prefix":
            return kind.regex_query(self._schema, "text", question.words[0] + ".*")
        terms = [term for word in question.words for term in self._analyzer.analyze(word)]
        if question.joined in ("row", "near") and len(terms) > 1:
            return kind.phrase_query(
                self._schema, "text", terms, slop=NEAR if question.joined == "near" else 0
            )
        must = occur.Should if question.joined == "any" else occur.Must
        queries = [kind.term_query(self._schema, "text", term) for term in terms]
        return kind.boolean_query([(must, query) for query in queries])

    def _make(self) -> Any:
        import tantivy

        self._module = tantivy
        builder = tantivy.SchemaBuilder()
        builder.add_text_field("text", stored=True, tokenizer_name="french")
        for name in ("speaker", "show"):
            builder.add_text_field(name, fast=True, tokenizer_name="raw")
        builder.add_integer_field("day", fast=True, indexed=True)
        self._schema = builder.build()
        index = tantivy.Index(self._schema, path=str(self._folder))
        filters = tantivy.Filter
        simple = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
        stemmed = simple.filter(filters.lowercase()).filter(filters.stemmer("french"))
        self._analyzer = stemmed.filter(filters.ascii_fold()).build()
        index.register_tokenizer("french", self._analyzer)
        return index


def install_tantivy(folder: Path) -> None:
    """Install tantivy in a folder of the bench, and let it be imported from there."""
    if not (folder / "tantivy").exists():
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "--target", str(folder), TANTIVY], check=True)
    sys.path.append(str(folder))


def _match(question: Question) -> str:
    words = [f'"{word}"' for word in question.words]
    match question.joined:
        case "row":
            return f'"{" ".join(question.words)}"'
        case "any":
            return " OR ".join(words)
        case "near":
            return f"NEAR({' '.join(words)}, {NEAR})"
        case "prefix":
            return f"{question.words[0]}*"
    return " ".join(words)


def _row(episode_id: int, voice_id: int, position: int, turn: Spoken) -> dict[str, object]:
    """Make the row of a turn; its words are written here, many times as fast as by `pack_words`."""
    words = turn.text.split(" ")
    begin = position * MS_PER_WORD * 100
    timed = (
        f'["{word}",{begin + at * MS_PER_WORD},{begin + at * MS_PER_WORD + 300},0.9,1]'
        for at, word in enumerate(words)
    )
    return {
        "episode_id": episode_id,
        "position": position,
        "kind": TurnKind.SPEECH,
        "voice_id": voice_id,
        "start_ms": begin,
        "end_ms": begin + len(words) * MS_PER_WORD,
        "words": f"[{','.join(timed)}]",
        "doubts": [],
        "state": TurnState.MACHINE,
    }


def _passage(turn_id: int, turn: Spoken) -> Passage:
    return Passage(
        episode_id=turn.episode + 1,
        turn_id=turn_id,
        said_id=turn_id,
        edition=Edition.SPOKEN,
        first_word=0,
        last_word=turn.text.count(" "),
        text=turn.text,
        heading=f"Épisode {turn.episode}",
        show=f"emission-{turn.show}",
        speaker=turn.speaker,
        language="fr",
        state=TurnState.MACHINE,
        published=_day(turn.day),
    )


def _day(days: int) -> date:
    return (NOW - timedelta(days=days)).date()

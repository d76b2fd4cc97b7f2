"""A real catalogue and a real index for the tests of search, filled with real transcripts."""

import json
import re
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from media.changes import log_change
from media.database import Database, open_database
from media.episodes import EpisodeStatus, add_episode, list_episodes, replace_chapters
from media.settings import Settings
from media.shows import add_show, find_show
from media.transcript import Chapter, Transcript, Turn, Word, speech_turn
from media.transcripts import list_turns, name_voice, save_machine_transcript
from search import SearchIndex, SearchRequest, SearchResult, open_index, rebuild_index, sync_index
from search.folder import IndexFolder
from search.snapshot import open_snapshot

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SPEAKER = re.compile(r"([A-ZÀ-Ý][^:\n]{1,39}?)[ \u00a0]: (.*)")
MS_PER_WORD = 400


@dataclass
class Library:
    """A catalogue, its index, and the few gestures that tests make on them."""

    settings: Settings
    database: Database
    index: SearchIndex

    def add(self, turns: Iterable[tuple[str | None, str]], *, timed: bool = True, **fields: Any) -> int:
        """Add a ready episode of these turns, (speaker, text), without indexing it."""
        spoken = list(turns)
        voices = {name: at for at, name in enumerate(dict.fromkeys(name for name, _ in spoken if name), 1)}
        made = make_turns(((voices.get(name) if name else None, text) for name, text in spoken), timed=timed)
        return self.add_turns(made, voices, **fields)

    def add_turns(
        self,
        turns: tuple[Turn, ...],
        voices: Mapping[str, int] = MappingProxyType({}),
        *,
        show: str = "Libre à vous !",
        title: str = "Une émission",
        published: datetime | None = NOW,
        chapters: Iterable[Chapter] = (),
    ) -> int:
        """Add a ready episode of these turns, whose voices have these names."""
        with self.database.write() as connection:
            held = find_show(connection, show) or add_show(connection, show, NOW)
            guid = uuid.uuid4().hex
            episode_id = add_episode(
                connection, held.id, guid, title, NOW, published_at=published, status=EpisodeStatus.READY
            )
            save_machine_transcript(connection, episode_id, Transcript(turns, "fr", "test"), guid, NOW)
            replace_chapters(connection, episode_id, chapters)
            for name, number in voices.items():
                name_voice(connection, episode_id, number, name, NOW)
        return episode_id

    now = NOW

    def log(self, episode_id: int) -> None:
        """Say that an episode changed."""
        with self.database.write() as connection:
            log_change(connection, episode_id, NOW)

    def sync(self) -> int:
        """Follow the change log."""
        return sync_index(self.settings, self.database)

    def rebuild(self) -> int:
        """Build the index anew."""
        return rebuild_index(self.settings, self.database)

    def search(self, text: str, **fields: Any) -> SearchResult:
        """Search."""
        return self.index.search(SearchRequest(text, **fields))

    def indexed_turns(self) -> list[int]:
        """List the turns that the index holds, each as often as it holds a passage of it."""
        current = IndexFolder(self.settings.index_folder).current
        assert current is not None
        snapshot = open_snapshot(current)
        return sorted(snapshot.columns.numbers["turn"][snapshot.live].tolist())

    def spoken_turns(self) -> list[int]:
        """List the turns that it should hold; here every turn is one passage."""
        with self.database.read() as connection:
            shown = list_episodes(connection, statuses=[EpisodeStatus.READY], limit=10_000)
            held = [turn for episode in shown for turn in list_turns(connection, episode.id)]
        return sorted(stored.id for stored in held)

    def reopen(self) -> None:
        """Open the index anew, as another process would."""
        self.index = open_index(self.settings, self.database)

    def texts(self, text: str, **fields: Any) -> list[str]:
        """Search, and return the excerpts' texts."""
        return [excerpt.text for excerpt in self.search(text, **fields).excerpts]


def make_turns(spoken: Iterable[tuple[int | None, str]], *, timed: bool = True) -> tuple[Turn, ...]:
    """Make turns of (voice, text), every word of one length, one after the other."""
    turns = []
    at = 0
    for voice, text in spoken:
        words = []
        for word in text.split(" "):
            words.append(Word(word, at, at + MS_PER_WORD) if timed else Word(word))
            at += MS_PER_WORD
        turns.append(speech_turn(words, voice))
    return tuple(turns)


def read_transcript(path: Path) -> list[tuple[str | None, str]]:
    """Read one of the shared transcripts, roughly: (speaker, text) for each turn."""
    turns: list[tuple[str | None, str]] = []
    for raw in path.read_text("utf-8").splitlines():
        line = " ".join(raw.replace("\t", " ").split(" ")).strip(" ")
        line = re.sub(r"[^\S\u00a0\u202f]+", " ", line)
        if not line:
            continue
        named = SPEAKER.fullmatch(line)
        if named and named.group(2):
            turns.append((named.group(1), named.group(2)))
        elif turns and turns[-1][0]:
            turns[-1] = turns[-1][0], f"{turns[-1][1]} {line}"
        else:
            turns.append((None, line))
    return turns


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """An empty catalogue and its index, not yet built."""
    settings = Settings(data=tmp_path / "data")
    database = open_database(settings)
    yield Library(settings, database, open_index(settings, database))
    database.close()


@pytest.fixture
def transcripts(shared: Path) -> dict[str, list[tuple[str | None, str]]]:
    """The turns of each shared transcript, by the name of its file."""
    return {path.stem: read_transcript(path) for path in sorted((shared / "transcripts").glob("*.txt"))}


@pytest.fixture
def real_library(library: Library, shared: Path) -> Library:
    """The shared transcripts, and the two shared recordings with their times, indexed."""
    for path in sorted((shared / "transcripts").glob("*.txt")):
        library.add(read_transcript(path), title=path.stem, timed=False)
    heard = json.loads((shared / "audio" / "emission-courte.json").read_text("utf-8"))
    library.add([(turn["speaker"], turn["text"]) for turn in heard["turns"]], title="Émission courte")
    radio = json.loads((shared / "audio" / "radio-reelle.json").read_text("utf-8"))
    words = [
        Word(text, word["start_ms"], word["end_ms"])
        for word in radio["words"]
        for text in word["text"].split()
    ]
    library.add_turns((speech_turn(words),), show="Radio", title="Radio réelle")
    library.sync()
    return library


@pytest.fixture(scope="session")
def turn_maker() -> Callable[..., tuple[Turn, ...]]:
    """Give tests `make_turns`."""
    return make_turns

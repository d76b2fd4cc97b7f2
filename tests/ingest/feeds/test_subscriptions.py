"""Shows and files that people add: taken once, named safely, refused in words, with nothing left."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from ingest.errors import AudioError, EmptyFileError, NotAudioError
from ingest.feeds.subscriptions import (
    FILE_SHOW,
    AlreadySubscribedError,
    FileMissingError,
    add_file,
    preview_feed,
    subscribe,
)
from media import schema
from media.database import Database, open_database
from media.episodes import EpisodeStatus, get_episode
from media.settings import Settings
from tests.ingest.evil_server import evil_server
from tests.ingest.feeds.test_polling import HERE, item, serve
from tests.ingest.sounds import encode

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data", allowed_hosts=(HERE,))


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    database = open_database(settings)
    yield database
    database.close()


def test_a_file_is_kept_under_its_hash_with_what_was_said_of_it(
    database: Database, settings: Settings, tmp_path: Path
) -> None:
    path = encode(tmp_path / "sound.ogg")
    day = datetime(2024, 5, 1, tzinfo=UTC)
    number = add_file(
        database, settings, path, NOW, show="Le Micro", title="Un titre", date=day, language="fr"
    )
    with database.read() as connection:
        episode = get_episode(connection, number)
    assert (episode.title, episode.show_title, episode.published_at) == ("Un titre", "Le Micro", day)
    assert episode.status is EpisodeStatus.WAITING and episode.language == "fr"
    (kept,) = (file for file in settings.audio_folder.rglob("*") if file.is_file())
    assert kept.name == f"{episode.original_sha256}.ogg" and kept.read_bytes() == path.read_bytes()


def test_the_same_sound_added_again_is_the_same_episode(
    database: Database, settings: Settings, tmp_path: Path
) -> None:
    path = encode(tmp_path / "constant.mp3")
    first = add_file(database, settings, path, NOW)
    renamed = path.rename(tmp_path / "autre.mp3")
    assert add_file(database, settings, renamed, NOW) == first
    assert add_file(database, settings, renamed, NOW, show="Autre") != first
    with database.read() as connection:
        assert connection.execute(select(func.count()).select_from(schema.audio)).scalar() == 1


@pytest.mark.parametrize(
    ("name", "title"),
    [
        (b"-i.mp3", "-i"),
        (b"a_b\xff\xfe.mp3", None),
        ("\u202egnp.exe\u202c.mp3".encode(), "gnp.exe"),
        (b"<script>alert(1)</script>.mp3", None),
        (b"a\nb\x1b[31m.mp3", None),
        (b"file:concat|x.mp3", "file:concat|x"),
        (b"%s%n.mp3", "%s%n"),
        (b" .mp3", None),
    ],
)
def test_hostile_file_names_name_nothing(
    database: Database, settings: Settings, tmp_path: Path, name: bytes, title: str | None
) -> None:
    """FAULTS 36."""
    path = encode(tmp_path / "constant.mp3").rename(tmp_path / os.fsdecode(name.replace(b"/", b"|")))
    number = add_file(database, settings, path, NOW)
    with database.read() as connection:
        held = get_episode(connection, number)
    assert held.title and (title is None or held.title == title)
    assert held.title.isprintable() and "<" not in held.title
    held.title.encode()
    names = [file.name for file in settings.audio_folder.rglob("*") if file.is_file()]
    assert names == [f"{held.original_sha256}.mp3"]


@pytest.mark.parametrize("content", [b"", b"bonjour, ceci est du texte\n" * 40, b"<!doctype html><html>"])
def test_what_is_not_audio_is_refused_and_leaves_nothing(
    database: Database, settings: Settings, tmp_path: Path, content: bytes
) -> None:
    """FAULTS 38."""
    path = tmp_path / "emission.mp3"
    path.write_bytes(content)
    with pytest.raises(AudioError) as raised:
        add_file(database, settings, path, NOW)
    assert isinstance(raised.value, NotAudioError) and raised.value.message.values["name"] == "emission.mp3"
    assert isinstance(raised.value, EmptyFileError) == (content == b"")
    assert is_empty(database, settings)


def test_a_missing_file_is_named(database: Database, settings: Settings, tmp_path: Path) -> None:
    for path in (tmp_path / "absent.mp3", tmp_path):
        with pytest.raises(FileMissingError) as raised:
            add_file(database, settings, path, NOW)
        assert raised.value.message.values["path"] == str(path)
    assert is_empty(database, settings)


def test_files_without_a_show_have_one_of_their_own(
    database: Database, settings: Settings, tmp_path: Path
) -> None:
    number = add_file(database, settings, encode(tmp_path / "constant.mp3"), NOW)
    with database.read() as connection:
        assert get_episode(connection, number).show_title == FILE_SHOW


def test_a_feed_is_looked_at_before_and_taken_once(database: Database, settings: Settings) -> None:
    with evil_server() as server:
        serve(server, "/rss", *(item(number) for number in range(5)))
        preview = preview_feed(server.url("/rss", HERE), settings)
        assert (preview.title, preview.episodes, len(preview.latest)) == ("Radio", 5, 3)
        assert is_empty(database, settings)
        subscribe(database, preview, settings, NOW)
        with pytest.raises(AlreadySubscribedError):
            subscribe(database, preview, settings, NOW)


def is_empty(database: Database, settings: Settings) -> bool:
    """Tell that neither row nor file is there."""
    tables = (schema.show, schema.episode, schema.audio)
    with database.read() as connection:
        rows = [connection.execute(select(func.count()).select_from(table)).scalar() for table in tables]
    return not any(rows) and not [path for path in settings.audio_folder.rglob("*") if path.is_file()]

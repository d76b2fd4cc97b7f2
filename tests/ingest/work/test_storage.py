"""Audio goes from machine to machine by the storage; where that is down, nothing is fetched twice."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.network.addresses import Network
from ingest.work import steps
from ingest.work.steps import NoAudioError, Reporter, Tools, begin, fetch_audio, prepare_audio, recognise_part
from ingest.work.sweeping import look_after_audio
from media.database import Database, open_database
from media.episodes import add_episode, get_episode
from media.files import get_audio
from media.settings import Settings
from media.shows import add_show
from media.store import bucket as bucket_module
from media.store.errors import StorageDownError
from media.store.opening import open_store
from tests.ingest.workers import FAKE, LEDGER, NOW, PART_S, InlinePool, cut_demo
from tests.storage import Line

ADDRESS = "https://radio.example/1.mp3"


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(LEDGER, str(tmp_path / "ledger"))
    monkeypatch.setenv(PART_S, "0")
    monkeypatch.setattr(bucket_module, "PAUSE_S", 0.0)
    monkeypatch.setattr(bucket_module, "RETRIES", 0)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = open_database(Settings(data=tmp_path / "shared"))
    with database.write() as connection:
        show = add_show(connection, "Radio", NOW, language="fr")
        add_episode(connection, show.id, "g", "Un", NOW, enclosure_url=ADDRESS)
    yield database
    database.close()


@pytest.fixture
def machines(database: Database, bucket: str, tmp_path: Path) -> tuple[Tools, Tools]:
    """Two machines that share the catalogue and the bucket, and no folder."""
    return tuple(_machine(tmp_path / name, database, bucket) for name in ("one", "two"))  # type: ignore[return-value]


def _machine(data: Path, database: Database, bucket: str) -> Tools:
    settings = Settings(data=data, audio_url=bucket)
    store = open_store(settings)
    return Tools(settings, database, store, Network.allowing(()), InlinePool(1), FAKE, data.name)


@pytest.fixture
def downloads(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """A network that has the episode; returns what was asked of it."""
    asked: list[str] = []

    def download(url: str, to: Path, *_: object, **__: object) -> None:
        asked.append(url)
        cut_demo(tmp_path, 0).rename(to)

    monkeypatch.setattr(steps, "download_file", download)
    return asked


def fetch(tools: Tools) -> None:
    hold = begin(tools, 1, "run", 1)
    assert hold
    assert fetch_audio(tools, 1, Reporter(tools, hold))


def test_what_one_machine_fetched_another_hears(machines: tuple[Tools, Tools], downloads: list[str]) -> None:
    one, two = machines
    fetch(one)
    hold = begin(two, 1, "run", 1)
    assert hold
    plan = prepare_audio(two, hold)
    assert recognise_part(one, plan.part(0)).words == recognise_part(two, plan.part(0)).words
    with one.database.read() as connection:
        episode = get_episode(connection, 1)
        rows = [
            get_audio(connection, name or "") for name in (episode.original_sha256, episode.listening_sha256)
        ]
    kept = {(file.sha256, file.suffix, file.size_bytes) for file in one.store.list_files()}
    assert kept == {(row.sha256, row.suffix, row.size_bytes) for row in rows if row}
    for tools in machines:
        assert not [path for path in tools.store.incoming_path("").iterdir() if path.is_file()]
        assert not tools.settings.audio_folder.exists()
    assert downloads == [ADDRESS]


def test_what_could_not_be_kept_is_kept_later_and_not_downloaded_again(
    machines: tuple[Tools, Tools], downloads: list[str], line: Line
) -> None:
    """FAULTS 10: the storage is down when a download ends; the step fails in words, and is tried again."""
    one, _ = machines
    line.left = 0
    with pytest.raises(StorageDownError) as caught:
        fetch(one)
    assert caught.value.transient
    with one.database.read() as connection:
        assert get_episode(connection, 1).original_sha256 is None
    look_after_audio(one.store, one.database)  # what is to be kept is not swept
    line.left = None
    fetch(one)
    assert downloads == [ADDRESS]
    assert len(list(one.store.list_files())) == 1


def test_a_machine_that_cannot_reach_the_storage_makes_no_row_without_its_file(
    machines: tuple[Tools, Tools], downloads: list[str], line: Line
) -> None:
    """FAULTS 10."""
    one, two = machines
    fetch(one)
    hold = begin(two, 1, "run", 1)
    assert hold
    line.left = 0
    with pytest.raises(StorageDownError):
        prepare_audio(two, hold)
    line.left = None
    with one.database.read() as connection:
        assert get_episode(connection, 1).listening_sha256 is None
    original = next(iter(one.store.list_files()))
    one.store.delete(original.sha256, original.suffix)
    with pytest.raises(NoAudioError):
        prepare_audio(two, hold)


def test_a_share_that_is_not_mounted_stops_no_worker(
    database: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    look_after_audio(open_store(Settings(data=tmp_path, audio_url=str(tmp_path / "share"))), database)
    assert "mounted" in caplog.text

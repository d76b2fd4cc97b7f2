"""Audio in S3 storage is heard as from a folder; while the storage is down, all else goes on."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from ingest.redaction import hold_back_copy, redact_copy, redact_owed
from media.files import audio_path, get_audio
from media.people.withdrawals import withdraw_words
from media.store import bucket as bucket_module
from media.store.opening import open_store
from media.store.warming import Warming
from media.transcripts import list_turns
from tests.storage import Line
from tests.web.conftest import NOW, Archive, make_archive, open_client

RANGES = (
    None, "bytes=0-", "bytes=1000-1999", "bytes=-7", "bytes=5-9,20-29", "bytes=0-0,1-1", "bytes=99999999-",
    "bytes=9-5", "bytes=x", "hours=1-2", "bytes=0-5,5000000-",
    f"bytes={','.join(['1-2'] * 101)}", "bytes=" + "9" * 5_000,
)  # fmt: skip
HEADERS = ("content-type", "content-range", "content-length", "etag", "accept-ranges", "cache-control")


@pytest.fixture
def far(tmp_path: Path, sound: Path, bucket: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Archive]:
    """An archive whose audio is in a bucket, and nowhere else."""
    monkeypatch.setattr(bucket_module, "PAUSE_S", 0.0)
    monkeypatch.setattr(bucket_module, "RETRIES", 0)
    monkeypatch.setattr(Warming, "want", lambda *_: None)  # or the second range would come from here
    near = make_archive(tmp_path / "data", sound)
    settings = near.settings.model_copy(update={"audio_url": bucket})
    held = Archive(
        settings, *[getattr(near, name) for name in Archive.__dataclass_fields__ if name != "settings"]
    )
    sha256, suffix = listening(held)
    store = open_store(settings)
    complete = audio_path(settings.audio_folder, sha256, suffix).rename(store.incoming_path("x"))
    store.keep(complete, sha256, suffix)
    store.cache.forget(f"{sha256[:2]}/{sha256}{suffix}")  # type: ignore[attr-defined]
    yield held
    held.database.close()


@pytest.fixture
def client(far: Archive) -> Iterator[TestClient]:
    with open_client(far.settings) as held:
        yield held


def listening(archive: Archive) -> tuple[str, str]:
    from media.episodes import get_episode

    with archive.database.read() as connection:
        audio = get_audio(connection, get_episode(connection, archive.talk).listening_sha256 or "")
    assert audio
    return audio.sha256, audio.suffix


def test_ranges_are_those_of_a_file(far: Archive, client: TestClient, archive: Archive) -> None:
    """FAULTS 47, for what lies elsewhere."""
    with open_client(archive.settings) as near:
        for asked in RANGES:
            headers = {} if asked is None else {"range": asked}
            there = client.get(f"/episode/{far.talk}/audio.mp3", headers=headers)
            here = near.get(f"/episode/{archive.talk}/audio.mp3", headers=headers)
            assert there.status_code == here.status_code, asked
            if "boundary=" not in here.headers.get("content-type", ""):  # drawn for each answer
                assert there.content == here.content
                assert [there.headers.get(name) for name in HEADERS] == [
                    here.headers.get(name) for name in HEADERS
                ]
            else:
                assert len(there.content) == len(here.content)
    tag = there.headers.get("etag") or client.head(f"/episode/{far.talk}/audio.mp3").headers["etag"]
    assert client.get(f"/episode/{far.talk}/audio.mp3", headers={"if-none-match": tag}).status_code == 304


def test_while_the_storage_is_down_or_lacks_a_file_all_else_goes_on(
    far: Archive, client: TestClient, line: Line
) -> None:
    """FAULTS 10."""
    line.left = 0
    answer = client.get(f"/episode/{far.talk}/audio.mp3", headers={"range": "bytes=0-"})
    assert answer.status_code == 503
    assert "retry-after" in answer.headers
    assert client.get(f"/episode/{far.talk}", follow_redirects=True).status_code == 200
    assert client.get("/search?q=logiciel").status_code == 200
    assert "<enclosure" in client.get("/show/place-du-marche/feed.xml").text
    line.left = None
    assert client.get(f"/episode/{far.talk}/audio.mp3", headers={"range": "bytes=0-9"}).status_code == 206
    open_store(far.settings).delete(*listening(far))
    assert client.get(f"/episode/{far.talk}/audio.mp3").status_code == 404


def test_what_is_withdrawn_while_the_storage_is_down_is_heard_by_nobody_and_silenced_later(
    far: Archive, client: TestClient, line: Line
) -> None:
    whole, store = listening(far)[0], open_store(far.settings)
    line.left = 0
    with far.database.write() as connection:
        turn = list_turns(connection, far.talk)[0]
        withdraw_words(connection, turn.id, None, "demande", None, NOW)
        hold_back_copy(connection, far.talk)
    redact_copy(far.database, store, far.talk)
    line.left = None
    assert client.get(f"/episode/{far.talk}/audio.mp3").status_code == 404
    redact_owed(far.database, store)
    assert client.get(f"/episode/{far.talk}/audio.mp3").status_code == 200
    assert listening(far)[0] != whole

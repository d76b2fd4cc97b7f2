"""Audio in S3 storage, on a real server of that protocol: whole or not there, verified, and no page waits."""

import asyncio
import hashlib
import random
import threading
import time
from pathlib import Path

import obstore
import pytest

from media.errors import StorageError
from media.settings import Settings
from media.store import bucket as bucket_module
from media.store.bucket import BLOCK_BYTES, BucketStore
from media.store.cache import AudioCache
from media.store.errors import AudioDamagedError, AudioMissingError, StorageDownError, StoreSettingError
from media.store.opening import open_store
from media.store.values import name_file
from tests.storage import NAME, SOUND, Line, arrive, make_bucket, put_behind

ABSENT = "0" * 64


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask again at once: nothing here depends on how long a server is let be."""
    monkeypatch.setattr(bucket_module, "PAUSE_S", 0.0)
    monkeypatch.setattr(bucket_module, "RETRIES", 0)


def elsewhere(store: BucketStore, tmp_path: Path) -> BucketStore:
    """The same bucket, as another machine has it."""
    return BucketStore(store.url, AudioCache(tmp_path / f"other-{time.monotonic_ns()}", 1 << 30))


def read(store: BucketStore, sha256: str = NAME) -> bytes:
    with store.at_hand(sha256, ".mp3") as path:
        return path.read_bytes()


def test_what_one_machine_keeps_another_has(store: BucketStore, tmp_path: Path) -> None:
    partial = arrive(store)
    store.keep(partial, NAME, ".mp3")
    assert not partial.exists()
    assert store.find(NAME, ".mp3") is not None
    other = elsewhere(store, tmp_path)
    assert other.find(NAME, ".mp3") is None
    assert other.holds(NAME, ".mp3") and not other.holds(ABSENT, ".mp3")
    assert read(other) == SOUND
    other.verify(NAME, ".mp3")
    (listed,) = other.list_files()
    assert (listed.sha256, listed.suffix, listed.size_bytes) == (NAME, ".mp3", len(SOUND))
    with pytest.raises(AudioMissingError):
        read(other, ABSENT)
    other.delete(NAME, ".mp3")
    other.delete(NAME, ".mp3")
    assert not store.holds(NAME, ".mp3") and not list(store.list_files())


def test_a_large_file_goes_and_comes_in_parts(store: BucketStore, tmp_path: Path) -> None:
    content = random.Random(7).randbytes(BLOCK_BYTES + 5)
    sha256 = hashlib.sha256(content).hexdigest()
    store.keep(arrive(store, content), sha256, ".mp3")
    other = elsewhere(store, tmp_path)
    other.fetch(sha256, ".mp3", tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == content

    async def stream(start: int, end: int) -> bytes:
        assert await other.measure(sha256, ".mp3") == len(content)
        return b"".join([block async for block in other.stream(sha256, ".mp3", start, end)])

    for start, end in ((0, 10), (5, BLOCK_BYTES), (BLOCK_BYTES - 1, BLOCK_BYTES + 5)):
        assert asyncio.run(stream(start, end)) == content[start:end]
    for _ in range(6_000):  # what was listened to is fetched beside
        if other.find(sha256, ".mp3"):
            break
        time.sleep(0.01)
    assert read(other, sha256) == content


def test_what_is_not_what_was_kept_is_never_read(bucket: str, store: BucketStore) -> None:
    put_behind(bucket, name_file(NAME, ".mp3"), SOUND + b"!")
    with pytest.raises(AudioDamagedError):
        read(store)
    with pytest.raises(AudioDamagedError):
        store.verify(NAME, ".mp3")
    assert store.find(NAME, ".mp3") is None
    assert not list(store.incoming_path("").iterdir())
    store.keep(arrive(store), NAME, ".mp3")  # kept again, it is whole again
    store.verify(NAME, ".mp3")


def test_a_server_that_is_down_is_said_at_once_and_what_waits_is_kept_later(
    store: BucketStore, line: Line, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """FAULTS 10: nothing is lost of what was to be kept, and nobody waits twice."""
    monkeypatch.setattr(bucket_module, "PAUSE_S", 3_600.0)
    partial = arrive(store)
    line.left = 0
    with pytest.raises(StorageDownError) as caught:
        store.keep(partial, NAME, ".mp3")
    assert caught.value.transient
    assert caught.value.message.values == {"name": store.url, "reason": "its server does not answer"}
    asked = line.asked
    for ask in (store.holds, store.verify, store.delete):
        with pytest.raises(StorageDownError):
            ask(NAME, ".mp3")
    with pytest.raises(StorageDownError):
        asyncio.run(store.measure(NAME, ".mp3"))
    assert line.asked == asked
    assert partial.read_bytes() == SOUND
    line.left = None
    recovered = BucketStore(store.url, store.cache)
    recovered.keep(partial, NAME, ".mp3")
    assert read(elsewhere(store, tmp_path)) == SOUND


def test_a_line_cut_at_any_byte_gives_a_whole_file_or_none(
    store: BucketStore, line: Line, tmp_path: Path
) -> None:
    """FAULTS 10, 44: the answers to a download and an upload end after so many bytes."""
    store.keep(arrive(store), NAME, ".mp3")
    drawn = random.Random(11)
    for cut in (0, 1, *(drawn.randrange(2, len(SOUND) + 1_500) for _ in range(14))):
        line.left = cut
        other = elsewhere(store, tmp_path)
        try:
            assert read(other) == SOUND
        except StorageDownError:
            assert other.find(NAME, ".mp3") is None
            assert not list(other.incoming_path("").iterdir())
        content = b"%d" % cut
        sha256 = hashlib.sha256(content).hexdigest()
        partial = arrive(other, content)
        try:
            other.keep(partial, sha256, ".mp3")
            assert not partial.exists()
        except StorageDownError:
            assert partial.read_bytes() == content
        line.left = None
        if store.holds(sha256, ".mp3"):
            store.verify(sha256, ".mp3")


def test_a_machine_fetches_a_file_once_for_all_who_ask(
    store: BucketStore, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    store.keep(arrive(store), NAME, ".mp3")
    other, fetched = elsewhere(store, tmp_path), []
    fetch = BucketStore.fetch

    def count(self: BucketStore, sha256: str, suffix: str, to: Path) -> None:
        fetched.append(sha256)
        fetch(self, sha256, suffix, to)

    monkeypatch.setattr(BucketStore, "fetch", count)
    heard: list[bytes] = []
    threads = [threading.Thread(target=lambda: heard.append(read(other))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert heard == [SOUND] * 8 and fetched == [NAME]


def test_a_file_that_cannot_be_copied_here_is_kept_all_the_same(
    store: BucketStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FAULTS 11: this machine's disk is full, the storage is not."""

    def full(self: AudioCache, name: str, complete: Path) -> None:
        raise StorageError(name, path=name, reason="No space left on device")

    monkeypatch.setattr(AudioCache, "put", full)
    partial = arrive(store)
    store.keep(partial, NAME, ".mp3")
    assert store.holds(NAME, ".mp3") and not partial.exists()


def test_a_bucket_that_is_not_there_and_foreign_objects(bucket: str, store: BucketStore, server: int) -> None:
    with pytest.raises(StorageDownError) as caught:
        BucketStore("s3://nowhere/radio", store.cache).check()
    assert caught.value.message.values["reason"] == "there is no such bucket"
    put_behind(bucket, "notes.txt", b"x")
    put_behind(bucket, "ab/" + NAME + ".mp3", b"x")
    assert store.check() == bucket
    assert not list(store.list_files())
    make_bucket(server, "another")
    assert not list(BucketStore("s3://another", store.cache).list_files())


def test_the_setting_names_the_bucket(bucket: str, tmp_path: Path) -> None:
    store = open_store(Settings(data=tmp_path / "data", audio_url=bucket + "/", audio_cache_gb=3))
    assert isinstance(store, BucketStore)
    assert (store.name, store.cache) == (bucket, AudioCache(tmp_path / "data" / "cache", 3 << 30))
    assert not (tmp_path / "data").exists()
    with pytest.raises(StoreSettingError):
        open_store(Settings(data=tmp_path, audio_url="s3://"))


def test_no_key_is_in_what_is_said(
    bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: Line
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "utterly-secret")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "somebody")
    store = BucketStore(bucket, AudioCache(tmp_path, 1))
    line.left = 0
    with pytest.raises(StorageDownError) as caught:
        store.check()
    said = f"{caught.value} {caught.value.message} {store!r} {caught.value.__cause__}"
    assert "utterly-secret" not in said


def test_objects_may_be_read_as_a_folder_is(bucket: str, store: BucketStore) -> None:
    """A bucket is a folder of audio copied, name for name."""
    store.keep(arrive(store), NAME, ".mp3")
    paths = [held["path"] for page in obstore.list(store._objects) for held in page]
    assert paths == [f"{NAME[:2]}/{NAME}.mp3"]

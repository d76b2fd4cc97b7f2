"""A machine's copies: no more than is allowed, the least wanted first, and none that is in use."""

import os
import time
from pathlib import Path

import pytest

from media.store import cache as cache_module
from media.store.cache import AudioCache
from media.store.values import name_file

NAMES = [name_file(f"{place:02x}" * 32, ".mp3") for place in range(4)]


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AudioCache:
    """Room for two copies of a thousand bytes, on a disk with room enough."""
    monkeypatch.setattr(cache_module, "LEAST_FREE_BYTES", 0)
    return AudioCache(tmp_path / "cache", 2_000)


def put(cache: AudioCache, name: str, minutes_ago: int) -> None:
    path = cache.incoming_path("x")
    path.write_bytes(bytes(1_000))
    cache.put(name, path)
    moment = time.time() - 60 * minutes_ago
    os.utime(cache.folder / name, (moment, moment))


def held(cache: AudioCache) -> list[str]:
    return [name for name in NAMES if (cache.folder / name).exists()]


def test_what_nobody_asked_for_the_longest_goes_first(cache: AudioCache) -> None:
    for place, minutes in enumerate((30, 40, 20)):
        put(cache, NAMES[place], minutes)
    assert held(cache) == [NAMES[0], NAMES[2]]
    assert cache.find(NAMES[0])  # wanted again
    put(cache, NAMES[3], 0)
    assert held(cache) == [NAMES[0], NAMES[3]]


def test_a_copy_in_use_stays(cache: AudioCache) -> None:
    put(cache, NAMES[0], 50)
    with cache.hold(NAMES[0], fetch=lambda to: pytest.fail("it is there")) as path:
        os.utime(path, (1, 1))
        put(cache, NAMES[1], 40)
        put(cache, NAMES[2], 30)
        assert held(cache) == [NAMES[0], NAMES[2]]
        assert path.stat().st_size == 1_000
    os.utime(path, (1, 1))
    put(cache, NAMES[3], 0)
    assert held(cache) == [NAMES[2], NAMES[3]]


def test_a_disk_that_is_nearly_full_keeps_only_what_was_just_asked_for(
    cache: AudioCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FAULTS 11."""
    put(cache, NAMES[0], 50)
    monkeypatch.setattr(cache_module, "LEAST_FREE_BYTES", 1 << 60)
    put(cache, NAMES[1], 0)
    assert held(cache) == [NAMES[1]]


def test_a_copy_that_could_not_be_fetched_is_not_there_and_holds_nothing_up(cache: AudioCache) -> None:
    def fail(to: Path) -> None:
        raise KeyError(to.name)

    def write(to: Path) -> None:
        to.write_bytes(b"whole")

    with pytest.raises(KeyError), cache.hold(NAMES[0], fail):
        pass
    assert cache.find(NAMES[0]) is None
    with cache.hold(NAMES[0], write) as path:
        assert path.read_bytes() == b"whole"
    cache.forget(NAMES[0])
    cache.forget(NAMES[0])
    assert cache.find(NAMES[0]) is None

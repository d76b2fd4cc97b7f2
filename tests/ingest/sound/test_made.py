"""A made file is whole or not there, is made once, and goes when it is the longest unasked for."""

import os
import time
from pathlib import Path
from typing import IO

import pytest

from ingest.sound.made import ABANDONED_S, MadeFiles, name_made
from media.errors import StorageError


def test_a_file_is_made_once_and_then_found(tmp_path: Path) -> None:
    made, times = MadeFiles(tmp_path), list[int]()

    def write(file: IO[bytes]) -> None:
        times.append(1)
        file.write(b"sound")

    name = name_made({"start": 1}, "mp3")
    assert made.find(name) is None
    assert made.make(name, write) == made.make(name, write) == made.find(name)
    assert times == [1]


def test_what_fails_leaves_nothing(tmp_path: Path) -> None:
    made, name = MadeFiles(tmp_path), name_made({}, "mp3")

    def fail(file: IO[bytes]) -> None:
        file.write(b"half")
        raise ValueError("no more")

    with pytest.raises(ValueError, match="no more"):
        made.make(name, fail)
    assert made.find(name) is None
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_the_folder_keeps_to_its_limit_by_dropping_what_was_not_asked_for(tmp_path: Path) -> None:
    made = MadeFiles(tmp_path, max_bytes=250)
    names = [name_made({"number": number}, "wav") for number in range(4)]
    for age, name in enumerate(names[:2]):
        path = made.make(name, lambda file: (file.write(bytes(100)), None)[1])
        os.utime(path, (1_000 + age, 1_000 + age))
    assert made.find(names[0]) is not None  # asked for again: now the younger
    made.make(names[2], lambda file: (file.write(bytes(100)), None)[1])
    assert [made.find(name) is not None for name in names[:3]] == [True, False, True]
    made.make(names[3], lambda file: (file.write(bytes(900)), None)[1])
    assert made.find(names[3]) is not None, "the newest stays, however large"


def test_half_files_of_processes_that_died_are_dropped_in_time(tmp_path: Path) -> None:
    made = MadeFiles(tmp_path)
    path = made.make(name_made({}, "mp3"), lambda file: (file.write(b"1"), None)[1])
    old, young = path.with_name(".old"), path.with_name(".young")
    for half in (old, young):
        half.write_bytes(b"half")
    os.utime(old, (time.time() - ABANDONED_S - 60,) * 2)
    made.make(name_made({"another": 1}, "mp3"), lambda file: (file.write(b"2"), None)[1])
    assert (old.exists(), young.exists()) == (False, True)


def test_a_folder_that_cannot_be_written_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "taken").write_bytes(b"")
    with pytest.raises(StorageError):
        MadeFiles(tmp_path / "taken").make("ab.mp3", lambda file: None)

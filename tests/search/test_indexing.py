"""The index follows the catalogue, whatever happens to it or to who writes it."""

import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from media.episodes import update_episode
from media.transcript import Transcript
from media.transcripts import save_machine_transcript
from search import IndexLockedError, IndexWriteError, indexing, storage
from search.folder import IndexFolder
from search.storage import read_seal

ROOT = Path(__file__).parents[2]
SETTING_UP = """
import os, sys, time
from pathlib import Path
from media.database import open_database
from media.settings import Settings
from search import sync_index
from search.folder import IndexFolder
from search.storage import SealedStorage
settings = Settings(data=Path(sys.argv[1]))
database = open_database(settings)
"""


@contextmanager
def running(library, script: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a script in a process of its own, from its first line of output to the end of the block."""
    command = [sys.executable, "-c", SETTING_UP + textwrap.dedent(script), str(library.settings.data)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
        try:
            process.stdout.readline()
            yield process
        finally:
            process.kill()


def test_a_change_is_found_and_the_old_wording_no_longer(library, turn_maker):
    episode_id = library.add([(None, "la mairie")])
    assert library.sync() == 1
    assert library.sync() == 0
    with library.database.write() as connection:
        made = Transcript(turn_maker([(None, "le département")]), "fr", "test")
        save_machine_transcript(connection, episode_id, made, "again", library.now)
    assert library.sync() == 1
    assert (library.search("mairie").total, library.search("département").total) == (0, 1)
    assert library.indexed_turns() == library.spoken_turns()


@pytest.mark.parametrize("fields", [{"private": True}, {"status": "failed"}])
def test_an_episode_that_is_not_for_readers_leaves_the_index(library, fields):
    episode_id = library.add([(None, "la mairie")])
    library.sync()
    with library.database.write() as connection:
        update_episode(connection, episode_id, fields, library.now)
    library.sync()
    assert library.indexed_turns() == []
    found = library.search("mairie")
    assert (found.total, found.partial) == (0, False)


def test_many_small_commits_are_merged(library):
    library.sync()
    first = IndexFolder(library.settings.index_folder).current
    for number in range(40):
        library.add([(None, f"perroquet {number}")])
        library.sync()
        assert library.sync() == 0  # what merging was too long a work is done now
    index = IndexFolder(library.settings.index_folder).current
    assert index == first  # and it was never built anew
    assert len(list(index.glob("*.seg"))) <= 2 * indexing.MAX_SEGMENTS_A_SIZE
    assert {path.name for path in index.glob("*.seg")} < set(read_seal(index).files)
    assert library.search("perroquet").total == 40
    assert library.indexed_turns() == library.spoken_turns()


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_crash_around_the_index_commit_is_healed_by_the_log(library, moment):
    """FAULTS 15: the process ends just before, or just after, the commit of the index takes its name."""
    library.add([(None, "la mairie")])
    library.sync()
    library.add([(None, "le département")])
    script = f"""
        rename = SealedStorage.rename_file
        def crash(self, *names, **options):
            if "{moment}" == "after":
                rename(self, *names, **options)
            os._exit(9)
        SealedStorage.rename_file = crash
        sync_index(settings, database)
        """
    with running(library, script) as crashed:
        assert crashed.wait(60) == 9
    assert library.search("mairie").total == 1
    library.sync()
    assert library.search("département").total == 1
    assert library.indexed_turns() == library.spoken_turns()


def test_an_index_deleted_while_it_serves_is_built_again(library):
    """FAULTS 16: what is open goes on answering."""
    library.add([(None, "la mairie")])
    library.sync()
    assert library.search("mairie").total == 1
    index = IndexFolder(library.settings.index_folder)
    for path in sorted(index.path.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    assert library.search("mairie").total == 1
    library.reopen()
    assert library.search("mairie").rebuilding == 0
    assert library.sync() == 1
    assert library.search("mairie").total == 1
    assert library.indexed_turns() == library.spoken_turns()


def test_an_index_of_another_version_is_built_again(library, monkeypatch):
    library.add([(None, "la mairie")])
    library.sync()
    monkeypatch.setattr(storage, "INDEX_VERSION", "another")
    library.reopen()
    assert library.search("mairie").rebuilding == 0
    assert library.sync() == 1
    assert library.search("mairie").total == 1


def test_a_folder_without_our_seal_is_never_opened(library, monkeypatch):
    library.add([(None, "la mairie")])
    library.sync()
    folder = IndexFolder(library.settings.index_folder)
    for seal in folder.current.glob("seal_*"):
        seal.unlink()
    monkeypatch.setattr("whoosh.index.pickle.loads", lambda *_: pytest.fail("it was unpickled"))
    library.reopen()
    assert library.search("mairie").rebuilding is not None


def test_search_and_fresh_changes_go_on_while_the_index_is_built_anew(library, monkeypatch):
    monkeypatch.setattr(indexing, "FOLLOW_EVERY_S", 0)
    for number in range(3):
        library.add([(None, f"perroquet {number}")])
    library.sync()
    seen = []

    def progress(done: int, total: int) -> None:
        if done == 1:
            library.add([(None, "perroquet nouveau")])
        seen.append((done, total, library.search("perroquet").total))

    indexing.rebuild_index(library.settings, library.database, progress)
    assert seen == [(1, 3, 3), (2, 3, 4), (3, 3, 4)]
    assert library.search("perroquet").total == 4
    assert library.indexed_turns() == library.spoken_turns()
    assert len(list(library.settings.index_folder.glob("index-*"))) == 1


def test_a_rebuild_that_fails_leaves_the_index_in_use(library):
    library.add([(None, "la mairie")])
    library.sync()
    with pytest.raises(ZeroDivisionError):
        indexing.rebuild_index(library.settings, library.database, lambda *_: 1 // 0)
    assert library.search("mairie").total == 1
    assert len(list(library.settings.index_folder.glob("index-*"))) == 1


def test_a_full_disk_is_said_and_the_index_stays_as_it_was(library, monkeypatch):
    library.add([(None, "la mairie")])
    library.sync()
    library.add([(None, "le département")])

    def full(_: Path) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(storage, "_sync_file", full)
        with pytest.raises(IndexWriteError, match="No space left"):
            library.sync()
    assert (library.search("mairie").total, library.search("département").total) == (1, 0)
    assert library.sync() == 1
    assert library.search("département").total == 1


def test_two_processes_never_write_at_once_and_nothing_is_lost(library):
    """FAULTS 18, with 120 updates: both follow the log as fast as they can."""
    library.sync()
    script = """
        until = time.monotonic() + 60
        print("ready", flush=True)
        while not (settings.data / "stop").exists() and time.monotonic() < until:
            sync_index(settings, database)
        """
    with running(library, script) as other:
        for number in range(120):
            library.add([(None, f"perroquet {number}")])
            library.sync()
        (library.settings.data / "stop").touch()
        assert other.wait(60) == 0
    library.sync()
    assert library.indexed_turns() == library.spoken_turns()
    assert library.search("perroquet").total == 120


def test_the_lock_of_a_dead_writer_is_free(library, monkeypatch):
    library.sync()
    script = """
        with IndexFolder(settings.index_folder).lock(0):
            print("held", flush=True)
            time.sleep(60)
        """
    with running(library, script) as holder:
        library.add([(None, "la mairie")])
        assert library.sync() == 0
        monkeypatch.setattr(indexing, "REBUILD_WAIT_S", 0)
        with pytest.raises(IndexLockedError):
            library.rebuild()
        holder.send_signal(signal.SIGKILL)
        holder.wait()
        assert library.sync() == 1


def test_threads_search_rightly_while_the_index_changes(library):
    for number in range(30):
        library.add([(None, f"perroquet numéro {number}")])
    library.sync()
    stop = threading.Event()
    wrong: list[object] = []

    def search() -> None:
        while not stop.is_set():
            try:
                result = library.search('perroquet "numéro 7"')
            except Exception as error:  # noqa: BLE001 -- it is the test's answer
                wrong.append(error)
            else:
                if [excerpt.text for excerpt in result.excerpts] != ["perroquet numéro 7"]:
                    wrong.append(result)

    threads = [threading.Thread(target=search) for _ in range(8)]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-4)
    try:
        for thread in threads:
            thread.start()
        for number in range(12):
            library.add([(None, f"cacatoès {number}")])
            library.sync()
        time.sleep(0.5)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
        sys.setswitchinterval(interval)
    assert wrong == []

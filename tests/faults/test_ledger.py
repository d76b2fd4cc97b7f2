"""The harness would see what it looks for: a lost save, an answer that is no sentence, a hung process."""

import os
import signal
import time
from pathlib import Path

import pytest

from faults import victims
from faults.calls import End, Fuse
from faults.invariants import check
from faults.ledger import UNFORESEEN, Ledger
from faults.victims import HangError, Tell, Victim, run_victim
from faults.worlds import Template, make_template


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    return make_template(tmp_path_factory.mktemp("template"))


def test_what_was_acknowledged_and_is_not_there_is_seen(template: Template, tmp_path: Path) -> None:
    world = template.copy_to(tmp_path / "world" / "data")
    assert check(world) == []
    world.ledger.note(["kept", 1, "zqword", "token", 12])
    world.ledger.note(["refused", 2, "zqother", "token"])
    assert len(check(world)) == 3  # the word, its act, the refused text


def test_a_file_that_is_gone_and_one_that_nobody_knows_are_seen(template: Template, tmp_path: Path) -> None:
    world = template.copy_to(tmp_path / "world" / "data")
    sound = next(world.settings.audio_folder.rglob("*.mp3"))
    stray = world.settings.audio_folder / "00" / ("0" * 64 + ".mp3")
    stray.parent.mkdir()
    sound.rename(stray)
    assert [problem.partition(":")[0] for problem in check(world)] == ["missing", "orphan"]


def test_an_answer_that_is_not_in_plain_words_is_seen() -> None:
    ledger = Ledger()
    ledger.note(["answer", 409, "Somebody else changed this turn."])
    assert ledger.problems == []
    ledger.note(["answer", 503, "(sqlite3.OperationalError) disk I/O error"])
    ledger.note(["answer", 500, "Something failed on our side."])
    assert len(ledger.problems) == 2 and ledger.problems[-1] == UNFORESEEN


def test_a_process_is_heard_to_its_last_line_however_it_ends(tmp_path: Path) -> None:
    def die(tell: Tell) -> None:
        tell("alive")
        os.kill(os.getpid(), signal.SIGKILL)

    assert run_victim(die, tmp_path / "log") == ([["alive"]], -signal.SIGKILL)


def test_a_process_that_says_nothing_hangs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(victims, "PATIENCE_S", 0.2)
    victim = Victim.begin(lambda _: time.sleep(600), tmp_path / "log")
    with pytest.raises(HangError):
        list(victim.listen())
    assert victim.status == -signal.SIGKILL


@pytest.mark.parametrize(("end", "status"), [(End.DIES, -signal.SIGKILL), (End.FAILS, 1), (End.COUNTS, 0)])
def test_the_nth_call_is_where_a_process_ends(tmp_path: Path, end: End, status: int) -> None:
    def write(tell: Tell) -> None:
        fuse = Fuse(tmp_path, end, at=2)
        fuse.install()
        fuse.armed = True
        for name in ("a", "b", "c"):
            (tmp_path / name).write_text("")
            tell(name)

    told, ended = run_victim(write, tmp_path / "log")
    assert ended == status
    assert [name for (name,) in told] == (["a", "b", "c"] if end is End.COUNTS else ["a"])

"""The program as people run it, on a terminal, with the real model: seen, stopped by Ctrl-C, gone on with."""

import json
import os
import pty
import re
import select
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.ingest.sounds import run_ffmpeg
from tests.ingest.test_bad_input import entendu, status_of
from tests.ingest.workers import DEMO, ROOT

WAIT_S = 150.0
SECONDS = 75  # of the demo: two parts, each of some seconds' work


@dataclass
class Terminal:
    """A command on a terminal of its own, and all that it drew."""

    data: Path
    drawn: str = ""
    _descriptor: int = -1
    _process: subprocess.Popen[bytes] | None = field(default=None)

    def run(self, *arguments: str) -> "Terminal":
        """Start a command."""
        self._descriptor, theirs = pty.openpty()
        environment = {**os.environ, "LC_ALL": "C.UTF-8", "TERM": "xterm", "COLUMNS": "140"}
        environment |= {"ENTENDU_DATA": str(self.data), "ENTENDU_DIARISATION": "off", "ENTENDU_WORKERS": "2"}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "entendu", *arguments],
            cwd=ROOT,
            env=environment,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            preexec_fn=lambda: os.close(os.open(os.ttyname(0), os.O_RDWR)),
        )
        os.close(theirs)
        return self

    def see(self, pattern: str, within_s: float = WAIT_S) -> bool:
        """Wait until something is drawn."""
        until = time.monotonic() + within_s
        while time.monotonic() < until:
            if re.search(pattern, self.drawn):
                return True
            ready, _, _ = select.select([self._descriptor], [], [], 0.2)
            if ready and not self._read():
                return bool(re.search(pattern, self.drawn))
        return False

    def press(self, key: bytes) -> None:
        """Press a key."""
        os.write(self._descriptor, key)

    def end(self, within_s: float) -> int:
        """Wait for the end, and return the exit status."""
        assert self._process
        self.see("(?!)", within_s)
        status = self._process.wait(0.5)
        os.close(self._descriptor)
        return status

    def _read(self) -> bool:
        try:
            data = os.read(self._descriptor, 65_536)
        except OSError:  # how Linux says that the other side is gone
            return False
        self.drawn += data.decode(errors="replace")
        return bool(data)


@pytest.mark.slow
def test_work_is_seen_on_a_terminal_stopped_by_ctrl_c_and_gone_on_with(tmp_path: Path) -> None:
    """FAULTS 2, with the real model."""
    data, sound = tmp_path / "data", tmp_path / "place_du_marché.mp3"
    run_ffmpeg("-t", str(SECONDS), "-i", str(DEMO), "-c", "copy", str(sound))
    said = ("--show", "Essais", "--title", "Valbrune", "--date", "2024-05-01", "--language", "fr")
    assert entendu(data, "add", sound, *said).returncode == 0
    terminal = Terminal(data).run("work", "--once")
    assert terminal.see("Valbrune.*recognition"), terminal.drawn
    (row,) = status_of(data)["work"]
    assert (row["episode"], row["status"], row["step"]) == ("Valbrune", "working", "recognise")
    assert 15 <= row["percent"] < 100
    began = time.monotonic()
    terminal.press(b"\x03")
    assert terminal.end(30) == 0 and time.monotonic() - began < 30
    for noise in ("Traceback", "leaked", "dbos", "DBOS", "WARNING", "ERROR"):
        assert noise not in terminal.drawn, terminal.drawn
    assert status_of(data)["episodes"]["working"] == 1 and status_of(data)["workers"] == 0
    rest = entendu(data, "work", "--once", ENTENDU_WORKERS="2")
    assert rest.returncode == 0, rest.stderr
    for noise in ("Traceback", "leaked", "resource_tracker"):
        assert noise not in rest.stderr, rest.stderr
    assert re.findall(r"Essais / Valbrune: (\w+)", rest.stderr)[-1] == "ready"
    found = json.loads(entendu(data, "search", "logiciel libre", "--json").stdout)
    assert found["total"] >= 1 and found["excerpts"][0]["episode"] == "Valbrune"
    assert found["excerpts"][0]["published"].startswith("2024-05-01")
    assert not (data / "audio" / "incoming").exists() or not list((data / "audio" / "incoming").iterdir())


def test_the_same_file_twice_is_one_episode(tmp_path: Path) -> None:
    first, second = (entendu(tmp_path / "data", "add", DEMO) for _ in range(2))
    assert first.returncode == second.returncode == 0 and first.stdout == second.stdout
    assert status_of(tmp_path / "data")["episodes"]["waiting"] == 1


def test_work_with_nothing_to_do_ends_at_once_and_says_nothing(tmp_path: Path) -> None:
    result = entendu(tmp_path / "data", "work", "--once")
    assert result.returncode == 0 and result.stdout == ""
    assert "WARNING" not in result.stderr and "Traceback" not in result.stderr

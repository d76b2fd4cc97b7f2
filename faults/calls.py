"""The calls that a program makes to what can fail under it, counted; at one of them, it dies or fails.

Counted are every statement and commit of a database, every file opened, renamed, removed or
synced under the data folder, every folder made there and every connection out: the places at
which a disk is full, a server gone or a process killed. Nothing is preloaded: files are watched by
Python's own audit events, databases where SQLAlchemy hands a call to its driver.
"""

import errno
import os
import signal
import sqlite3
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy.engine.default import DefaultDialect

FILE_EVENTS = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate"}


class End(StrEnum):
    """What becomes of the chosen call."""

    DIES = "dies"  # its process is killed before it is made
    FAILS = "fails"  # it raises what its maker would
    COUNTS = "counts"  # nothing: calls are only counted


@dataclass
class Fuse:
    """The call at which the program ends or fails: from when it is armed, the `at`-th, from 1."""

    under: Path
    end: End
    at: int = 0
    made: int = 0
    armed: bool = False
    blown: str = ""  # the call that failed
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def install(self) -> None:
        """Watch this process's calls from now on; there is no way back."""
        sys.addaudithook(self._hear)
        _wrap(os, "fsync", lambda *_: self._pass("fsync", _full_disk))
        for name in ("do_execute", "do_executemany", "do_commit"):
            _wrap(DefaultDialect, name, self._pass_statement)

    def _hear(self, event: str, given: tuple[Any, ...]) -> None:
        if not self.armed:
            return
        if event in FILE_EVENTS and given and self._is_ours(given[0]):
            self._pass(f"{event} {Path(os.fsdecode(given[0])).name}", _full_disk)
        elif event == "socket.connect":
            self._pass(event, _refused)

    def _pass_statement(self, dialect: DefaultDialect, *given: Any) -> None:
        driver = psycopg.OperationalError if dialect.name == "postgresql" else sqlite3.OperationalError
        what = given[1].split()[0] if len(given) > 1 and isinstance(given[1], str) else "COMMIT"
        self._pass(what, lambda: driver("disk I/O error"))

    def _pass(self, what: str, make_error: Callable[[], Exception]) -> None:
        with self._lock:
            if not self.armed:
                return
            self.made += 1
            due = self.made == self.at
        if due and self.end is End.DIES:
            os.kill(os.getpid(), signal.SIGKILL)
        if due and self.end is End.FAILS:
            self.blown = what
            raise make_error()

    def _is_ours(self, path: Any) -> bool:
        return isinstance(path, str | bytes) and os.fsdecode(path).startswith(str(self.under))


def _wrap(owner: Any, name: str, before: Callable[..., None]) -> None:
    real = getattr(owner, name)

    def wrapped(*given: Any, **named: Any) -> Any:
        before(*given)
        return real(*given, **named)

    setattr(owner, name, wrapped)


def _full_disk() -> Exception:
    return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _refused() -> Exception:
    return ConnectionRefusedError(errno.ECONNREFUSED, os.strerror(errno.ECONNREFUSED))

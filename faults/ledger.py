"""What the program acknowledged: each write that it answered with "done", and what that left unsaid.

A save is in one of four states: kept (answered 200), refused and its text kept (409, or its turn
is gone), unknown (no answer came: it may be there or not), failed (answered with a reason: it must
say so in plain words). The first two may never be lost.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, select

from faults.victims import Event
from media.correction import tables

UNPLAIN = ("Traceback", "Error(", "sqlite3", "psycopg", "sqlalchemy", "errno", "Exception")
UNFORESEEN = "status 500"


@dataclass
class Ledger:
    """What one archive has acknowledged."""

    kept: list[tuple[int, str]] = field(default_factory=list)  # turn and the word written in it
    refused: list[tuple[int, str]] = field(default_factory=list)
    unknown: dict[str, dict[str, Any]] = field(default_factory=dict)  # by token: what was sent
    acts: set[int] = field(default_factory=set)
    statuses: Counter[int] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)  # answers that were not in plain words

    def note(self, event: Event) -> None:
        """Write down what a victim told of a request."""
        match event:
            case ["sent", str(token), dict(fields)]:
                self.unknown[token] = fields
            case ["kept", int(turn), str(word), str(token), int(act)]:
                self.kept.append((turn, word))
                self.acts.add(act)
                self.unknown.pop(token, None)
            case ["refused", int(turn), str(word), str(token)]:
                self.refused.append((turn, word))
                self.unknown.pop(token, None)
            case ["act", int(act)]:
                self.acts.add(act)
            case ["answer", int(status), str(said)]:
                self.statuses[status] += 1
                if status >= 400:
                    self._judge(status, said)

    @property
    def edits(self) -> int:
        """How many writes were acknowledged."""
        return len(self.acts) + len(self.refused)

    def count_all(self) -> tuple[int, int, frozenset[int]]:
        """Say how long the ledger is, for `forget_after`."""
        return len(self.kept), len(self.refused), frozenset(self.acts)

    def forget_after(self, length: tuple[int, int, frozenset[int]]) -> None:
        """Forget what was acknowledged since: an older copy of the archive was put back by the harness."""
        del self.kept[length[0] :], self.refused[length[1] :]
        self.acts = set(length[2])
        self.unknown.clear()

    def find_lost(self, connection: Connection) -> list[str]:
        """List what was acknowledged and is not in the archive."""
        kept, refused = _read_versions(connection), _read_refused(connection)
        lost = [f"save {word!r} of turn {turn}" for turn, word in self.kept if word not in kept[turn]]
        lost += [
            f"refused text {word!r} of turn {turn}" for turn, word in self.refused if word not in refused
        ]
        acts = set(connection.execute(select(tables.act.c.id)).scalars())
        lost += [f"act {act}" for act in sorted(self.acts - acts)]
        return [f"lost: {what}" for what in lost]

    def _judge(self, status: int, said: str) -> None:
        """Hold that a failure was foreseen, and said in one plain sentence."""
        if status == 500:
            self.problems.append(UNFORESEEN)
        if not said or len(said) > 400 or any(word in said for word in UNPLAIN):
            self.problems.append(f"status {status} in other than plain words: {said[:200]!r}")


def _read_versions(connection: Connection) -> defaultdict[int, set[str]]:
    held: defaultdict[int, set[str]] = defaultdict(set)
    versions = select(tables.turn_version.c.turn_id, tables.turn_version.c.words)
    for turn, words in connection.execute(versions):
        held[turn].update(_texts(words))
    return held


def _read_refused(connection: Connection) -> set[str]:
    texts: Iterable[str] = connection.execute(select(tables.conflict.c.text)).scalars()
    return {word for text in texts for word in text.split()}


def _texts(words: str) -> Iterable[str]:
    """Read the texts of packed words, of which some hold a sign that hangs on them by a no-break space."""
    return (text for word in json.loads(words) for text in word[0].split())

"""What a look through an archive finds wrong: a kind for programs, a sentence for people."""

from dataclasses import dataclass
from enum import StrEnum

from media.errors import Message


class FindingKind(StrEnum):
    """What is wrong. FAULTS' invariants: I2 is STUCK, I3 INDEX, I4 DAMAGED, DANGLING and UNREADABLE."""

    DAMAGED = "damaged"  # the database's own check says so
    DANGLING = "dangling"  # a row points at one that is not there
    UNREADABLE = "unreadable"  # what a row holds is nothing that this program writes
    STUCK = "stuck"  # an episode is at no point from which it goes on
    DUPLICATE = "duplicate"  # what there must be once is there twice
    DISORDER = "disorder"  # turns are not counted one by one
    HISTORY = "history"  # what is read today is not what history ends with
    MISSING = "missing"  # a row's file is not there
    CHANGED = "changed"  # a file is not what its name says
    ORPHAN = "orphan"  # a file that no row knows
    INDEX = "index"  # the index is not what the catalogue says


# What can be made again from what is whole.
REPAIRABLE = frozenset({FindingKind.STUCK, FindingKind.ORPHAN, FindingKind.INDEX})


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong."""

    kind: FindingKind
    message: Message
    subject: int | str | None = None  # an episode, by its identity; a table; a file, by its hash

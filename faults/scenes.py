"""Scenes: an archive each, on which a few faults fall one after the other.

Which faults, in which order, is drawn from the run's seed; what happens within one, from the seed
and its number: a scene can be played again alone.
"""

import random
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from faults.invariants import check
from faults.victims import HangError
from faults.worlds import World


class Stage(StrEnum):
    """Where a scene is played: what its archive lies on, and what works there."""

    FOLDER = "folder"  # a SQLite catalogue, in a folder
    DISK = "disk"  # the same, on a small disk of its own
    POWER = "power"  # the same, on a disk whose power can be cut
    SERVER = "server"  # PostgreSQL
    WORK = "work"  # with episodes that wait for a worker
    NETWORK = "network"  # with a feed to be read


@dataclass(frozen=True)
class Fault:
    """A kind of fault: which row of FAULTS.md, and what makes it happen once."""

    name: str
    rows: str
    stage: Stage
    share: int  # of 5,000 faults
    said: str  # for the table
    happen: Callable[[World, random.Random], str]  # returns a few words: where it fell


@dataclass(frozen=True)
class Outcome:
    """What became of one fault."""

    scene: int
    fault: str
    detail: str
    edits: int  # acknowledged since the fault before
    ms: int
    problems: tuple[str, ...]
    skipped: str = ""  # why it cannot be tried on this machine


class SkippedFaultError(Exception):
    """This machine cannot make this fault happen; the reason is said."""


def play(number: int, faults: list[Fault], world: World, dice: random.Random) -> Iterator[Outcome]:
    """Let faults fall on a world, and hold it against the invariants after each; it ends at a broken one."""
    for fault in faults:
        begun, before = time.monotonic(), world.ledger.edits
        try:
            detail, problems = fault.happen(world, dice), check(world)
        except HangError as error:
            detail, problems = "hangs", [str(error)]
        except AssertionError as error:
            detail, problems = "not survived", [str(error)]
        except SkippedFaultError as error:
            yield Outcome(number, fault.name, "", 0, 0, (), str(error))
            continue
        except Exception:  # noqa: BLE001 - one scene that is ill written ends no run of thousands
            detail, problems = "the harness broke", [traceback.format_exc()]
        ms = round(1_000 * (time.monotonic() - begun))
        yield Outcome(number, fault.name, detail, world.ledger.edits - before, ms, tuple(problems))
        if problems:
            return

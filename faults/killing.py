"""Kill -9 while people save (FAULTS 1, 10, 15), and any one call failing under them (FAULTS 10)."""

import random
import time
from collections.abc import Callable

from faults.asking import edit
from faults.calls import End, Fuse
from faults.victims import Tell, Victim, run_victim
from faults.worlds import World
from search.indexing import sync_index

ACTS = 40  # in a killed process, before the kill at the earliest
ACTS_EACH = 30  # in a process of which one call fails
SPREAD_S = 0.03  # about three saves
CALLS = 400  # in which a chosen call lies: some ten acts


def kill_at_random(world: World, dice: random.Random) -> str:
    """Kill the program from outside, at any moment, after some tens of acts."""

    def strike(victim: Victim) -> None:
        time.sleep(dice.uniform(0, SPREAD_S))
        victim.kill()

    due = ACTS + dice.randrange(ACTS)
    _, answers = strike_while_editing(world, dice, 10 * ACTS, due, strike)
    return f"after {answers} answers"


def kill_at_call(world: World, dice: random.Random) -> str:
    """Have the program killed just before one of its calls: every boundary of a step is one."""
    return _blow(world, dice, End.DIES)


def fail_call(world: World, dice: random.Random) -> str:
    """Have one call of the program fail: a statement, a commit, a file."""
    return _blow(world, dice, End.FAILS)


def kill_indexing(world: World, dice: random.Random) -> str:
    """Kill whoever writes the index, at one of its calls: the log is followed again."""
    return _blow_indexing(world, dice, End.DIES)


def fail_indexing(world: World, dice: random.Random) -> str:
    """Have one call of whoever writes the index fail."""
    return _blow_indexing(world, dice, End.FAILS)


def begin_editing(
    world: World, dice: random.Random, acts: int, before: Callable[[], None] = lambda: None
) -> Victim:
    """Start a process of the program in which people edit."""
    seed = str(dice.random())

    def act(tell: Tell) -> None:
        edit(world, seed, acts, tell, before=before)

    return Victim.begin(act, world.log)


def strike_while_editing(
    world: World, dice: random.Random, acts: int, due: int, strike: Callable[[Victim], None]
) -> tuple[Victim, int]:
    """Have people edit, and something happen at the answer that is due; returns how many there were."""
    victim = begin_editing(world, dice, acts)
    answers = 0
    for event in victim.listen():
        world.ledger.note(event)
        answers += event[0] == "answer"
        if answers == due:
            due = -1
            strike(victim)
    return victim, answers


def edit_calmly(world: World, dice: random.Random, acts: int) -> None:
    """Edit with nothing in the way, and note what is acknowledged."""
    victim = begin_editing(world, dice, acts)
    for event in victim.listen():
        world.ledger.note(event)
    assert victim.status == 0, f"editing ended with status {victim.status}: {last_words(world)}"


def last_words(world: World) -> str:
    """Read the end of a world's log."""
    return world.log.read_text(encoding="utf-8")[-600:] if world.log.exists() else ""


def _blow(world: World, dice: random.Random, end: End) -> str:
    fuse = Fuse(world.data, end, at=1 + dice.randrange(CALLS))
    fuse_at = fuse.at

    def arm() -> None:
        fuse.install()
        fuse.armed = True

    victim = begin_editing(world, dice, ACTS_EACH, before=arm)
    for event in victim.listen():
        world.ledger.note(event)
    if end is End.FAILS:
        assert victim.status == 0, f"the program ended with status {victim.status}: {last_words(world)}"
    return f"call {fuse_at}"


def _blow_indexing(world: World, dice: random.Random, end: End) -> str:
    edit_calmly(world, dice, ACTS_EACH)
    fuse = Fuse(world.data, end, at=1 + dice.randrange(60))

    def index(tell: Tell) -> None:
        with world.open() as database:
            fuse.install()
            fuse.armed = True
            try:
                sync_index(world.settings, database)
            finally:
                tell("blown", fuse.blown)

    events, _ = run_victim(index, world.log)
    return f"call {fuse.at}" + "".join(f", {event[1]}" for event in events if event[1])

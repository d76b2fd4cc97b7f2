"""A backup or a restore killed at any of its calls, while people save (FAULTS 20)."""

import copy
import random
import shutil
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from faults.calls import End, Fuse
from faults.invariants import check
from faults.killing import ACTS, begin_editing, last_words
from faults.victims import Tell, run_victim
from faults.worlds import World
from media.errors import EntenduError
from media.keeping.backups import find_backup, write_backup
from media.keeping.restoring import restore_backup
from media.settings import Settings
from media.store.opening import open_store

BACKUP_CALLS, RESTORE_CALLS = 150, 150


def break_backup(world: World, dice: random.Random) -> str:
    """Kill or fail a backup at one of its calls while people save; the next one is whole, and comes back.

    What it gives back holds all that was acknowledged before it began.
    """
    backups = world.data.parent / "backups"
    shutil.rmtree(backups, ignore_errors=True)
    moment = datetime.now(UTC)
    victim = begin_editing(world, dice, ACTS)
    broken = _blow(world, dice, BACKUP_CALLS, backups, lambda: _back_up(world, backups, moment))
    before = copy.deepcopy(world.ledger)
    for event in victim.listen():
        world.ledger.note(event)
    assert victim.status == 0, f"saving stopped, status {victim.status}: {last_words(world)}"
    _, status = run_victim(lambda _: _back_up(world, backups, moment + timedelta(seconds=2)), world.log)
    assert status == 0, f"the next backup: status {status}: {last_words(world)}"
    elsewhere = world.data.parent / "elsewhere"
    again = _restored(world, elsewhere)
    again.ledger = before
    _blow(world, dice, RESTORE_CALLS, elsewhere, lambda: _restore(again, backups))
    if not again.catalogue.exists():
        _, status = run_victim(lambda _: _restore(again, backups), world.log)
        assert status == 0, f"the next restore: status {status}: {last_words(world)}"
    problems = check(again)
    assert not problems, f"restored: {problems}"
    return broken


def _blow(world: World, dice: random.Random, calls: int, under: Path, act: Callable[[], None]) -> str:
    """Do something in a process, one call of which kills it or fails."""
    fuse = Fuse(under, dice.choice((End.DIES, End.FAILS)), at=1 + dice.randrange(calls))

    def burn(_: Tell) -> None:
        fuse.install()
        fuse.armed = True
        with suppress(EntenduError):
            act()

    _, status = run_victim(burn, world.log)
    assert status <= 0, f"status {status}: {last_words(world)}"
    return f"call {fuse.at} {fuse.end}"


def _back_up(world: World, backups: Path, moment: datetime) -> None:
    with world.open() as database:
        write_backup(database, open_store(world.settings), backups, moment, lambda *_: None)


def _restored(world: World, data: Path) -> World:
    shutil.rmtree(data, ignore_errors=True)
    settings = Settings(data=data, site_url=world.settings.site_url, language=world.settings.language)
    return World(settings, world.cookies, world.log)


def _restore(world: World, backups: Path) -> None:
    restore_backup(
        find_backup(backups), world.settings.catalogue_url, open_store(world.settings), lambda *_: None
    )

"""The SQLite catalogue locked by another program, or damaged on the disk (FAULTS 12; I4)."""

import asyncio
import random
import shutil
import sqlite3
import time

import media.database
from faults.asking import begun
from faults.killing import edit_calmly, last_words
from faults.ledger import UNFORESEEN
from faults.victims import Tell, Victim, run_victim
from faults.worlds import World
from media.database import Database
from media.errors import EntenduError
from media.language import translate

WAIT_S = 0.3  # here, how long a save waits for a locked catalogue; the program's own bound is ten seconds
ACTS = 6


def lock_catalogue(world: World, dice: random.Random) -> str:
    """Hold the write lock for longer than a save waits: it is refused, reading goes on."""
    locker = Victim.begin(lambda tell: _hold_lock(world, tell), world.log)
    told = locker.listen()
    next(told)
    before, begun_at = world.ledger.statuses.copy(), time.monotonic()
    try:
        events, status = _live(world, dice, wait_s=WAIT_S)
    finally:
        locker.kill()
        list(told)
    assert status == 0, f"status {status}: {last_words(world)}"
    assert not [event for event in events if event[0] == "kept"], "saved through a lock"
    refused = world.ledger.statuses[503] - before[503]
    assert refused >= 1, world.ledger.statuses - before
    edit_calmly(world, dice, ACTS)
    return f"{refused} refused in {time.monotonic() - begun_at:.1f} s"


def damage_catalogue(world: World, dice: random.Random) -> str:
    """Damage the catalogue's file: whatever is answered is said plainly; then put a copy back."""
    kept = world.data / "kept.sqlite"
    _copy(world, kept)
    length, foreseen = world.ledger.count_all(), len(world.ledger.problems)
    how = _damage(world, dice)
    _, status = _live(world, dice)
    assert status == 0, f"status {status}: {last_words(world)}"
    verdict = _look(world)
    for name in ("catalogue.sqlite-wal", "catalogue.sqlite-shm"):
        (world.data / name).unlink(missing_ok=True)
    kept.replace(world.catalogue)
    world.ledger.forget_after(length)
    # A row that is no longer JSON is no failure that anybody could foresee; it was said plainly.
    plain = [said for said in world.ledger.problems[foreseen:] if said != UNFORESEEN]
    world.ledger.problems[foreseen:] = plain
    shutil.rmtree(world.settings.index_folder)  # what it holds may come from what was damaged
    return f"{how}: {verdict}"


def _live(world: World, dice: random.Random, wait_s: float | None = None) -> tuple[list[list[object]], int]:
    """Serve a few people; that the catalogue cannot be opened is told as a sentence."""
    seed = dice.random()

    def act(tell: Tell) -> None:
        if wait_s is not None:
            media.database.BUSY_TIMEOUT_S = wait_s  # type: ignore[assignment]
        try:
            asyncio.run(live(random.Random(seed), tell))
        except EntenduError as error:
            tell("answer", 503, translate(error.message, "en"))

    async def live(dice: random.Random, tell: Tell) -> None:
        async with begun(world, dice, tell) as editors:
            for turn in range(ACTS):
                await editors[turn % len(editors)].act()
            for path in ("/api/search?q=mairie", "/api/episodes", "/api/status"):
                answer = await editors[0].ask("GET", path)
                assert wait_s is None or answer.status == 200, (path, answer)

    events, status = run_victim(act, world.log)
    for event in events:
        world.ledger.note(event)
    return events, status


def _hold_lock(world: World, tell: Tell) -> None:
    lock = sqlite3.connect(world.catalogue, isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    tell("held")
    time.sleep(600)


def _copy(world: World, to: object) -> None:
    """Copy the catalogue by SQLite's own backup, and fold its log in, so that what is damaged is read."""
    source, copy = sqlite3.connect(world.catalogue), sqlite3.connect(str(to))
    source.backup(copy)
    source.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    source.close()
    copy.close()


def _damage(world: World, dice: random.Random) -> str:
    content = bytearray(world.catalogue.read_bytes())
    how = dice.choice(("bits", "page", "cut", "head", "text"))
    match how:
        case "bits":
            for _ in range(dice.choice((1, 10, 200))):
                content[dice.randrange(len(content))] ^= 1 << dice.randrange(8)
        case "page":
            at = dice.randrange(len(content) // 4096) * 4096
            content[at : at + 4096] = dice.randbytes(4096)
        case "cut":
            del content[dice.randrange(len(content)) :]
        case "head":
            content[: dice.choice((16, 100))] = bytes(100)
        case _:
            content = bytearray(b"This is not a catalogue.\n" * 500)
    world.catalogue.write_bytes(content)
    return how


def _look(world: World) -> str:
    """Look at the damaged catalogue as `entendu doctor` does; return its verdict."""

    def act(tell: Tell) -> None:
        try:
            database = Database(world.settings.catalogue_url)
            tell("verdict", "sound", database.check())
        except EntenduError as error:
            tell("verdict", "damaged", translate(error.message, "en"))

    events, status = run_victim(act, world.log)
    assert status == 0, f"doctor: status {status}: {last_words(world)}"
    return str(events[-1][1])

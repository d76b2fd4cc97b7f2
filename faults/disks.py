"""Disks that fill, that cannot be written, that lose their power (FAULTS 11, 14).

A small disk in memory fills to a random byte. Power is cut as kernel developers do it, by the
file system's own shutdown call: what was not yet on the disk never comes there, and the next
mount replays the journal. Mounts are made in a namespace of this process's own, and end with it.
"""

import asyncio
import ctypes
import fcntl
import os
import random
import shutil
import struct
import subprocess
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path

from faults.asking import begun, send_unanswered
from faults.killing import edit_calmly, last_words, strike_while_editing
from faults.scenes import SkippedFaultError
from faults.victims import Tell, Victim, run_victim
from faults.worlds import World
from media.errors import EntenduError
from media.language import translate
from search.indexing import sync_index

DISK_MB = 24
POWER_MB = 48
ROOM_BYTES = 200_000  # the most that is left on a disk that is to fill: some thirty saves
ACTS = 24
NEW_MOUNTS = 0x00020000  # CLONE_NEWNS
GOING_DOWN = 0x8004587D  # FS_IOC_SHUTDOWN
WITHOUT_LOG = struct.pack("I", 2)  # not even the journal is written any more


def fill_disk(world: World, dice: random.Random) -> str:
    """Fill the disk but for a few kilobytes, edit, read and index; then give the room back.

    Mostly under a running program, which must go on reading. SQLite needs 32 KiB to open a catalogue:
    a program that is started on a full disk may only say so.
    """
    room = dice.randrange(ROOM_BYTES)
    ballast = world.data.parent / "ballast"
    statuses = world.ledger.statuses.copy()
    is_running = dice.random() < 0.7
    if not is_running:
        _fill(ballast, room)
    try:
        _edit_and_read(world, dice, (lambda: _fill(ballast, room)) if is_running else None)
    finally:
        ballast.unlink(missing_ok=True)
    refused = world.ledger.statuses[503] - statuses[503]
    edit_calmly(world, dice, ACTS // 4)
    return f"{room >> 10} KiB left, {refused} refused"


def forbid_writing(world: World, dice: random.Random) -> str:
    """Start the program on a disk that is read-only: what it cannot do is said, and nothing is changed."""
    disk = world.data.parent
    edit_calmly(world, dice, 3)
    before = world.ledger.edits
    _mount("-o", "remount,ro", str(disk))
    try:
        _edit_and_read(world, dice)
    finally:
        _mount("-o", "remount,rw", str(disk))
    assert world.ledger.edits == before, "something was saved on a disk that cannot be written"
    edit_calmly(world, dice, ACTS // 4)
    return "read-only, and back"


def cut_power(world: World, dice: random.Random) -> str:
    """Cut the disk's power while people edit and the index follows; then start again."""
    disk, due = world.data.parent, dice.randrange(2 * ACTS)
    descriptor = os.open(disk, os.O_RDONLY)
    follower = Victim.begin(lambda tell: _follow(world, tell), world.log)

    def strike(victim: Victim) -> None:
        fcntl.ioctl(descriptor, GOING_DOWN, WITHOUT_LOG)
        victim.kill()

    _, answers = strike_while_editing(world, dice, 10 * ACTS, due + 1, strike)
    os.close(descriptor)
    follower.kill()
    for _ in follower.listen():
        pass
    image = disk.parent / "image"
    subprocess.run(["umount", disk], check=True)
    _mount("-o", "loop", str(image), str(disk))
    return f"after {answers} answers"


def lose_disk(world: World, dice: random.Random) -> str:
    """Have the disk turn read-only under a running program, as ext4 does at an error of its own."""
    disk, due = world.data.parent, dice.randrange(1, ACTS)
    device = Path("/proc/self/mountinfo").read_text().split(f" {disk} ")[1].partition(" - ")[2].split()[1]
    trigger = Path("/sys/fs/ext4") / Path(device).name / "trigger_fs_error"
    before = world.ledger.statuses.copy()

    def strike(_: Victim) -> None:
        trigger.write_text("1")

    victim, _ = strike_while_editing(world, dice, 3 * ACTS, due, strike)
    assert victim.status == 0, f"status {victim.status}: {last_words(world)}"
    refused = world.ledger.statuses[503] - before[503]
    unmount(disk)
    subprocess.run(["e2fsck", "-fp", disk.parent / "image"], capture_output=True, check=False)
    _mount("-o", "loop", str(disk.parent / "image"), str(disk))
    edit_calmly(world, dice, ACTS // 4)
    return f"{refused} refused"


def mount_small(folder: Path) -> None:
    """Put a small disk of memory on an empty folder."""
    _leave_mounts()
    unmount(folder)
    folder.mkdir(parents=True, exist_ok=True)
    _mount("-t", "tmpfs", "-o", f"size={DISK_MB}m", "none", str(folder))


def mount_power(folder: Path) -> None:
    """Put a disk whose power can be cut on an empty folder; its image lies beside."""
    _leave_mounts()
    unmount(folder)
    folder.mkdir(parents=True, exist_ok=True)
    image = folder.parent / "image"
    with image.open("wb") as file:
        file.truncate(POWER_MB << 20)
    done = subprocess.run(["mkfs.ext4", "-q", image], capture_output=True, check=False)
    if done.returncode:
        raise SkippedFaultError("mkfs.ext4 cannot be run here")
    _mount("-o", "loop,errors=remount-ro", str(image), str(folder))


def settle(folder: Path) -> None:
    """Bring all that was written to the disk: it was there before the scene began."""
    descriptor = os.open(folder, os.O_RDONLY)
    ctypes.CDLL(None).syncfs(descriptor)
    os.close(descriptor)


def unmount(folder: Path) -> None:
    """Take off whatever is mounted on a folder."""
    while folder.is_mount():
        subprocess.run(["umount", "-l", folder], check=True)


def _edit_and_read(world: World, dice: random.Random, fail: Callable[[], None] | None = None) -> None:
    """Edit on a disk that refuses: a running program reads on, and its index only complains."""
    seed = dice.random()

    def act(tell: Tell) -> None:
        try:
            asyncio.run(live(random.Random(seed), tell))
        except EntenduError as error:  # SQLite opens no catalogue in WAL mode where it cannot write
            assert fail is None, error
            tell("answer", 503, translate(error.message, "en"))

    async def live(dice: random.Random, tell: Tell) -> None:
        async with begun(world, dice, tell) as editors:
            if fail:
                fail()
            await send_unanswered(world, editors[0])
            for turn in range(ACTS):
                await editors[turn % len(editors)].act()
            for path in ("/api/search?q=mairie", "/api/episodes", "/api/episodes/1"):
                answer = await editors[0].ask("GET", path)
                assert answer.status == 200, (path, answer)
        with suppress(EntenduError), world.open() as database:
            sync_index(world.settings, database)

    events, status = run_victim(act, world.log)
    for event in events:
        world.ledger.note(event)
    assert status == 0, f"reading did not go on, status {status}: {last_words(world)}"


def _follow(world: World, tell: Tell) -> None:
    """Follow the log over and over, as a worker does."""
    with world.open() as database:
        while True:
            tell("followed", sync_index(world.settings, database))


def _fill(ballast: Path, room: int) -> None:
    """Write a file that leaves so much room."""
    free = shutil.disk_usage(ballast.parent).free
    with ballast.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, max(1, free - room))


@cache
def _leave_mounts() -> None:
    """Have this process's mounts be its own: nobody else sees them, and they end with it."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(NEW_MOUNTS):
        raise SkippedFaultError(f"disks cannot be mounted here: {os.strerror(ctypes.get_errno())}")
    _mount("--make-rprivate", "/")


def _mount(*given: str) -> None:
    done = subprocess.run(["mount", *given], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SkippedFaultError(f"mount {' '.join(given)}: {done.stderr.strip()}")

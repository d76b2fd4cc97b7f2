"""Workers killed, failing, doubled, starved, and lied to about the time (FAULTS 1, 3, 6, 8, 10)."""

import os
import random
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from importlib.util import find_spec
from multiprocessing import current_process
from pathlib import Path

from imageio_ffmpeg import get_ffmpeg_exe
from sqlalchemy import func, select

from faults import hearing
from faults.calls import End, Fuse
from faults.killing import last_words
from faults.scenes import SkippedFaultError
from faults.victims import Tell, Victim, run_victim
from faults.worlds import Template, World, make_template
from ingest.feeds.subscriptions import add_file
from ingest.work.steps import Engines
from media import schema
from media.database import Database
from media.episodes import EpisodeStatus, count_episodes
from media.progress import ask_again
from media.settings import Settings

DEMO = Path(__file__).parents[1] / "media" / "demo" / "demo.mp3"
SOUNDS = 3  # as many as faults fall on one world
SOUND_S = 9
LIFE_S = 2.5  # about what one episode takes
CALLS = 350
ROOT = Path(__file__).parents[1]


def kill_worker(world: World, dice: random.Random) -> str:
    """Kill a worker at any moment, twice; another goes on to the end."""
    _add_sound(world)
    for _ in range(2):
        worker = Victim.begin(lambda _: _work(world, hearing.STEADY), world.log)
        time.sleep(life_s := dice.uniform(0.2, LIFE_S))
        worker.kill()
        list(worker.listen())
    _finish(world)
    return f"the second after {life_s:.2f} s"


def kill_worker_at_call(world: World, dice: random.Random) -> str:
    """Kill a worker just before one of its calls."""
    return _blow(world, dice, End.DIES)


def fail_worker_call(world: World, dice: random.Random) -> str:
    """Have one call of a worker fail."""
    return _blow(world, dice, End.FAILS)


def double_worker(world: World, dice: random.Random) -> str:
    """Have two workers at once, of which one is killed."""
    _add_sound(world)
    workers = [Victim.begin(lambda _: _work(world, hearing.STEADY), world.log) for _ in range(2)]
    time.sleep(life_s := dice.uniform(0.2, LIFE_S))
    workers[dice.randrange(2)].kill()
    for worker in workers:
        list(worker.listen())
    _finish(world)
    return f"one of two after {life_s:.2f} s"


def exhaust_memory(world: World, dice: random.Random) -> str:
    """Let a process of the pool run out of memory, or be killed for it: its part is heard again."""
    _add_sound(world)
    marker = world.data / "starved"
    marker.unlink(missing_ok=True)
    hears = dice.choice((hearing.starve, hearing.be_killed))

    def act(_: Tell) -> None:
        os.environ[hearing.STARVED] = str(marker)
        current_process().daemon = False  # a lane's processes may have no children; a worker's may
        _work(world, replace(hearing.STEADY, recognise=hears), inline=False)

    _, status = run_victim(act, world.log)
    assert status == 0, f"status {status}: {last_words(world)}"
    assert marker.exists(), "no process starved"
    _finish(world)
    return hears.__name__


def jump_clock(world: World, dice: random.Random) -> str:
    """Have a worker's clock jump by an hour, forth and back, beside a worker whose clock is right."""
    library = _find_faketime()
    _add_sound(world)
    clock = world.data / "clock"
    clock.write_text("+0")
    env = {
        **os.environ,
        "LD_PRELOAD": str(library),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "DONT_FAKE_MONOTONIC": "1",
    }
    with world.log.open("ab") as log:
        command = [sys.executable, "-m", "faults.hearing", str(world.data)]
        jumping = subprocess.Popen(command, env=env, cwd=ROOT, stdout=log, stderr=log)
    jumps = 0
    try:
        right = None
        while jumping.poll() is None and jumps < 100:
            clock.write_text(dice.choice(("+3600", "-3600", "+0")))
            jumps += 1
            time.sleep(dice.uniform(0.05, 0.4))
            if right is None and (world.data / "queue.sqlite").exists():
                right = Victim.begin(lambda _: _work(world, hearing.STEADY), world.log)
        if right:
            list(right.listen())
        assert jumping.wait(60) == 0, f"status {jumping.returncode}: {last_words(world)}"
    finally:
        jumping.kill()
    _finish(world)
    return f"{jumps} jumps"


def make_waiting(folder: Path) -> Template:
    """Make the archive of scenes with workers: with sounds to be added."""
    folder.mkdir()

    def add(settings: Settings, _: Database) -> None:
        sounds = settings.data / "sounds"
        sounds.mkdir()
        for number in range(SOUNDS):
            cut = [
                "-ss",
                str(number * 3),
                "-t",
                str(SOUND_S),
                "-i",
                str(DEMO),
                "-c",
                "copy",
                "-map_metadata",
                "-1",
            ]
            command = [get_ffmpeg_exe(), "-v", "error", *cut, str(sounds / f"essai_{number}.mp3")]
            subprocess.run(command, check=True)

    return make_template(folder, add=add)


def _blow(world: World, dice: random.Random, end: End) -> str:
    _add_sound(world)
    fuse = Fuse(world.data, end, at=1 + dice.randrange(CALLS))

    def act(tell: Tell) -> None:
        fuse.install()
        fuse.armed = True
        try:
            _work(world, hearing.STEADY)
        finally:
            tell("blown", fuse.blown, fuse.made)

    events, _ = run_victim(act, world.log)
    _finish(world)
    return f"call {fuse.at}" + "".join(f" of {event[2]}, {event[1]}" for event in events)


def _add_sound(world: World) -> None:
    """Have the next episode wait."""
    with world.open() as database:
        with database.read() as connection:
            there = connection.execute(
                select(func.count()).select_from(schema.machine_transcript)
            ).scalar_one()
        path = sorted((world.data / "sounds").glob("*.mp3"))[(there - 3) % SOUNDS]
        add_file(database, world.settings, path, datetime.now(UTC), language="fr", show="Essais")


def _work(world: World, engines: Engines, *, inline: bool = True) -> None:
    hearing.work(world.settings.model_copy(update={"workers": 2}), engines, inline=inline)


def _finish(world: World) -> None:
    """Let a worker do all that is due; then every episode is ready, each transcribed once."""
    run_victim(lambda _: _ask_for_failed(world), world.log)
    _, status = run_victim(lambda _: _work(world, hearing.STEADY), world.log)
    assert status == 0, f"the last worker ended with status {status}: {last_words(world)}"
    with world.open() as database, database.read() as connection:
        counts = count_episodes(connection)
        made = connection.execute(select(func.count()).select_from(schema.machine_transcript)).scalar_one()
    ready = counts[EpisodeStatus.READY]
    assert sum(counts.values()) == ready == made, f"{counts}, {made} transcripts: {last_words(world)}"


def _ask_for_failed(world: World) -> None:
    """Ask again for what failed for a passing reason, rather than wait for its time."""
    with world.open() as database, database.write() as connection:
        for (episode_id,) in connection.execute(select(schema.progress.c.episode_id)).all():
            ask_again(connection, episode_id)


def _find_faketime() -> Path:
    """Find the library that lies about the time: Debian's, or that of its wheel."""
    found = list(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    if spec := find_spec("libfaketime"):
        found += (
            Path(spec.submodule_search_locations[0]).rglob("libfaketime*.so.1")
            if spec.submodule_search_locations
            else []
        )
    if not found:
        raise SkippedFaultError("clocks cannot be made to jump: libfaketime is not installed")
    return found[0]

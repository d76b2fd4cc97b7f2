"""PostgreSQL cut off, ending its connections, restarted under load (FAULTS 22)."""

import os
import random
import select
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from sqlalchemy import make_url

from faults.killing import begin_editing, edit_calmly, last_words
from faults.scenes import SkippedFaultError
from faults.victims import Tell, Victim, becomes
from faults.worlds import World

ACTS = 40
BUDGET = 600_000  # bytes of some twenty saves, to and from the server
SOCKET = ".s.PGSQL.5432"
RECOVERY_S = 30.0  # FAULTS 22
OPTIONS = ("-c", "listen_addresses=", "-c", "max_connections=60", "-c", "logging_collector=off")


def cut_connection(world: World, dice: random.Random) -> str:
    """Cut every connection to the database once so many bytes have passed; new ones pass."""
    budget = dice.randrange(BUDGET)
    with _cutting(world, budget) as (seen, proxy):
        victim = begin_editing(seen, dice, ACTS)
        for event in victim.listen():
            world.ledger.note(event)
            if event[0] == "begun":
                proxy.kill(signal.SIGUSR1)
        assert victim.status == 0, f"status {victim.status}: {last_words(world)}"
        edit_calmly(seen, dice, 3)
    return f"after {budget:,} bytes"


def end_connections(world: World, dice: random.Random) -> str:
    """Have the server end every connection, at a few moments."""
    moments = {dice.randrange(1, ACTS) for _ in range(3)}
    victim = begin_editing(world, dice, ACTS)
    answers = ended = 0
    for event in victim.listen():
        world.ledger.note(event)
        answers += event[0] == "answer"
        if event[0] == "answer" and answers in moments:
            time.sleep(dice.uniform(0, 0.02))
            ended += _end_connections(world)
    assert victim.status == 0, f"status {victim.status}: {last_words(world)}"
    edit_calmly(world, dice, 3)
    return f"{ended} ended"


def restart(world: World, dice: random.Random) -> str:
    """Crash the server under load and start it again: saves go on by themselves within half a minute."""
    folder = _folder(world)
    due, down_s = dice.randrange(1, ACTS), dice.uniform(0, 1)
    victim = begin_editing(world, dice, 100 * ACTS)
    answers, back, recovered = 0, 0.0, 0.0
    for event in victim.listen():
        world.ledger.note(event)
        answers += event[0] == "answer"
        if answers == due and not back:
            server = _pid(folder)
            os.kill(server, dice.choice((signal.SIGQUIT, signal.SIGINT)))  # a crash, or a quick stop
            os.waitpid(server, 0)
            time.sleep(down_s)
            launch(folder)
            back = time.monotonic()
        elif back and event[0] == "kept" and not recovered:
            recovered = time.monotonic() - back
            victim.kill()
    assert recovered, f"no save went through after the restart: {last_words(world)}"
    assert recovered < RECOVERY_S, f"the first save went through {recovered:.0f} s after the restart"
    return f"a save {recovered:.1f} s after it"


def start(lane: Path) -> str:
    """Make a server in a lane, start it, and return its address."""
    folder = lane / "postgres"
    folder.mkdir()
    if os.getuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
        for parent in (lane, lane.parent):
            parent.chmod(0o711)
    initdb = [
        _binary("initdb"),
        "-D",
        str(folder / "data"),
        "-A",
        "trust",
        "-U",
        "entendu",
        "-E",
        "UTF8",
        "--no-sync",
    ]
    done = subprocess.run([*_as_user(), *initdb], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SkippedFaultError(f"initdb: {done.stderr.strip()[-200:]}")
    launch(folder)
    return f"postgresql+psycopg://entendu@/postgres?host={folder}"


def launch(folder: Path) -> None:
    """Start the server of a folder, to end with this process, and wait until it answers."""
    with (folder.parent / "postgres.log").open("ab") as log:
        command = [_binary("postgres"), "-D", str(folder / "data"), "-k", str(folder), *OPTIONS]
        subprocess.Popen([*_as_user("--pdeathsig", "QUIT"), *command], stdout=log, stderr=log)
    if not becomes(lambda: _is_up(folder)):
        raise SkippedFaultError(f"PostgreSQL does not start in {folder}")


@contextmanager
def _cutting(world: World, budget: int) -> Iterator[tuple[World, Victim]]:
    """See a world's database through a proxy that cuts, once signalled, after so many bytes."""
    folder = world.data.parent / "proxy"
    folder.mkdir(exist_ok=True)
    (folder / SOCKET).unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / SOCKET))
        listener.listen()
        server = str(_folder(world) / SOCKET)
        proxy = Victim.begin(lambda tell: _pass_on(listener, server, budget, tell), world.log)
        next(told := proxy.listen())
        try:
            seen = world.through(world.settings.database_url.replace(str(_folder(world)), str(folder)))
            yield seen, proxy
        finally:
            proxy.kill()
            list(told)


def _pass_on(listener: socket.socket, server: str, budget: int, tell: Tell) -> None:
    """Be the proxy."""
    left: list[int] = []
    signal.signal(signal.SIGUSR1, lambda *_: left.append(budget))
    tell("listening")
    pairs: dict[socket.socket, socket.socket] = {}
    while True:
        for ready in select.select([listener, *pairs], [], [])[0]:
            if ready is listener:
                client, behind = listener.accept()[0], socket.socket(socket.AF_UNIX)
                behind.connect(server)
                pairs |= {client: behind, behind: client}
            elif ready in pairs:
                block = ready.recv(1 << 16)
                part = block[: left[0]] if left and left[0] >= 0 else block
                try:
                    pairs[ready].sendall(part)
                except OSError:
                    block = b""
                if left and left[0] >= 0:
                    left[0] -= len(block)
                if not block:
                    _hang_up(pairs, [ready, pairs[ready]])
                elif (left and left[0] <= 0 and part != block) or (left and left[0] == 0):
                    left[0] = -1  # once
                    _hang_up(pairs, list(pairs))
                    break


def _hang_up(pairs: dict[socket.socket, socket.socket], ends: list[socket.socket]) -> None:
    for end in ends:
        pairs.pop(end, None)
        end.close()


def _end_connections(world: World) -> int:
    url = make_url(world.settings.database_url)
    with psycopg.connect(
        host=str(_folder(world)), user="entendu", dbname="postgres", autocommit=True
    ) as server:
        query = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = %s"
        row = server.execute(query, (url.database,)).fetchone()
    return int(row[0]) if row else 0


def _folder(world: World) -> Path:
    """The folder of the server that holds a world."""
    return Path(str(make_url(world.settings.database_url).query["host"]))


def _pid(folder: Path) -> int:
    return int((folder / "data" / "postmaster.pid").read_text().split()[0])


def _is_up(folder: Path) -> bool:
    try:
        psycopg.connect(host=str(folder), user="entendu", dbname="postgres", connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def _as_user(*options: str) -> list[str]:
    """PostgreSQL refuses to be root."""
    own = ["--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.getuid() == 0 else []
    return ["setpriv", *own, *options] if own or options else []


def _binary(name: str) -> str:
    debian = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    found = shutil.which(name) or (str(debian[-1]) if debian else None)
    if found is None:
        raise SkippedFaultError(f"PostgreSQL is not installed: no {name}")
    return found

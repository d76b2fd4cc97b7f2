"""The index damaged, cut short, mixed up or taken away, while it is being searched (FAULTS 16, 17)."""

import asyncio
import random
import shutil
from collections.abc import Callable
from pathlib import Path

from faults.asking import Editor, begun
from faults.killing import last_words
from faults.victims import Tell, run_victim
from faults.worlds import World
from search.indexing import sync_index

QUERIES = ("mairie", "marché", '"il y a"', "logiciel libre")
LOCKS = {"lock", "MAIN_WRITELOCK"}


def damage_index(world: World, dice: random.Random) -> str:
    """Damage one file of the index: searches answer, and it is rebuilt."""
    files = [path for path in sorted(world.settings.index_folder.rglob("*")) if path.is_file()]
    path = dice.choice([path for path in files if path.name not in LOCKS and path.stat().st_size])
    how = dice.choice((_flip, _flip, _flip, _cut, _empty, _garble, _lengthen))
    _search_through(world, dice, lambda: how(path, dice))
    return f"{how.__name__.strip('_')} {path.name}"


def lose_index(world: World, dice: random.Random) -> str:
    """Take a file of the index away, a whole index, or the folder."""
    folder = world.settings.index_folder
    gone = dice.choice([folder, *folder.glob("index-*"), *sorted(folder.rglob("*"))])
    _search_through(world, dice, lambda: shutil.rmtree(gone) if gone.is_dir() else gone.unlink())
    return f"lose {gone.name}"


def _search_through(world: World, dice: random.Random, damage: Callable[[], None]) -> None:
    """Search in a process that serves, before the damage or not, after it, and once it is healed."""
    is_open, seed = dice.random() < 0.5, dice.random()

    def act(tell: Tell) -> None:
        asyncio.run(search(random.Random(seed), tell))

    async def search(dice: random.Random, tell: Tell) -> None:
        with world.open() as database:
            async with begun(world, dice, tell, people=1) as (reader,):
                totals = await _count(reader) if is_open else []
                damage()
                await _count(reader)
                await reader.act()
                await _count(reader)
                sync_index(world.settings, database)
                healed = await _count(reader)
                if is_open and [(total or 0) for total in healed] != totals:
                    tell("wrong", totals, healed)

    events, status = run_victim(act, world.log)
    for event in events:
        world.ledger.note(event)
    wrong = [event for event in events if event[0] == "wrong"]
    assert status == 0, f"searching ended with status {status}: {last_words(world)}"
    assert not wrong, f"found before, then after: {wrong}"


async def _count(reader: Editor) -> list[int]:
    totals = []
    for query in QUERIES:
        answer = await reader.ask("GET", "/api/search?q=" + query.replace(" ", "+"))
        totals.append((answer.read() or {}).get("total", -1))
    return totals


def _flip(path: Path, dice: random.Random) -> None:
    content = bytearray(path.read_bytes())
    for _ in range(dice.choice((1, 1, 3, 50))):
        content[dice.randrange(len(content))] ^= 1 << dice.randrange(8)
    path.write_bytes(content)


def _cut(path: Path, dice: random.Random) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: dice.randrange(len(content))])


def _empty(path: Path, _: random.Random) -> None:
    path.write_bytes(b"")


def _garble(path: Path, dice: random.Random) -> None:
    path.write_bytes(dice.randbytes(path.stat().st_size))


def _lengthen(path: Path, dice: random.Random) -> None:
    with path.open("ab") as file:
        file.write(dice.randbytes(dice.randrange(1, 5_000)))

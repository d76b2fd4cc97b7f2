"""Two hundred people search, twenty correct, an episode is transcribed: what is waited for, what fails.

    make load   (.venv/bin/python -m bench.load [--searchers 200] [--editors 20] [--seconds 600])

The archive is five years of a weekly show (40,000 passages) and a long episode that the editors
share; `entendu serve --workers 2` runs with its worker beside, which recognises a recording of
hours for as long as it lasts. Somebody who searches opens a page of results, reads it for ten
seconds in the mean, and opens one of the episodes found every fifth time; somebody who corrects
saves a turn every two seconds. Memory is that of all the site's processes, a minute after the
start and at the end; the recogniser's, which comes and goes with its chunks, is said apart.
"""

import argparse
import asyncio
import itertools
import logging
import os
import random
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import imageio_ffmpeg

from bench.editors import JSON, Editor, fill, make_word, read_turns, save
from bench.search.engines import Ours
from bench.search.questions import Question, choose_questions
from bench.search.speech import make_vocabulary, speak
from bench.table import Row, print_rows
from media.database import Database, open_database
from media.progress import list_progress
from media.settings import Settings
from search.indexing import sync_index
from web.visits import SESSION_COOKIE

PORT = 8798
PASSAGES, CHOSEN_FROM = 40_000, 20_000
EDITOR_PAUSE_S, READER_PAUSE_S = 2.0, 10.0
OPENED_ONE_IN = 5
RECORDING_HOURS = 6  # more than ten minutes can recognise
WARM_S, LOOK_EVERY_S = 60, 10
GOAL_MS = 300.0
ATTEMPTS_AT_START = 600
DEMO = Path(__file__).parents[1] / "media/demo/demo.mp3"
EPISODE_LINK = re.compile(r'href="(/episode/\d+/[^"#?/]+)#t=')
KIB_A_MIB = 1024


@dataclass
class Waits:
    """What people waited for each kind of answer, and what they got instead of one."""

    spent_ms: dict[str, list[float]] = field(default_factory=dict)
    failed: Counter[str] = field(default_factory=Counter)

    def note(self, kind: str, began: float, status: int) -> None:
        """Note an answer of this kind that was asked for at `began`."""
        self.spent_ms.setdefault(kind, []).append(1_000 * (time.perf_counter() - began))
        if status != 200:
            self.failed[f"{kind}: {status}"] += 1


@dataclass
class Memory:
    """Resident memory over time, in MiB: of the site's own processes, and of those that recognise."""

    site: list[float] = field(default_factory=list)
    recognisers: list[float] = field(default_factory=list)


def main() -> None:
    """Print the table."""
    logging.disable(logging.WARNING)
    parser = argparse.ArgumentParser()
    parser.add_argument("--searchers", type=int, default=200)
    parser.add_argument("--editors", type=int, default=20)
    parser.add_argument("--seconds", type=int, default=600)
    asked = parser.parse_args()
    _allow_sockets(asked.searchers + asked.editors)
    with tempfile.TemporaryDirectory() as folder:
        ours = Ours(Path(folder))
        vocabulary = make_vocabulary()
        turns = list(itertools.islice(speak(vocabulary, PASSAGES), PASSAGES))
        ours.fill(turns)
        questions = [
            one for many in choose_questions(turns[:CHOSEN_FROM], vocabulary).values() for one in many
        ]
        ours.database.close()
        site = f"http://127.0.0.1:{PORT}"
        settings = Settings(data=Path(folder) / "data", site_url=site, language="fr")
        database = open_database(settings)
        episode, cookies = fill(settings, database, asked.editors)
        sync_index(settings, database)
        _add_recording(settings, Path(folder))
        memory = Memory()
        with serve(settings) as process:
            waits = asyncio.run(_crowd(database, episode, cookies, questions, asked, process.pid, memory))
            heard = _heard(database)
        title = (
            f"{asked.searchers} searchers, {asked.editors} editors, an episode transcribed, {asked.seconds} s"
        )
        for sentence, count in waits.failed.most_common(5):
            print(f"{count} times {sentence[:200]}")
        print_rows(title, _tell(waits, memory, heard, asked.seconds))
        database.close()


async def _crowd(
    database: Database,
    episode: int,
    cookies: Sequence[str],
    questions: Sequence[Question],
    asked: argparse.Namespace,
    site: int,
    memory: Memory,
) -> Waits:
    waits = Waits()
    base = f"http://127.0.0.1:{PORT}"
    editors = [await _sign_in(base, cookie) for cookie in cookies]
    turns = read_turns(database, episode)
    end = time.monotonic() + asked.seconds
    savers = [
        _correct(Editor(client, token, turns[number * 7], turns[0], random.Random(number)), end, waits)
        for number, (client, token) in enumerate(editors)
    ]
    readers = [
        _search(base, questions, random.Random(number), end, waits) for number in range(asked.searchers)
    ]
    await asyncio.gather(_look(site, end, memory), *savers, *readers)
    for client, _ in editors:
        await client.aclose()
    return waits


async def _sign_in(base: str, cookie: str) -> tuple[httpx.AsyncClient, str]:
    headers = JSON | {"cookie": f"{SESSION_COOKIE}={cookie}"}
    client = httpx.AsyncClient(base_url=base, headers=headers, timeout=60)
    return client, (await client.get("/correct/session")).json()["token"]


async def _correct(editor: Editor, end: float, waits: Waits) -> None:
    await asyncio.sleep(editor.dice.random() * EDITOR_PAUSE_S)
    while (began := time.monotonic()) < end:
        asked = time.perf_counter()
        try:
            await save(editor, editor.own, make_word(editor.dice))
            waits.note("save", asked, 200)
        except httpx.HTTPError as error:
            waits.failed[f"save: {type(error).__name__}"] += 1
        for sentence in editor.failed:
            waits.failed[f"save: {sentence}"] += 1
        editor.failed.clear()
        await asyncio.sleep(max(0.0, began + EDITOR_PAUSE_S - time.monotonic()))


async def _search(
    base: str, questions: Sequence[Question], dice: random.Random, end: float, waits: Waits
) -> None:
    async with httpx.AsyncClient(base_url=base, timeout=60) as client:
        await asyncio.sleep(dice.random() * READER_PAUSE_S)
        while time.monotonic() < end:
            query = " ".join(dice.choice(questions).words)
            page = await _open(client, "search", f"/search?q={query}", waits)
            if dice.randrange(OPENED_ONE_IN) == 0 and (found := EPISODE_LINK.findall(page)):
                await asyncio.sleep(1.0)
                await _open(client, "episode page", dice.choice(found), waits)
            await asyncio.sleep(dice.uniform(0.2, 1.8) * READER_PAUSE_S)


async def _open(client: httpx.AsyncClient, kind: str, path: str, waits: Waits) -> str:
    began = time.perf_counter()
    try:
        answer = await client.get(path)
    except httpx.HTTPError as error:
        waits.failed[f"{kind}: {type(error).__name__}"] += 1
        return ""
    waits.note(kind, began, answer.status_code)
    return answer.text


async def _look(site: int, end: float, memory: Memory) -> None:
    await asyncio.sleep(min(WARM_S, max(0.0, end - time.monotonic()) / 2))
    while time.monotonic() < end:
        own, recognising = _resident_mib(site)
        memory.site.append(own)
        memory.recognisers.append(recognising)
        await asyncio.sleep(LOOK_EVERY_S)


def _resident_mib(root: int) -> tuple[float, float]:
    """Add up the memory of a process and of all that it started; the worker's pool apart."""
    parents, sizes, pools = {}, {}, set()
    for folder in Path("/proc").iterdir():
        if not folder.name.isdecimal():
            continue
        try:
            status = (folder / "status").read_text()
        except OSError:
            continue  # it has just ended
        number = int(folder.name)
        parents[number] = int(re.search(r"^PPid:\s+(\d+)", status, re.M)[1])  # type: ignore[index]
        resident = re.search(r"^VmRSS:\s+(\d+)", status, re.M)
        sizes[number] = int(resident[1]) / KIB_A_MIB if resident else 0.0
        if os.getpriority(os.PRIO_PROCESS, number) > os.getpriority(os.PRIO_PROCESS, root):
            pools.add(number)
    ours = {root}
    while grown := {child for child, parent in parents.items() if parent in ours} - ours:
        ours |= grown
    return sum(sizes[one] for one in ours - pools), sum(sizes[one] for one in ours & pools)


def _tell(waits: Waits, memory: Memory, heard: str, seconds: int) -> Iterator[Row]:
    yield Row("answers that failed", f"{sum(waits.failed.values())}", "", None, "0")
    for kind, spent in sorted(waits.spent_ms.items()):
        cuts = statistics.quantiles(spent, n=100)
        yield Row(f"{kind}, answers", f"{len(spent)} ({len(spent) / seconds:.1f} a second)", "", None, "")
        said = f"{cuts[49]:.0f} / {cuts[94]:.0f} / {cuts[98]:.0f} ms"
        goal = "" if kind == "episode page" else f"p95 < {GOAL_MS:.0f} ms"
        yield Row(f"{kind}, median / 95 % / 99 %", said, "", cuts[94] / GOAL_MS, goal)
    first, last = memory.site[0], memory.site[-1]
    yield Row(
        "memory of the site, after a minute and at the end",
        f"{first:.0f}, {last:.0f} MiB",
        "",
        last / first,
        "",
    )
    yield Row("memory of the recogniser, at most", f"{max(memory.recognisers):.0f} MiB", "", None, "")
    yield Row("transcribed meanwhile", heard, "", None, "")


def _heard(database: Database) -> str:
    with database.read() as connection:
        rows = list_progress(connection)
    return ", ".join(f"{row.step}: {row.done} of {row.total}" for row in rows) or "nothing under way"


def _add_recording(settings: Settings, folder: Path) -> None:
    """Have the demo's dialogue, over and over, wait to be transcribed."""
    path = folder / "recording.mp3"
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-stream_loop", "-1", "-i", str(DEMO)]
    subprocess.run([*command, "-t", str(RECORDING_HOURS * 3_600), "-c", "copy", str(path)], check=True)
    adding = [
        sys.executable,
        "-m",
        "entendu",
        "add",
        str(path),
        "--show",
        "Longue émission",
        "--language",
        "fr",
    ]
    subprocess.run(adding, env=_environment(settings), check=True, stdout=subprocess.DEVNULL)
    path.unlink()


@contextmanager
def serve(settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    """Run `entendu serve` with two web processes and its worker beside, while the block runs."""
    command = [sys.executable, "-m", "entendu", "serve", "--port", str(PORT), "--workers", "2"]
    process = subprocess.Popen(command, env=_environment(settings), stderr=subprocess.DEVNULL)
    try:
        for _ in range(ATTEMPTS_AT_START):
            try:
                httpx.get(settings.site_url)
                break
            except httpx.TransportError:
                time.sleep(0.1)
        yield process
    finally:
        process.terminate()
        process.wait(60)


def _environment(settings: Settings) -> dict[str, str]:
    return {**os.environ, "ENTENDU_DATA": str(settings.data), "ENTENDU_SITE_URL": settings.site_url}


def _allow_sockets(people: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 4 * people)), hard))


if __name__ == "__main__":
    main()

"""Three workers on three machines share one archive; one is destroyed, one is cut off mid-episode.

    python -m trials.three_workers [--light] [--seed N] [--episodes N] [--models FOLDER]

Each machine is a network namespace with a host name and a data folder of its own; PostgreSQL is
asked over TCP, and audio lies in a shared folder. The same episodes go through an undisturbed run
first. In the other, once all three machines are in the midst of episodes, one vanishes (its cable
first, so that no word of it leaves) and another's cable is pulled; it is put back once the third
has done everything. The two archives must then be equal, and nothing there twice.
`--light` hears with a recogniser that is written by hand and takes its time; else the real model.
"""

import argparse
import json
import logging
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import select

from ingest.feeds.subscriptions import add_file
from media import schema
from media.database import Database
from media.episodes import EpisodeStatus, count_episodes, list_episodes
from media.packing import load_transcript
from media.progress import list_working
from media.settings import Settings
from media.transcripts import list_turns
from media.workers import list_workers
from tests.ingest.workers import NOW, cut_demo
from trials import light_worker, networks, servers
from trials.networks import Net

log = logging.getLogger("trial")

STATIONS = 3
ROOT = Path(__file__).parents[1]
PATIENCE_S = 1_500.0  # for everything to be done, on a slow machine


class TrialFailedError(Exception):
    """What had to be so is not; the trial's folder is kept."""


@dataclass
class Report:
    """What a trial showed."""

    seed: int
    episodes: int
    undisturbed_s: float = 0.0
    disturbed_s: float = 0.0
    taken_over_s: dict[str, float] = field(default_factory=dict)  # by machine lost, its last episode's
    heard_on: dict[str, int] = field(default_factory=dict)  # parts, by machine, in the disturbed run
    differences: list[str] = field(default_factory=list)


@dataclass
class Archive:
    """One archive and the machines that work on it."""

    net: Net
    folder: Path
    url: str
    models: Path  # shared by all machines
    light: bool
    silence_s: float | None
    started: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def gate(self) -> Path:
        """The file that keeps the light recogniser from hearing anything."""
        return self.folder / "gate"

    def settings(self, name: str) -> Settings:
        """The settings of a machine."""
        return Settings(
            data=self.folder / name, database_url=self.url, audio_url=str(self.folder / "audio"), workers=1
        )

    def start(self, name: str) -> None:
        """Start a worker on a machine."""
        settings = self.settings(name)
        settings.data.mkdir(parents=True, exist_ok=True)
        if not settings.models_folder.exists():
            settings.models_folder.symlink_to(self.models)
        program = ["-m", "trials.light_worker"] if self.light else [str(ROOT / "entendu.py"), "work"]
        variables = {
            "ENTENDU_DATA": str(settings.data),
            "ENTENDU_DATABASE_URL": self.url,
            "ENTENDU_AUDIO_URL": settings.audio_url,
            "ENTENDU_WORKERS": "1",
            "PYTHONPATH": str(ROOT),
            light_worker.GATE: str(self.gate),
        } | ({"TRIAL_SILENCE_S": str(self.silence_s)} if self.silence_s else {})
        with (settings.data / "log").open("ab") as written:
            self.started[name] = subprocess.Popen(
                self.net.command(name, [sys.executable, *program]),
                env={**os.environ, **variables}, cwd=settings.data, stdout=written, stderr=written,
            )  # fmt: skip

    def stop(self) -> None:
        """End every worker."""
        for name, process in self.started.items():
            self.net.kill(name)
            process.wait()

    def heard(self) -> dict[str, int]:
        """Count the parts that each machine heard, where the light recogniser tells."""
        ledgers = {name: self.folder / name / "ledger" for name in self.net.stations}
        return {name: len(path.read_text().splitlines()) for name, path in ledgers.items() if path.exists()}


def run_trial(
    folder: Path,
    *,
    light: bool,
    seed: int,
    episodes: int = 6,
    silence_s: float | None = None,
    models: Path | None = None,
) -> Report:
    """Run the trial in an empty folder; TrialFailedError where the archive suffers."""
    report = Report(seed, episodes)
    sounds, models = folder / "sounds", models or folder / "models"
    sounds.mkdir()
    models.mkdir(exist_ok=True)
    with Net() as net, servers.serve(net, folder / "server") as server, ExitStack() as ended:
        for _ in range(STATIONS):
            net.add_station()
        kept = []
        for name in ("undisturbed", "disturbed"):
            archive = Archive(net, folder / name, server + name, models, light, silence_s)
            (folder / name / "audio").mkdir(parents=True)
            database = Database(servers.create_database(folder / "server", name))
            ended.callback(database.close)
            database.upgrade()
            for number in range(episodes):
                sound, show = cut_demo(sounds, number), f"S{number % 2}"
                add_file(database, archive.settings("hub"), sound, NOW, language="fr", show=show)
            setattr(report, f"{name}_s", run_one(archive, database, report, disturbed=name == "disturbed"))
            kept.append(describe(database))
        report.heard_on = archive.heard()
        report.differences = list_differences(*kept, shared=folder)
    if report.differences:
        raise TrialFailedError(f"seed {seed}: " + "; ".join(report.differences))
    return report


def run_one(archive: Archive, database: Database, report: Report, *, disturbed: bool) -> float:
    """Have the machines do everything; returns the seconds that it took."""
    began = time.monotonic()
    if disturbed:
        archive.gate.touch()
    try:
        for station in archive.net.stations:
            archive.start(station)
        if disturbed:
            disturb(archive, database, report)
        await_all(archive, database, report.episodes)
    finally:
        archive.stop()
    return round(time.monotonic() - began, 1)


def disturb(archive: Archive, database: Database, report: Report) -> None:
    """Destroy one machine and cut another off, both in the midst of episodes; then mend the second."""
    net, dice = archive.net, random.Random(report.seed)
    becomes(
        lambda: len(at_work(archive, database)) == STATIONS, "every machine is in the midst of an episode"
    )
    destroyed, cut = dice.sample(net.stations, 2)
    lost = {name: at_work(archive, database).get(name, set()) for name in (destroyed, cut)}
    net.destroy(destroyed)
    net.cut(cut)
    archive.gate.unlink()
    began = time.monotonic()
    log.info("destroyed %s, cut off %s, with %s", destroyed, cut, lost)
    waiting = {episode: name for name, held in lost.items() for episode in held}

    def is_taken_over() -> bool:
        held = {
            episode for name, has in at_work(archive, database).items() if name in lost for episode in has
        }
        for episode in [episode for episode in waiting if episode not in held]:
            report.taken_over_s[waiting.pop(episode)] = round(time.monotonic() - began, 1)
        return not waiting

    becomes(is_taken_over, "what the lost machines held goes on elsewhere")
    await_all(archive, database, report.episodes)
    beats = beats_of(database, cut)
    net.mend(cut)
    becomes(lambda: beats_of(database, cut) >= beats + 2, f"{cut} comes back and finds its place")


def at_work(archive: Archive, database: Database) -> dict[str, set[int]]:
    """Tell which episodes each machine has in hand."""
    with database.read() as connection:
        hosts = {worker.card.name: worker.card.host for worker in list_workers(connection)}
        rows = list_working(connection)
    held: dict[str, set[int]] = {}
    for row in rows:
        if row.worker:
            number = hosts[row.worker].rpartition("-")[2]
            held.setdefault(archive.net.stations[int(number) - 1], set()).add(row.episode_id)
    return held


def beats_of(database: Database, station: str) -> int:
    """Count a machine's beats."""
    number = station.rpartition("-")[2]
    with database.read() as connection:
        return sum(w.beats for w in list_workers(connection) if w.card.host.rpartition("-")[2] == number)


def await_all(archive: Archive, database: Database, episodes: int) -> None:
    """Wait until every episode is ready."""

    def is_done() -> bool:
        with database.read() as connection:
            return count_episodes(connection)[EpisodeStatus.READY] == episodes

    becomes(is_done, f"{episodes} episodes are ready in {archive.folder}")


def becomes(claim: Callable[[], bool], said: str) -> None:
    """Wait until something is so."""
    until = time.monotonic() + PATIENCE_S
    while not claim():
        if time.monotonic() > until:
            raise TrialFailedError(f"not within {PATIENCE_S:.0f} s: {said}")
        time.sleep(0.2)
    log.info("%s", said)


def describe(database: Database) -> dict[str, Any]:
    """Write all that an archive holds, but for identities and moments."""
    with database.read() as connection:
        machine = list(connection.execute(select(schema.machine_transcript)).mappings())
        audio = [
            list(row) for row in connection.execute(select(schema.audio).order_by(schema.audio.c.sha256))
        ]
        held = {}
        for episode in list_episodes(connection):
            made = [load_transcript(row["content"]) for row in machine if row["episode_id"] == episode.id]
            turns = [stored.turn for stored in list_turns(connection, episode.id)]
            files = (episode.original_sha256, episode.listening_sha256)
            held[str(episode.title)] = repr((episode.status, files, episode.spoken_language, turns, made))
        left = connection.execute(select(schema.progress.c.episode_id)).all()
    return {"episodes": held, "audio": repr(audio), "left": repr(left), "count": len(machine)}


def list_differences(one: dict[str, Any], other: dict[str, Any], *, shared: Path) -> list[str]:
    """Say in what two archives differ; each episode's words, the rows of audio, the files."""
    wrong = [f"{name} differs" for name in one if name != "episodes" and one[name] != other[name]]
    titles = one["episodes"].keys() | other["episodes"].keys()
    wrong += [
        f"{title} differs"
        for title in sorted(titles)
        if one["episodes"].get(title) != other["episodes"].get(title)
    ]
    files = [
        sorted(path.relative_to(shared / name / "audio") for path in (shared / name / "audio").rglob("*.mp3"))
        for name in ("undisturbed", "disturbed")
    ]
    kept = [[path for path in found if path.parts[0] != "incoming"] for found in files]
    return wrong + (["the audio files differ"] if kept[0] != kept[1] else [])


def main() -> None:
    """Run the trial from a terminal, and print what it showed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--light", action="store_true")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--episodes", type=int, default=6)
    parser.add_argument("--models", type=Path, help="weights made before; else made anew")
    asked = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    for name in ("alembic", "dbos"):
        logging.getLogger(name).setLevel(logging.WARNING)
    if reason := networks.why_not() or servers.why_not():
        sys.exit(f"The trial cannot be run here: {reason}.")
    folder = Path(tempfile.mkdtemp(prefix="entendu-trial-"))
    log.info("seed %d, in %s", asked.seed, folder)
    report = run_trial(
        folder, light=asked.light, seed=asked.seed, episodes=asked.episodes, models=asked.models
    )
    shutil.rmtree(folder)
    sys.stdout.write(json.dumps(asdict(report), indent=2) + "\n")


if __name__ == "__main__":
    main()

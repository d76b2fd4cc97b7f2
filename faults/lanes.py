"""Lanes: processes that each play one scene after the other, warm, so that a process costs a fork.

A lane has its own folder, mounts and PostgreSQL server, and no threads. What the program needs is
imported, and its templates read, before the first fork.
"""

import os
import shutil
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path

import search.index
from faults import disks, kinds, servers, workers
from faults.asking import edit
from faults.scenes import Outcome, SkippedFaultError, Stage, play
from faults.schedule import Scene
from faults.victims import Tell, run_victim
from faults.worlds import Template, World, make_template

WARMING_ACTS = 40
UNHURRIED_S = 60.0  # for a search: what is held is what it finds, on a busy machine too
KEPT_WORLDS = "broken"  # where worlds that were not survived are kept to be looked at


@dataclass
class Lane:
    """A place where scenes are played."""

    folder: Path
    seed: int
    templates: dict[Stage, Template] = field(default_factory=dict)

    @classmethod
    def enter(cls, folder: Path, seed: int) -> "Lane":
        """Make this process a lane of a run."""
        own = folder / f"lane{os.getpid()}"
        own.mkdir()
        search.index.TIME_LIMIT_S = UNHURRIED_S
        return cls(own, seed)

    def play(self, scene: Scene) -> list[Outcome]:
        """Play a scene; returns what became of its faults."""
        try:
            world = self._set(scene.stage)
        except SkippedFaultError as error:
            return [Outcome(scene.number, name, "", 0, 0, (), str(error)) for name in scene.faults]
        faults = [kinds.BY_NAME[name] for name in scene.faults]
        outcomes = list(play(scene.number, faults, world, scene.dice(self.seed)))
        if any(outcome.problems for outcome in outcomes):
            self._keep(scene, world)
        disks.unmount(self.folder / "disk")
        return outcomes

    def _set(self, stage: Stage) -> World:
        """Make the world of a scene."""
        template = self._template(stage)
        mount = {Stage.DISK: disks.mount_small, Stage.POWER: disks.mount_power}.get(stage)
        if mount is None:
            return template.copy_to(self.folder / "world" / "data")
        mount(self.folder / "disk")
        world = template.copy_to(self.folder / "disk" / "data")
        disks.settle(self.folder / "disk")
        return world

    def _template(self, stage: Stage) -> Template:
        makers: dict[Stage, Callable[[], Template]] = {
            Stage.SERVER: lambda: make_template(self.folder, servers.start(self.folder)),
            Stage.WORK: lambda: workers.make_waiting(self.folder / "waiting"),
        }
        make = makers.get(stage, lambda: make_template(self.folder))
        key = stage if stage in makers else Stage.FOLDER
        if not self.templates:
            _load_early(make_template(self.folder / "first").copy_to(self.folder / "world" / "data"))
        if key not in self.templates:
            self.templates[key] = make()
        return self.templates[key]

    def _keep(self, scene: Scene, world: World) -> None:
        kept = self.folder.parent / KEPT_WORLDS / str(scene.number)
        shutil.copytree(world.data, kept / "data", dirs_exist_ok=True)
        if world.log.exists():
            shutil.copy(world.log, kept / "log")


def _load_early(world: World) -> None:
    """Load in this process what the program loads as it goes, so that no process of it need do so again."""

    def act(tell: Tell) -> None:
        edit(world, "", WARMING_ACTS, lambda *_: None)
        tell(*sys.modules)

    for name in run_victim(act, world.log)[0][0]:
        with suppress(ImportError):
            import_module(name)

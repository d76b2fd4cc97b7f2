"""What happens in a run, drawn from its seed: which faults, in which order, on how many archives."""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import ceil

from faults.scenes import Fault, Stage

OF = 5_000  # faults, of which each kind has its share
A_SCENE = {Stage.FOLDER: 8, Stage.DISK: 6, Stage.POWER: 5, Stage.SERVER: 5, Stage.WORK: 3, Stage.NETWORK: 8}


@dataclass(frozen=True)
class Scene:
    """Faults that fall on one archive, one after the other."""

    number: int
    stage: Stage
    faults: tuple[str, ...]

    def dice(self, seed: int) -> random.Random:
        """Make the dice of what happens in this scene."""
        return random.Random(f"{seed}-{self.number}")


def draw(seed: int, faults: int, kinds: Iterable[Fault]) -> list[Scene]:
    """Draw the scenes of a run; each kind has its share of the faults, and at least one."""
    dice = random.Random(seed)
    kinds = list(kinds)
    dealt = [hand for stage in Stage for hand in _deal(stage, faults, kinds, dice)]
    dice.shuffle(dealt)
    return [Scene(number, stage, names) for number, (stage, names) in enumerate(dealt)]


def _deal(
    stage: Stage, faults: int, kinds: list[Fault], dice: random.Random
) -> Iterator[tuple[Stage, tuple[str, ...]]]:
    names = [
        kind.name for kind in kinds if kind.stage is stage for _ in range(ceil(kind.share * faults / OF))
    ]
    dice.shuffle(names)
    for at in range(0, len(names), A_SCENE[stage]):
        yield stage, tuple(names[at : at + A_SCENE[stage]])

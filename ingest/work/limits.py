"""What this machine gives to the worker: cores by affinity, memory by what the kernel refuses.

The cores are the same ones for every worker of the machine, so that the limit holds for all of them
together; decoders and recognisers inherit it. Memory is shared out among the recognisers, each of
which is refused more than its part and dies alone (FAULTS 6).
"""

import logging
import os
from dataclasses import dataclass

from ingest.errors import WorkerError
from ingest.work.pool import GENEROUS, GROWN_BYTES, ChildLimits, count_cores
from media.errors import N_
from media.settings import Settings

log = logging.getLogger(__name__)

MIB = 1024 * 1024
OWN_MB = 500  # of the worker itself: decoding, the queue, saving
LEAST_MB = 900  # of a recogniser with the smallest model


class LittleMemoryError(WorkerError):
    """Less memory than one recogniser needs."""

    msgid = N_("ENTENDU_MEMORY_MB=%(given)d is too little: one recogniser needs %(least)d.")


@dataclass(frozen=True, slots=True)
class Share:
    """What one worker uses."""

    processes: int
    cores: int
    memory_mb: int | None  # None: no limit of ours
    child: ChildLimits


def take_share(settings: Settings) -> Share:
    """Keep this process and its children within the settings' cores and memory."""
    if settings.cores:
        use_cores(settings.cores)
    cores = count_cores()
    if not settings.memory_mb:
        return Share(settings.workers or cores, cores, None, GENEROUS)
    return share_memory(settings, cores)


def share_memory(settings: Settings, cores: int) -> Share:
    """Divide the memory among as many recognisers as it is enough for.

    Raises LittleMemoryError where that is none.
    """
    for_children = settings.memory_mb - OWN_MB
    most = for_children // LEAST_MB
    if most < 1:
        least = OWN_MB + LEAST_MB
        raise LittleMemoryError(
            f"{settings.memory_mb} MiB", task="limits", given=settings.memory_mb, least=least
        )
    processes = min(settings.workers or cores, most)
    each = for_children * MIB // processes
    child = ChildLimits(grown_bytes=min(GROWN_BYTES, each), memory_bytes=each)
    return Share(processes, cores, settings.memory_mb, child)


def use_cores(count: int) -> None:
    """Run on so many of the cores that we may use, the last ones: web servers begin at the first."""
    if not hasattr(os, "sched_setaffinity"):
        log.warning("this system keeps no process to some cores; ENTENDU_CORES only counts recognisers")
        return
    allowed = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, allowed[-count:])

"""What this machine's web processes have answered, counted for Prometheus.

Each process counts for itself, and leaves its count every few seconds in a file beside those of
the others; whichever is asked adds them up. Plain files, not the library's own memory-mapped
ones: on a full disk a write to those ends the process, and readers with it (FAULTS 11).
"""

import asyncio
import logging
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families
from starlette.concurrency import run_in_threadpool

from media.settings import Settings

LOG = logging.getLogger(__name__)

SHARE_EVERY_S = 5.0
SUFFIX = ".prom"
BUCKETS_S = (0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 2.5, 5.0, 10.0)
OF_A_PROCESS = {"process_cpu_seconds", "process_resident_memory_bytes", "process_open_fds"}
OURS = "entendu_"
METHODS = {"GET", "HEAD", "POST"}


@dataclass(frozen=True, slots=True)
class Count:
    """One process's count, as it left it."""

    text: str
    lives: bool  # what a process takes up ends with it; what it has answered stays answered


@dataclass(frozen=True, slots=True)
class Answered:
    """A request that was answered, as far as it is counted: never by whom, or for what."""

    method: str
    route: str
    status: int
    seconds: float  # until the answer began; how fast it is taken is the reader's affair


class Tally:
    """What this process has answered; safe to share by threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._requests = Counter(
            "entendu_http_requests",
            "Requests answered.",
            ["method", "route", "status"],
            registry=self._registry,
        )
        self._seconds = Histogram(
            "entendu_http_request_seconds",
            "Seconds from a request to the first byte of its answer.",
            ["route"],
            buckets=BUCKETS_S,
            registry=self._registry,
        )

    def count(self, answered: Answered) -> None:
        """Count a request."""
        method = answered.method if answered.method in METHODS else "other"
        self._requests.labels(method, answered.route, str(answered.status)).inc()
        self._seconds.labels(answered.route).observe(answered.seconds)

    def add_up(self) -> Iterator[Metric]:
        """Give this machine's count: this process's as it is, the others' as they left theirs."""
        counts = [Count(generate_latest(self._registry).decode(), lives=True)]
        for path in sorted(self._folder.glob(f"*{SUFFIX}")):
            if path != self._path and path.stem.isdecimal():
                try:
                    counts.append(Count(path.read_text(encoding="utf-8"), lives=_lives(int(path.stem))))
                except (OSError, UnicodeDecodeError):  # gone meanwhile, or damaged: it will be written again
                    continue
        return add_up(counts)

    def share(self) -> None:
        """Leave this process's count for the others."""
        self._folder.mkdir(parents=True, exist_ok=True)
        arriving = self._path.with_suffix(".new")
        arriving.write_bytes(generate_latest(self._registry))
        arriving.replace(self._path)

    async def keep_sharing(self) -> None:
        """Leave it every few seconds for as long as the site is open."""
        while True:
            await asyncio.sleep(SHARE_EVERY_S)
            try:
                await run_in_threadpool(self.share)
            except OSError as error:  # a full disk: figures are late, nothing else
                LOG.warning("this process's count is not shared: %s", error)

    @property
    def _path(self) -> Path:
        return self._folder / f"{os.getpid()}{SUFFIX}"


@dataclass(slots=True)
class _Family:
    kind: str
    help: str
    sums: dict[tuple[str, tuple[tuple[str, str], ...]], float] = field(default_factory=dict)


def add_up(counts: Iterable[Count]) -> Iterator[Metric]:
    """Add the counts of several processes; one that cannot be read is left out."""
    families: dict[str, _Family] = {}
    for count in counts:
        try:
            found = list(text_string_to_metric_families(count.text))
        except ValueError:  # cut short by a full disk
            continue
        for metric in found:
            if not _is_kept(metric) or (metric.type == "gauge" and not count.lives):
                continue
            sums = families.setdefault(metric.name, _Family(metric.type, metric.documentation)).sums
            for sample in metric.samples:
                key = sample.name, tuple(sample.labels.items())
                sums[key] = sums.get(key, 0.0) + sample.value
    for name, family in families.items():
        added = Metric(name, family.help, family.kind)
        for (sample_name, labels), value in family.sums.items():
            added.add_sample(sample_name, dict(labels), value)
        yield added


def forget_ended(settings: Settings) -> None:
    """Remove the counts of processes that have ended, as the site starts anew."""
    for path in settings.metrics_folder.glob(f"*{SUFFIX}"):
        if not (path.stem.isdecimal() and _lives(int(path.stem))):
            path.unlink(missing_ok=True)


def _is_kept(metric: Metric) -> bool:
    return metric.name in OF_A_PROCESS or (
        metric.name.startswith(OURS) and not metric.name.endswith("_created")
    )


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True

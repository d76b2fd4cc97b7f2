"""The figures of the archive and of this machine, for Prometheus: `GET /metrics`.

The same catalogue answers on every machine: figures of the archive are the same wherever they are
asked, those of the index, of the disk and of what was answered are this machine's own. A catalogue
that cannot be read is a figure too. Not for strangers: a token, or an administrator.
"""

import hmac
import logging
import shutil
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from importlib.metadata import version

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import Connection
from starlette.responses import Response

from media import pace
from media.errors import DatabaseError, EntenduError
from media.people.accounts import Role
from media.workers import Worker, WorkerState, list_workers
from search.standing import read_standing
from web.errors import ForbiddenError, SignedOutError
from web.site import Site
from web.visits import Visit, may
from web.watching.tally import Tally

LOG = logging.getLogger(__name__)

OTHER = "other"  # the cause of failures that another version of the program named
SCHEME = "bearer "


def send_metrics(visit: Visit) -> Response:
    """Send every figure as Prometheus reads them."""
    _check_allowed(visit)
    tally: Tally = visit.request.app.state.tally
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures(lambda: (*tally.add_up(), *list_figures(visit.site, visit.now))))
    headers = {"content-type": CONTENT_TYPE_LATEST, "cache-control": "no-store"}
    return Response(generate_latest(registry), headers=headers)


def list_figures(site: Site, now: datetime) -> Iterator[Metric]:
    """List the figures of the archive and of this machine's index and disk."""
    yield _gauge("build_info", "The version of the program.", [({"version": version("entendu")}, 1)])
    found: list[Metric] = []
    try:
        with site.database.read() as connection:
            found += _list_work(connection, now)
            found += _list_workers(list_workers(connection), site.pulse.list_alive())
        found += _list_index(site, now)
    except DatabaseError as error:
        LOG.warning("figures of the archive are missing: %s", error)
    yield _gauge("catalogue_up", "Whether the catalogue can be read.", [({}, bool(found))])
    yield from found
    yield from _list_disk(site)


def name_cause(msgid: str) -> str:
    """Name the failure that says this, as the code does.

    >>> name_cause(DatabaseError.msgid), name_cause("said by nobody")
    ('DatabaseError', 'other')
    """
    return _causes(EntenduError).get(msgid, OTHER)


class _Figures(Collector):
    """What is read anew each time that it is asked."""

    def __init__(self, read: Callable[[], tuple[Metric, ...]]) -> None:
        self._read = read

    def collect(self) -> tuple[Metric, ...]:
        """Read the figures."""
        return self._read()


def _check_allowed(visit: Visit) -> None:
    token = visit.site.settings.metrics_token
    said = visit.request.headers.get("authorization", "")
    is_told = said[: len(SCHEME)].lower() == SCHEME
    if token and is_told and hmac.compare_digest(said[len(SCHEME) :].strip().encode(), token.encode()):
        return
    if visit.account is None:
        raise SignedOutError("/metrics without its token")
    if not may(visit.account, Role.ADMINISTRATOR):
        raise ForbiddenError("/metrics needs an administrator")


def _list_work(connection: Connection, now: datetime) -> Iterator[Metric]:
    counted = pace.count_audio(connection)
    by_status = [({"status": status.value}, amount) for status, amount in counted.items()]
    yield _gauge("episodes", "Episodes in each state.", [(of, held.episodes) for of, held in by_status])
    yield _gauge(
        "audio_seconds", "Sound in each state, as far as its length is known.",
        [(of, held.audio_ms / 1000) for of, held in by_status],
    )  # fmt: skip
    causes: dict[tuple[str, str], int] = {}
    for cause in pace.list_causes(connection):
        key = name_cause(cause.msgid), cause.step.value
        causes[key] = causes.get(key, 0) + cause.episodes
    yield _gauge(
        "failed_episodes", "Episodes that stand failed, by cause and step.",
        [({"cause": cause, "step": step}, count) for (cause, step), count in causes.items()],
    )  # fmt: skip
    feeds = pace.count_feeds(connection, now)
    states = {"read": feeds.read, "failing": feeds.failing, "stopped": feeds.stopped}
    yield _gauge(
        "feeds", "Feeds in each state.", [({"state": name}, count) for name, count in states.items()]
    )
    late_s = 0.0 if feeds.due_since is None else (now - feeds.due_since).total_seconds()
    yield _gauge("feed_late_seconds", "How long the feed that waits longest has been due.", [({}, late_s)])


def _list_workers(workers: list[Worker], alive: frozenset[str]) -> Iterator[Metric]:
    is_drained = WorkerState.DRAINED  # whether it was stopped since or not
    known = [worker for worker in workers if worker.card.name in alive or worker.state is is_drained]
    counted = {state: sum(held.state is state for held in known) for state in WorkerState}
    states = [({"state": state.value}, count) for state, count in counted.items()]
    yield _gauge("workers", "Workers that live, on every machine, by state.", states)
    processes = sum(held.card.processes for held in known if held.state is WorkerState.WORKING)
    yield _gauge("recogniser_processes", "Recognisers of the workers that take work.", [({}, processes)])


def _list_index(site: Site, now: datetime) -> Iterator[Metric]:
    standing = read_standing(site.settings, site.database)
    yield _gauge("index_searchable", "Whether this machine has an index.", [({}, standing.is_searchable)])
    yield _gauge(
        "index_lag_changes", "Changes that this machine's index lacks.", [({}, standing.lag.changes)]
    )
    yield _gauge("index_lag_seconds", "How long the first of them has waited.", [({}, standing.late_s(now))])


def _list_disk(site: Site) -> Iterator[Metric]:
    try:
        disk = shutil.disk_usage(site.settings.data)
    except OSError as error:
        LOG.warning("the disk's figures are missing: %s", error)
        return
    yield _gauge("disk_free_bytes", "Room left under the data folder.", [({}, disk.free)])
    yield _gauge("disk_size_bytes", "Size of the disk of the data folder.", [({}, disk.total)])


def _gauge(name: str, said: str, samples: Sequence[tuple[dict[str, str], float]]) -> Metric:
    labels = list(samples[0][0]) if samples else []
    family = GaugeMetricFamily(f"entendu_{name}", said, labels=labels)
    for of, value in samples:
        family.add_metric(list(of.values()), value)
    return family


def _causes(of: type[EntenduError]) -> dict[str, str]:
    """Map what each failure says to its name; where several say the same, the most general names it."""
    named: dict[str, str] = {}
    for child in of.__subclasses__():
        named = {**_causes(child), **named}
    return {**named, of.msgid: of.__name__}

"""The operator's page: what needs a hand, how the work goes, why work failed, machines, index, disk.

It says in words what the alerts of `deploy/prometheus-rules.yml` watch for, by the same bounds, for
those who keep no Prometheus. It does not renew itself: a page that moves while it is read is worse
than one that says of which moment it is.
"""

import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.responses import Response

from media import pace
from media.changes import last_change
from media.episodes import EpisodeStatus
from media.errors import N_, Message
from media.files import LEAST_FREE_BYTES
from media.nodes import Node, list_nodes
from media.pace import Amount, Cause, FeedStates
from media.progress import Progress, list_working
from media.workers import Worker, WorkerState, list_workers
from search.standing import IndexStanding, read_standing
from web.admin import STEP_NAMES
from web.visits import Visit

GIB = 1 << 30
HOUR_MS = 3_600_000
LATE_INDEX = timedelta(minutes=1)
LATE_FEED = timedelta(hours=2)
PERIODS = (
    (N_("the last hour"), timedelta(hours=1)),
    (N_("the last 24 hours"), timedelta(days=1)),
    (N_("the last 7 days"), timedelta(days=7)),
)
WORKER_STATES = {
    WorkerState.WORKING: N_("working"),
    WorkerState.DRAINING: N_("finishing what it has in hand"),
    WorkerState.DRAINED: N_("drained: it may be stopped"),
}


@dataclass(frozen=True, slots=True)
class Period:
    """What became ready in a while."""

    name: Message
    done: Amount
    pace: float  # hours of sound made ready in an hour


@dataclass(frozen=True, slots=True)
class Disk:
    """The disk of this machine's data folder, in GiB."""

    free: float
    size: float


@dataclass(frozen=True, slots=True)
class State:
    """All that the page shows."""

    counted: dict[EpisodeStatus, Amount]
    periods: list[Period]
    causes: list[Cause]
    feeds: FeedStates
    workers: list[Worker]
    alive: frozenset[str]
    working: list[Progress]
    nodes: list[Node]
    newest: int  # change of the log
    index: IndexStanding
    disk: Disk | None


def show_state(visit: Visit) -> Response:
    """Show how the service stands."""
    state = read_state(visit)
    waiting = [state.counted[status] for status in (EpisodeStatus.WAITING, EpisodeStatus.WORKING)]
    waiting_ms = sum(amount.audio_ms for amount in waiting)
    daily = next(period.pace for period in state.periods if period.name.msgid == PERIODS[1][0])
    context = {
        "state": state,
        "needs": list_needs(state, visit.now),
        "counts": {status.value: amount.episodes for status, amount in state.counted.items()},
        "waiting_hours": in_hours(waiting_ms),
        "days_left": round(in_hours(waiting_ms) / daily / 24, 1) if daily and waiting_ms else None,
        "step_names": {step: Message(msgid) for step, msgid in STEP_NAMES.items()},
        "worker_states": {held: Message(msgid) for held, msgid in WORKER_STATES.items()},
        "held": {worker.card.name: _held(state.working, worker) for worker in state.workers},
        "ends": {WorkerState.DRAINED},  # what it is called whether it has been stopped since or not
        "in_hours": in_hours,
        "late_s": round(state.index.late_s(visit.now)),
    }
    return visit.render("watching/state.html", context)


def read_state(visit: Visit) -> State:
    """Read it all, as of one moment."""
    site = visit.site
    with site.database.read() as connection:
        periods = [
            _period(Message(name), pace.measure_done(connection, visit.now - length), length)
            for name, length in PERIODS
        ]
        return State(
            counted=pace.count_audio(connection),
            periods=periods,
            causes=pace.list_causes(connection),
            feeds=pace.count_feeds(connection, visit.now),
            workers=list_workers(connection),
            alive=site.pulse.list_alive(),
            working=list_working(connection),
            nodes=list_nodes(connection),
            newest=last_change(connection),
            index=read_standing(site.settings, site.database),
            disk=_measure_disk(visit),
        )


def list_needs(state: State, now: datetime) -> list[Message]:
    """Say what needs a hand, the worst first; nothing where all is well."""
    needs: list[Message] = []
    if state.disk is None:
        needs.append(Message(N_("The data folder cannot be looked at. Check the disk.")))
    elif state.disk.free * GIB < LEAST_FREE_BYTES:
        said = N_(
            "%(free)s GiB are left on this machine’s disk: downloads stop before it is full. Free some."
        )
        needs.append(Message(said, {"free": str(state.disk.free)}))
    to_do = state.counted[EpisodeStatus.WAITING].episodes + state.counted[EpisodeStatus.WORKING].episodes
    if to_do and not _takes_work(state):
        needs.append(Message(N_("Episodes wait, and no worker takes any. Start one: “entendu work”.")))
    if not state.index.is_searchable:
        needs.append(Message(N_("This machine has no index yet: searches find nothing until it is built.")))
    elif state.index.late_s(now) > LATE_INDEX.total_seconds():
        said = N_("This machine’s index is %(minutes)d minutes late. Its log says why.")
        needs.append(Message(said, {"minutes": round(state.index.late_s(now) / 60)}))
    if state.feeds.due_since is not None and now - state.feeds.due_since > LATE_FEED:
        needs.append(Message(N_("Feeds that are due are not read: no worker does it, or all are busy.")))
    if failed := state.counted[EpisodeStatus.FAILED].episodes:
        said = N_("Episodes that stand failed: %(count)d. The reasons are below.")
        needs.append(Message(said, {"count": failed}))
    if state.feeds.failing:
        said = N_("Feeds that cannot be read: %(count)d. The administration’s page says which, and why.")
        needs.append(Message(said, {"count": state.feeds.failing}))
    return needs


def in_hours(audio_ms: int) -> float:
    """Turn a length into hours, as people read them.

    >>> in_hours(5_400_000), in_hours(360_000_000)
    (1.5, 100)
    """
    hours = audio_ms / HOUR_MS
    return round(hours) if hours >= 100 else round(hours, 1)


def _period(name: Message, done: Amount, length: timedelta) -> Period:
    hours = done.audio_ms / HOUR_MS / (length.total_seconds() / 3_600)
    return Period(name, done, round(hours, 1))


def _takes_work(state: State) -> bool:
    return any(
        worker.state is WorkerState.WORKING and worker.card.name in state.alive for worker in state.workers
    )


def _held(working: list[Progress], worker: Worker) -> list[Progress]:
    return [held for held in working if held.worker == worker.card.name]


def _measure_disk(visit: Visit) -> Disk | None:
    try:
        usage = shutil.disk_usage(visit.site.settings.data)
    except OSError:  # said on the page
        return None
    return Disk(round(usage.free / GIB, 1), round(usage.total / GIB))

"""The worker processes of every machine: who lives, what each may use, who is to take nothing new.

A worker counts its beats up while it lives, and no clock is compared with another's: a count that
stands still is a worker that is gone, or frozen (`ingest.work.takeover` watches). The moments kept
here are for people. A machine is named by its host name, and drained as a whole, restarts included.
"""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection, delete, func, insert, select, update

from media import schema
from media.episodes import EpisodeStatus

SILENCE = timedelta(seconds=60)  # a worker that has not beaten for this long is gone
FORGOTTEN_AFTER = timedelta(days=1)  # until then people are told that it is gone


class WorkerState(StrEnum):
    """What a worker does about new work."""

    WORKING = "working"
    DRAINING = "draining"  # finishes what it has in hand
    DRAINED = "drained"  # holds nothing: it may be stopped


@dataclass(frozen=True, slots=True)
class WorkerCard:
    """What a worker says of itself; the same for as long as it lives."""

    name: str  # of this process alone: another start has another name
    host: str
    place: str  # the folder of its lock, on the kernel that holds it
    version: str  # of the program
    processes: int  # recognisers
    cores: int
    memory_mb: int | None  # that it may use; None: no limit


@dataclass(frozen=True, slots=True)
class Worker:
    """A worker as the others see it."""

    card: WorkerCard
    beats: int
    state: WorkerState
    started_at: datetime
    seen_at: datetime
    gone_at: datetime | None


def keep_beating(connection: Connection, card: WorkerCard, state: WorkerState, now: datetime) -> None:
    """Let others see that this worker lives, and that its episodes are being worked on.

    One that is drained lives, but has left what it held to others.
    """
    held = schema.worker
    beat = update(held).where(held.c.name == card.name)
    news = {"state": state, "seen_at": now, "gone_at": now if state is WorkerState.DRAINED else None}
    if not connection.execute(beat.values(beats=held.c.beats + 1, **news)).rowcount:
        connection.execute(insert(held).values(beats=1, started_at=now, **asdict(card), **news))
    working = select(schema.episode.c.id).where(schema.episode.c.status == EpisodeStatus.WORKING)
    mine = (schema.progress.c.worker == card.name) & schema.progress.c.episode_id.in_(working)
    connection.execute(update(schema.progress).where(mine).values(updated_at=now))


def list_workers(connection: Connection) -> list[Worker]:
    """List the workers that live, and those that have gone lately, by name."""
    held = schema.worker
    card = [held.c[name] for name in WorkerCard.__slots__]
    rest = [held.c.beats, held.c.state, held.c.started_at, held.c.seen_at, held.c.gone_at]
    return [
        Worker(WorkerCard(*row[: len(card)]), row.beats, WorkerState(row.state), *row[len(card) + 2 :])
        for row in connection.execute(select(*card, *rest).order_by(held.c.name))
    ]


def list_beats(connection: Connection) -> dict[str, int]:
    """Count each worker's beats; a count that stands still is a worker that is gone, or frozen."""
    query = select(schema.worker.c.name, schema.worker.c.beats).where(schema.worker.c.gone_at.is_(None))
    return {row.name: row.beats for row in connection.execute(query)}


def count_processes(connection: Connection) -> int:
    """Count the recogniser processes of all workers that live and take work."""
    held = schema.worker
    at_work = held.c.gone_at.is_(None) & (held.c.state == WorkerState.WORKING)
    return connection.execute(select(func.sum(held.c.processes)).where(at_work)).scalar() or 0


def count_living(connection: Connection) -> int:
    """Count the workers that live, as far as the others know."""
    return connection.execute(select(func.count()).where(schema.worker.c.gone_at.is_(None))).scalar() or 0


def record_gone(connection: Connection, name: str, now: datetime) -> None:
    """Note that a worker has left, or was found gone: others take its work over."""
    left = (schema.worker.c.name == name) & schema.worker.c.gone_at.is_(None)
    connection.execute(update(schema.worker).where(left).values(gone_at=now))


def forget_gone(connection: Connection, now: datetime) -> None:
    """Forget the workers that went a day ago, and what was asked of them."""
    old = select(schema.worker.c.name).where(schema.worker.c.gone_at < now - FORGOTTEN_AFTER)
    connection.execute(delete(schema.drain).where(schema.drain.c.name.in_(old)))
    connection.execute(delete(schema.worker).where(schema.worker.c.gone_at < now - FORGOTTEN_AFTER))


def ask_to_drain(connection: Connection, name: str, now: datetime) -> None:
    """Have a worker, or all workers of a machine, take nothing new until `resume`."""
    if connection.execute(select(schema.drain).where(schema.drain.c.name == name)).first() is None:
        connection.execute(insert(schema.drain).values(name=name, asked_at=now))


def resume(connection: Connection, name: str) -> bool:
    """Have a worker or a machine work again; False where it was not asked to drain."""
    return connection.execute(delete(schema.drain).where(schema.drain.c.name == name)).rowcount > 0


def list_drains(connection: Connection) -> dict[str, datetime]:
    """List the workers and machines that are to take nothing new, and since when."""
    return {row.name: row.asked_at for row in connection.execute(select(schema.drain))}


def is_to_drain(connection: Connection, card: WorkerCard) -> bool:
    """Tell whether this worker, or its machine, is to take nothing new."""
    asked = select(schema.drain.c.name).where(schema.drain.c.name.in_((card.name, card.host)))
    return connection.execute(asked).first() is not None

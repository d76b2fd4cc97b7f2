"""How far each episode's work is: its step, the part done, its failures, the next try.

Workers write here what `entendu status`, the terminal and the administrator's page show; the
queue itself, and what resumes after a crash, is the work queue's business, not this table's.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, insert, or_, select, update

from media import schema
from media.changes import log_change
from media.episodes import EpisodeStatus
from media.errors import Message
from media.shows import dump_message, load_message

WORKER_SILENCE = timedelta(seconds=60)  # a worker that has written nothing for this long is gone


class Step(StrEnum):
    """The durable steps of an episode, in order."""

    WAITING = "waiting"
    DOWNLOAD = "download"
    DECODE = "decode"
    RECOGNISE = "recognise"
    DIARISE = "diarise"
    SAVE = "save"


@dataclass(frozen=True, slots=True)
class Progress:
    """Where one episode's work stands."""

    episode_id: int
    episode_title: str
    show_title: str
    status: EpisodeStatus
    step: Step
    done: int  # of `total`: bytes, milliseconds or chunks, as the step counts
    total: int  # 0: not known
    attempts: int
    retries: int  # by itself, since somebody last asked
    run: str | None  # the attempt's identity in the work queue
    worker: str | None
    started_at: datetime
    updated_at: datetime
    retry_at: datetime | None
    failure: Message | None


def begin_attempt(connection: Connection, episode_id: int, run: str, worker: str, now: datetime) -> None:
    """Note that a worker takes an episode up; the same run taken up again goes on where it was."""
    _set_status(connection, episode_id, EpisodeStatus.WORKING)
    held = get_progress(connection, episode_id)
    if held is not None and held.run == run:
        worked = held.updated_at - held.started_at  # the time between two workers is nobody's
        _write(connection, episode_id, worker=worker, started_at=now - worked, updated_at=now)
        return
    _write(
        connection,
        episode_id,
        step=Step.WAITING,
        done=0,
        total=0,
        attempts=1 if held is None else held.attempts + 1,
        run=run,
        worker=worker,
        started_at=now,
        updated_at=now,
        retry_at=None,
        failure=None,
    )


def holds_run(connection: Connection, episode_id: int, run: str) -> bool:
    """Tell whether this run is the one at work on an episode, and keep it so until the transaction ends.

    A worker that slept through its own replacement asks before it writes (FAULTS 4).
    """
    at_work = (
        select(schema.progress.c.run)
        .join(schema.episode, schema.episode.c.id == schema.progress.c.episode_id)
        .where(schema.progress.c.episode_id == episode_id, schema.episode.c.status == EpisodeStatus.WORKING)
        .with_for_update()
    )
    return connection.execute(at_work).scalar() == run


def record_progress(
    connection: Connection, episode_id: int, step: Step, done: int, total: int, now: datetime
) -> None:
    """Note how far a step is; a step's own clock starts with it."""
    this = schema.progress.c.episode_id == episode_id
    connection.execute(
        update(schema.progress).where(this, schema.progress.c.step != step).values(step=step, started_at=now)
    )
    connection.execute(update(schema.progress).where(this).values(done=done, total=total, updated_at=now))


def keep_beating(connection: Connection, worker: str, now: datetime) -> None:
    """Let others see that this worker lives, and that its episodes are being worked on."""
    this = schema.worker.c.name == worker
    beat = update(schema.worker).where(this).values(beats=schema.worker.c.beats + 1)
    if not connection.execute(beat).rowcount:
        connection.execute(insert(schema.worker).values(name=worker, beats=1))
    working = select(schema.episode.c.id).where(schema.episode.c.status == EpisodeStatus.WORKING)
    mine = (schema.progress.c.worker == worker) & schema.progress.c.episode_id.in_(working)
    connection.execute(update(schema.progress).where(mine).values(updated_at=now))


def list_beats(connection: Connection) -> dict[str, int]:
    """Count each worker's beats; a count that stands still is a worker that is gone, or frozen."""
    query = select(schema.worker.c.name, schema.worker.c.beats)
    return {row.name: row.beats for row in connection.execute(query)}


def record_failure(
    connection: Connection, episode_id: int, failure: Message, retry_at: datetime | None, now: datetime
) -> None:
    """Note why an episode's work stopped, and when it is tried again, if that can help."""
    _set_status(connection, episode_id, EpisodeStatus.FAILED)
    connection.execute(
        update(schema.progress)
        .where(schema.progress.c.episode_id == episode_id)
        .values(
            failure=dump_message(failure),
            retry_at=retry_at,
            retries=schema.progress.c.retries + (0 if retry_at is None else 1),
            updated_at=now,
        )
    )


def record_ready(connection: Connection, episode_id: int, now: datetime) -> None:
    """Note that an episode's words are there to be found; its progress row has served."""
    log_change(connection, episode_id, now)
    connection.execute(
        update(schema.episode)
        .where(schema.episode.c.id == episode_id)
        .values(status=EpisodeStatus.READY, transcribed_at=now)
    )
    connection.execute(delete(schema.progress).where(schema.progress.c.episode_id == episode_id))


def ask_again(connection: Connection, episode_id: int) -> None:
    """Put a failed or skipped episode back in the queue, with its retries forgotten."""
    again = or_(
        schema.episode.c.status == EpisodeStatus.FAILED, schema.episode.c.status == EpisodeStatus.SKIPPED
    )
    put_back = connection.execute(
        update(schema.episode)
        .where(schema.episode.c.id == episode_id, again)
        .values(status=EpisodeStatus.WAITING)
    )
    if put_back.rowcount:
        connection.execute(
            update(schema.progress)
            .where(schema.progress.c.episode_id == episode_id)
            .values(retries=0, retry_at=None, failure=None)
        )


def put_back_due_retries(connection: Connection, now: datetime) -> int:
    """Return to the queue the failed episodes whose next try has come; says how many."""
    due = select(schema.progress.c.episode_id).where(schema.progress.c.retry_at <= now)
    put_back = connection.execute(
        update(schema.episode)
        .where(schema.episode.c.id.in_(due), schema.episode.c.status == EpisodeStatus.FAILED)
        .values(status=EpisodeStatus.WAITING)
    )
    return put_back.rowcount


def list_working(connection: Connection) -> list[Progress]:
    """List the episodes that a worker has taken, oldest news first."""
    working = schema.episode.c.status == EpisodeStatus.WORKING
    query = _select_progress().where(working).order_by(schema.progress.c.updated_at)
    return [_progress(row) for row in connection.execute(query)]


def list_waiting(connection: Connection, limit: int) -> list[tuple[int, int]]:
    """List episodes to be taken, latest published first, each with the attempts that it has had."""
    query = (
        select(schema.episode.c.id, schema.progress.c.attempts)
        .outerjoin(schema.progress, schema.progress.c.episode_id == schema.episode.c.id)
        .where(schema.episode.c.status == EpisodeStatus.WAITING)
        .order_by(schema.episode.c.published_at.desc().nulls_last(), schema.episode.c.id)
        .limit(limit)
    )
    return [(episode_id, attempts or 0) for episode_id, attempts in connection.execute(query)]


def list_progress(connection: Connection, limit: int = 200) -> list[Progress]:
    """List what is being worked on or has failed, latest news first."""
    query = _select_progress().order_by(schema.progress.c.updated_at.desc()).limit(limit)
    return [_progress(row) for row in connection.execute(query)]


def get_progress(connection: Connection, episode_id: int) -> Progress | None:
    """Read where one episode's work stands; None before the first try and once it is ready."""
    row = connection.execute(_select_progress().where(schema.progress.c.episode_id == episode_id)).first()
    return None if row is None else _progress(row)


def _write(connection: Connection, episode_id: int, **values: Any) -> None:
    this = schema.progress.c.episode_id == episode_id
    if not connection.execute(update(schema.progress).where(this).values(**values)).rowcount:
        connection.execute(insert(schema.progress).values(episode_id=episode_id, **values))


def _set_status(connection: Connection, episode_id: int, status: EpisodeStatus) -> None:
    connection.execute(update(schema.episode).where(schema.episode.c.id == episode_id).values(status=status))


def _select_progress() -> Select[Any]:
    return (
        select(
            schema.progress,
            schema.episode.c.title.label("episode_title"),
            schema.episode.c.status,
            schema.show.c.title.label("show_title"),
        )
        .join(schema.episode, schema.episode.c.id == schema.progress.c.episode_id)
        .join(schema.show, schema.show.c.id == schema.episode.c.show_id)
    )


def _progress(row: Row[Any]) -> Progress:
    fields = dict(row._mapping)
    fields["status"] = EpisodeStatus(fields["status"])
    fields["step"] = Step(fields["step"])
    fields["failure"] = load_message(fields["failure"])
    return Progress(**fields)

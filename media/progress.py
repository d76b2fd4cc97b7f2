"""How far each episode's work is: its step, the part done, its failures, the next try.

Workers write here what `entendu status`, the terminal and the administrator's page show; the
queue itself, and what resumes after a crash, is the work queue's business, not this table's.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, Select, case, delete, func, insert, or_, select, update

from media import schema
from media.changes import log_change
from media.episodes import EpisodeStatus
from media.errors import Message
from media.shows import dump_message, load_message
from media.wishes import forget_wish

STOPPED = (EpisodeStatus.SKIPPED, EpisodeStatus.READY)  # nothing is to be done, whatever had begun


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
    hold: int  # times that a worker took it
    worker: str | None
    started_at: datetime
    updated_at: datetime
    retry_at: datetime | None
    failure: Message | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """An episode in the line."""

    episode_id: int
    attempts: int  # that it has had
    is_wished: bool  # somebody waits for it


@dataclass(frozen=True, slots=True)
class Hold:
    """One worker's hold on an episode: lost as soon as another takes the episode, or a person stops it."""

    episode_id: int
    run: str
    number: int


def begin_attempt(connection: Connection, episode_id: int, run: str, worker: str, now: datetime) -> Hold:
    """Note that a worker takes an episode up; the same run taken up again goes on where it was."""
    _set_status(connection, episode_id, EpisodeStatus.WORKING)
    held = get_progress(connection, episode_id)
    hold = Hold(episode_id, run, 1 if held is None else held.hold + 1)
    if held is not None and held.run == run:
        worked = held.updated_at - held.started_at  # the time between two workers is nobody's
        began = {"started_at": now - worked, "updated_at": now}
        _write(connection, episode_id, worker=worker, hold=hold.number, **began)
        return hold
    _write(
        connection,
        episode_id,
        step=Step.WAITING,
        done=0,
        total=0,
        attempts=1 if held is None else held.attempts + 1,
        run=run,
        hold=hold.number,
        worker=worker,
        started_at=now,
        updated_at=now,
        retry_at=None,
        failure=None,
    )
    return hold


def is_held(connection: Connection, hold: Hold) -> bool:
    """Tell whether this hold is the one at work on its episode, and keep it so until the transaction ends.

    A worker that slept through its own replacement, or was cut off, asks before it writes (FAULTS 4).
    """
    at_work = (
        select(schema.progress.c.run, schema.progress.c.hold)
        .join(schema.episode, schema.episode.c.id == schema.progress.c.episode_id)
        .where(
            schema.progress.c.episode_id == hold.episode_id, schema.episode.c.status == EpisodeStatus.WORKING
        )
        .with_for_update()
    )
    row = connection.execute(at_work).first()
    return row is not None and (row.run, row.hold) == (hold.run, hold.number)


def record_progress(
    connection: Connection, episode_id: int, step: Step, done: int, total: int, now: datetime
) -> None:
    """Note how far a step is; a step's own clock starts with it."""
    this = schema.progress.c.episode_id == episode_id
    connection.execute(
        update(schema.progress).where(this, schema.progress.c.step != step).values(step=step, started_at=now)
    )
    connection.execute(update(schema.progress).where(this).values(done=done, total=total, updated_at=now))


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
    forget_wish(connection, episode_id)


def cancel(connection: Connection, episode_id: int) -> bool:
    """Stop the work on an episode, begun or not, until somebody asks again; False where there is none.

    Words that it had before stay. Its row stays too, so that no later run takes the name of this one.
    """
    this = schema.episode.c.id == episode_id
    open_ = schema.episode.c.status.in_((EpisodeStatus.WAITING, EpisodeStatus.WORKING, EpisodeStatus.FAILED))
    has_words = schema.episode.c.transcribed_at.is_not(None)
    status = case((has_words, EpisodeStatus.READY), else_=EpisodeStatus.SKIPPED)
    if not connection.execute(update(schema.episode).where(this, open_).values(status=status)).rowcount:
        return False
    forget_wish(connection, episode_id)
    stopped = update(schema.progress).where(schema.progress.c.episode_id == episode_id)
    connection.execute(stopped.values(retry_at=None, failure=None))
    return True


def list_cancelled_runs(connection: Connection) -> set[str]:
    """Name the runs that are to be stopped, wherever they are."""
    query = (
        select(schema.progress.c.run)
        .join(schema.episode, schema.episode.c.id == schema.progress.c.episode_id)
        .where(schema.progress.c.run.is_not(None), schema.episode.c.status.in_(STOPPED))
    )
    return set(connection.execute(query).scalars())


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


def list_waiting(connection: Connection, limit: int) -> list[Waiting]:
    """List episodes to be taken: those that somebody waits for, then every show's in turn, latest first.

    A show counts what it has under way, so that ten thousand episodes of one keep no other waiting.
    """
    episode, busy = schema.episode, schema.episode.alias("busy")
    under_way = (
        select(busy.c.show_id, func.count().label("episodes"))
        .where(busy.c.status == EpisodeStatus.WORKING)
        .group_by(busy.c.show_id)
        .subquery()
    )
    latest = (episode.c.published_at.desc().nulls_last(), episode.c.id)
    place = func.row_number().over(partition_by=episode.c.show_id, order_by=latest)
    asked = case((schema.wish.c.by_operator, 0), (schema.wish.c.asked_at.is_not(None), 1), else_=2)
    turn = place + func.coalesce(under_way.c.episodes, 0)
    query = (
        select(episode.c.id, schema.progress.c.attempts, schema.wish.c.asked_at)
        .outerjoin(schema.progress, schema.progress.c.episode_id == episode.c.id)
        .outerjoin(schema.wish, schema.wish.c.episode_id == episode.c.id)
        .outerjoin(under_way, under_way.c.show_id == episode.c.show_id)
        .where(episode.c.status == EpisodeStatus.WAITING)
        .order_by(asked, schema.wish.c.asked_at, turn, *latest)
        .limit(limit)
    )
    return [Waiting(row.id, row.attempts or 0, row.asked_at is not None) for row in connection.execute(query)]


def list_progress(connection: Connection, limit: int = 200) -> list[Progress]:
    """List what is being worked on, has failed or is tried again, latest news first."""
    query = _select_progress().where(schema.episode.c.status.not_in(STOPPED))
    return [
        _progress(row)
        for row in connection.execute(query.order_by(schema.progress.c.updated_at.desc()).limit(limit))
    ]


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

"""“I have ten minutes”: somebody's minutes, what they spent them on, and what that made reliable.

Minutes are counted by what was asked, not by the clock: whoever is called away finds their
minutes again. What is said at the end is audio, never a rank.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select

from media import schema
from media.errors import NotFoundError
from media.volunteering import tables

MINUTES = (5, 10, 20)
S_PER_MINUTE = 60


@dataclass(frozen=True, slots=True)
class Sitting:
    """Somebody's minutes."""

    id: int
    account_id: int
    minutes: int
    begun_at: datetime
    spent_s: int
    answered: int  # settled; what was skipped is not

    @property
    def left_s(self) -> int:
        """Seconds still to be given; 0 when the minutes are done."""
        return max(0, self.minutes * S_PER_MINUTE - self.spent_s)


@dataclass(frozen=True, slots=True)
class Harvest:
    """What a sitting made of the archive."""

    settled: int
    corrected: int
    reliable_ms: int  # audio of the turns that it left without a doubt
    turns: int
    episodes: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """One answer of a sitting."""

    id: int
    episode_id: int
    turn_id: int
    fingerprint: str
    answer: str
    acts: tuple[int, ...]  # what it changed, in order


def begin_sitting(connection: Connection, account_id: int, minutes: int, now: datetime) -> int:
    """Begin a sitting, and return its identity."""
    statement = insert(tables.sitting).values(account_id=account_id, minutes=minutes, begun_at=now)
    return int(connection.execute(statement.returning(tables.sitting.c.id)).scalar_one())


def get_sitting(connection: Connection, sitting_id: int, account_id: int) -> Sitting:
    """Read one's own sitting; NotFoundError for anybody else's."""
    verdict, sitting = tables.verdict, tables.sitting
    row = connection.execute(
        select(sitting).where(sitting.c.id == sitting_id, sitting.c.account_id == account_id)
    ).first()
    if row is None:
        raise NotFoundError(f"no sitting {sitting_id} of account {account_id}", kind="page", name="")
    spent = select(func.coalesce(func.sum(verdict.c.cost_s), 0)).where(verdict.c.sitting_id == sitting_id)
    settled = select(func.count()).where(verdict.c.sitting_id == sitting_id, verdict.c.settles.is_(True))
    return Sitting(
        row.id,
        row.account_id,
        row.minutes,
        row.begun_at,
        int(connection.execute(spent).scalar_one()),
        connection.execute(settled).scalar_one(),
    )


def record_verdict(connection: Connection, **values: Any) -> None:
    """Keep somebody's answer to a doubt."""
    connection.execute(insert(tables.verdict).values(**values))


def last_verdict(connection: Connection, sitting_id: int) -> Verdict | None:
    """Read the latest answer of a sitting."""
    verdict = tables.verdict
    query = select(verdict).where(verdict.c.sitting_id == sitting_id).order_by(verdict.c.id.desc()).limit(1)
    row = connection.execute(query).first()
    return None if row is None else _verdict(row)


def forget_verdict(connection: Connection, verdict_id: int) -> None:
    """Take an answer back."""
    connection.execute(delete(tables.verdict).where(tables.verdict.c.id == verdict_id))


def measure_harvest(connection: Connection, sitting_id: int) -> Harvest:
    """Say what a sitting settled, and how much audio is without a doubt because of it."""
    verdict, turn, doubt = tables.verdict, schema.turn, tables.doubt
    settled = (verdict.c.sitting_id == sitting_id) & verdict.c.settles.is_(True)
    counted = select(verdict.c.answer, func.count()).where(settled).group_by(verdict.c.answer)
    answers = {str(answer): int(count) for answer, count in connection.execute(counted)}
    doubted = select(doubt.c.id).where(
        doubt.c.turn_id == turn.c.id, ~doubt.c.fingerprint.startswith("voice:")
    )
    clear = (
        select(turn.c.start_ms, turn.c.end_ms, turn.c.episode_id)
        .where(turn.c.id.in_(select(verdict.c.turn_id).where(settled).distinct()), ~doubted.exists())
        .where(turn.c.start_ms.is_not(None), turn.c.end_ms.is_not(None))
    )
    stretches = connection.execute(clear).all()
    return Harvest(
        sum(answers.values()),
        answers.get("corrected", 0),
        sum(end_ms - start_ms for start_ms, end_ms, _ in stretches),
        len(stretches),
        len({episode_id for _, _, episode_id in stretches}),
    )


def _verdict(row: Row[Any]) -> Verdict:
    return Verdict(row.id, row.episode_id, row.turn_id, row.fingerprint, row.answer, tuple(row.acts))

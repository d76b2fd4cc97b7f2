"""The ledger of effort: what is done, what is left, how far off the machine is, what to do next.

Everything is added up from one short row an episode (`survey`) or a voice (`accuracy`), never from
transcripts. Minutes are of audio and nobody's: the ledger knows no person.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, func, select

from media import schema
from media.volunteering import tables
from media.volunteering.doubts import Kind
from media.volunteering.findings import Minutes

MOST_ROWS = 50
NEXT_EPISODES = 5
FEWEST_WORDS = 50  # read by people, before a share of errors says anything


@dataclass(frozen=True, slots=True)
class Errors:
    """How many of the machine's words were wrong, of those that people have read."""

    show: str
    model: str
    speaker: str  # "": every voice, or those without name
    words: int
    errors: int

    @property
    def rate(self) -> float:
        """Word error rate; it can be more than 1."""
        return self.errors / self.words


@dataclass(frozen=True, slots=True)
class NextEpisode:
    """An episode in which work would count most."""

    id: int
    title: str
    show: str
    plays: int
    machine_ms: int
    doubts: int


@dataclass(frozen=True, slots=True)
class Ledger:
    """Where the archive stands."""

    minutes: Minutes
    surveyed: int  # episodes
    to_survey: int
    read_this_month_ms: int
    validated_this_month_ms: int
    doubts: dict[Kind, int]
    next_episodes: tuple[NextEpisode, ...]


def read_ledger(connection: Connection, now: datetime) -> Ledger:
    """Add up where the archive stands."""
    survey, done = tables.survey.c, tables.month_done
    sums = [func.coalesce(func.sum(column), 0) for column in (survey.machine_ms, survey.read_ms)]
    sums += [func.coalesce(func.sum(column), 0) for column in (survey.validated_ms, survey.doubtful_ms)]
    minutes = Minutes(*(int(total) for total in connection.execute(select(*sums)).one()))
    count = select(func.count()).select_from(tables.survey)
    month = connection.execute(select(done).where(done.c.month == f"{now:%Y-%m}")).first()
    return Ledger(
        minutes,
        connection.execute(count.where(survey.revision >= 0)).scalar_one(),
        connection.execute(count.where(survey.stale.is_(True))).scalar_one(),
        max(0, month.read_ms) if month else 0,
        max(0, month.validated_ms) if month else 0,
        count_kinds(connection),
        tuple(list_next(connection)),
    )


def count_kinds(connection: Connection) -> dict[Kind, int]:
    """Count the doubts in the queue by why they are asked."""
    kinds = select(tables.doubt.c.kind, func.count()).group_by(tables.doubt.c.kind)
    return {Kind(kind): number for kind, number in connection.execute(kinds)}


def list_next(connection: Connection) -> list[NextEpisode]:
    """List the episodes with the most to be gained: played most, then with the most doubts."""
    doubts = (
        select(tables.doubt.c.episode_id, func.count().label("doubts"))
        .group_by(tables.doubt.c.episode_id)
        .subquery()
    )
    plays = func.coalesce(tables.listening.c.plays, 0)
    asked = func.coalesce(doubts.c.doubts, 0)
    query = (
        select(
            schema.episode.c.id,
            schema.episode.c.title,
            schema.show.c.title,
            plays,
            tables.survey.c.machine_ms,
            asked,
        )
        .join(tables.survey, tables.survey.c.episode_id == schema.episode.c.id)
        .join(schema.show, schema.show.c.id == schema.episode.c.show_id)
        .outerjoin(tables.listening, tables.listening.c.episode_id == schema.episode.c.id)
        .outerjoin(doubts, doubts.c.episode_id == schema.episode.c.id)
        .where(and_(tables.survey.c.machine_ms > 0, schema.episode.c.private.is_(False)))
        .order_by(plays.desc(), asked.desc(), schema.episode.c.id.desc())
        .limit(NEXT_EPISODES)
    )
    return [NextEpisode(*row) for row in connection.execute(query)]


def list_errors(connection: Connection, *, by_speaker: bool) -> list[Errors]:
    """List the machine's errors by show and model, or by speaker too; the most words first."""
    accuracy = tables.accuracy.c
    keys = [schema.show.c.title, accuracy.model, *([accuracy.speaker] if by_speaker else [])]
    words, errors = func.sum(accuracy.words), func.sum(accuracy.errors)
    query = (
        select(*keys, words, errors)
        .select_from(tables.accuracy)
        .join(schema.episode, schema.episode.c.id == accuracy.episode_id)
        .join(schema.show, schema.show.c.id == schema.episode.c.show_id)
        .where(schema.episode.c.private.is_(False))
        .group_by(*keys)
        .having(words >= FEWEST_WORDS)
        .order_by(words.desc(), *keys)
        .limit(MOST_ROWS)
    )
    rows = [list(row) for row in connection.execute(query)]
    return [Errors(row[0], row[1], row[2] if by_speaker else "", int(row[-2]), int(row[-1])) for row in rows]

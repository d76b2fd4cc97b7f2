"""Passages of about five minutes, and who works on each.

A passage is the turns that start in one stretch of five minutes, so that splitting or merging
turns in it moves no other passage. A claim says by name who works there; it lapses after a quarter
of an hour without work, and never keeps anybody from saving. The two editions of an episode have
their own passages; where none is named, the one that leads is meant.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, func, insert, select, update

from media import schema
from media.correction import tables
from media.correction.authors import Author
from media.transcript import Edition, TurnKind, TurnState
from media.transcripts import find_leading, in_edition

PASSAGE_MS = 5 * 60_000
SHORT_PASSAGE_MS = 2 * 60_000  # what is left at the end goes to the passage before
PASSAGE_LETTERS = 20_000  # of packed words: about five minutes of a text that has no times
CLAIM_LENGTH = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Claim:
    """Who said that they work on a passage."""

    episode_id: int
    passage: int
    author: Author
    made_at: datetime
    expires_at: datetime
    edition: Edition = Edition.SPOKEN

    def is_of(self, author: Author) -> bool:
        """Tell whether this is the author's own claim."""
        if self.author.account_id is None or author.account_id is None:
            return self.author == author
        return self.author.account_id == author.account_id


@dataclass(frozen=True, slots=True)
class Passage:
    """Consecutive turns of an episode, short enough to be made right in one sitting."""

    number: int  # from 0, by place; not every number is taken where a turn is very long
    turn_ids: tuple[int, ...]
    first_position: int
    last_position: int
    start_ms: int | None
    end_ms: int | None
    states: dict[TurnState, int]  # how many turns with words stand at each
    doubts: int
    claim: Claim | None  # of whoever works there now
    edition: Edition = Edition.SPOKEN


def list_passages(
    connection: Connection, episode_id: int, now: datetime, edition: Edition | None = None
) -> list[Passage]:
    """List the passages of an edition in order, with who works on them now."""
    edition = edition or find_leading(connection, episode_id)
    query = _select_turns().where(in_edition(episode_id, edition))
    claims = {claim.passage: claim for claim in list_claims(connection, episode_id, now, edition)}
    parts = _cut(connection.execute(query).all())
    return [_passage(number, rows, claims.get(number), edition) for number, rows in parts]


def read_passage(
    connection: Connection, episode_id: int, number: int, now: datetime, edition: Edition | None = None
) -> Passage | None:
    """Read the passage of this number among those of `list_passages`, and no other where turns have times."""
    held = schema.turn.c
    edition = edition or find_leading(connection, episode_id)
    here = in_edition(episode_id, edition)
    if connection.execute(_count_untimed(here)).scalar():
        listed = list_passages(connection, episode_id, now, edition)
        return next((passage for passage in listed if passage.number == number), None)
    first, following = (_find_start(connection, here, at) for at in (number, number + 1))
    if first is None or first.start_ms // PASSAGE_MS != number:
        return None
    ends = _find_short_end(connection, here, following or first)
    if following is None and ends and first.position:
        return None  # it goes to the passage before
    query = _select_turns().where(here, held.position >= first.position)
    if following is not None and not ends:
        query = query.where(held.position < following.position)
    claims = {claim.passage: claim for claim in list_claims(connection, episode_id, now, edition)}
    return _passage(number, list(connection.execute(query)), claims.get(number), edition)


def list_claims(
    connection: Connection, episode_id: int, now: datetime, edition: Edition | None = None
) -> list[Claim]:
    """List who works on the passages of an edition now."""
    held = tables.claim.c
    edition = edition or find_leading(connection, episode_id)
    query = select(tables.claim).where(
        held.episode_id == episode_id, held.edition == edition, held.expires_at > now
    )
    return [read_claim_row(row) for row in connection.execute(query.order_by(held.passage))]


def read_claim_row(row: Row[Any]) -> Claim:
    """Make a claim of its row."""
    author = Author(row.account_id, row.author)
    return Claim(row.episode_id, row.passage, author, row.made_at, row.expires_at, Edition(row.edition))


def claim_passage(
    connection: Connection,
    episode_id: int,
    passage: int,
    author: Author,
    now: datetime,
    *,
    take_over: bool = False,
    edition: Edition | None = None,
) -> Claim:
    """Claim a passage, or renew one's claim; returns another's claim, unchanged, unless it is taken over."""
    held = tables.claim.c
    edition = edition or find_leading(connection, episode_id)
    here = (held.episode_id == episode_id) & (held.edition == edition) & (held.passage == passage)
    lock = select(schema.episode.c.id).where(schema.episode.c.id == episode_id).with_for_update()
    connection.execute(lock)
    claims = {claim.passage: claim for claim in list_claims(connection, episode_id, now, edition)}
    standing = claims.get(passage)
    if standing is not None and not standing.is_of(author) and not take_over:
        return standing
    own = standing is not None and standing.is_of(author)
    made_at = standing.made_at if standing is not None and own else now
    claim = Claim(episode_id, passage, author, made_at, now + CLAIM_LENGTH, edition)
    connection.execute(delete(tables.claim).where(here))
    values = {"account_id": author.account_id, "author": author.name}
    times = {"made_at": made_at, "expires_at": claim.expires_at}
    place = {"episode_id": episode_id, "edition": edition, "passage": passage}
    connection.execute(insert(tables.claim).values(**place, **values, **times))
    return claim


def renew_claims(connection: Connection, episode_id: int, author: Author, now: datetime) -> int:
    """Keep what an author has claimed in an episode for as long again; returns how many passages."""
    standing = _own(episode_id, author) & (tables.claim.c.expires_at > now)
    renewed = update(tables.claim).where(standing).values(expires_at=now + CLAIM_LENGTH)
    return connection.execute(renewed).rowcount


def release_claims(
    connection: Connection,
    episode_id: int,
    author: Author,
    passage: int | None = None,
    edition: Edition | None = None,
) -> None:
    """Let go of a passage of an edition, or of all that an author has claimed in an episode."""
    own = _own(episode_id, author)
    if passage is not None:
        edition = edition or find_leading(connection, episode_id)
        own &= (tables.claim.c.passage == passage) & (tables.claim.c.edition == edition)
    connection.execute(delete(tables.claim).where(own))


def _own(episode_id: int, author: Author) -> Any:
    held = tables.claim.c
    who = held.author == author.name if author.account_id is None else held.account_id == author.account_id
    return (held.episode_id == episode_id) & who


def _select_turns() -> Any:
    held = schema.turn.c
    return select(
        held.id,
        held.position,
        held.kind,
        held.start_ms,
        held.end_ms,
        held.state,
        func.json_array_length(held.doubts).label("doubts"),
        func.length(held.words).label("letters"),
    ).order_by(held.position)


def _count_untimed(here: ColumnElement[bool]) -> Any:
    return select(func.count()).where(here, schema.turn.c.start_ms.is_(None))


def _find_start(connection: Connection, here: ColumnElement[bool], number: int) -> Any:
    """Find the first turn that is not before a passage."""
    held = schema.turn.c
    query = select(held.position, held.start_ms, held.end_ms).where(
        here, held.start_ms >= number * PASSAGE_MS
    )
    return connection.execute(query.order_by(held.position).limit(1)).first()


def _find_short_end(connection: Connection, here: ColumnElement[bool], first: Any) -> bool:
    """Tell whether the passage that begins with a turn is the last, and short."""
    held = schema.turn.c
    if _find_start(connection, here, first.start_ms // PASSAGE_MS + 1) is not None:
        return False
    query = select(held.end_ms).where(here).order_by(held.position.desc()).limit(1)
    return _lasts_little(first.start_ms, connection.execute(query).scalar())


def _cut(rows: Iterable[Any]) -> Iterator[tuple[int, list[Any]]]:
    parts: dict[int, list[Any]] = {}
    number, letters = 0, 0
    for row in rows:
        letters += row.letters
        reached = letters // PASSAGE_LETTERS if row.start_ms is None else row.start_ms // PASSAGE_MS
        number = max(number, reached)
        parts.setdefault(number, []).append(row)
    numbers = list(parts)
    if len(numbers) > 1 and _is_short(parts[numbers[-1]]):
        parts[numbers[-2]] += parts.pop(numbers[-1])
    yield from parts.items()


def _is_short(rows: list[Any]) -> bool:
    return _lasts_little(rows[0].start_ms, rows[-1].end_ms)


def _lasts_little(start_ms: int | None, end_ms: int | None) -> bool:
    return start_ms is not None and end_ms is not None and end_ms - start_ms < SHORT_PASSAGE_MS


def _passage(number: int, rows: list[Any], claim: Claim | None, edition: Edition) -> Passage:
    said = Counter(row.state for row in rows if row.kind == TurnKind.SPEECH)
    return Passage(
        number=number,
        turn_ids=tuple(row.id for row in rows),
        first_position=rows[0].position,
        last_position=rows[-1].position,
        start_ms=rows[0].start_ms,
        end_ms=rows[-1].end_ms,
        states={state: said[state] for state in TurnState},
        doubts=sum(row.doubts for row in rows),
        claim=claim,
        edition=edition,
    )

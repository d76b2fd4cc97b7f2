"""The words that the machine heard during a turn, from the transcript that its times come from.

A transcript is kept compressed and never changes, so that a few, opened, are remembered for the
saves to come; their turns stay packed, and only those of the moment are unpacked.
"""

from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, select

from media import schema
from media.packing import open_packed_turns
from media.transcript import Word, unpack_words

REMEMBERED_TRANSCRIPTS = 24  # of a megabyte or two


class _Shelf:
    """A transcript's packed turns with their times, once somebody has read them."""

    turns: list[tuple[int, int, str]] | None = None


def find_base(connection: Connection, episode_id: int) -> Any:
    """Find the machine transcript that an episode's turns were made of: its row, without its content."""
    kept = schema.machine_transcript.c
    query = (
        select(kept.id, kept.made_at)
        .where(kept.episode_id == episode_id, kept.installed)
        .order_by(kept.id.desc())
        .limit(1)
    )
    return connection.execute(query).first()


def list_heard_words(
    connection: Connection, episode_id: int, start_ms: int | None, end_ms: int | None
) -> tuple[Word, ...]:
    """List the machine's words of an episode whose middle lies in this time; none where nothing was heard."""
    base = find_base(connection, episode_id)
    if base is None or start_ms is None or end_ms is None:
        return ()
    return tuple(
        word
        for first_ms, last_ms, packed in _read_turns(connection, base.id, base.made_at)
        if first_ms <= end_ms and start_ms <= last_ms
        for word in unpack_words(packed)
        if word.start_ms is not None and start_ms <= (word.start_ms + (word.end_ms or 0)) / 2 <= end_ms
    )


def _read_turns(connection: Connection, transcript_id: int, made_at: datetime) -> list[tuple[int, int, str]]:
    shelf = _shelf(str(connection.engine.url), transcript_id, made_at)
    if shelf.turns is None:
        query = select(schema.machine_transcript.c.content).where(
            schema.machine_transcript.c.id == transcript_id
        )
        shelf.turns = list(open_packed_turns(connection.execute(query).scalar_one()))
    return shelf.turns


@lru_cache(maxsize=REMEMBERED_TRANSCRIPTS)
def _shelf(_catalogue: str, _transcript_id: int, _made_at: datetime) -> _Shelf:
    return _Shelf()

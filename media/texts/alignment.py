"""What is kept of how a published text lies on what was heard: times, gaps, doubts, whose voice is whose.

The times themselves are the words'; here is what to think of them. Aligning changes no word, no
state and no version: people's corrections, and what they saw, stay as they are.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Float,
    ForeignKey,
    Integer,
    Table,
    delete,
    insert,
    select,
    update,
)

from media import schema
from media.packing import dump_doubts
from media.schema import UtcDateTime, metadata
from media.transcript import Edition, Turn, pack_words
from media.transcripts import Attribution, StoredTurn, Voice

alignment = Table(
    "alignment",
    metadata,
    Column("episode_id", Integer, ForeignKey("episode.id", ondelete="CASCADE"), primary_key=True),
    Column("made_at", UtcDateTime, nullable=False),
    Column("score", Float, nullable=False),
    Column("holds", Boolean, nullable=False),
    Column("words", Integer, nullable=False),
    Column("heard", Integer, nullable=False),
    Column("clock_shift_ms", Integer),
    Column("contradicted", JSON, nullable=False),  # [[turn, word, at_ms], …]
    Column("gaps", JSON, nullable=False),  # of KeptGap
    Column("confidences", JSON, nullable=False),  # [[turn, [0 to 1, …]], …]: of its paragraphs
    Column("voices", JSON, nullable=False),  # of VoiceEvidence
)


class GapKind(StrEnum):
    """What is missing on one side."""

    SPEECH = "speech"  # people speak, the text says nothing
    TEXT = "text"  # the text goes on, nobody says it
    UNRECOGNISED = "unrecognised"  # both are there, but the recogniser understood nothing


class VoiceVerdict(StrEnum):
    """What became of a voice of the text and a voice that was heard."""

    NAMED = "named"  # they are one
    KEPT = "kept"  # a person named it otherwise
    UNSURE = "unsure"  # too little speaks for it


@dataclass(frozen=True, slots=True)
class KeptGap:
    """A stretch where text and sound do not meet."""

    kind: GapKind
    start_ms: int
    end_ms: int
    first_turn: int | None = None  # identities, of a gap that holds text
    last_turn: int | None = None


@dataclass(frozen=True, slots=True)
class VoiceEvidence:
    """How much of what a voice was heard to say stands under a name in the text."""

    text_voice: int  # identity
    heard_voice: int  # the same, once they are one
    shared_ms: int
    heard_ms: int  # in all
    verdict: VoiceVerdict


@dataclass(frozen=True, slots=True)
class AlignmentReport:
    """How a published text lies on what was heard."""

    made_at: datetime
    score: float  # 0 to 1
    holds: bool  # False: it is another episode's text, and has no times
    words: int
    heard: int  # of the words, those whose time was heard; the others' is estimated
    clock_shift_ms: int | None = None  # our time less the text's own
    contradicted: tuple[tuple[int, int, int], ...] = ()  # turn, word, the time that the text names
    gaps: tuple[KeptGap, ...] = ()
    confidences: Mapping[int, tuple[float, ...]] | None = None  # of each turn, by paragraph
    voices: tuple[VoiceEvidence, ...] = ()


def save_alignment(connection: Connection, episode_id: int, report: AlignmentReport) -> bool:
    """Keep a report in place of the last; False where it says the same."""
    held = read_alignment(connection, episode_id)
    if held is not None and replace(held, made_at=report.made_at) == report:
        return False
    connection.execute(delete(alignment).where(alignment.c.episode_id == episode_id))
    row = asdict(report) | {
        "episode_id": episode_id,
        "gaps": [list(asdict(gap).values()) for gap in report.gaps],
        "voices": [list(asdict(each).values()) for each in report.voices],
        "contradicted": [list(each) for each in report.contradicted],
        "confidences": [[turn, list(sure)] for turn, sure in (report.confidences or {}).items()],
    }
    connection.execute(insert(alignment).values(row))
    return True


def read_alignment(connection: Connection, episode_id: int) -> AlignmentReport | None:
    """Read how an episode's published text was laid on its sound; None: it was not."""
    row = connection.execute(select(alignment).where(alignment.c.episode_id == episode_id)).first()
    if row is None:
        return None
    return AlignmentReport(
        row.made_at,
        row.score,
        row.holds,
        row.words,
        row.heard,
        row.clock_shift_ms,
        tuple((turn, word, at_ms) for turn, word, at_ms in row.contradicted),
        tuple(KeptGap(GapKind(kind), *rest) for kind, *rest in row.gaps),
        {turn: tuple(sure) for turn, sure in row.confidences},
        tuple(
            VoiceEvidence(text, heard, shared_ms, heard_ms, VoiceVerdict(verdict))
            for text, heard, shared_ms, heard_ms, verdict in row.voices
        ),
    )


def place_turns(connection: Connection, placed: Iterable[tuple[StoredTurn, Turn]]) -> int:
    """Give turns their times and doubts; return how many changed. Their text must be what it was."""
    changed = 0
    for held, turn in placed:
        if turn == held.turn:
            continue
        if turn.text != held.turn.text:
            raise ValueError(f"aligning changes no word: turn {held.id}")
        values = {
            "start_ms": turn.start_ms,
            "end_ms": turn.end_ms,
            "words": pack_words(turn.words),
            "doubts": dump_doubts(turn.doubts),
        }
        connection.execute(update(schema.turn).where(schema.turn.c.id == held.id).values(values))
        changed += 1
    return changed


def place_headings(connection: Connection, episode_id: int, starts: Mapping[int, int]) -> int:
    """Start the text's headings with their turns, given by identity; return how many moved."""
    held = schema.chapter.c
    here = (held.episode_id == episode_id) & (held.edition == Edition.PUBLISHED)
    moved = 0
    for row in connection.execute(select(held.id, held.turn_id, held.start_ms).where(here)).all():
        start_ms = starts.get(row.turn_id)
        if start_ms != row.start_ms:
            connection.execute(update(schema.chapter).where(held.id == row.id).values(start_ms=start_ms))
            moved += 1
    return moved


def join_voices(connection: Connection, edition: Edition, gone: Voice, kept: Voice) -> None:
    """Give the turns that a voice has in one edition to another voice; it keeps the name, for undoing."""
    turn, voice = schema.turn.c, schema.voice.c
    there = (turn.voice_id == gone.id) & (turn.edition == edition)
    connection.execute(update(schema.turn).where(there).values(voice_id=kept.id))
    if gone.attribution is not Attribution.HUMAN and kept.name is not None:
        speaker = select(voice.speaker_id).where(voice.id == kept.id).scalar_subquery()
        values: dict[str, Any] = {"speaker_id": speaker, "attribution": Attribution.IMPORTED}
        connection.execute(update(schema.voice).where(voice.id == gone.id).values(values))

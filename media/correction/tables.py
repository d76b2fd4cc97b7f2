"""Tables of this alcove, beside those of `media.schema`.

A turn's row holds what is read today; `turn_version` holds every state that it ever had, from
the first that a person changed. Turns come and go by splits and merges, so that history keeps
their identities without references: a turn that is gone has a last version that says so, and
who took its words.
"""

from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from media.schema import UtcDateTime, metadata


def _author() -> list[Column[Any]]:
    """Columns that say who: an account, which may be closed one day, and the name that stays."""
    return [
        Column("account_id", Integer, ForeignKey("account.id", ondelete="SET NULL")),
        Column("author", Text, nullable=False),
    ]


def _episode(*, nullable: bool = False) -> Column[Any]:
    return Column("episode_id", Integer, ForeignKey("episode.id", ondelete="CASCADE"), nullable=nullable)


act = Table(
    "act",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    *_author(),
    Column("reason", Text),
    Column("token", String(64), unique=True),  # the page's own, so that one save sent twice is one
    Column("detail", JSON, nullable=False),  # what history says of it, and the voices that it changed
    Column("undoes", Integer, ForeignKey("act.id", ondelete="CASCADE")),
    Column("undone_by", Integer),  # the act that undid it, unless that was undone in its turn
    sqlite_autoincrement=True,
)

turn_version = Table(
    "turn_version",
    metadata,
    Column("id", Integer, primary_key=True),
    _episode(),
    Column("edition", String(10), nullable=False, default="spoken", server_default="spoken"),
    Column("turn_id", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("act_id", Integer, ForeignKey("act.id", ondelete="CASCADE"), index=True),  # null: the machine's
    Column("before", Integer),  # the version that it followed; null: the turn was not there
    Column("gone", Boolean, nullable=False, default=False),  # the turn is no longer there
    Column("kin", Integer),  # the turn that it was cut from, or that took its words
    Column("follows", Integer),  # the turn before it, for putting it back; null: it was the first
    Column("kind", String(10), nullable=False),
    Column("label", Text),
    Column("voice_id", Integer),
    Column("speaker", Text),  # as the voice was named then
    Column("start_ms", Integer),
    Column("end_ms", Integer),
    Column("words", Text, nullable=False),  # transcript.pack_words
    Column("doubts", JSON, nullable=False),
    Column("state", String(10), nullable=False),
    Column("read_by", Integer),
    UniqueConstraint("turn_id", "version"),
)
Index("ix_turn_version_episode_id", turn_version.c.episode_id)

conflict = Table(
    "conflict",
    metadata,
    Column("id", Integer, primary_key=True),
    _episode(nullable=True),
    Column("turn_id", Integer, nullable=False, index=True),
    Column("version", Integer, nullable=False),  # that the text was typed over
    Column("text", Text, nullable=False),
    Column("cause", String(10), nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    *_author(),
    Column("resolution", String(10)),  # null: still to be settled
    Column("resolved_at", UtcDateTime),
    Column("act_id", Integer, ForeignKey("act.id", ondelete="SET NULL")),  # that settled it
)
Index("ix_conflict_episode_id", conflict.c.episode_id)

claim = Table(
    "claim",
    metadata,
    Column("episode_id", Integer, ForeignKey("episode.id", ondelete="CASCADE"), primary_key=True),
    Column("edition", String(10), primary_key=True, default="spoken", server_default="spoken"),
    Column("passage", Integer, primary_key=True),
    *_author(),
    Column("made_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
)

proposal = Table(
    "proposal",
    metadata,
    Column("id", Integer, primary_key=True),
    _episode(),
    Column("turn_id", Integer, nullable=False),
    Column("version", Integer, nullable=False),  # that it was made for
    Column("source", String(10), nullable=False),  # a visitor, or a machine that heard again
    Column("text", Text, nullable=False),
    # Of a machine's: the words that it would put the text in place of; none where first > last.
    Column("first_word", Integer),
    Column("last_word", Integer),
    Column("replaced", Text),
    Column("made_at", UtcDateTime, nullable=False),
    *_author(),
    Column("comment", Text),
    Column("token_hash", String(64), unique=True),  # SHA-256 of the proposer's secret link
    Column("transcript_id", Integer, ForeignKey("machine_transcript.id", ondelete="CASCADE")),
    Column("outcome", String(10), nullable=False),
    Column("decided_at", UtcDateTime),
    Column("decider", Text),
    Column("answer", Text),  # the reason given
    Column("act_id", Integer, ForeignKey("act.id", ondelete="SET NULL")),
)
Index("ix_proposal_waiting", proposal.c.outcome, proposal.c.episode_id)
Index("ix_proposal_turn_id", proposal.c.turn_id)

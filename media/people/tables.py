"""Tables of this alcove, beside those of `media.schema`."""

from typing import Any

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, false

from media.schema import UtcDateTime, metadata


def _account(name: str, *, ondelete: str = "SET NULL") -> Column[Any]:
    return Column(name, Integer, ForeignKey("account.id", ondelete=ondelete))


invitation = Table(
    "invitation",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("token_hash", String(64), nullable=False, unique=True),  # SHA-256 of what the link holds
    Column("role", String(10)),  # of the account to be made; null: a new password
    _account("account_id", ondelete="CASCADE"),  # whose password is set anew
    Column("note", Text, nullable=False, default=""),  # for whom, in the administrator's words
    _account("made_by"),
    Column("made_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime),
    _account("used_by"),
    Column("revoked_at", UtcDateTime),
)

attempt = Table(
    "attempt",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("budget", String(20), nullable=False),
    Column("key", String(64), nullable=False),  # SHA-256 of a login, an address or both
    Column("made_at", UtcDateTime, nullable=False, index=True),
)
Index("ix_attempt_budget_key", attempt.c.budget, attempt.c.key)

trusted_address = Table(
    "trusted_address",
    metadata,
    Column("key", String(64), primary_key=True),  # SHA-256 of a login and an address that it came from
    Column("seen_at", UtcDateTime, nullable=False),
)

withdrawal = Table(
    "withdrawal",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String(10), nullable=False),  # a passage, a name or an episode
    Column("episode_id", Integer, ForeignKey("episode.id", ondelete="CASCADE"), index=True),
    # A passage: by its time, which outlives its words; by turn and words where there is no audio.
    Column("start_ms", Integer),
    Column("end_ms", Integer),
    Column("turn_id", Integer),
    Column("edition", String(10), nullable=False, default="spoken", server_default="spoken"),  # of that turn
    Column("first_word", Integer),
    Column("last_word", Integer),  # inclusive
    Column("words", Text, nullable=False, default=""),  # folded, to be known again
    Column("name", Text),
    Column("reason", Text, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    _account("made_by"),
    Column("was_private", Boolean, nullable=False, default=False, server_default=false()),
    Column("lifted_at", UtcDateTime),
    _account("lifted_by"),
    Column("lift_reason", Text),
)

redaction = Table(
    "redaction",
    metadata,
    Column("episode_id", Integer, ForeignKey("episode.id", ondelete="CASCADE"), primary_key=True),
    # The listening copy with every sound in it; the episode's own is the one that may be heard.
    Column("whole_sha256", String(64), ForeignKey("audio.sha256"), nullable=False),
)

"""Tables of this alcove, beside those of `media.schema`.

A quote's row is written once. Only `hidden_at` changes, and `account_id` where an account goes.
Its episode cannot be deleted under it: the reference has no rule that would take the quote along.
"""

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from media.schema import UtcDateTime, metadata

quote = Table(
    "quote",
    metadata,
    Column("id", String(16), primary_key=True),  # unguessable
    Column("fingerprint", String(64), nullable=False, unique=True),  # same words, revision and person
    Column("episode_id", Integer, ForeignKey("episode.id"), nullable=False, index=True),
    Column("edition", String(10), nullable=False),
    Column("content", JSON, nullable=False),  # the words, and those before and after: `storing`
    Column("show", Text, nullable=False),  # titles, licence and notice as they were
    Column("episode", Text, nullable=False),
    Column("published_at", UtcDateTime),
    Column("language", String(8)),
    Column("licence", Text),
    Column("licence_url", Text),
    Column("notice", Text),
    Column("revision", Integer, nullable=False),
    Column("mark", Integer, nullable=False),  # the last `turn_version` then
    Column("original_sha256", String(64)),
    Column("copy_sha256", String(64)),
    Column("captured_at", UtcDateTime, nullable=False),
    Column("account_id", Integer, ForeignKey("account.id", ondelete="SET NULL")),
    Column("author", Text, nullable=False),
    Column("hidden_at", UtcDateTime),
)
Index("ix_quote_account_id", quote.c.account_id)

hearing = Table(
    "hearing",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("quote_id", String(16), ForeignKey("quote.id", ondelete="CASCADE"), nullable=False),
    Column("account_id", Integer, ForeignKey("account.id", ondelete="SET NULL")),
    Column("author", Text, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("words", String(64), nullable=False),  # SHA-256 of the text that was heard and confirmed
    UniqueConstraint("quote_id", "account_id", "words"),
)

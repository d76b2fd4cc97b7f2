"""Tables of this alcove: documents as they came, those being looked at, and transcripts that feeds offer.

A document's bytes are never changed. Beside them stands what was understood of them on that day
(the choices that a person made, the turns that became the published edition), so that a merge
compares with what was imported then, and not with what a later reader would make of it.
"""

from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from media.schema import UtcDateTime, metadata


def _episode() -> Column[Any]:
    return Column(
        "episode_id", Integer, ForeignKey("episode.id", ondelete="CASCADE"), nullable=False, index=True
    )


document = Table(
    "document",
    metadata,
    Column("id", Integer, primary_key=True),
    _episode(),
    Column("name", Text, nullable=False),  # of the file, or the end of the address
    Column("url", Text),  # where it came from; null: somebody gave it
    Column("sha256", String(64), nullable=False, index=True),
    Column("content", LargeBinary, nullable=False),  # compressed, otherwise unchanged
    Column("media_type", String(80), nullable=False),
    Column("format", String(20), nullable=False),  # values.TextFormat
    Column("encoding", String(40), nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("account_id", Integer, ForeignKey("account.id", ondelete="SET NULL")),  # who brought it
    Column("source", Text, nullable=False),  # whom its words are put down to: a site, or a person
    Column("licence", Text, nullable=False),  # as the document writes it; empty: it says nothing
    Column("licence_url", Text),
    Column("choices", JSON, nullable=False),  # [[block, kind], …]: what a person decided
    Column("reading", LargeBinary, nullable=False),  # packing.pack_reading
    Column("base", LargeBinary, nullable=False),  # packing.pack_base
    Column("voices", JSON, nullable=False),  # [[name, voice], …]: also those that are only numbers there
    Column("installed", Boolean, nullable=False),  # its words became the published edition
    Column("published_at_url", Text),  # it only says where the text is
    sqlite_autoincrement=True,
)

draft = Table(
    "draft",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("account_id", Integer, ForeignKey("account.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("made_at", UtcDateTime, nullable=False),
    Column("name", Text, nullable=False),
    Column("content", LargeBinary, nullable=False),  # compressed
    Column("url", Text),
    Column("media_type", String(80), nullable=False),
    Column("choices", JSON, nullable=False),  # as of a document
    Column("show", Text),  # title or short name, as wished
    # The episode whose text it is to be; null: found by what it says, or made.
    Column("episode_id", Integer, ForeignKey("episode.id", ondelete="CASCADE")),
    Column("private", Boolean, nullable=False),
)

offered_text = Table(
    "offered_text",
    metadata,
    Column("id", Integer, primary_key=True),
    _episode(),
    Column("url", Text, nullable=False),
    Column("type", String(80)),
    Column("language", String(20)),
    Column("captions", Boolean, nullable=False),  # rel="captions": timed for display
    Column("seen_at", UtcDateTime, nullable=False),  # when the feed announced it first
    Column("is_announced", Boolean, nullable=False),  # the feed still names it
    Column("etag", Text),
    Column("last_modified", Text),
    Column("fetched_at", UtcDateTime),
    Column("checks", Integer, nullable=False),  # times that it was asked for since it last changed
    Column("next_at", UtcDateTime, index=True),  # when it is asked for next; null: no more
    Column("failure", JSON),  # a Message
    Column("document_id", Integer, ForeignKey("document.id", ondelete="SET NULL")),
    UniqueConstraint("episode_id", "url"),
)

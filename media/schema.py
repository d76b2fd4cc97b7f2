"""The catalogue's tables, one schema for SQLite and PostgreSQL.

Rows are only what functions of this room read and write; values that leave are dataclasses.
A turn's words are one JSON column, not a row a word: an archive of ten thousand episodes has
a hundred million words, and they are always read a turn at a time.
Migrations in `media/migrations` bring an older catalogue here; a test compares the two.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
    true,
)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC moment; SQLite forgets the zone, so it is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive moment, and store UTC."""
        if value is not None and value.tzinfo is None:
            raise ValueError(f"a naive moment cannot be stored: {value!r}")
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Return aware UTC."""
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _owned_by(parent: str, *, nullable: bool = False) -> Any:
    return ForeignKey(f"{parent}.id", ondelete="CASCADE" if not nullable else "SET NULL")


show = Table(
    "show",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("slug", String(80), nullable=False, unique=True),
    Column("title", Text, nullable=False),
    Column("description", Text, nullable=False, default=""),  # sanitised HTML
    Column("author", Text, nullable=False, default=""),
    Column("language", String(8)),  # given by a person or the feed; null: detected
    Column("site_url", Text),
    Column("speakers", Integer),  # people who speak at length, where known
    Column("terms", JSON, nullable=False, default=list),  # names to recognise
    Column("created_at", UtcDateTime, nullable=False),
    # The feed, where there is one.
    Column("feed_url", Text, unique=True),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("next_poll_at", UtcDateTime, index=True),  # null: stopped, or no feed
    Column("polled_at", UtcDateTime),
    Column("poll_failures", Integer, nullable=False, default=0),
    Column("failure", JSON),  # a Message
    # What goes with every text that leaves, unless an episode says otherwise.
    Column("licence", Text),  # an identity of the licences that we know, or free text
    Column("licence_url", Text),
    Column("notice", Text),
    Column("clips", Boolean, nullable=False, default=True, server_default=true()),  # sound may be cut out
    # A transcript that the feed offers is taken instead of recognising.
    Column("prefer_offered", Boolean, nullable=False, default=False, server_default=false()),
)

audio = Table(
    "audio",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("suffix", String(8), nullable=False),  # ours, from the content: ".mp3"
    Column("media_type", String(40), nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("duration_ms", Integer),
    Column("peaks", LargeBinary),  # of a listening copy, for drawing
    Column("speech", JSON),  # of a listening copy: [[start_ms, end_ms], …] where people speak; null: unknown
)

episode = Table(
    "episode",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("show_id", Integer, _owned_by("show"), nullable=False),
    Column("guid", Text, nullable=False),  # the feed's, or what stands for it
    Column("title", Text, nullable=False),
    Column("description", Text, nullable=False, default=""),  # sanitised HTML
    Column("link", Text),
    Column("published_at", UtcDateTime),
    Column("first_seen_at", UtcDateTime, nullable=False),
    Column("language", String(8)),  # given; null: the show's, or detected
    Column("people", JSON, nullable=False, default=list),  # [[name, role], …], as announced
    Column("enclosure_url", Text),
    Column("enclosure_type", Text),
    Column("enclosure_bytes", BigInteger),
    Column("declared_ms", BigInteger),  # duration that the feed claims
    Column("chapters_url", Text),  # podcast:chapters
    Column("speakers", Integer),
    Column("original_sha256", String(64), ForeignKey("audio.sha256")),
    Column("listening_sha256", String(64), ForeignKey("audio.sha256")),
    Column("spoken_language", String(8)),  # of the transcript
    Column("partial", Boolean, nullable=False, default=False),  # the audio stops early
    Column("private", Boolean, nullable=False, default=False),
    Column("status", String(10), nullable=False, index=True),
    Column("revision", Integer, nullable=False, default=0),
    Column("transcribed_at", UtcDateTime),
    Column("edition", String(10), nullable=False, default="spoken", server_default="spoken"),  # that leads
    Column("licence", Text),  # null: the show's, as for the two that follow
    Column("licence_url", Text),
    Column("notice", Text),
    UniqueConstraint("show_id", "guid"),
)
Index("ix_episode_listing", episode.c.show_id, episode.c.published_at)

progress = Table(
    "progress",
    metadata,
    Column("episode_id", Integer, _owned_by("episode"), primary_key=True),
    Column("step", String(12), nullable=False),
    Column("done", Integer, nullable=False, default=0),
    Column("total", Integer, nullable=False, default=0),
    Column("attempts", Integer, nullable=False, default=0),
    Column("retries", Integer, nullable=False, default=0),  # by itself, since somebody last asked
    Column("run", String(120)),  # the attempt's identity in the work queue
    Column("hold", Integer, nullable=False, default=0, server_default="0"),  # times that a worker took it
    Column("worker", Text),
    Column("started_at", UtcDateTime, nullable=False),  # of this step; time that nobody worked left out
    Column("updated_at", UtcDateTime, nullable=False),
    Column("retry_at", UtcDateTime),
    Column("failure", JSON),  # a Message
)

wish = Table(
    "wish",  # somebody waits for this episode: it goes before others
    metadata,
    Column("episode_id", Integer, _owned_by("episode"), primary_key=True),
    Column("by_operator", Boolean, nullable=False),  # goes before what readers wish
    Column("asked_at", UtcDateTime, nullable=False),
)

worker = Table(
    "worker",
    metadata,
    Column("name", String(120), primary_key=True),  # of one process: no two, nor two starts, share it
    Column("beats", BigInteger, nullable=False),  # counts up while the worker lives
    Column("host", Text, nullable=False),
    Column("place", String(64), nullable=False),  # the folder whose locks tell who lives, on one kernel
    Column("version", String(40), nullable=False),
    Column("processes", Integer, nullable=False),  # recognisers
    Column("cores", Integer, nullable=False),
    Column("memory_mb", Integer),  # that it may use; null: no limit
    Column("state", String(10), nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),  # for people: clocks are not compared
    Column("gone_at", UtcDateTime),  # it left, or was found gone; a beat takes that back
)

drain = Table(
    "drain",
    metadata,
    Column("name", String(120), primary_key=True),  # of a worker, or of a machine and all its workers
    Column("asked_at", UtcDateTime, nullable=False),
)

chapter = Table(
    "chapter",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("episode_id", Integer, _owned_by("episode"), nullable=False, index=True),
    Column("start_ms", Integer),  # null: its turn's
    Column("title", Text, nullable=False),
    # The turn under a text's heading; no foreign key: where a turn is merged away, its heir is asked for.
    Column("turn_id", Integer),
    Column("edition", String(10)),  # of a text's heading; null: from the feed or the file
)

speaker = Table(
    "speaker",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("show_id", Integer, _owned_by("show"), nullable=False),
    Column("name", Text, nullable=False),
    UniqueConstraint("show_id", "name"),
)

voice = Table(
    "voice",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("episode_id", Integer, _owned_by("episode"), nullable=False),
    Column("number", Integer, nullable=False),  # from 1, by first words
    Column("speaker_id", Integer, _owned_by("speaker", nullable=True), index=True),
    Column("attribution", String(10), nullable=False),  # how the name was found
    UniqueConstraint("episode_id", "number"),
)

turn = Table(
    "turn",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("episode_id", Integer, _owned_by("episode"), nullable=False),
    Column("edition", String(10), nullable=False, default="spoken", server_default="spoken"),
    Column("position", Integer, nullable=False),  # in its edition
    Column("kind", String(10), nullable=False),
    Column("label", Text),
    Column("voice_id", Integer, _owned_by("voice", nullable=True), index=True),
    Column("start_ms", Integer),
    Column("end_ms", Integer),
    Column("words", Text, nullable=False),  # transcript.pack_words
    Column("doubts", JSON, nullable=False, default=list),  # [[kind, first_word, last_word], …]
    Column("state", String(10), nullable=False),
    Column("version", Integer, nullable=False, default=0, server_default="0"),  # 0: as the machine made it
    Column("read_by", Integer, _owned_by("account", nullable=True)),  # who read it last, if a person did
    UniqueConstraint("episode_id", "edition", "position"),
    Index("ix_turn_state", "state", "episode_id"),
    sqlite_autoincrement=True,  # history speaks of turns that are gone: no identity is given twice
)

machine_transcript = Table(
    "machine_transcript",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("episode_id", Integer, _owned_by("episode"), nullable=False, index=True),
    Column("run", String(120), nullable=False, unique=True),  # the work that made it
    Column("source", Text, nullable=False),
    Column("language", String(8), nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("content", LargeBinary, nullable=False),  # every turn, compressed; never changed
    # Whether its turns became the episode's; one made after people worked there is only proposed.
    Column("installed", Boolean, nullable=False, default=False, server_default=false()),
)

revision = Table(
    "revision",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("episode_id", Integer, _owned_by("episode"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("account_id", Integer, _owned_by("account", nullable=True)),
    Column("act", String(20), nullable=False),
    Column("detail", JSON, nullable=False),
    Column("act_id", Integer, _owned_by("act"), index=True),  # what a person did, where it can be undone
    UniqueConstraint("episode_id", "number"),
)

change = Table(
    "change",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("episode_id", Integer, nullable=False),  # no foreign key: it outlives its episode
    Column("made_at", UtcDateTime, nullable=False),
    sqlite_autoincrement=True,  # an identity is never given twice
)

# The machines that keep an index, and how far each has followed the log.
node = Table(
    "node",
    metadata,
    Column("name", String(120), primary_key=True),
    Column("beats", BigInteger, nullable=False),  # counts up while the machine follows
    Column("followed", BigInteger, nullable=False),  # the last change that its index holds
    Column("percent", Integer),  # of the index being built, where there is none to search
    Column("seen_at", UtcDateTime, nullable=False),
)

# A copy of an index that a machine left where files are shared, for machines that join.
index_offer = Table(
    "index_offer",
    metadata,
    Column("version", String(10), primary_key=True),  # of the index: others cannot read it
    Column("claimed_at", UtcDateTime, nullable=False),  # when a machine last set about making one
    Column("sha256", String(64)),  # its name and the only content that is ever opened; null: none yet
    Column("size_bytes", BigInteger),
    Column("followed", BigInteger),  # the last change that it holds
    Column("offered_at", UtcDateTime),
)

account = Table(
    "account",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("login", String(80), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("role", String(10), nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("closed_at", UtcDateTime),  # it signs in no more; what it did stays
    Column("removed_at", UtcDateTime),  # for good, with its login and password
)

session = Table(
    "session",
    metadata,
    Column("token_hash", String(64), primary_key=True),  # SHA-256 of the cookie
    Column("account_id", Integer, _owned_by("account"), nullable=False, index=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime),  # last use, to within an hour
    Column("browser", String(40)),  # its family, nothing that tells two apart
)

"""Tables of this alcove, beside those of `media.schema`.

All but the glossary, what people answered, and the counts of listening is drawn from the
transcripts, and can be deleted: `media.volunteering.survey` makes it again, an episode at a time.
A word's doubt has no row a word: only what is worth somebody's minute is in the queue.
"""

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from media.schema import UtcDateTime, metadata


def _owned_by(parent: str) -> Any:
    return ForeignKey(f"{parent}.id", ondelete="CASCADE")


def _author() -> list[Column[Any]]:
    return [
        Column("account_id", Integer, ForeignKey("account.id", ondelete="SET NULL")),
        Column("author", Text, nullable=False),
    ]


# How often an episode was played: a count, of nobody in particular.
listening = Table(
    "listening",
    metadata,
    Column("episode_id", Integer, _owned_by("episode"), primary_key=True),
    Column("plays", Integer, nullable=False),
    Column("counted_at", UtcDateTime, nullable=False),  # so that a held key counts once
)

# What the queue and the ledger know of an episode, and as of which revision.
survey = Table(
    "survey",
    metadata,
    Column("episode_id", Integer, _owned_by("episode"), primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("stale", Boolean, nullable=False),
    Column("words", LargeBinary, nullable=False),  # the set of its words, compressed
    # Milliseconds of speech by state, and in turns with a doubt that is marked.
    Column("machine_ms", BigInteger, nullable=False),
    Column("read_ms", BigInteger, nullable=False),
    Column("validated_ms", BigInteger, nullable=False),
    Column("doubtful_ms", BigInteger, nullable=False),
)
Index("ix_survey_stale", survey.c.stale)

# How far the change log was followed; one row.
followed = Table(
    "followed",
    metadata,
    Column("name", String(20), primary_key=True),
    Column("change_id", Integer, nullable=False),
)

# In how many episodes a word is said, folded.
word_spread = Table(
    "word_spread",
    metadata,
    Column("word", String(64), primary_key=True),
    Column("episodes", Integer, nullable=False),
)

doubt = Table(
    "doubt",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("episode_id", Integer, _owned_by("episode"), nullable=False),
    Column("turn_id", Integer, nullable=False, index=True),
    Column("fingerprint", String(120), nullable=False),  # the same doubt after the episode is read again
    Column("place", String(120), nullable=False),  # the same words, whatever is doubtful about them
    Column("kind", String(12), nullable=False),
    Column("first_word", Integer, nullable=False),  # in the turn, as it was surveyed
    Column("last_word", Integer, nullable=False),
    Column("words", Text, nullable=False),  # those words, to know whether they are still there
    Column("hint", Text),  # the term that may have been meant, the name that was announced
    Column("gain", Float, nullable=False),
    Column("priority", Float, nullable=False),  # the gain, by how much the episode is listened to
    Column("leased_by", Integer),  # an account
    Column("leased_until", UtcDateTime),
    UniqueConstraint("episode_id", "fingerprint"),
    sqlite_autoincrement=True,  # a page asks about an identity that may be gone
)
Index("ix_doubt_queue", doubt.c.priority, doubt.c.id)
Index("ix_doubt_leased_by", doubt.c.leased_by)

# "I have ten minutes": somebody's ten minutes.
sitting = Table(
    "sitting",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("account_id", Integer, _owned_by("account"), nullable=False, index=True),
    Column("begun_at", UtcDateTime, nullable=False),
    Column("minutes", Integer, nullable=False),
)

# What somebody answered. A settled doubt does not come back; a skipped one not to the same person.
verdict = Table(
    "verdict",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("episode_id", Integer, _owned_by("episode"), nullable=False),
    Column("turn_id", Integer, nullable=False),
    Column("fingerprint", String(120), nullable=False),
    Column("place", String(120), nullable=False),
    Column("kind", String(12), nullable=False),
    Column("answer", String(12), nullable=False),
    Column("settles", Boolean, nullable=False),
    Column("cost_s", Integer, nullable=False),  # of the sitting's minutes
    Column("acts", JSON, nullable=False),  # what it changed, in order, to be undone
    Column("sitting_id", Integer, _owned_by("sitting"), index=True),
    Column("account_id", Integer, _owned_by("account")),
    Column("made_at", UtcDateTime, nullable=False),
)
Index("ix_verdict_place", verdict.c.episode_id, verdict.c.place, verdict.c.account_id)

glossary_term = Table(
    "glossary_term",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("show_id", Integer, _owned_by("show"), nullable=False),
    Column("spelling", Text, nullable=False),
    Column("forms", JSON, nullable=False),  # how it was misheard
    Column("removed", Boolean, nullable=False),  # a term that somebody removed is not proposed again
    UniqueConstraint("show_id", "spelling"),
)

glossary_change = Table(
    "glossary_change",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("show_id", Integer, _owned_by("show"), nullable=False, index=True),
    Column("act", String(10), nullable=False),
    Column("spelling", Text, nullable=False),
    Column("detail", JSON, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    *_author(),
)

# What people wrote in place of what the machine had heard, counted an episode at a time.
replacement = Table(
    "replacement",
    metadata,
    Column("episode_id", Integer, _owned_by("episode"), primary_key=True),
    Column("heard", String(120), primary_key=True),  # as written first, less case
    Column("written", String(120), primary_key=True),
    Column("count", Integer, nullable=False),
)

# The machine's words against those that people have read, by model and speaker.
accuracy = Table(
    "accuracy",
    metadata,
    Column("episode_id", Integer, _owned_by("episode"), primary_key=True),
    Column("model", String(200), primary_key=True),
    Column("speaker", String(200), primary_key=True),  # "": a voice without name
    Column("words", Integer, nullable=False),  # as people left them
    Column("errors", Integer, nullable=False),  # substituted, inserted and deleted
)

# Milliseconds of audio that people read or validated in a month.
month_done = Table(
    "month_done",
    metadata,
    Column("month", String(7), primary_key=True),  # "2026-03"
    Column("read_ms", BigInteger, nullable=False),
    Column("validated_ms", BigInteger, nullable=False),
)

# One correction in many places: the act that it was, so that it is told and undone as one.
sweep = Table(
    "sweep",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("heard", Text, nullable=False),
    Column("written", Text, nullable=False),
    Column("act_id", Integer, ForeignKey("act.id", ondelete="CASCADE"), nullable=False),
    Column("places", Integer, nullable=False),
    Column("turns", JSON, nullable=False),  # [[episode, turn], …]
    Column("made_at", UtcDateTime, nullable=False),
    Column("undone_at", UtcDateTime),
    *_author(),
)

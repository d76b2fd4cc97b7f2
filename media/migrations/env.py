"""Run by Alembic: migrate the engine that `media.database` hands over."""

from typing import Any, Literal

from alembic import context
from sqlalchemy import text

import media.correction.tables
import media.people.tables
import media.quotes.tables
import media.texts.alignment
import media.texts.tables
import media.volunteering.tables  # noqa: F401 -- every table is to be known here
from media.database import WRITES
from media.schema import UtcDateTime, metadata

MIGRATION_LOCK = 0x656E746D  # "entm"


def render_item(kind: str, value: Any, _context: Any) -> str | Literal[False]:
    """Write our moments as plain ones in a new migration, so that none imports the program."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(value, UtcDateTime) else False


engine = context.config.attributes["engine"]
with engine.connect() as connection:
    connection = connection.execution_options(**{WRITES: True})
    context.configure(
        connection,
        target_metadata=metadata,
        render_as_batch=True,
        render_item=render_item,
        transactional_ddl=True,  # SQLite's too, since we begin its transactions: all steps, or none
    )
    with context.begin_transaction():
        if connection.dialect.name == "postgresql":  # machines that start together; SQLite has one writer
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
        context.run_migrations()

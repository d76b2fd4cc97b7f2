"""Move a living archive to another database, and leave the old one as it was: read, not written.

While rows are copied nobody may write to the old catalogue; whoever reads goes on. It is left only
once the copy was read back equal, and then refuses every write by itself, in whichever process and
of whichever version, so that no correction lands where nobody would look for it. The work queue
stays behind: an episode under way is begun again.
"""

import re
from pathlib import Path

from sqlalchemy import URL, Connection, inspect, make_url, text, update

from media import schema
from media.database import MOVED, Database
from media.episodes import EpisodeStatus
from media.keeping.copying import Progress, Tally, copy_rows, tally_rows
from media.keeping.errors import CopyDiffersError, TakenError

QUEUE_SCHEMA = "dbos"  # of the work queue, in PostgreSQL
UNPRINTED = r"[^\w:/@.*+-]"  # in a statement that takes no values
ACTS = ("INSERT", "UPDATE", "DELETE")


def move_catalogue(source: Database, url: str, on_progress: Progress) -> dict[str, Tally]:
    """Move everything to an empty database; KeepingError or DatabaseError, and nothing is moved."""
    target = open_empty(url)
    try:
        with source.write() as there:
            _stop_writers(there)
            with target.write() as here:
                read = copy_rows(there, here, on_progress)
                compare(read, tally_rows(here))
                put_back_work(here)
            _refuse_writes(there, target.url)
    finally:
        target.close()
    return read


def open_empty(url: str) -> Database:
    """Open an empty database and give it this program's schema; TakenError unless it is empty."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database and Path(parsed.database).exists():
        raise TakenError(f"{parsed.database} exists", path=parsed.database)
    target = Database(url)
    try:
        with target.read() as connection:
            held = inspect(connection)
            if held.get_table_names() or QUEUE_SCHEMA in held.get_schema_names():
                raise TakenError(f"{target.name} is not empty", path=target.name)
        target.upgrade()
    except BaseException:
        target.close()
        raise
    return target


def compare(read: dict[str, Tally], copied: dict[str, Tally]) -> None:
    """Hold that two catalogues come to the same; CopyDiffersError names the first table that does not."""
    for name, tally in read.items():
        if copied.get(name) != tally:
            raise CopyDiffersError(f"{name}: {tally}, but {copied.get(name)}", table=name)


def put_back_work(connection: Connection) -> None:
    """Have the episodes under way begun again: the queue that remembers their steps is not here."""
    working = schema.episode.c.status == EpisodeStatus.WORKING
    connection.execute(update(schema.episode).where(working).values(status=EpisodeStatus.WAITING))
    connection.execute(update(schema.progress).values(run=None, worker=None))


def _stop_writers(connection: Connection) -> None:
    """Keep others from writing until the transaction ends; SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        names = ", ".join(f'"{table.name}"' for table in schema.metadata.sorted_tables)
        connection.execute(text(f"LOCK TABLE {names} IN SHARE MODE"))


def _refuse_writes(connection: Connection, target: URL) -> None:
    """Have the database itself refuse every write from now on, saying where the archive went."""
    place = target.set(query={}).render_as_string(hide_password=True)
    said = f"this catalogue was moved to {re.sub(UNPRINTED, '', place)}"
    names = [table.name for table in schema.metadata.sorted_tables]
    if connection.dialect.name == "postgresql":
        body = f"BEGIN RAISE EXCEPTION '{said}'; END"
        statements = [f"CREATE FUNCTION {MOVED}() RETURNS trigger LANGUAGE plpgsql AS $${body}$$"]
        statements += [
            f'CREATE TRIGGER {MOVED} BEFORE {" OR ".join(ACTS)} ON "{name}" EXECUTE FUNCTION {MOVED}()'
            for name in names
        ]
    else:
        statements = [
            f'CREATE TRIGGER "{MOVED}_{name}_{act}" BEFORE {act} ON "{name}" '
            f"BEGIN SELECT RAISE(ABORT, '{said}'); END"
            for name in names
            for act in ACTS
        ]
    for statement in statements:
        connection.exec_driver_sql(statement)

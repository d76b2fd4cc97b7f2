"""Copy a whole catalogue from one database to another, row by row, and tell whether both are equal.

SQLite and PostgreSQL alike: rows cross as values, JSON as the text that it is, so that nothing of
it is read and written anew, and what is null stays null of its kind. The two sides are counted and
hashed apart, each as it reads itself back. A hash of a table is the sum of its rows' hashes, since
the two sort text differently.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import (
    JSON,
    Connection,
    Integer,
    Table,
    Text,
    bindparam,
    cast,
    delete,
    func,
    insert,
    select,
    text,
)

import media.correction.tables
import media.people.tables
import media.quotes.tables
import media.texts.alignment
import media.texts.tables
import media.volunteering.tables  # noqa: F401 -- every table is to be copied
from media import schema

ROWS_AT_ONCE = 500
HASH_BITS = 256
# Which machines run: true of one installation at one moment, and moves nowhere.
OF_THE_MOMENT = frozenset({"worker", "node", "index_offer"})

Progress = Callable[[str, int], None]  # a table, and how many rows more of it


class Tally(NamedTuple):
    """What a table comes to."""

    rows: int
    digest: str


def list_tables() -> list[Table]:
    """List the tables that are copied, each after those that it points at."""
    return [table for table in schema.metadata.sorted_tables if table.name not in OF_THE_MOMENT]


def copy_rows(source: Connection, target: Connection, on_progress: Progress) -> dict[str, Tally]:
    """Copy every row into tables without any; return what was read, by table."""
    for table in reversed(schema.metadata.sorted_tables):
        target.execute(delete(table))  # a new schema may come with rows of its own
    tallies = {}
    for table in list_tables():
        into, counting = _insert_into(table, target), _Counting()
        rows = _read(source, table)
        while batch := list(islice(rows, ROWS_AT_ONCE)):
            target.execute(into, [dict(zip(_names(table), row, strict=True)) for row in batch])
            counting.add(batch)
            on_progress(table.name, len(batch))
        tallies[table.name] = counting.tally
    _set_counters(target, read_counters(source))
    return tallies


def tally_rows(connection: Connection) -> dict[str, Tally]:
    """Count and hash the rows of every table."""
    tallies = {}
    for table in list_tables():
        counting, rows = _Counting(), _read(connection, table)
        while batch := list(islice(rows, ROWS_AT_ONCE)):
            counting.add(batch)
        tallies[table.name] = counting.tally
    return tallies


def read_counters(connection: Connection) -> dict[str, int]:
    """Say, by table, the last identity that was given: it is never given again, its row be there or not."""
    counters = {}
    for table in _numbered():
        counters[table.name] = connection.execute(select(func.max(table.c.id))).scalar() or 0
        if connection.dialect.name == "postgresql":
            name = connection.execute(_SEQUENCE, {"table": f'"{table.name}"'}).scalar_one()
            row = connection.execute(text(f"SELECT last_value, is_called FROM {name}")).one()  # noqa: S608
            given = row.last_value if row.is_called else 0
        else:
            given = connection.execute(_GIVEN, {"table": table.name}).scalar() or 0
        counters[table.name] = max(counters[table.name], given)
    return counters


def _set_counters(connection: Connection, counters: dict[str, int]) -> None:
    for table in _numbered():
        values = {"table": table.name, "given": counters[table.name]}
        if not values["given"]:
            continue
        if connection.dialect.name == "postgresql":
            connection.execute(_RESUME, values | {"table": f'"{table.name}"'})
        elif table.dialect_options["sqlite"]["autoincrement"]:
            connection.execute(text("DELETE FROM sqlite_sequence WHERE name = :table"), values)
            connection.execute(text("INSERT INTO sqlite_sequence VALUES (:table, :given)"), values)


_SEQUENCE = text("SELECT pg_get_serial_sequence(:table, 'id')")
_RESUME = text("SELECT setval(pg_get_serial_sequence(:table, 'id'), :given)")
_GIVEN = text("SELECT seq FROM sqlite_sequence WHERE name = :table")


def _numbered() -> list[Table]:
    """List the tables whose rows the database numbers."""
    return [table for table in list_tables() if "id" in table.c and isinstance(table.c.id.type, Integer)]


class _Counting:
    """The rows of a table so far."""

    def __init__(self) -> None:
        self._rows, self._sum = 0, 0

    def add(self, rows: list[tuple[Any, ...]]) -> None:
        """Add some."""
        self._rows += len(rows)
        self._sum += sum(map(_hash_row, rows))

    @property
    def tally(self) -> Tally:
        """What they come to."""
        return Tally(self._rows, f"{self._sum % (1 << HASH_BITS):064x}")


def _hash_row(row: tuple[Any, ...]) -> int:
    written = json.dumps(row, default=_write_value, ensure_ascii=False, separators=(",", ":"))
    return int.from_bytes(hashlib.sha256(written.encode("utf-8", "surrogatepass")).digest(), "big")


def _write_value(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else f"bytes {bytes(value).hex()}"


def _read(connection: Connection, table: Table) -> Iterator[tuple[Any, ...]]:
    columns = [cast(column, Text) if isinstance(column.type, JSON) else column for column in table.c]
    query = select(*columns).order_by(*table.primary_key.columns)  # rows point at earlier ones of their table
    with connection.execute(query, execution_options={"yield_per": ROWS_AT_ONCE}) as rows:
        yield from map(tuple, rows)


def _insert_into(table: Table, connection: Connection) -> Any:
    values: dict[str, Any] = {}
    for column, name in zip(table.c, _names(table), strict=True):
        is_json = isinstance(column.type, JSON)
        value: Any = bindparam(name, type_=Text() if is_json else column.type)
        values[column.name] = cast(value, JSON) if is_json and connection.dialect.name != "sqlite" else value
    return insert(table).values(values)


def _names(table: Table) -> list[str]:
    return [f"value_{column.name}" for column in table.c]

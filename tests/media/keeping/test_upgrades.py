"""Every schema that was ever released comes to today's with its rows; a step that fails changes nothing.

The rows are made from each schema itself, three to a table, so that what a step takes away or
leaves behind is seen whichever table it is in.
"""

import multiprocessing
import os
import random
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Connection,
    DateTime,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    event,
    insert,
    select,
)  # fmt: skip

from media import database as opened
from media import schema
from media.database import Database, open_database
from media.errors import DatabaseError
from media.settings import Settings

REVISIONS = [
    script.revision for script in reversed(list(ScriptDirectory(str(opened.MIGRATIONS)).walk_revisions()))
]
RELEASED = REVISIONS[:-2]  # what the two latest steps start from, and before
DROPPED = {"worker", "claim"}  # who works now, who holds a passage: written anew
SEED = random.SystemRandom().randrange(1 << 32)
KILLS = 4  # moments at which an upgrade is killed, and the last one


def upgrade_to(database: Database, revision: str) -> None:
    command.upgrade(opened._alembic_config(database.engine), revision)


def fill(connection: Connection) -> None:
    """Put three rows in every table that is there, each pointing at rows that are."""
    held = MetaData()
    held.reflect(connection)
    for table in held.sorted_tables:
        if table.name != "alembic_version":
            connection.execute(insert(table), [make_row(table, number) for number in (1, 2, 3)])


def make_row(table: Table, number: int) -> dict[str, Any]:
    return {column.name: make_value(column, number) for column in table.c}


def make_value(column: Any, number: int) -> Any:
    if column.foreign_keys:
        key = next(iter(column.foreign_keys)).column
        return None if key.table is column.table else make_value(key, number)
    if column.name == "words" and not isinstance(column.type, LargeBinary):
        return '[["dit",0,400,null,1]]'
    made: tuple[tuple[Any, Any], ...] = (
        (Boolean, True), (Integer, number), (BigInteger, number), (Float, 0.5), (JSON, []),
        (LargeBinary, b"\x00\xff"), (DateTime, datetime(2026, 3, number, 12, tzinfo=UTC)),
    )  # fmt: skip
    for kind, value in made:
        if isinstance(column.type, kind):
            return value
    return f"{column.name} {number}"[: getattr(column.type, "length", None) or 80]


def read_all(connection: Connection) -> dict[str, set[str]]:
    """Read every row, as its columns by name."""
    held = MetaData()
    held.reflect(connection)
    return {
        table.name: {
            repr(sorted((name, _plain(value)) for name, value in row._mapping.items()))
            for row in connection.execute(select(table))
        }
        for table in held.sorted_tables
    }


def _plain(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview) else value


@pytest.mark.parametrize("revision", RELEASED)
def test_every_released_schema_comes_here_with_its_rows(revision: str, tmp_path: Path):
    database = Database(f"sqlite:///{tmp_path / 'c.sqlite'}")
    check_it_comes_here(database, revision)
    database.close()


def test_the_first_one_comes_here_on_postgresql_too(fresh_postgres: str):
    database = Database(fresh_postgres)
    check_it_comes_here(database, RELEASED[0])
    database.close()


def check_it_comes_here(database: Database, revision: str) -> None:
    """Hold that every row of an older schema is there after the upgrade, and the schema is ours."""
    upgrade_to(database, revision)
    with database.write() as connection:
        fill(connection)
    with database.read() as connection:
        before = read_columns(connection)
    database.upgrade()
    with database.read() as connection:
        after = read_columns(connection)
        assert compare_metadata(MigrationContext.configure(connection), schema.metadata) == []
        if connection.dialect.name == "sqlite":
            assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    for name, rows in before.items():
        if name not in DROPPED:
            kept = set(rows) & set(after[name])
            assert {column: rows[column] for column in kept} == {
                column: after[name][column] for column in kept
            }, name


def read_columns(connection: Connection) -> dict[str, dict[str, list[Any]]]:
    """Read every column of every table, in the order of the first key."""
    held = MetaData()
    held.reflect(connection)
    columns = {}
    for table in held.sorted_tables:
        if table.name != "alembic_version":
            rows = connection.execute(select(table).order_by(*table.primary_key.columns)).all()
            columns[table.name] = {
                column.name: [_plain(row._mapping[column.name]) for row in rows] for column in table.c
            }
    return columns


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A catalogue of the first schema, with rows."""
    path = tmp_path_factory.mktemp("old") / "catalogue.sqlite"
    database = Database(f"sqlite:///{path}")
    upgrade_to(database, RELEASED[0])
    with database.write() as connection:
        fill(connection)
    database.close()
    return path


def die_at(path: Path, statement: int) -> None:
    """Upgrade, and be killed before the statement of this number."""
    database = Database(f"sqlite:///{path}")
    left = iter(range(statement))

    def count(*_: object) -> None:
        if next(left, None) is None:
            os._exit(9)

    event.listen(database.engine, "before_cursor_execute", count)
    database.upgrade()
    os._exit(0)


def test_an_upgrade_that_is_killed_leaves_the_old_one_and_runs_again(old: Path, tmp_path: Path):
    """FAULTS 21."""
    statements: list[str] = []
    whole = shutil.copyfile(old, tmp_path / "whole.sqlite")
    database = Database(f"sqlite:///{whole}")
    event.listen(database.engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    database.upgrade()
    count = len(statements)
    with database.read() as connection:
        wanted = read_all(connection)
    database.close()
    for number in [*random.Random(SEED).sample(range(1, count), KILLS), count - 1]:
        path = shutil.copyfile(old, tmp_path / f"{number}.sqlite")
        killed = multiprocessing.get_context("fork").Process(target=die_at, args=(path, number))
        killed.start()
        killed.join()
        assert killed.exitcode == 9, (SEED, number)
        database = Database(f"sqlite:///{path}")
        assert database.find_revision() == RELEASED[0], (SEED, number)  # the program of then goes on with it
        database.upgrade()
        with database.read() as connection:
            assert read_all(connection) == wanted, (SEED, number)
        database.close()


def test_an_upgrade_that_fails_leaves_the_old_one_working(
    old: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """FAULTS 11, 21: no room on the disk for the last step."""
    path = shutil.copyfile(old, tmp_path / "catalogue.sqlite")
    with closing(sqlite3.connect(path)) as connection:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
    prepare = opened._prepare_sqlite

    def prepare_full(connection: sqlite3.Connection, entry: Any) -> None:
        prepare(connection, entry)
        connection.execute(f"PRAGMA max_page_count={pages + 20}")

    with monkeypatch.context() as full:
        full.setattr(opened, "_prepare_sqlite", prepare_full)
        with pytest.raises(DatabaseError, match="full"):
            open_database(Settings(data=tmp_path))
    database = Database(f"sqlite:///{path}")
    assert database.find_revision() == RELEASED[0]
    with database.write() as connection:
        connection.exec_driver_sql("UPDATE show SET title = 'encore'")
    database.close()
    later = open_database(Settings(data=tmp_path))  # once there is room
    with later.read() as connection:
        assert connection.exec_driver_sql("SELECT DISTINCT title FROM show").scalars().all() == ["encore"]
    later.close()


@pytest.fixture(autouse=True)
def _seed_is_said() -> Iterator[None]:
    print(f"seed: {SEED}")  # noqa: T201
    yield

"""Read an archive folder back into an empty catalogue: all of it, or nothing.

Whoever made the folder is not trusted. The manifest and every file that it names are checked
(names, sizes, SHA-256, no link, nothing beside) before a row is read; rows are checked column by
column, and are inserted in one transaction. HTML goes through the house's own sanitiser, which
the caller gives.
"""

import json
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import Connection, Integer, Table, func, insert, select, text
from sqlalchemy.exc import SQLAlchemyError

from media import schema
from media.archive.errors import ArchiveDamagedError, ArchiveForeignError, CatalogueNotEmptyError
from media.archive.exporting import EVERYTHING, FORMAT, PUBLIC, VERSION, Wanted, hash_schema, list_tables
from media.archive.rows import read_rows
from media.changes import log_change
from media.correction.tables import turn_version
from media.database import Database
from media.errors import StorageError
from media.files import hash_file
from media.store.values import AudioStore

MAX_MANIFEST_BYTES = 64 << 20
MAX_LINE_BYTES = 256 << 20  # a day's transcript, or a document, packed
MAX_FILES = 500_000
BATCH = 500
NAME = re.compile(r"(data|texts|audio)(/[\w.-]{1,120}){1,2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Restored:
    """What was read back."""

    counts: dict[str, int]
    sounds: int


def restore_archive(
    database: Database,
    store: AudioStore,
    folder: Path,
    sanitise: Callable[[str], str],
    now: datetime,
    *,
    everything: bool = False,
) -> Restored:
    """Read an archive back; the ArchiveError tree, with nothing changed, where it cannot be.

    `everything` must be said for an archive that holds accounts: they may then sign in here.
    """
    manifest = _read_manifest(folder)
    if (manifest["kind"] == EVERYTHING) != everything:
        raise ArchiveForeignError(
            f"{folder} is {manifest['kind']}",
            "public" if everything else "accounts",
        )
    if everything and manifest["schema"] != hash_schema():
        raise ArchiveForeignError(f"{folder}: {manifest['schema']}", "version")
    _check_files(folder, manifest["files"])
    wanted = Wanted(manifest["kind"], bool(manifest["audio"]))
    sounds = _keep_sounds(folder / "audio", store)
    with database.write() as connection:
        for table in (schema.show, schema.account):
            if connection.execute(select(*table.primary_key.columns).limit(1)).first():
                raise CatalogueNotEmptyError(f"there is a row in {table.name}")
        counts = {
            table.name: _insert(connection, table, folder, sanitise) for table, _ in list_tables(wanted)
        }
        _resume_counting(connection)
        if not everything:  # what everything holds has its own log of changes
            for episode_id in connection.execute(select(schema.episode.c.id)).scalars().all():
                log_change(connection, episode_id, now)
    return Restored(counts, sounds)


def _read_manifest(folder: Path) -> dict[str, Any]:
    path = folder / "manifest.json"
    try:
        if path.is_symlink() or path.stat().st_size > MAX_MANIFEST_BYTES:
            raise ArchiveDamagedError(f"{path} is too large", "large", file=path.name)
        held = json.loads(path.read_bytes())
    except OSError as error:
        raise StorageError(f"{path}: {error}", path=str(path), reason=str(error.strerror or error)) from error
    except (ValueError, RecursionError) as error:
        raise ArchiveDamagedError(f"{path}: {error}", "json", file=path.name) from error
    if not isinstance(held, dict) or held.get("format") != FORMAT or held.get("version") != VERSION:
        raise ArchiveForeignError(f"{path} is no manifest of ours", "other")
    if held.get("kind") not in (PUBLIC, EVERYTHING) or not isinstance(held.get("files"), list):
        raise ArchiveForeignError(f"{path}: {held.get('kind')!r}", "kind")
    return held


def _check_files(folder: Path, listed: list[Any]) -> None:
    """Check that the folder holds the files of the manifest, whole, and no other."""
    if len(listed) > MAX_FILES:
        raise ArchiveDamagedError(f"{len(listed)} files", "many", file="manifest.json")
    named = set()
    for held in listed:
        name = held.get("path") if isinstance(held, dict) else None
        if not isinstance(name, str) or not NAME.fullmatch(name) or ".." in name or name in named:
            raise ArchiveDamagedError(f"{name!r}", "names", file="manifest.json")
        named.add(name)
        path = folder / name
        if any(part.is_symlink() for part in (path, path.parent, path.parent.parent)) or not path.is_file():
            raise ArchiveDamagedError(f"{path} is no file", "plain", file=name)
        if path.stat().st_size != held.get("size") or hash_file(path) != held.get("sha256"):
            raise ArchiveDamagedError(f"{path} was changed", "changed", file=name)
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink() or (not path.is_dir() and name not in named and name != "manifest.json"):
            raise ArchiveDamagedError(f"{path} is not listed", "unlisted", file=name[:200])


def _keep_sounds(folder: Path, store: AudioStore) -> int:
    """Keep the sound, each file under the name that its content gives it."""
    count = 0
    for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
        if not path.is_file():
            continue
        sha256, suffix = path.stem, path.suffix
        if hash_file(path) != sha256:
            raise ArchiveDamagedError(f"{path} is not {sha256}", "hash", file=path.name)
        if not store.holds(sha256, suffix):
            waiting = store.incoming_path(path.name)
            shutil.copyfile(path, waiting)
            store.keep(waiting, sha256, suffix)
        count += 1
    return count


def _insert(connection: Connection, table: Table, folder: Path, sanitise: Callable[[str], str]) -> int:
    """Insert the rows of a table, some at a time."""
    name = f"data/{table.name}.jsonl"
    path = folder / name
    if not path.is_file():
        raise ArchiveDamagedError(f"{path} is missing", "missing", file=name)
    count = 0
    with path.open("rb") as file:
        rows = read_rows(table, _read_lines(file, name), name)
        while batch := list(islice(rows, BATCH)):
            for row in batch:
                if row.get("description"):
                    row["description"] = sanitise(row["description"])
            try:
                connection.execute(insert(table), _alike(batch))
            except SQLAlchemyError as error:
                raise ArchiveDamagedError(f"{name}: {error}", "rows", file=name) from error
            count += len(batch)
    return count


def _read_lines(file: BinaryIO, name: str) -> Iterator[bytes]:
    while line := file.readline(MAX_LINE_BYTES + 1):
        if len(line) > MAX_LINE_BYTES:
            raise ArchiveDamagedError(f"{name}: a line of {len(line)}", "long", file=name)
        yield line


def _alike(batch: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Refuse rows that name other columns than the first: they are inserted together."""
    if any(row.keys() != batch[0].keys() for row in batch):
        raise ArchiveDamagedError("columns differ", "columns", file="data")
    return batch


def _resume_counting(connection: Connection) -> None:
    """Let new rows be numbered after all that there are, and after turns that only history knows."""
    last: dict[str, int] = {}
    for table in schema.metadata.sorted_tables:
        key = table.c.get("id")
        if key is not None and isinstance(key.type, Integer):
            last[table.name] = connection.execute(select(func.max(key))).scalar() or 0
    gone = connection.execute(select(func.max(turn_version.c.turn_id))).scalar() or 0
    last["turn"] = max(last["turn"], gone)
    for name, number in last.items():
        if connection.dialect.name == "postgresql" and number:
            sequence = text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :number)")
            connection.execute(sequence, {"name": f'"{name}"', "number": number})
        elif connection.dialect.name == "sqlite" and name == "turn":
            connection.execute(text("UPDATE sqlite_sequence SET seq = :n WHERE name = 'turn'"), {"n": number})

"""Write the archive folder: beside its name first, then renamed, so that what bears the name is whole.

Rows and files are streamed. A run that was cut down leaves the sound that it had copied, which the
next one takes over; the rest is written anew.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, select

import media.correction.tables
import media.people.tables
import media.quotes.tables
import media.volunteering.tables  # noqa: F401 -- every table is to be known
from media import schema
from media.archive.errors import ArchiveExistsError
from media.archive.public import list_public_ids, list_public_speakers, list_public_tables
from media.archive.rows import write_row
from media.database import Database
from media.episodes import get_episode
from media.errors import StorageError
from media.files import audio_path, hash_file
from media.shows import get_show
from media.store.errors import AudioMissingError
from media.store.values import AudioStore
from media.transcripts import StoredTurn, list_editions, list_turns
from media.writing.gathering import find_terms, gather_script
from media.writing.script import make_labels
from media.writing.text import render_markdown

FORMAT = "entendu-archive"
VERSION = 1
PUBLIC, EVERYTHING = "public", "everything"
# Who is signed in, who tries passwords, what works now: nothing of it moves to another house.
LEFT_BEHIND = frozenset({"session", "attempt", "trusted_address", "worker", "claim", "followed"})


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an archive is to hold."""

    kind: str = PUBLIC
    audio: bool = False
    language: str = "fr"  # of the notices in texts to read


@dataclass(frozen=True, slots=True)
class Written:
    """What an archive holds."""

    counts: Mapping[str, int]
    files: int
    size_bytes: int


def export_archive(database: Database, store: AudioStore, to: Path, wanted: Wanted) -> Written:
    """Write an archive folder; ArchiveExistsError where its name is taken, StorageError for a full disk."""
    if to.exists():
        raise ArchiveExistsError(f"{to} exists", path=str(to))
    partial = to.with_name(to.name + ".partial")
    try:
        for stale in ("data", "texts", "manifest.json"):
            _remove(partial / stale)
        (partial / "data").mkdir(parents=True, exist_ok=True)
        with database.read() as connection:
            counts = {
                table.name: _write_table(partial / "data" / f"{table.name}.jsonl", table, rows(connection))
                for table, rows in list_tables(wanted)
            }
            sounds = set(_list_sounds(connection, wanted)) if wanted.audio else set()
            licences = _write_texts(connection, partial / "texts", wanted.language)
        _copy_sounds(store, partial / "audio", sounds)
        manifest = _describe(partial, wanted, counts, licences)
        _write_synced(partial / "manifest.json", json.dumps(manifest, ensure_ascii=False, indent=1) + "\n")
        partial.rename(to)
    except OSError as error:
        raise StorageError(f"{to}: {error}", path=str(to), reason=str(error.strerror or error)) from error
    return Written(counts, len(manifest["files"]) + 1, sum(held["size"] for held in manifest["files"]))


def list_tables(wanted: Wanted) -> list[tuple[Table, Callable[[Connection], Iterable[Mapping[str, Any]]]]]:
    """List the tables of an archive of this kind, each after those that it points at, and their rows."""
    if wanted.kind == PUBLIC:
        return [*list_public_tables(audio=wanted.audio)]
    return [
        (table, _every(table)) for table in schema.metadata.sorted_tables if table.name not in LEFT_BEHIND
    ]


def _every(table: Table) -> Callable[[Connection], Iterator[Mapping[str, Any]]]:
    def rows(connection: Connection) -> Iterator[Mapping[str, Any]]:
        query = select(table).order_by(*table.primary_key.columns)
        with connection.execute(query, execution_options={"yield_per": 200}) as held:
            for row in held:
                yield dict(row._mapping)

    return rows


def _write_table(path: Path, table: Table, rows: Iterable[Mapping[str, Any]]) -> int:
    count = 0
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for row in rows:
            file.write(write_row(table, row))
            count += 1
    return count


def _write_texts(connection: Connection, folder: Path, language: str) -> list[dict[str, Any]]:
    """Write each public text to read, and say under which licences they are."""
    labels = make_labels(language)
    licences: dict[str, dict[str, Any]] = {}
    named = {speaker["name"] for speaker in list_public_speakers(connection)}
    for episode_id in list_public_ids(connection):
        episode = get_episode(connection, episode_id)
        licence, notice = find_terms(episode, get_show(connection, episode.show_id))
        said = {"id": licence.id, "name": licence.name(language), "url": licence.url}
        held = licences.setdefault(
            json.dumps([licence.id, notice]),
            {**said, "terms": licence.notice(language), "notice": notice, "episodes": []},
        )
        held["episodes"].append(episode_id)
        for edition in list_editions(connection, episode_id):
            ending = "" if edition is episode.edition else f"-{edition}"
            path = folder / episode.show_slug / f"{episode_id:06d}-{episode.slug}{ending}.md"
            path.parent.mkdir(parents=True, exist_ok=True)
            turns = [_name_kept(held, named) for held in list_turns(connection, episode_id, edition)]
            script = gather_script(connection, episode, labels, edition=edition, turns=turns)
            path.write_text(render_markdown(script), encoding="utf-8", newline="\n")
    return list(licences.values())


def _name_kept(held: StoredTurn, named: Container[str]) -> StoredTurn:
    """Leave a voice its number only, where the archive does not say who it is."""
    if held.voice is None or held.voice.name in named:
        return held
    return replace(held, voice=replace(held.voice, name=None))


def _list_sounds(connection: Connection, wanted: Wanted) -> Iterator[tuple[str, str]]:
    for table, rows in list_tables(wanted):
        if table is schema.audio:
            yield from ((row["sha256"], row["suffix"]) for row in rows(connection))


def _copy_sounds(store: AudioStore, to: Path, sounds: Iterable[tuple[str, str]]) -> None:
    """Copy sound that is here; what an earlier run copied whole is kept."""
    for sha256, suffix in sorted(sounds):
        copy = audio_path(to, sha256, suffix)
        if copy.is_file() and hash_file(copy) == sha256:
            continue
        copy.parent.mkdir(parents=True, exist_ok=True)
        with suppress(AudioMissingError):
            store.fetch(sha256, suffix, copy)


def _describe(
    folder: Path, wanted: Wanted, counts: Mapping[str, int], licences: list[dict[str, Any]]
) -> dict[str, Any]:
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "manifest.json")
    return {
        "format": FORMAT,
        "version": VERSION,
        "kind": wanted.kind,
        "audio": wanted.audio,
        "schema": hash_schema(),
        "counts": dict(counts),
        "licences": licences,
        "files": [
            {
                "path": path.relative_to(folder).as_posix(),
                "size": path.stat().st_size,
                "sha256": hash_file(path),
            }
            for path in files
        ],
    }


def hash_schema() -> str:
    """Name the tables and columns that this program has: rows of everything fit no others."""
    shape = [[table.name, *(column.name for column in table.c)] for table in schema.metadata.sorted_tables]
    return hashlib.sha256(json.dumps(sorted(shape)).encode()).hexdigest()[:16]


def _write_synced(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)

"""`entendu import`: many documents with a bar, a report of what became of each, and what to do next."""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from ingest.alignment.episodes import align_episode
from ingest.feeds.subscriptions import FileMissingError
from ingest.importing.arriving import Imported, Wishes, import_document
from ingest.importing.errors import NothingToImportError, UnknownChoiceError
from ingest.texts.decoding import MAX_BYTES
from media.correction.authors import Author
from media.database import Database
from media.errors import EntenduError, Message
from media.language import terminal_language, translate
from media.settings import Settings
from media.store.opening import open_store
from media.texts.alignment import AlignmentReport
from media.texts.values import BlockKind
from terminal.saying import out, problems, say

BRINGER = Author(None, "entendu import")  # who is named where a document names nobody
SHOWN_LETTERS = 90  # of a line that is asked about
SUFFIXES_LEFT_OUT = (".mp3", ".ogg", ".opus", ".m4a", ".wav", ".flac", ".jpg", ".jpeg", ".png", ".pdf")


@dataclass(frozen=True, slots=True)
class Taken:
    """A file, and what became of it."""

    name: str
    imported: Imported | None = None
    aligned: AlignmentReport | None = None
    failure: Message | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A file to import, and the name that its document goes by: its path in the folder that was given."""

    path: Path
    name: str


def find_files(paths: Iterable[Path]) -> list[Found]:
    """List the files given, and those of the folders given, sound and pictures left out."""
    found: list[Found] = []
    for path in paths:
        if not path.is_dir():
            found.append(Found(path, path.name))
            continue
        inside = sorted(held for held in path.rglob("*") if _may_be_text(held, path))
        if not inside:
            raise NothingToImportError(f"{path}: no file", path=str(path))
        found += [Found(held, held.relative_to(path).as_posix()) for held in inside]
    return found


def read_choices(given: Iterable[str]) -> dict[int, BlockKind]:
    """Read what a person decided, such as `42=heading`.

    >>> read_choices(["42=speech"])
    {42: <BlockKind.SPEECH: 'speech'>}
    """
    choices = {}
    for choice in given:
        match = re.fullmatch(r"(\d{1,7})=(\w+)", choice.strip())
        if match is None or match[2] not in set(BlockKind):
            raise UnknownChoiceError(f"choice {choice!r}", choice=choice, name="--choice")
        choices[int(match[1])] = BlockKind(match[2])
    return choices


def import_files(
    settings: Settings, database: Database, found: Sequence[Found], wishes: Wishes, now: datetime
) -> list[Taken]:
    """Import each file, with a bar where somebody watches; one that cannot be taken keeps no other out."""
    taken = []
    with _bar(len(found)) as advance:
        for file in found:
            try:
                taken.append(_import_file(settings, database, file, wishes, now))
            except EntenduError as error:
                taken.append(Taken(file.name, failure=error.message))
            advance(file.name)
    return taken


def describe_report(taken: Sequence[Taken]) -> dict[str, Any]:
    """Describe what became of all files, as a JSON document."""
    failed = sum(held.failure is not None for held in taken)
    return {"imported": len(taken) - failed, "failed": failed, "files": [_describe(held) for held in taken]}


def print_report(taken: Sequence[Taken]) -> None:
    """Print what became of each file, what is left to decide, and the sum."""
    for held in taken:
        if held.imported is None:
            why = translate(held.failure, terminal_language()) if held.failure else ""
            out.print(f"✗ {held.name}: {why}", style="red")
            continue
        done, installed = held.imported, held.imported.installed
        understood = say(
            "%(format)s, %(turns)d turns, %(sounds)d sounds, %(speakers)d speakers",
            format=done.read.format,
            turns=installed.turns,
            sounds=installed.sounds,
            speakers=len(installed.speakers),
        )
        into = say("episode %(id)d, “%(title)s”", id=done.episode.id, title=done.episode.title)
        out.print(f"✓ {held.name}: {understood} → {'; '.join([into, *_remarks(held)])}")
    _print_questions(taken)
    failed = sum(held.failure is not None for held in taken)
    out.print(say("%(count)d imported, %(failed)d failed.", count=len(taken) - failed, failed=failed))


def _import_file(settings: Settings, database: Database, file: Found, wishes: Wishes, now: datetime) -> Taken:
    try:
        with file.path.open("rb") as opened:
            content = opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise FileMissingError(f"{file.path}: {error}", path=str(file.path)) from error
    done = import_document(database, settings, content, file.name, wishes, BRINGER, now)
    aligned = None
    if done.has_words and done.installed.document_id is not None:
        aligned = align_episode(database, open_store(settings), done.episode.id, now)
    return Taken(file.name, done, aligned)


def _remarks(held: Taken) -> Iterator[str]:
    """Say in a few words what is to be known of a file that was taken."""
    if (done := held.imported) is None:
        return
    installed = done.installed
    if installed.published_at_url is not None:
        yield say("published elsewhere: nothing was changed")
    elif installed.document_id is None:
        yield say("the same as before")
    elif done.is_new:
        yield say("new episode")
    elif not installed.is_first:
        yield say("%(count)d turns changed", count=installed.changed)
    if installed.clashes:
        yield say("%(count)d corrected here and there: see its history", count=installed.clashes)
    if done.open_questions:
        yield say("%(count)d to decide", count=done.open_questions)
    if held.aligned is not None:
        yield say("aligned with what was heard, score %(score)s", score=f"{held.aligned.score:.2f}")
    if done.episode.private:
        yield say("private")


def _print_questions(taken: Sequence[Taken]) -> None:
    for held in taken:
        if held.imported is None:
            continue
        for question in held.imported.read.questions:
            text = question.text[:SHOWN_LETTERS] + ("…" if len(question.text) > SHOWN_LETTERS else "")
            why = translate(question.why, terminal_language())
            out.print(f"\n{held.name}: {why}\n  « {text} »")
            others = [f"--choice {question.block}={kind}" for kind in question.choices]
            taken_as = say("taken as: %(kind)s; to change it: %(choices)s")
            out.print("  " + taken_as % {"kind": question.taken, "choices": " | ".join(others)})


def _describe(held: Taken) -> dict[str, Any]:
    if held.imported is None:
        error = translate(held.failure, "en") if held.failure else None
        return {"name": held.name, "error": error}
    done = held.imported
    installed = done.installed
    return {
        "name": held.name,
        "format": str(done.read.format),
        "encoding": done.read.encoding,
        "show": done.episode.show_title,
        "episode": done.episode.title,
        "episode_id": done.episode.id,
        "new": done.is_new,
        "private": done.episode.private,
        "turns": installed.turns,
        "sounds": installed.sounds,
        "speakers": list(installed.speakers),
        "changed": installed.changed,
        "clashes": installed.clashes,
        "unchanged": installed.document_id is None,
        "published_at_url": installed.published_at_url,
        "questions": [
            {
                "block": question.block,
                "text": question.text,
                "taken": str(question.taken),
                "choices": [str(kind) for kind in question.choices],
            }
            for question in done.read.questions
        ],
        "warnings": [translate(warning, "en") for warning in done.read.warnings],
        "score": None if held.aligned is None else held.aligned.score,
        "error": None,
    }


@contextmanager
def _bar(total: int) -> Iterator[Any]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=problems, transient=True, disable=total < 2) as progress:
        task = progress.add_task(say("Importing"), total=total)

        def advance(_name: str) -> None:
            progress.advance(task)

        yield advance


def _may_be_text(path: Path, folder: Path) -> bool:
    hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
    return path.is_file() and not hidden and path.suffix.lower() not in SUFFIXES_LEFT_OUT

"""`entendu backup`, `restore`, `migrate-to`: keeping an archive from a terminal, told in figures.

`restore` opens no catalogue, since that would make one where the backup's is to be put.
"""

import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, TaskID, TextColumn

from media.errors import N_, StorageError
from media.keeping.backups import find_backup, prune_backups, write_backup
from media.keeping.errors import KeepingError, TakenError
from media.keeping.moving import move_catalogue
from media.keeping.restoring import restore_backup
from media.settings import Settings, read_settings
from media.store.opening import open_store
from terminal.opening import open_house
from terminal.saying import named_failures, out, problems, say

HERE = "sqlite"  # the data folder's own catalogue, said in place of an address
MAX_NAMED = 20  # lost files that are named


class CatalogueThereError(TakenError):
    """A backup would take the place of a catalogue that is there."""

    msgid = N_("There is already a catalogue, %(path)s. Nothing was changed; --replace sets it aside.")


class CatalogueInUseError(KeepingError):
    """A process still has the catalogue open that another is to take the place of."""

    msgid = N_("Another process is still using %(path)s. Stop the services first, then try again.")


def backup(
    folder: Annotated[Path, typer.Argument(help=say("Holds all backups; another disk is best."))],
    keep: Annotated[int, typer.Option(min=0, help=say("How many to keep; 0: all of them."))] = 0,
) -> None:
    """Back up the catalogue and what is new of the audio."""
    began = time.monotonic()
    with open_house() as (settings, database), _told() as told:
        made = write_backup(database, open_store(settings), folder, datetime.now(UTC), told)
        removed = prune_backups(folder, keep) if keep else []
    said = N_(
        "%(folder)s: %(episodes)d episodes, %(files)d audio files, %(copied)d of them new, %(seconds)d s."
    )
    counts = {"episodes": made.tables["episode"].rows, "files": made.tables["audio"].rows}
    seconds = round(time.monotonic() - began)
    out.print(say(said, folder=str(made.folder), copied=made.copied, seconds=seconds, **counts))
    for path in removed:
        out.print(say("Removed: %(folder)s", folder=str(path)))
    _leave_if_lost(made.lost)


def restore(
    folder: Annotated[Path, typer.Argument(help=say("A backup, or a folder of them: then the latest."))],
    replace: Annotated[
        bool, typer.Option("--replace", help=say("Set aside the catalogue that is there."))
    ] = False,
) -> None:
    """Put a backup in an empty place."""
    began = time.monotonic()
    with named_failures(), _told() as told:
        settings, found = read_settings(), find_backup(folder)
        if not settings.database_url:
            _clear_way(settings, replace=replace)
        done = restore_backup(found, settings.catalogue_url, open_store(settings), told)
    said = N_(
        "Restored as of %(moment)s: %(episodes)d episodes, %(files)d audio files copied, in %(seconds)d s. "
        "The index is built at the next start; everybody signs in again."
    )
    facts = {"moment": f"{found.made_at:%Y-%m-%d %H:%M:%S} UTC", "episodes": done.episodes}
    out.print(say(said, files=done.sounds, seconds=round(time.monotonic() - began), **facts))
    _leave_if_lost(done.lost)


def migrate_to(
    url: Annotated[
        str, typer.Argument(help=say("postgresql+psycopg://…, of an empty database; or: sqlite."))
    ],
) -> None:
    """Move the archive to another database."""
    began = time.monotonic()
    with open_house() as (settings, database), _told() as told:
        address = _own_address(settings) if url == HERE else url
        tables = move_catalogue(database, address, told)
    said = N_("%(tables)d tables and %(rows)d rows, each counted and hashed on both sides, in %(seconds)d s.")
    rows, seconds = sum(tally.rows for tally in tables.values()), round(time.monotonic() - began)
    out.print(say(said, tables=len(tables), rows=rows, seconds=seconds))
    if url == HERE:
        out.print(say("Take ENTENDU_DATABASE_URL out of the settings, then start every process again."))
    else:
        out.print(say("Set ENTENDU_DATABASE_URL to that address, then start every process again."))
    out.print(say("The old catalogue takes no more changes; keep it until you have seen the new one work."))


def _own_address(settings: Settings) -> str:
    """Say where the data folder's own catalogue is; a queue left there would know runs of another time."""
    from ingest.work.queues import QUEUE_FILE  # here, since loading the queue takes long

    left = settings.data.resolve() / QUEUE_FILE
    if left.exists():
        raise TakenError(f"{left} exists", path=str(left))
    return settings.own_catalogue_url


def _clear_way(settings: Settings, *, replace: bool) -> None:
    """Set aside what would contradict the restored catalogue; the catalogue itself only if asked to."""
    from ingest.work.queues import QUEUE_FILE  # here, since loading the queue takes long

    data = settings.data.resolve()
    catalogue = data / "catalogue.sqlite"
    if catalogue.exists() and not replace:
        raise CatalogueThereError(f"{catalogue} exists", path=str(catalogue))
    if catalogue.exists():
        _refuse_in_use(catalogue)
    names = [*data.glob("catalogue.sqlite*"), *data.glob(f"{QUEUE_FILE}*"), *data.glob("index")]
    if not names:
        return
    aside = data / f"set-aside-{datetime.now(UTC):%Y-%m-%dT%H%M%SZ}"
    try:
        aside.mkdir(0o700)
        for path in names:
            path.rename(aside / path.name)
    except OSError as error:
        raise StorageError(f"{aside}: {error}", path=str(aside), reason=error.strerror or "") from error
    out.print(say("What was there is in %(folder)s.", folder=str(aside)))


def _refuse_in_use(catalogue: Path) -> None:
    """Refuse to set aside a catalogue that somebody has open: only who is alone with it can end its log."""
    try:
        with closing(sqlite3.connect(catalogue, timeout=0)) as connection:
            connection.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise CatalogueInUseError(f"{catalogue}: {error}", path=str(catalogue)) from error
    except sqlite3.DatabaseError:  # it is damaged, which is why it is to go
        return


def _leave_if_lost(lost: tuple[str, ...]) -> None:
    """Name the audio that could not be taken along, and leave with 1."""
    if not lost:
        return
    for name in lost[:MAX_NAMED]:
        problems.print(say("The audio file %(file)s is missing or damaged.", file=name), style="red")
    problems.print(say("All else is there. Audio files that could not be copied: %(count)d", count=len(lost)))
    raise typer.Exit(1)


class _Told:
    """A bar for each table, and for the audio, where somebody watches."""

    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, what: str, count: int) -> None:
        """Say that there are so many more of something."""
        if what not in self._tasks:
            self._tasks[what] = self._bars.add_task(what, total=None)
        self._bars.advance(self._tasks[what], count)


@contextmanager
def _told() -> Iterator[_Told]:
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed:.0f}"))
    watched = sys.stderr.isatty()
    with Progress(*columns, console=problems, transient=True, disable=not watched) as bars:
        yield _Told(bars)

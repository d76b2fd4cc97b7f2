"""Verify the audio: every row has its file, every file is what its name says, and has a row.

Bytes are kept before the catalogue has their row: a file that is a few hours old may be about to
get one, and is let be.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from sqlalchemy import select

from media import schema
from media.database import Database
from media.errors import N_, Message
from media.index_offers import list_offered
from media.keeping.findings import Finding, FindingKind
from media.store.errors import AudioDamagedError, AudioMissingError
from media.store.values import AudioStore, KeptFile, name_file

Progress = Callable[[int], None]  # how many files more were looked at
SETTLED = timedelta(days=1)  # no step takes as long between keeping a file and knowing of it


def verify_sound(
    database: Database,
    store: AudioStore,
    now: datetime,
    *,
    settled: timedelta = SETTLED,
    on_progress: Progress | None = None,
) -> list[Finding]:
    """List the audio that is missing, changed, or known to no row; StorageError where none can be read."""
    looked_at = on_progress or (lambda _: None)
    with database.snapshot() as connection:
        held = schema.audio.c
        rows = connection.execute(select(held.sha256, held.suffix).order_by(held.sha256)).all()
    found = []
    for sha256, suffix in rows:
        finding = _check_file(store, sha256, suffix)
        if finding is not None:
            found.append(finding)
        looked_at(1)
    return [*found, *_find_orphans(database, store, now - settled)]


def list_orphans(database: Database, store: AudioStore, before: datetime) -> list[KeptFile]:
    """List the files kept before a moment of which no row knows; rows are read after the files."""
    kept = [file for file in store.list_files() if file.kept_at <= before]
    with database.read() as connection:
        known = {*connection.execute(select(schema.audio.c.sha256)).scalars(), *list_offered(connection)}
    return [file for file in kept if file.sha256 not in known]


def _check_file(store: AudioStore, sha256: str, suffix: str) -> Finding | None:
    missing = N_("The audio file %(file)s is not there. Put it back from a backup.")
    changed = N_("The audio file %(file)s is not what was kept under its name. Put it back from a backup.")
    values = {"file": name_file(sha256, suffix)}
    try:
        store.verify(sha256, suffix)
    except AudioMissingError:
        return Finding(FindingKind.MISSING, Message(missing, values), sha256)
    except AudioDamagedError:
        return Finding(FindingKind.CHANGED, Message(changed, values), sha256)
    return None


def _find_orphans(database: Database, store: AudioStore, before: datetime) -> Iterator[Finding]:
    said = N_("The audio file %(file)s belongs to nothing in the catalogue.")
    for file in list_orphans(database, store, before):
        values = {"file": name_file(file.sha256, file.suffix)}
        yield Finding(FindingKind.ORPHAN, Message(said, values), file.sha256)

"""Make again what can be made from what is whole; nothing that people made is touched.

A stuck episode is put back in the queue, a file that no row knows is deleted, an index of the
database or of search is built anew. What else is found only a backup brings back.
"""

from collections.abc import Callable, Iterable

from sqlalchemy import text, update

from media import schema
from media.database import Database
from media.episodes import EpisodeStatus
from media.keeping.findings import Finding, FindingKind
from media.store.values import AudioStore


def repair(
    database: Database, store: AudioStore, found: Iterable[Finding], rebuild_index: Callable[[], object]
) -> int:
    """Repair what can be; return how many findings that concerned."""
    by_kind: dict[FindingKind, list[Finding]] = {}
    for finding in found:
        by_kind.setdefault(finding.kind, []).append(finding)
    count = 0
    if stuck := by_kind.get(FindingKind.STUCK):
        _put_back(database, stuck)
        count += len(stuck)
    if orphans := by_kind.get(FindingKind.ORPHAN):
        _delete_orphans(database, store, orphans)
        count += len(orphans)
    damaged = by_kind.get(FindingKind.DAMAGED)
    if damaged and database.engine.dialect.name == "sqlite":
        with database.write() as connection:  # a page of its indexes may be all that is damaged
            connection.execute(text("REINDEX"))
        count += len(damaged)
    if wrong := by_kind.get(FindingKind.INDEX):
        rebuild_index()
        count += len(wrong)
    return count


def _put_back(database: Database, stuck: Iterable[Finding]) -> None:
    """Have episodes begun again; the words that one has already are replaced by no machine."""
    ids = [finding.subject for finding in stuck]
    with database.write() as connection:
        here = schema.episode.c.id.in_(ids)
        connection.execute(update(schema.episode).where(here).values(status=EpisodeStatus.WAITING))
        kept = schema.progress.c.episode_id.in_(ids)
        connection.execute(update(schema.progress).where(kept).values(run=None, worker=None, retry_at=None))


def _delete_orphans(database: Database, store: AudioStore, orphans: Iterable[Finding]) -> None:
    wanted = {finding.subject for finding in orphans}
    for file in list(store.list_files()):
        if file.sha256 in wanted:
            with database.write() as connection:  # a row may have come meanwhile
                held = schema.audio.c.sha256 == file.sha256
                if connection.execute(schema.audio.select().where(held)).first() is None:
                    store.delete(file.sha256, file.suffix)

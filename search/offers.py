"""Offer a copy of this machine's index to those that join, and take one instead of building one's own.

The copy is one file in the place for audio, named by its SHA-256, which the catalogue knows: it is
read to its end and compared before anything of it is opened (`media.index_offers` says why). In it
are the files of one commit; it is then followed as any index is that was away for a while.
"""

import logging
import os
import shutil
import tarfile
import uuid
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from media.database import Database
from media.errors import EntenduError
from media.files import hash_file
from media.index_offers import SUFFIX, Offer, claim_offering, find_offer, record_offer
from media.settings import Settings
from media.store.opening import open_store
from media.store.values import AudioStore
from search.errors import IndexCorruptedError, IndexLockedError
from search.folder import IndexFolder
from search.schema import INDEX_VERSION
from search.storage import read_seal

log = logging.getLogger(__name__)

LEAST_BYTES = 16 << 20  # of an index, 50,000 passages: a smaller one is built in no time
READ_BYTES = 1 << 20
LOCK_WAIT_S = 10.0  # for the log to be followed, not for an index to be built
TAKEN = "taken"  # in an index that was taken: the SHA-256 of the copy


def offer_index(settings: Settings, database: Database, now: datetime, least: int = LEAST_BYTES) -> bool:
    """Leave a copy of this machine's index where others find it, once a day, by one machine of them all."""
    if not settings.audio_url or _weigh(IndexFolder(settings.index_folder)) < least:
        return False  # nobody else looks there, or nobody needs it
    with database.write() as connection:
        if not claim_offering(connection, INDEX_VERSION, now):
            return False
    store = open_store(settings)
    with _linked(IndexFolder(settings.index_folder)) as (files, followed):
        packed = store.incoming_path(f"index-{uuid.uuid4().hex}")
        try:
            sha256 = _pack(files, packed)
            offer = Offer(INDEX_VERSION, sha256, packed.stat().st_size, followed, now)
            store.keep(packed, sha256, SUFFIX)
        finally:
            packed.unlink(missing_ok=True)
    with database.write() as connection:
        gone = record_offer(connection, offer)
    for sha256 in gone:
        store.delete(sha256, SUFFIX)
    log.info("offered a copy of the index, %d bytes, up to change %d", offer.size_bytes, followed)
    return True


def take_offer(settings: Settings, database: Database) -> Path | None:
    """Take the copy of an index that is offered, verified; None where there is none that can be used.

    The folder is not yet in use. Whatever is wrong with an offer, one's own index can be built.
    """
    folder = IndexFolder(settings.index_folder)
    with database.read() as connection:
        offer = find_offer(connection, INDEX_VERSION)
    if offer is None or offer.sha256 == _find_taken(folder):
        return None  # nor one that was taken already and is what could not be read
    try:
        return _take(open_store(settings), folder, offer)
    except (EntenduError, OSError, tarfile.TarError) as error:
        log.warning("the index that is offered cannot be taken: %s", error)
        return None


def _take(store: AudioStore, folder: IndexFolder, offer: Offer) -> Path:
    fresh = folder.path / f"index-{uuid.uuid4().hex[:12]}"
    packed = folder.path / "offered"
    try:
        store.fetch(offer.sha256, SUFFIX, packed)
        if hash_file(packed) != offer.sha256:  # the one thing that must never be taken on trust
            raise IndexCorruptedError(f"{packed} is not {offer.sha256}", path=str(packed))
        fresh.mkdir()
        _unpack(packed, fresh)
        (fresh / TAKEN).write_text(offer.sha256)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    finally:
        packed.unlink(missing_ok=True)
    log.info("took the index that is offered, up to change %d", offer.followed)
    return fresh


def _pack(files: list[Path], packed: Path) -> str:
    with packed.open("wb") as raw, tarfile.open(fileobj=raw, mode="w") as tar:
        for path in files:
            tar.add(path, arcname=path.name)
    return hash_file(packed)


def _unpack(packed: Path, fresh: Path) -> None:
    """Write the files of a copy, flat, and compare each with its seal."""
    with tarfile.open(packed, mode="r:") as tar:
        for member in tar:
            name = Path(member.name).name
            content = tar.extractfile(member) if member.isfile() and name == member.name else None
            if content is None:
                raise IndexCorruptedError(f"{packed}: {member.name!r}", path=str(packed))
            with (fresh / name).open("xb") as file:
                shutil.copyfileobj(content, file, READ_BYTES)
                os.fsync(file.fileno())
    for name, crc in read_seal(fresh).files.items():
        if zlib.crc32((fresh / name).read_bytes()) != crc:
            raise IndexCorruptedError(f"{fresh / name}: not what was sealed", path=str(fresh / name))


@contextmanager
def _linked(folder: IndexFolder) -> Iterator[tuple[list[Path], int]]:
    """Hold the files of one commit, under names of our own, while the index goes on without us."""
    links = folder.path / "offering"
    try:
        with folder.lock(LOCK_WAIT_S):
            shutil.rmtree(links, ignore_errors=True)  # of a process that was killed
            index = folder.current
            if index is None:
                raise IndexLockedError(f"no index in {folder.path}", path=str(folder.path))
            seal = read_seal(index)
            links.mkdir()
            for name in [*seal.files, f"seal_{seal.generation}"]:
                (links / name).hardlink_to(index / name)
        yield sorted(links.iterdir()), seal.last_change
    finally:
        shutil.rmtree(links, ignore_errors=True)


def _weigh(folder: IndexFolder) -> int:
    index = folder.current
    if index is None:
        return 0
    with suppress(OSError):
        return sum(path.stat().st_size for path in index.iterdir())
    return 0


def _find_taken(folder: IndexFolder) -> str | None:
    with suppress(OSError):
        return (folder.current / TAKEN).read_text("ascii") if folder.current else None
    return None

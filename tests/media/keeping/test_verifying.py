"""A sound catalogue has no finding; each kind of damage has one, in a sentence (FAULTS I1, I2, I4)."""

import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, text, update

from media import schema
from media.correction import tables
from media.database import Database
from media.errors import EntenduError
from media.keeping.findings import Finding, FindingKind
from media.keeping.sound import verify_sound
from media.keeping.verifying import Acknowledged, find_lost, list_findings, verify_catalogue
from media.language import translate
from media.store.folder import FolderStore
from media.transcript import Edition
from tests.media.archive.test_archive import SOUND, fill
from tests.media.conftest import NOW

TURN = schema.turn.c
CHANGES = {
    "an act that history forgot": (delete(tables.turn_version), FindingKind.HISTORY),
    "words that no act made": (
        update(schema.turn).where(TURN.version > 0).values(words='[["Non",0,9,null,1]]'),
        FindingKind.HISTORY,
    ),
    "a turn gone without a trace": (
        delete(schema.turn).where(TURN.version > 0), FindingKind.HISTORY,
    ),
    "a revision lost": (delete(schema.revision).where(schema.revision.c.number == 1), FindingKind.HISTORY),
    "no words": (
        update(schema.turn).where(TURN.version == 0).values(words="[["), FindingKind.UNREADABLE,
    ),
    "a doubt about nothing": (
        update(schema.turn).where(TURN.version == 0).values(doubts=[["loop", 7, 9]]),
        FindingKind.UNREADABLE,
    ),
    "a gap": (update(schema.turn).where(TURN.position == 1).values(position=5), FindingKind.DISORDER),
    "no first version": (update(schema.machine_transcript).values(content=b"x"), FindingKind.UNREADABLE),
    "a run that nobody has": (update(schema.episode).values(status="working"), FindingKind.STUCK),
    "a failure without a cause": (update(schema.episode).values(status="failed"), FindingKind.STUCK),
    "a status that we do not know": (update(schema.episode).values(status="lost"), FindingKind.STUCK),
}  # fmt: skip


@pytest.fixture
def audio(database: Database, tmp_path: Path) -> Path:
    """The folder of the audio of an archive that is whole."""
    fill(database, tmp_path / "audio", withdrawn=True)
    return tmp_path / "audio"


def kinds(findings: list[Finding]) -> set[FindingKind]:
    assert all(translate(finding.message, language) for finding in findings for language in ("fr", "en"))
    return {finding.kind for finding in findings}


def test_a_whole_archive_has_no_finding(database: Database, audio: Path):
    assert verify_catalogue(database) == []
    assert verify_sound(database, FolderStore(audio), NOW, settled=timedelta(days=-9000)) == []


@pytest.mark.usefixtures("audio")
def test_what_is_wrong_is_found(database: Database):
    for name, (change, kind) in CHANGES.items():
        with database.write() as connection:
            connection.execute(change)
            assert kind in kinds(list_findings(connection, lambda _: None)), name
            connection.rollback()


@pytest.mark.usefixtures("audio")
def test_two_episodes_of_one_sound_in_a_show_are_found(database: Database):
    with database.write() as connection:
        first = connection.execute(
            schema.episode.select().where(schema.episode.c.original_sha256.is_not(None))
        ).one()
        again = dict(first._mapping) | {"id": 99, "guid": "again", "revision": 0, "status": "waiting"}
        connection.execute(insert(schema.episode).values(again))
    assert kinds(verify_catalogue(database)) == {FindingKind.DUPLICATE}


def test_a_row_that_points_at_nothing_is_found(tmp_path: Path):
    database = Database(f"sqlite:///{tmp_path / 'c.sqlite'}")
    database.upgrade()
    fill(database, tmp_path / "audio")
    with sqlite3.connect(tmp_path / "c.sqlite") as connection:  # which holds no references
        connection.execute("DELETE FROM speaker")
    connection.close()
    assert kinds(verify_catalogue(database)) == {FindingKind.DANGLING}
    database.close()


def test_a_damaged_file_is_said_to_be_so(tmp_path: Path):
    """FAULTS 11, I4."""
    path = tmp_path / "c.sqlite"
    database = Database(f"sqlite:///{path}")
    database.upgrade()
    fill(database, tmp_path / "audio")
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        page = connection.exec_driver_sql("PRAGMA page_size").scalar_one()
        root = connection.execute(text("SELECT rootpage FROM sqlite_master WHERE name = 'turn'")).scalar_one()
    database.close()
    content = bytearray(path.read_bytes())
    content[(root - 1) * page : root * page] = b"\xff" * page
    path.write_bytes(content)
    try:
        found = verify_catalogue(database)
    except EntenduError as error:
        assert "c.sqlite" in translate(error.message, "fr")
    else:
        assert kinds(found) == {FindingKind.DAMAGED}
    database.close()


def test_an_acknowledged_save_is_found_again_or_said_to_be_lost(database: Database, audio: Path):
    """FAULTS I1."""
    with database.read() as connection:
        turn = (
            connection.execute(
                schema.turn.select().where(TURN.version > 0, TURN.edition == Edition.PUBLISHED)
            ).first()
            or connection.execute(schema.turn.select().where(TURN.version > 0)).first()
        )
        assert turn is not None
        kept = Acknowledged(turn.id, turn.version, "Bonjour à tous et à toutes.")
        lost = Acknowledged(turn.id, turn.version + 1, "Bonsoir")
        assert find_lost(connection, [kept, lost]) == [lost]


def test_sound_that_is_missing_changed_or_nobodys_is_found(database: Database, audio: Path):
    store = FolderStore(audio)
    (kept,) = list(store.list_files())
    path = store.find(kept.sha256, kept.suffix)
    assert path is not None
    path.write_bytes(SOUND[:-1] + b"?")
    assert kinds(verify_sound(database, store, NOW)) == {FindingKind.CHANGED}
    path.unlink()
    assert kinds(verify_sound(database, store, NOW)) == {FindingKind.MISSING}
    path.write_bytes(SOUND)
    nobodys = path.with_name(path.name[:2] + "0" * 62 + ".mp3")
    nobodys.write_bytes(b"ID3")
    later = kept.kept_at + timedelta(hours=1)
    assert verify_sound(database, store, later) == []  # its row may be about to come
    assert kinds(verify_sound(database, store, later, settled=timedelta())) == {FindingKind.ORPHAN}

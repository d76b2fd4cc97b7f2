"""An archive is kept from a terminal: backed up, restored, examined and repaired, moved."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import entendu
from media.database import Database, open_database
from media.settings import Settings
from search import rebuild_index
from tests.media.archive.test_archive import fill


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder of an archive, which commands are told of."""
    folder = tmp_path / "data"
    monkeypatch.setenv("ENTENDU_DATA", str(folder))
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    settings = Settings(data=folder)
    database = open_database(settings)
    fill(database, folder / "audio", withdrawn=True)
    rebuild_index(settings, database)
    database.close()
    return folder


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(entendu.app, [str(argument) for argument in arguments])


def test_a_damaged_catalogue_is_replaced_by_the_backup_and_kept_aside(data: Path, tmp_path: Path):
    """FAULTS 20."""
    made = run("backup", tmp_path / "backups", "--keep", "2")
    assert made.exit_code == 0 and "2 episodes, 1 audio files, 1 of them new" in made.output, made.output
    taken = run("restore", tmp_path / "backups")
    assert taken.exit_code == 1 and "--replace" in taken.output
    using = Database(f"sqlite:///{data / 'catalogue.sqlite'}")
    with using.read() as connection:
        connection.exec_driver_sql("SELECT 1 FROM show").all()
        in_use = run("restore", tmp_path / "backups", "--replace")
    using.close()
    assert in_use.exit_code == 1 and "Stop the services" in in_use.output, in_use.output
    (data / "catalogue.sqlite").write_bytes(b"damaged" * 1000)
    (data / "queue.sqlite").write_bytes(b"of another time")
    done = run("restore", tmp_path / "backups", "--replace")
    assert done.exit_code == 0 and "2 episodes, 0 audio files copied" in done.output, done.output
    (aside,) = data.glob("set-aside-*")
    assert {path.name for path in aside.iterdir()} >= {"catalogue.sqlite", "queue.sqlite", "index"}
    assert run("reindex").exit_code == 0
    examined = run("doctor", "--deep")
    assert "✓ every row of the catalogue" in examined.output, examined.output
    assert "✓ every entry of the index" in examined.output, examined.output


def test_what_can_be_made_again_is_repaired_and_the_rest_is_named(data: Path):
    database = open_database(Settings(data=data))
    with database.write() as connection:
        connection.exec_driver_sql("UPDATE episode SET status = 'working' WHERE private")
        connection.exec_driver_sql("UPDATE turn SET words = '[[\"Autre\",0,400,null,1]]' WHERE version = 0")
    database.close()
    (sound,) = [path for path in (data / "audio").glob("??/*") if path.is_file()]
    sound.unlink()
    seen = run("doctor", "--deep")
    assert seen.exit_code == 1 and "nothing says what becomes of it" in seen.output, seen.output
    assert "✗ every entry of the index" in seen.output
    repaired = run("doctor", "--deep", "--repair")
    assert repaired.exit_code == 1 and "is not there. Put it back from a backup" in repaired.output
    after = run("doctor", "--deep")
    assert "✓ every row" in after.output and "✓ every entry" in after.output, after.output


def test_it_moves_to_postgresql_and_back(data: Path, fresh_postgres: str, monkeypatch: pytest.MonkeyPatch):
    moved = run("migrate-to", fresh_postgres)
    assert moved.exit_code == 0 and "counted and hashed on both sides" in moved.output, moved.output
    assert "was moved" in run("status").output
    monkeypatch.setenv("ENTENDU_DATABASE_URL", fresh_postgres)
    assert run("status").exit_code == 0
    assert "already something" in run("migrate-to", "sqlite").output
    for path in data.glob("catalogue.sqlite*"):
        path.unlink()
    assert run("migrate-to", "sqlite").exit_code == 0
    monkeypatch.delenv("ENTENDU_DATABASE_URL")
    assert run("status").exit_code == 0

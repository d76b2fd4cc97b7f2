"""An archive read back elsewhere is written again as the same files; a hostile one changes nothing."""

import base64
import json
import shutil
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import select

from media import schema
from media.archive.errors import (
    DAMAGES,
    FOREIGN,
    ArchiveError,
    ArchiveExistsError,
    ArchiveForeignError,
    CatalogueNotEmptyError,
)
from media.archive.exporting import EVERYTHING, LEFT_BEHIND, Wanted, export_archive
from media.archive.restoring import restore_archive
from media.correction.authors import Author
from media.correction.saving import save_text
from media.database import Database
from media.episodes import Person, add_episode, replace_chapters, update_episode
from media.files import AudioFile, add_audio, audio_path
from media.people.accounts import Role, add_account
from media.people.withdrawals import withdraw_name, withdraw_words
from media.progress import record_ready
from media.shows import add_show
from media.store.folder import FolderStore
from media.transcript import Chapter, Edition, Transcript, TurnState, Word, speech_turn
from media.transcripts import list_turns, name_voice, replace_turns, save_machine_transcript
from tests.media.conftest import NOW

SOUND = b"ID3 pretend" * 100
Fill = Callable[[Database, Path], None]


def plain(html: str) -> str:
    return html.replace("<script>", "")


def words(text: str, start_ms: int = 0) -> list[Word]:
    return [
        Word(word, start_ms + at * 300, start_ms + at * 300 + 250, 0.9, paragraph=at == 2)
        for at, word in enumerate(text.split())
    ]


def fill(database: Database, audio: Path, *, withdrawn: bool = False) -> None:
    """Fill a catalogue: two texts of one episode, a private one, corrections, sound."""
    digest = sha256(SOUND).hexdigest()
    kept = audio_path(audio, digest, ".mp3")
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_bytes(SOUND)
    with database.write() as connection:
        add_account(connection, "zoe", "Zoé", Role.VOLUNTEER, "une place de marché", NOW)
        show = add_show(
            connection, "Là-haut", NOW, feed_url="https://x.test/rss?key=secret", licence="cc-by-sa-4.0"
        )
        add_audio(connection, AudioFile(digest, ".mp3", "audio/mpeg", len(SOUND), 60_000, b"\x00\x01"))
        talk = add_episode(
            connection, show.id, "g", "Libre", NOW, people=[Person("Luk", "")], listening_sha256=digest,
            original_sha256=digest, description="<p>Bonjour</p>", notice="Propos personnels.",
        )  # fmt: skip
        said = [
            speech_turn(words("Bonjour à tous et toutes."), 1),
            speech_turn(words("Oui merci bien.", 5_000), 2),
        ]
        save_machine_transcript(connection, talk, Transcript(tuple(said), "fr", "test"), "run", NOW)
        name_voice(connection, talk, 1, "Luk", NOW)
        smoothed = [speech_turn([Word("Bonjour."), Word("Publié.", paragraph=True)])]
        replace_turns(connection, talk, Edition.PUBLISHED, smoothed, {})
        replace_chapters(connection, talk, [Chapter(0, "Début")])
        record_ready(connection, talk, NOW)
        first = list_turns(connection, talk)[0]
        save_text(connection, first.id, first.version, "Bonjour à tous et à toutes.", Author(1, "Zoé"), NOW)
        secret = add_episode(connection, show.id, "p", "Secret", NOW, private=True)
        hidden = (speech_turn(words("une confidence")),)
        save_machine_transcript(connection, secret, Transcript(hidden, "fr", "test"), "p", NOW)
        record_ready(connection, secret, NOW)
        if withdrawn:
            second = list_turns(connection, talk)[1]
            withdraw_words(connection, second.id, None, "à sa demande", None, NOW)
            withdraw_name(connection, "Luk", "à sa demande", None, NOW)


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


@pytest.fixture
def elsewhere(tmp_path: Path) -> Database:
    database = Database(f"sqlite:///{tmp_path / 'elsewhere' / 'catalogue.sqlite'}")
    database.upgrade()
    return database


@pytest.mark.parametrize(("audio", "withdrawn"), [(False, False), (True, True)])
def test_what_anybody_may_have_comes_back_the_same(
    database: Database, elsewhere: Database, tmp_path: Path, audio: bool, withdrawn: bool
):
    fill(database, tmp_path / "audio", withdrawn=withdrawn)
    wanted = Wanted(audio=audio)
    export_archive(database, FolderStore(tmp_path / "audio"), tmp_path / "one", wanted)
    restore_archive(elsewhere, FolderStore(tmp_path / "other"), tmp_path / "one", plain, NOW)
    export_archive(elsewhere, FolderStore(tmp_path / "other"), tmp_path / "two", wanted)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    everything = b"".join(contents(tmp_path / "one").values())
    for kept_in in (b"confidence", b"key=secret", b"password", "place de marché".encode()):
        assert kept_in not in everything
    assert (b"merci" in everything) is not withdrawn
    assert (b'"Luk"' in everything) is not withdrawn
    assert ("audio" in {name.split("/")[0] for name in contents(tmp_path / "one")}) is audio


def test_a_public_archive_says_what_it_holds(database: Database, tmp_path: Path):
    fill(database, tmp_path / "audio")
    written = export_archive(database, FolderStore(tmp_path / "audio"), tmp_path / "one", Wanted())
    manifest = json.loads((tmp_path / "one" / "manifest.json").read_bytes())
    assert (manifest["kind"], manifest["counts"]["episode"], written.counts["turn"]) == ("public", 1, 3)
    assert [(held["id"], held["notice"], held["episodes"]) for held in manifest["licences"]] == [
        ("cc-by-sa-4.0", "Propos personnels.", [1])
    ]
    for held in manifest["files"]:
        assert sha256((tmp_path / "one" / held["path"]).read_bytes()).hexdigest() == held["sha256"]
    turns = [
        json.loads(line) for line in (tmp_path / "one" / "data" / "turn.jsonl").read_bytes().splitlines()
    ]
    assert {turn["edition"] for turn in turns} == {"spoken", "published"}
    assert turns[0]["words"][0][:3] == ["Bonjour", 0, 250]
    texts = sorted(path.name for path in (tmp_path / "one" / "texts" / "la-haut").iterdir())
    assert texts == ["000001-libre-published.md", "000001-libre.md"]


def test_a_house_that_moves_takes_everything_with_it(database: Database, elsewhere: Database, tmp_path: Path):
    fill(database, tmp_path / "audio", withdrawn=True)
    wanted = Wanted(EVERYTHING, audio=True)
    export_archive(database, FolderStore(tmp_path / "audio"), tmp_path / "one", wanted)
    with pytest.raises(ArchiveForeignError):
        restore_archive(elsewhere, FolderStore(tmp_path / "other"), tmp_path / "one", plain, NOW)
    restore_archive(elsewhere, FolderStore(tmp_path / "other"), tmp_path / "one", plain, NOW, everything=True)
    export_archive(elsewhere, FolderStore(tmp_path / "other"), tmp_path / "two", wanted)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    held = {path.stem for path in (tmp_path / "one" / "data").iterdir()}
    assert held == {table.name for table in schema.metadata.sorted_tables} - LEFT_BEHIND
    with database.read() as one, elsewhere.read() as other:
        for table in (schema.turn, schema.revision, schema.account):
            rows = select(table).order_by(table.c.id)
            assert one.execute(rows).all() == other.execute(rows).all()


def test_what_is_added_after_a_move_meets_nothing_that_was_there(
    elsewhere: Database, database: Database, tmp_path: Path
):
    fill(elsewhere, tmp_path / "audio")
    export_archive(elsewhere, FolderStore(tmp_path / "audio"), tmp_path / "one", Wanted(EVERYTHING))
    restore_archive(database, FolderStore(tmp_path / "other"), tmp_path / "one", plain, NOW, everything=True)
    with database.write() as connection:
        show = add_show(connection, "Nouvelle", NOW)
        episode = add_episode(connection, show.id, "n", "Nouveau", NOW)
        new = (speech_turn(words("tout neuf")),)
        save_machine_transcript(connection, episode, Transcript(new, "fr", "test"), "n", NOW)
        assert list_turns(connection, episode)[0].turn.state is TurnState.MACHINE
        update_episode(connection, episode, {"title": "Neuf"}, NOW)


def rewrite(folder: Path, name: str, content: bytes) -> None:
    """Change a file, and the manifest with it, as somebody hostile would."""
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)
    manifest = json.loads((folder / "manifest.json").read_bytes())
    files = [held for held in manifest["files"] if held["path"] != name]
    files.append({"path": name, "size": len(content), "sha256": sha256(content).hexdigest()})
    (folder / "manifest.json").write_text(json.dumps({**manifest, "files": files}))


def change_row(folder: Path, table: str, **values: object) -> None:
    path = folder / "data" / f"{table}.jsonl"
    rows = [json.loads(line) for line in path.read_bytes().splitlines()]
    rows[0].update(values)
    rewrite(folder, f"data/{table}.jsonl", b"".join(json.dumps(row).encode() + b"\n" for row in rows))


HOSTILE: dict[str, Callable[[Path], object]] = {
    "a file changed": lambda folder: (folder / "data" / "show.jsonl").write_bytes(b"{}\n"),
    "a file missing": lambda folder: (folder / "data" / "turn.jsonl").unlink(),
    "a file more": lambda folder: (folder / "extra.txt").write_bytes(b""),
    "a way out": lambda folder: rewrite(folder, "data/../../out.jsonl", b"x"),
    "an absolute path": lambda folder: rewrite(folder, str(folder.parent / "out.jsonl"), b"x"),
    "a link": lambda folder: (folder / "data" / "passwd").symlink_to("/etc/passwd"),
    "no JSON": lambda folder: rewrite(folder, "data/show.jsonl", b"\xff\n"),
    "nested": lambda folder: rewrite(folder, "data/show.jsonl", b"[" * 100_000 + b"\n"),
    "an unknown column": lambda folder: change_row(folder, "show", evil=1),
    "a script's address": lambda folder: change_row(folder, "episode", link="javascript:alert(1)"),
    "a number of text": lambda folder: change_row(folder, "turn", start_ms="0"),
    "words that are none": lambda folder: change_row(folder, "turn", words=[["a\nb", 0, 1, None, 1]]),
    "a stranger": lambda folder: change_row(folder, "turn", episode_id=999),
    "a manifest of another": lambda folder: (folder / "manifest.json").write_bytes(b'{"format": "x"}'),
    "a manifest of nothing": lambda folder: (folder / "manifest.json").write_bytes(b"[" * 100_000),
    "a sound of another name": lambda folder: rewrite(folder, "audio/ab/" + "ab" * 32 + ".mp3", b"x"),
}


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that can be read back, to be spoilt."""
    folder = tmp_path_factory.mktemp("good")
    database = Database(f"sqlite:///{folder / 'catalogue.sqlite'}")
    database.upgrade()
    fill(database, folder / "audio")
    export_archive(database, FolderStore(folder / "audio"), folder / "archive", Wanted(audio=True))
    database.close()
    return folder / "archive"


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """An empty catalogue that stays so."""
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('untouched') / 'catalogue.sqlite'}")
    database.upgrade()
    yield database
    database.close()


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_folder_changes_nothing(name: str, good: Path, untouched: Database, tmp_path: Path):
    shutil.copytree(good, tmp_path / "one")
    HOSTILE[name](tmp_path / "one")
    with pytest.raises(ArchiveError) as raised:
        restore_archive(untouched, FolderStore(tmp_path / "other"), tmp_path / "one", plain, NOW)
    sentence = raised.value.message
    assert sentence.msgid in {*DAMAGES.values(), *FOREIGN.values()}
    assert "reason" not in sentence.values, "no English inside another language's sentence"
    assert sentence.msgid % sentence.values
    with untouched.read() as connection:
        assert connection.execute(select(schema.show)).all() == []


def test_html_of_a_stranger_goes_through_the_sanitiser(good: Path, elsewhere: Database, tmp_path: Path):
    shutil.copytree(good, tmp_path / "one")
    change_row(tmp_path / "one", "episode", description="<script>alert(1)")
    restore_archive(elsewhere, FolderStore(tmp_path / "other"), tmp_path / "one", plain, NOW)
    with elsewhere.read() as connection:
        assert connection.execute(select(schema.episode.c.description)).scalar() == "alert(1)"


def test_an_archive_goes_into_an_empty_catalogue_and_a_free_name_only(
    good: Path, elsewhere: Database, tmp_path: Path
):
    restore_archive(elsewhere, FolderStore(tmp_path / "other"), good, plain, NOW)
    with pytest.raises(CatalogueNotEmptyError):
        restore_archive(elsewhere, FolderStore(tmp_path / "other"), good, plain, NOW)
    with pytest.raises(ArchiveExistsError):
        export_archive(elsewhere, FolderStore(tmp_path / "other"), good, Wanted())


def test_a_run_that_was_cut_down_leaves_nothing_under_the_name(
    good: Path, elsewhere: Database, tmp_path: Path
):
    restore_archive(elsewhere, FolderStore(tmp_path / "other"), good, plain, NOW)
    stale = tmp_path / "two.partial" / "data"
    stale.mkdir(parents=True)
    (stale / "left.jsonl").write_bytes(base64.b64encode(b"x"))
    export_archive(elsewhere, FolderStore(tmp_path / "other"), tmp_path / "two", Wanted(audio=True))
    assert contents(tmp_path / "two") == contents(good)

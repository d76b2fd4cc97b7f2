"""`entendu glossary`, as people who keep their terms in a file use it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

import entendu
from media.database import open_database
from media.settings import Settings
from media.shows import add_show, find_show

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ENTENDU_DATA", str(tmp_path))
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    database = open_database(Settings(data=tmp_path))
    with database.write() as connection:
        add_show(connection, "Place du Marché", NOW, terms=["Valbrune"])
    database.close()
    return tmp_path


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(entendu.app, ["glossary", *arguments])
    return result.exit_code, result.output


def test_terms_are_added_listed_taken_out_and_told_to_the_recogniser(data: Path) -> None:
    assert run("add", "place-du-marche", "MoveFlow", "--heard", "mooflow", "--heard", "mouflo")[0] == 0
    assert run("list", "Place du Marché") == (0, "MoveFlow = mooflow, mouflo\nValbrune\n")
    assert run("remove", "place-du-marche", "Valbrune")[0] == 0
    database = open_database(Settings(data=data))
    with database.read() as connection:
        show = find_show(connection, "place-du-marche")
    database.close()
    assert show is not None and list(show.terms) == ["MoveFlow"]


def test_a_file_of_terms_is_read_line_by_line(data: Path, tmp_path: Path) -> None:
    kept = tmp_path / "termes.txt"
    kept.write_text("\ufeff# noms\n\nMalakoff = Malacov\nÉtienne Gonnu\n", "utf8")
    assert run("import", "place-du-marche", str(kept)) == (0, "Terms read: 2\n")
    assert run("list", "place-du-marche")[1].splitlines() == [
        "Malakoff = Malacov",
        "Valbrune",
        "Étienne Gonnu",
    ]


@pytest.mark.parametrize(
    "arguments",
    [
        ("list", "nulle-part"),
        ("remove", "place-du-marche", "Zorg"),
        ("add", "place-du-marche", "x" * 81),
        ("import", "place-du-marche", "/nulle/part.txt"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_sentence(data: Path, arguments: tuple[str, ...]) -> None:
    status, said = run(*arguments)
    assert status == 1 and len(said.strip().splitlines()) == 1

"""`entendu import`: a folder of transcripts, its report, its exit status; by the real command."""

import json
from pathlib import Path

import pytest

from media.texts.values import BlockKind
from terminal.importing import find_files, read_choices
from tests.ingest.importing.conftest import write_page
from tests.program import entendu


def test_a_folder_is_imported_with_a_report_and_a_bad_file_keeps_no_other_out(tmp_path: Path):
    folder, data = tmp_path / "pages", tmp_path / "data"
    (folder / "2011").mkdir(parents=True)
    for number in range(18):
        (folder / f"{number:03}.wiki").write_text(write_page(number), encoding="utf8")
    (folder / "2011" / "latin.wiki").write_bytes(write_page(50).encode("cp1252"))
    (folder / "broken.wiki").write_bytes(b"\x00\x01\xff" * 90)
    done = entendu(data, "import", str(folder), "--show", "Libre à vous !", "--json")
    assert done.returncode == 1
    report = json.loads(done.stdout)
    assert (report["imported"], report["failed"]) == (19, 1)
    by_name = {held["name"]: held for held in report["files"]}
    assert "broken.wiki" in by_name["broken.wiki"]["error"]
    latin = by_name["2011/latin.wiki"]
    assert (latin["episode"], latin["turns"], latin["speakers"]) == ("Émission 50", 3, ["Anne Martin", "Luk"])
    assert len({held["episode_id"] for held in report["files"] if not held["error"]}) == 19

    found = json.loads(entendu(data, "search", "ordinateurs repartir", "--json").stdout)
    assert found["total"] == 19
    assert found["excerpts"][0]["start_ms"] is None

    (folder / "broken.wiki").unlink()
    again = entendu(data, "import", str(folder), "--show", "Libre à vous !")
    assert again.returncode == 0
    assert again.stdout.count("the same as before") == 19


def test_choices_files_and_folders_are_read(tmp_path: Path):
    assert read_choices(["42=heading", "7=speech"]) == {42: BlockKind.HEADING, 7: BlockKind.SPEECH}
    with pytest.raises(Exception, match="heading"):
        read_choices(["heading"])
    for name in ("b.txt", ".hidden", "a.vtt", "sound.mp3"):
        (tmp_path / name).write_text("x")
    assert [found.name for found in find_files([tmp_path])] == ["a.vtt", "b.txt"]

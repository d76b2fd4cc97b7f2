"""What a user sees of bad input: one sentence that names the thing and the remedy, and nothing left."""

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.ingest.evil_server import EvilServer, Exchange, evil_server
from tests.ingest.feeds.test_polling import feed_of, item
from tests.ingest.sounds import encode, run_ffmpeg
from tests.ingest.workers import DEMO, ROOT, cut_demo

HERE = "127.0.0.1"
FEEDS = {  # path: what the sentence holds
    "/text": "is not a podcast feed. Look on the show's site for an address marked RSS",
    "/page": "is a web page and not a feed: perhaps it asks for a login",
    "/login": "is a web page and not a feed: perhaps it asks for a login",
    "/refused": "refuses access (401). It may need a subscription",
    "/empty": "is empty: there is no feed in it",
    "/endless": "is larger than the limit of 15 MiB",
    "/bomb": "is larger than the limit of 15 MiB",
    "/inner": "leads into the inner network and was not opened",
    "/missing": "There is nothing at",
}
SOUNDS = {
    "empty.mp3": "is an empty file",
    "page.mp3": "is a web page and not an audio file: perhaps it asks for a login",
    "text.mp3": "is not an audio or video file that can be read",
    "mute.mp4": "holds no sound. Give a file that has an audio track",
    "inner.mp3": "leads into the inner network and was not opened",
    "gone.mp3": "has been removed for good",
}
FINE = ("truncated.mp3", "silence.mp3")


@pytest.fixture
def server() -> Iterator[EvilServer]:
    with evil_server() as running:
        yield running


def entendu(data: Path, *arguments: str | Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run the program as a user does, in English, without a terminal."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("ENTENDU_")},
        "LC_ALL": "C.UTF-8",
        "ENTENDU_DATA": str(data),
        "ENTENDU_ALLOWED_HOSTS": f'["{HERE}"]',
        "ENTENDU_DIARISATION": "off",
        "COLUMNS": "400",
        **settings,
    }
    command = [sys.executable, "-m", "entendu", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)


def status_of(data: Path) -> dict[str, Any]:
    """Read `entendu status --json`."""
    held: dict[str, Any] = json.loads(entendu(data, "status", "--json").stdout)
    return held


def sentences(result: subprocess.CompletedProcess[str]) -> list[str]:
    """Return what was said to the user, without the log's lines."""
    assert "Traceback" not in result.stderr, result.stderr
    return [line for line in result.stderr.splitlines() if line and not line.startswith("20")]


def files_in(data: Path) -> list[str]:
    """Name the audio files, whole or not."""
    return sorted(path.name for path in (data / "audio").rglob("*") if path.is_file())


def test_each_bad_feed_is_refused_in_one_sentence_and_keeps_no_other_out(
    server: EvilServer, tmp_path: Path
) -> None:
    """FAULTS 24, 25, 23, 34: not a feed, a page, a login wall, endless, a bomb, a way inside."""
    page = b"<!doctype html><html><head><title>Connexion</title></head><body><form></form></body></html>"
    bomb = gzip.compress(b"<rss>" + b" " * (64 << 20), 6)
    server("/text")(lambda exchange: exchange.send("200 OK", "Bonjour à tous".encode()))
    server("/page")(lambda exchange: exchange.send("200 OK", page, Content_Type="text/html"))
    server("/login")(lambda exchange: exchange.send("302 Found", Location="/page"))
    server("/refused")(lambda exchange: exchange.send("401 Unauthorized", page))
    server("/empty")(lambda exchange: exchange.send("200 OK"))
    server("/endless")(endless)
    server("/bomb")(lambda exchange: exchange.send("200 OK", bomb, Content_Encoding="gzip"))
    server("/inner")(lambda exchange: exchange.send("302 Found", Location="http://169.254.169.254/latest/"))
    server("/good")(lambda exchange: exchange.send("200 OK", feed_of(item(1), title="Bonne")))
    addresses = [server.url(path, HERE) for path in [*FEEDS, "/good"]]
    result = entendu(tmp_path, "add", *addresses)
    said = sentences(result)
    assert result.returncode == 1 and "“Bonne”: 1 episodes" in result.stdout
    assert len(said) == len(FEEDS), result.stderr
    for (path, part), sentence in zip(FEEDS.items(), said, strict=True):
        assert part in sentence, (path, sentence)
        assert server.url("", HERE) in sentence or "169.254.169.254" in sentence
    assert [feed["title"] for feed in status_of(tmp_path)["feeds"]] == ["Bonne"]


def test_each_bad_sound_fails_in_one_sentence_while_the_others_become_ready(
    server: EvilServer, tmp_path: Path
) -> None:
    """FAULTS 37, 38: 0 bytes, a page, text, a mute film, a cut file, ten minutes of silence."""
    silence = encode(tmp_path / "silence.mp3", "-b:a", "64k", sound="anullsrc=d={seconds}", seconds=600)
    cut = encode(tmp_path / "constant.mp3", "-b:a", "96k", sound="sine=f=220:d={seconds}", seconds=20)
    mute = tmp_path / "mute.mp4"
    run_ffmpeg("-f", "lavfi", "-i", "testsrc=s=64x64:r=5:d=3", "-an", str(mute))
    bodies = {
        "/empty.mp3": b"",
        "/page.mp3": b"<!doctype html><html><body>Connectez-vous</body></html>",
        "/text.mp3": b"Ceci n'est pas du son. " * 400,
        "/mute.mp4": mute.read_bytes(),
        "/silence.mp3": silence.read_bytes(),
        "/truncated.mp3": cut.read_bytes()[: cut.stat().st_size // 2],
    }
    for path, body in bodies.items():
        server(path)(lambda exchange, body=body: exchange.send("200 OK", body))  # type: ignore[misc]
    server("/inner.mp3")(lambda exchange: exchange.send("302 Found", Location="http://10.0.0.1/a.mp3"))
    server("/gone.mp3")(lambda exchange: exchange.send("410 Gone"))
    items = [item(n, audio=f"/{name}", title=name) for n, name in enumerate([*SOUNDS, *FINE], 1)]
    server("/rss")(lambda exchange: exchange.send("200 OK", feed_of(*items)))
    assert entendu(tmp_path / "data", "add", server.url("/rss", HERE)).returncode == 0
    result = entendu(tmp_path / "data", "work", "--once")
    said = {line.partition(": ")[0]: line for line in sentences(result)}
    assert result.returncode == 1 and said.keys() == SOUNDS.keys(), result.stderr
    for name, part in SOUNDS.items():
        assert part in said[name]
    held = status_of(tmp_path / "data")
    assert held["episodes"] == {"waiting": 0, "working": 0, "ready": 2, "failed": len(SOUNDS), "skipped": 0}
    assert all(work["retry_at"] is None for work in held["work"])  # no retry storm: only people can help
    kept = files_in(tmp_path / "data")
    assert len(kept) == 5 and not [name for name in kept if "part" in name or "copy" in name]
    assert entendu(tmp_path / "data", "work", "--once").returncode == 0


@pytest.mark.parametrize("name", ["absent.mp3", "text.mp3", "empty.mp3", "list.m3u8"])
def test_a_bad_file_is_refused_by_name_and_a_good_one_beside_it_is_taken(tmp_path: Path, name: str) -> None:
    """FAULTS 38, 39."""
    content = {
        "text.mp3": b"du texte " * 99,
        "empty.mp3": b"",
        "list.m3u8": b"#EXTM3U\n#EXTINF:9,\nfile:///etc/passwd\n",
    }
    if name in content:
        (tmp_path / name).write_bytes(content[name])
    good = encode(tmp_path / "sound.ogg")
    result = entendu(tmp_path / "data", "add", tmp_path / name, good)
    (said,) = sentences(result)
    assert result.returncode == 1 and name in said and "sound.ogg" in result.stdout
    assert len(files_in(tmp_path / "data")) == 1


def test_a_missing_model_is_named_with_its_remedy(tmp_path: Path) -> None:
    entendu(tmp_path / "data", "add", cut_demo(tmp_path, 0), "--language", "fr")
    result = entendu(tmp_path / "data", "work", "--once", ENTENDU_MODEL="/nowhere")
    (said,) = sentences(result)
    assert result.returncode == 1
    assert "The speech model “/nowhere” is missing" in said and "set ENTENDU_MODEL" in said
    assert status_of(tmp_path / "data")["episodes"]["failed"] == 1


@pytest.mark.parametrize(
    ("file", "command", "part"),
    [
        ("catalogue.sqlite", ["status"], "The catalogue"),
        ("queue.sqlite", ["work", "--once"], "The work queue"),
    ],
)
def test_an_unreadable_database_is_named_with_its_remedy(
    tmp_path: Path, file: str, command: list[str], part: str
) -> None:
    (tmp_path / file).write_bytes(b"This is no database at all. " * 400)
    result = entendu(tmp_path, *command)
    (said,) = sentences(result)
    assert (
        result.returncode == 1 and part in said and str(tmp_path / file) in said and "Check the disk" in said
    )


def test_a_data_folder_that_cannot_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = entendu(tmp_path / "file" / "data", "add", DEMO)
    (said,) = sentences(result)
    assert result.returncode == 1 and str(tmp_path / "file") in said


def test_a_full_disk_is_named_leaves_nothing_half_written_and_passes(
    server: EvilServer, tmp_path: Path
) -> None:
    """FAULTS 11."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "none", str(disk)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("mounting a small disk is not permitted here")
    try:
        loud = encode(tmp_path / "sound.wav", seconds=60)
        result = entendu(disk, "add", loud)
        (said,) = sentences(result)
        assert result.returncode == 1 and "No space left on device" in said and "Free some space" in said
        assert files_in(disk) == []
        server("/a.wav")(lambda exchange: exchange.send("200 OK", loud.read_bytes()))
        server("/rss")(lambda exchange: exchange.send("200 OK", feed_of(item(1, audio="/a.wav"))))
        assert entendu(disk, "add", server.url("/rss", HERE)).returncode == 0
        result = entendu(disk, "work", "--once")
        (said,) = sentences(result)
        assert "The disk has no room left for" in said and "Free some space" in said
        held = status_of(disk)
        assert (
            held["episodes"]["failed"] == 1 and held["work"][0]["retry_at"]
        )  # by itself, once there is room
        assert files_in(disk) == []
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def endless(exchange: Exchange) -> None:
    """Send a feed of 200 MB, for as long as anybody listens."""
    exchange.raw(b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\n\r\n<rss><channel>")
    for _ in range(200):
        exchange.raw(b"<item><title>encore</title></item>" * 31_000)

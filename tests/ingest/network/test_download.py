"""Downloads against the evil server (FAULTS 11, 19, 23, 26, 36, 38, 43, 44)."""

import doctest
import errno
import hashlib
import multiprocessing
import os
import random
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from ingest import errors
from ingest.network import download
from ingest.network.download import Downloaded, DownloadLimits, download_file
from ingest.sound.sniffing import sniff_media
from tests.ingest.evil_server import HOST, EvilServer, Exchange, Route, canary, evil_server, network_of

OGG = b"OggS" + random.Random(1).randbytes(600_000)
LIMITS = DownloadLimits(max_bytes=4 << 20, total_s=30.0)


@pytest.fixture
def server() -> Iterator[EvilServer]:
    with evil_server() as running:
        yield running


def fetch(url: str, to: Path, limits: DownloadLimits = LIMITS) -> Downloaded:
    return download_file(url, to, network_of(), sniff=sniff_media, limits=limits)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def serve_ranges(content: bytes = OGG, etag: str = '"v1"', cut: int | None = None) -> Route:
    """Answer as a good server does, but break off after `cut` bytes of each answer."""

    def answer(exchange: Exchange) -> None:
        start, status = 0, "200 OK"
        headers = {"ETag": etag, "Accept_Ranges": "bytes"}
        if "range" in exchange.headers and exchange.headers.get("if-range") == etag:
            start = int(exchange.headers["range"].removeprefix("bytes=").removesuffix("-"))
            status = "206 Partial Content"
            headers["Content_Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        rest = content[start:]
        headers["Content_Length"] = str(len(rest))
        exchange.send(status, rest if cut is None else rest[:cut], **headers)

    return answer


def test_file_comes_whole_with_its_hash_and_nothing_else(server: EvilServer, tmp_path: Path) -> None:
    """FAULTS 19."""
    server("/a.ogg")(serve_ranges())
    got = fetch(server.url("/a.ogg"), tmp_path / "7")
    assert (got.sha256, got.size, got.media) == (hashlib.sha256(OGG).hexdigest(), len(OGG), "ogg")
    assert got.path.read_bytes() == OGG and names(tmp_path) == ["7"] and got.end_certain


def test_connection_cut_twenty_times_is_resumed(server: EvilServer, tmp_path: Path) -> None:
    """FAULTS 43."""
    server("/a.ogg")(serve_ranges(cut=len(OGG) // 20))
    got = fetch(server.url("/a.ogg"), tmp_path / "7")
    assert got.sha256 == hashlib.sha256(OGG).hexdigest() and len(server.asked) >= 20
    assert all(asked.headers["if-range"] == '"v1"' for asked in server.asked[1:])


def test_changed_etag_restarts(server: EvilServer, tmp_path: Path) -> None:
    """FAULTS 43."""
    other = OGG[::-1].replace(OGG[:4][::-1], b"") + b"x" * 10
    other = b"OggS" + other
    server("/a.ogg")(
        lambda exchange: (
            serve_ranges(cut=100_000)(exchange)
            if len(server.asked) == 1
            else serve_ranges(other, '"v2"')(exchange)
        )
    )
    assert fetch(server.url("/a.ogg"), tmp_path / "7").sha256 == hashlib.sha256(other).hexdigest()


@pytest.mark.parametrize("etag", ['W/"v1"', ""])
def test_without_strong_validator_a_cut_restarts_from_zero(
    server: EvilServer, tmp_path: Path, etag: str
) -> None:
    """FAULTS 43."""
    whole = serve_ranges(etag=etag)
    broken = serve_ranges(etag=etag, cut=100_000)
    server("/a.ogg")(lambda exchange: (broken if len(server.asked) == 1 else whole)(exchange))
    got = fetch(server.url("/a.ogg"), tmp_path / "7")
    assert got.path.read_bytes() == OGG and "range" not in server.asked[1].headers


def test_ignored_range_restarts_from_zero(server: EvilServer, tmp_path: Path) -> None:
    """FAULTS 44."""

    @server("/a.ogg")
    def ignore_ranges(exchange: Exchange) -> None:
        cut = len(OGG) if len(server.asked) > 1 else 100_000
        exchange.send("200 OK", OGG[:cut], ETag='"v1"', Content_Length=str(len(OGG)))

    assert fetch(server.url("/a.ogg"), tmp_path / "7").path.read_bytes() == OGG


@pytest.mark.parametrize(
    "content_range",
    [
        "bytes 0-599999/600004",
        "bytes 5-9/10",
        "bytes */600004",
        "items 1-2/3",
        "",
        "bytes 99999999999999999999-1/2",
    ],
)
def test_wrong_range_is_never_joined(server: EvilServer, tmp_path: Path, content_range: str) -> None:
    """FAULTS 44."""

    @server("/a.ogg")
    def lie(exchange: Exchange) -> None:
        if "range" in exchange.headers:
            exchange.send("206 Partial Content", OGG[7:], ETag='"v1"', Content_Range=content_range)
        elif len(server.asked) == 1:
            exchange.send("200 OK", OGG[:100_000], ETag='"v1"', Content_Length=str(len(OGG)))
        else:
            exchange.send("200 OK", OGG, ETag='"v1"')

    assert fetch(server.url("/a.ogg"), tmp_path / "7").path.read_bytes() == OGG


@pytest.mark.parametrize("announced", [len(OGG) + 1_000, len(OGG) * 2])
def test_body_shorter_than_announced_is_never_complete(
    server: EvilServer, tmp_path: Path, announced: int
) -> None:
    """FAULTS 44."""
    server("/a.ogg")(lambda exchange: exchange.send("200 OK", OGG, Content_Length=str(announced)))
    with pytest.raises(errors.ConnectionFailedError):
        fetch(server.url("/a.ogg"), tmp_path / "7")
    assert names(tmp_path) == []


@pytest.mark.parametrize("late", [False, True])
def test_body_longer_than_announced_is_never_complete(server: EvilServer, tmp_path: Path, late: bool) -> None:
    """FAULTS 44."""

    @server("/a.ogg")
    def lie(exchange: Exchange) -> None:
        exchange.send("200 OK", OGG[:50_000], Content_Length="50000")
        time.sleep(0.2 if late else 0)
        exchange.raw(OGG[50_000:])

    with pytest.raises(errors.LengthMismatchError):
        fetch(server.url("/a.ogg"), tmp_path / "7")
    assert names(tmp_path) == []


def test_body_without_announced_length_is_kept_but_not_vouched_for(
    server: EvilServer, tmp_path: Path
) -> None:
    """FAULTS 44."""
    server("/a.ogg")(lambda exchange: exchange.send("200 OK", OGG, Content_Length=""))
    assert not fetch(server.url("/a.ogg"), tmp_path / "7").end_certain


def test_chunked_body_must_have_its_end(server: EvilServer, tmp_path: Path) -> None:
    """FAULTS 44."""
    chunk = b"%x\r\n%s\r\n" % (len(OGG), OGG)
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    server("/whole.ogg")(lambda exchange: exchange.raw(head + chunk + b"0\r\n\r\n"))
    server("/cut.ogg")(lambda exchange: exchange.raw(head + chunk))
    assert fetch(server.url("/whole.ogg"), tmp_path / "7").end_certain
    with pytest.raises(errors.ConnectionFailedError):
        fetch(server.url("/cut.ogg"), tmp_path / "8")
    assert names(tmp_path) == ["7"]


def test_broken_for_good_leaves_a_part_that_the_next_try_resumes(server: EvilServer, tmp_path: Path) -> None:
    """FAULTS 43."""

    @server("/a.ogg")
    def die(exchange: Exchange) -> None:
        if len(server.asked) == 1:
            serve_ranges(cut=300_000)(exchange)

    with pytest.raises(errors.DownloadIncompleteError) as caught:
        fetch(server.url("/a.ogg"), tmp_path / "7")
    assert caught.value.transient and names(tmp_path) == ["7.part", "7.part.json"]
    server("/a.ogg")(serve_ranges())
    assert fetch(server.url("/a.ogg"), tmp_path / "7").path.read_bytes() == OGG
    assert server.asked[-1].headers["range"] == "bytes=300000-"


def _fetch_in_child(url: str, to: Path) -> None:
    fetch(url, to)


def test_killed_worker_leaves_no_file_under_its_name_and_its_successor_resumes(
    server: EvilServer, tmp_path: Path
) -> None:
    """FAULTS 19, 43."""

    @server("/a.ogg")
    def slow(exchange: Exchange) -> None:
        exchange.send("200 OK", OGG[:300_000], ETag='"v1"', Content_Length=str(len(OGG)))
        time.sleep(10)

    to = tmp_path / "7"
    child = multiprocessing.get_context("spawn").Process(
        target=_fetch_in_child, args=(server.url("/a.ogg"), to)
    )
    child.start()
    while not (tmp_path / "7.part").exists() or (tmp_path / "7.part").stat().st_size < 300_000:
        time.sleep(0.02)
    child.kill()
    child.join()
    assert names(tmp_path) == ["7.part", "7.part.json"]
    server("/a.ogg")(serve_ranges())
    assert fetch(server.url("/a.ogg"), to).path.read_bytes() == OGG and names(tmp_path) == ["7"]
    assert server.asked[-1].headers["range"] == "bytes=300000-"


@pytest.mark.parametrize("size", [len(OGG), 0, 700_000])
@pytest.mark.parametrize("note", [None, "{", "[]", '{"url": 1, "x": 2}'])
def test_any_leftover_is_survived(server: EvilServer, tmp_path: Path, size: int, note: str | None) -> None:
    """FAULTS 19: whole but not renamed, too long, or with a damaged note."""
    url = server.url("/a.ogg")
    good = f'{{"url": "{url}", "validator": "\\"v1\\"", "total": {len(OGG)}}}'
    (tmp_path / "7.part").write_bytes((OGG + bytes(100_000))[:size])
    (tmp_path / "7.part.json").write_text(note or good)

    @server("/a.ogg")
    def answer(exchange: Exchange) -> None:
        start = int(exchange.headers.get("range", "bytes=0-")[6:-1])
        if start >= len(OGG):
            exchange.send("416 Range Not Satisfiable", Content_Range=f"bytes */{len(OGG)}")
        else:
            serve_ranges()(exchange)

    assert fetch(url, tmp_path / "7").path.read_bytes() == OGG and names(tmp_path) == ["7"]


def test_two_workers_do_not_write_one_file(server: EvilServer, tmp_path: Path) -> None:
    inner: list[Exception] = []

    @server("/a.ogg")
    def answer(exchange: Exchange) -> None:
        try:
            fetch(server.url("/a.ogg"), tmp_path / "7")
        except errors.DownloadBusyError as error:
            inner.append(error)
        serve_ranges()(exchange)

    assert fetch(server.url("/a.ogg"), tmp_path / "7").path.read_bytes() == OGG
    assert len(inner) == 1


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"", errors.EmptyDownloadError),
        (b"<!DOCTYPE html><title>Log in</title>", errors.PageInsteadOfAudioError),
        (b"\n <html><body>" + b"x" * 200_000, errors.PageInsteadOfAudioError),
        (b"\x89PNG\r\n\x1a\n" + bytes(500), errors.DownloadNotAudioError),
        (b"PK\x03\x04" + bytes(500), errors.DownloadNotAudioError),
        (b"#EXTM3U\nhttp://127.0.0.1/\n", errors.DownloadNotAudioError),
        (b"a text file named .mp3" * 10_000, errors.DownloadNotAudioError),
        (b"ID3\x04\x00\x00\x00\x00\x10\x00", errors.DownloadNotAudioError),
    ],
)
def test_what_is_not_audio_is_told_by_its_content_and_not_kept(
    server: EvilServer, tmp_path: Path, body: bytes, error: type[errors.FetchError]
) -> None:
    """FAULTS 38."""
    server("/a.mp3")(lambda exchange: exchange.send("200 OK", body, Content_Type="audio/mpeg", ETag='"v"'))
    with pytest.raises(error) as caught:
        fetch(server.url("/a.mp3"), tmp_path / "7")
    assert not caught.value.transient and names(tmp_path) == [] and len(server.asked) == 1


def test_sound_behind_a_large_tag_is_found(server: EvilServer, tmp_path: Path) -> None:
    """FAULTS 41: artwork of 300 kB before the sound."""
    body = b"ID3\x04\x00\x00" + bytes([0, 18, 32, 0]) + bytes(18 * 16_384 + 32 * 128) + OGG
    server("/a.mp3")(lambda exchange: exchange.send("200 OK", body))
    assert fetch(server.url("/a.mp3"), tmp_path / "7").media == "ogg"


@pytest.mark.parametrize("announced", [True, False])
def test_file_over_the_limit_is_cut_and_not_kept(server: EvilServer, tmp_path: Path, announced: bool) -> None:
    server("/a.ogg")(
        lambda exchange: exchange.send(
            "200 OK", OGG, ETag='"v"', **({} if announced else {"Content_Length": ""})
        )
    )
    with pytest.raises(errors.BodyTooLargeError):
        fetch(server.url("/a.ogg"), tmp_path / "7", DownloadLimits(max_bytes=500_000))
    assert names(tmp_path) == []


def test_slow_drip_is_given_up(server: EvilServer, tmp_path: Path) -> None:
    """FAULTS 26."""

    @server("/a.ogg")
    def drip(exchange: Exchange) -> None:
        exchange.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 600004\r\n\r\n")
        exchange.drip(OGG, 0.05)

    began = time.monotonic()
    with pytest.raises(errors.FetchTimeoutError):
        fetch(server.url("/a.ogg"), tmp_path / "7", DownloadLimits(4 << 20, total_s=3.0, speed_window_s=0.5))
    assert time.monotonic() - began < 60 and names(tmp_path) == []


def test_redirect_of_audio_into_the_inner_network_is_refused(server: EvilServer, tmp_path: Path) -> None:
    """FAULTS 23."""
    with canary() as bird:
        target = f"http://127.0.0.1:{bird.port}/a.ogg"
        server("/a.ogg")(lambda exchange: exchange.send("302 Found", Location=target))
        with pytest.raises(errors.InnerAddressError):
            fetch(server.url("/a.ogg"), tmp_path / "7")
        assert bird.hits == 0 and names(tmp_path) == []


@pytest.mark.parametrize("status", ["404 Not Found", "410 Gone", "403 Forbidden"])
def test_final_refusal_discards_the_part(server: EvilServer, tmp_path: Path, status: str) -> None:
    url = server.url("/a.ogg")
    (tmp_path / "7.part").write_bytes(OGG[:100])
    (tmp_path / "7.part.json").write_text(f'{{"url": "{url}", "validator": "\\"v1\\"", "total": 600004}}')
    server("/a.ogg")(lambda exchange: exchange.send(status))
    with pytest.raises(errors.FetchError):
        fetch(url, tmp_path / "7")
    assert names(tmp_path) == []


HOSTILE_NAMES = [
    "/../../etc/passwd",
    "/-i",
    "/a%00.mp3",
    "/" + "n" * 3_000,
    "/\u202e3pm.exe",
    "/..%2f..%2fx",
    "/~root",
]


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_no_name_from_outside_reaches_the_disk(server: EvilServer, tmp_path: Path, name: str) -> None:
    """FAULTS 36: neither from the address nor from Content-Disposition."""
    folder = tmp_path / "media"
    folder.mkdir()
    hostile = 'attachment; filename="../../evil.ogg"'

    def answer(exchange: Exchange) -> None:
        exchange.send("200 OK", OGG, Content_Disposition=hostile)

    class Everywhere(dict[str, Route]):
        def get(self, key: str, default: object = None) -> Route:  # type: ignore[override]
            return answer

    server.routes = Everywhere()
    fetch(server.url(name), folder / "7")
    assert names(folder) == ["7"] and names(tmp_path) == ["media"]


def test_full_disk_is_said_and_leaves_only_what_can_be_resumed(server: EvilServer, tmp_path: Path) -> None:
    """FAULTS 11, on a real file system of 256 KiB."""
    small = tmp_path / "small"
    small.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "none", small], capture_output=True
    ).returncode:
        pytest.skip("mounting a small file system needs more rights")
    try:
        server("/a.ogg")(serve_ranges())
        tight = DownloadLimits(4 << 20, disk_reserve_bytes=-(1 << 30))
        with pytest.raises(errors.DiskFullError) as caught:
            fetch(server.url("/a.ogg"), small / "7", tight)
        assert caught.value.transient and names(small) == ["7.part", "7.part.json"]
        subprocess.run(["mount", "-o", "remount,size=2m", small], check=True)
        assert fetch(server.url("/a.ogg"), small / "7", tight).path.read_bytes() == OGG
        assert server.asked[-1].headers["range"].startswith("bytes=")
        with pytest.raises(errors.DiskFullError):
            fetch(server.url("/a.ogg"), small / "8")
        assert names(small) == ["7"]
    finally:
        subprocess.run(["umount", small], check=True)


def test_folder_that_cannot_be_written_is_said(server: EvilServer, tmp_path: Path) -> None:
    with pytest.raises(errors.FileWriteError) as caught:
        fetch(server.url("/a.ogg"), tmp_path / "missing" / "7")
    assert caught.value.message.values["reason"] == os.strerror(errno.ENOENT)


def test_symbolic_link_at_the_partial_name_is_not_followed(server: EvilServer, tmp_path: Path) -> None:
    """FAULTS 36."""
    precious = tmp_path / "precious"
    precious.write_text("kept")
    (tmp_path / "7.part").symlink_to(precious)
    server("/a.ogg")(serve_ranges())
    with pytest.raises(errors.FileWriteError):
        fetch(server.url("/a.ogg"), tmp_path / "7")
    assert precious.read_text() == "kept"


def test_progress_is_told_in_bytes(server: EvilServer, tmp_path: Path) -> None:
    told: list[tuple[int, int | None]] = []
    server("/a.ogg")(serve_ranges())
    download_file(
        server.url("/a.ogg"),
        tmp_path / "7",
        network_of([HOST]),
        sniff=sniff_media,
        limits=LIMITS,
        on_progress=lambda done, total: told.append((done, total)),
    )
    assert told[-1] == (len(OGG), len(OGG)) and told == sorted(told)


def test_examples_in_docstrings_hold() -> None:
    assert doctest.testmod(download, extraglobs={"httpx": httpx}).failed == 0

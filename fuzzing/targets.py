"""Every parser of what strangers send, with what is damaged for it and what it must hold.

A target answers whether it read a case; False is a refusal by an error of ours, which has a sentence.
Any other exception is a failure, and so is anything that is held of what was read and is not so.
"""

import asyncio
import re
import zlib
from collections.abc import MutableMapping
from functools import cache
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import patch

import httpcore
from starlette.responses import FileResponse

from fuzzing import material
from fuzzing.mutating import Seeds, mutate_feed, mutate_json, mutate_sound, mutate_text
from fuzzing.running import Target
from fuzzing.soundness import check_chapters, check_feed, check_html, check_text
from ingest.errors import AudioError, FeedError, FetchError
from ingest.feeds.chapters import parse_chapters
from ingest.feeds.feed import parse_feed
from ingest.feeds.opml import NotOpmlError, read_opml
from ingest.feeds.sanitising import clean_html
from ingest.network import download, egress
from ingest.network.addresses import Network, check_address, is_public, reach_host, show_address
from ingest.network.download import DownloadLimits, download_file
from ingest.network.fetching import fetch_bytes, inflate
from ingest.sound.declared import read_wav_ms
from ingest.sound.ffmpeg import Limits
from ingest.sound.listening import find_stream, hear_copy, make_listening_copy
from ingest.sound.mpeg import read_declared_ms
from ingest.sound.sniffing import sniff_file, sniff_media
from ingest.texts import read_text
from ingest.texts.errors import TextError
from media import schema
from media.archive.errors import ArchiveError
from media.archive.restoring import _check_files, _read_manifest
from media.archive.rows import read_rows
from media.transcript import Word, pack_words
from search.query import MAX_QUERY_LENGTH, format_node, parse_query

URL = "https://radio.test/flux"
PUBLIC = Network.allowing([], lambda _host, _port: ["93.184.215.14"])
MOST = DownloadLimits(max_bytes=1 << 20, total_s=30.0)
PROMPT = Limits(wall_s=60, stall_s=60)
MAX_SOUND_HOURS = 1.0
TABLES = (schema.show, schema.episode, schema.turn)


def read_feed_case(data: bytes, _folder: Path) -> bool:
    """Read a feed, and decide what it means."""
    try:
        check_feed(parse_feed(data, URL))
    except FeedError:
        return False
    return True


def read_text_case(data: bytes, _folder: Path) -> bool:
    """Read a transcript, under a name that its own bytes choose."""
    name = "a" + ("", ".wiki", ".md", ".html", ".vtt", ".srt", ".json", ".txt")[zlib.crc32(data) % 8]
    try:
        check_text(read_text(data, name))
    except TextError:
        return False
    return True


def read_chapters_case(data: bytes, _folder: Path) -> bool:
    """Read chapters."""
    chapters = parse_chapters(data)
    check_chapters(chapters)
    return bool(chapters)


def read_opml_case(data: bytes, _folder: Path) -> bool:
    """Read a list of feeds."""
    try:
        feeds = read_opml(data, "x.opml")
    except NotOpmlError:
        return False
    assert all(feed.url.lower().startswith(("http://", "https://")) for feed in feeds)
    return True


def read_html_case(data: bytes, _folder: Path) -> bool:
    """Sanitise a description, twice: what is harmless stays as it is."""
    clean = clean_html(data.decode("utf-8", "replace"), URL)
    check_html(clean)
    assert clean_html(clean, URL) == clean or "\0" not in clean
    return bool(clean)


def read_query_case(data: bytes, _folder: Path) -> bool:
    """Read a query; what it is written as again reads as the same, where it is no longer than may be."""
    parsed = parse_query(data.decode("utf-8", "replace"))
    if parsed.root is None:
        return False
    written = format_node(parsed.root)
    assert len(written) > MAX_QUERY_LENGTH or parse_query(written).root == parsed.root
    return True


def read_address_case(data: bytes, _folder: Path) -> bool:
    """Check an address, and where it may lead: nothing inner is reached, nothing secret shown."""
    text = data.decode("utf-8", "replace")
    show_address(text).encode("utf-8")
    try:
        url = check_address(text)
        assert url.scheme in ("http", "https") and not url.userinfo
        found = reach_host(url.host, url.port or 80, _literal(url.host), text)
    except FetchError:
        return False
    assert all(map(is_public, found))
    return True


def _literal(host: str) -> Network:
    """Resolve a host as a system does that takes every spelling of a number."""
    return Network.allowing([], lambda _host, _port: [host.strip("[]") if ":" in host else "93.184.215.14"])


def read_answer_case(data: bytes, folder: Path) -> bool:
    """Take what a server sends for a feed's, and for a sound's; half a file is never a whole one."""
    target = folder / "sound"
    with (
        patch.object(httpcore, "SyncBackend", lambda: httpcore.MockBackend([data, b""])),
        patch.object(download, "PAUSE_S", 0.0),
        patch.object(egress, "TRAILING_WAIT_S", 0.0),
    ):
        taken = _take(lambda: fetch_bytes(URL, PUBLIC, max_bytes=1 << 20))
        kept = _take(lambda: download_file(URL, target, PUBLIC, sniff=sniff_media, limits=MOST))
    if kept:
        head = data.partition(b"\r\n\r\n")[0] + b"\r\n"
        announced = re.search(rb"\r\ncontent-length: *(\d{1,9})\r\n", head, re.IGNORECASE)
        assert not announced or b"chunked" in data.lower() or target.stat().st_size == int(announced[1])
    for path in folder.iterdir():
        assert path.name in ("sound", "sound.part", "sound.part.json"), path.name
        path.unlink()
    return taken or kept


def _take(ask: Any) -> bool:
    try:
        ask()
    except FetchError:
        return False
    return True


def read_gzip_case(data: bytes, _folder: Path) -> bool:
    """Inflate; no piece is larger than is asked for."""
    try:
        assert all(len(piece) <= egress.READ_BYTES for piece in inflate([data[:50], data[50:]]))
    except zlib.error:
        return False
    return True


def read_head_case(data: bytes, folder: Path) -> bool:
    """Read what the head of a sound says, and the frames of an MP3."""
    path = folder / "sound"
    path.write_bytes(data)
    assert (read_declared_ms(data) or 0) >= 0
    assert (read_wav_ms(data) or 0) >= 0
    try:
        sniff_file(path)
    except AudioError:
        return False
    found = find_stream(path)
    assert found is None or (0 <= found.begin < found.end <= len(data) and found.duration_ms >= 0)
    return True


def read_sound_case(data: bytes, folder: Path) -> bool:
    """Decode a sound as a worker does; nothing half-written is left."""
    path, copies = folder / "sound", folder / "copies"
    copies.mkdir(exist_ok=True)
    path.write_bytes(data)
    try:
        made = make_listening_copy(path, copies / "copy", max_hours=MAX_SOUND_HOURS, limits=PROMPT)
        heard = hear_copy(made.path, max_hours=MAX_SOUND_HOURS, limits=PROMPT)
        assert heard.duration_ms >= 0
    except AudioError as error:
        assert error.message.values["name"]
        return False
    finally:
        (copies / "copy").unlink(missing_ok=True)
        assert not list(copies.iterdir()), "a half-written file was left"
    return True


def read_archive_case(data: bytes, folder: Path) -> bool:
    """Read an archive's manifest, and its rows."""
    (folder / "manifest.json").write_bytes(data)
    try:
        _check_files(folder, _read_manifest(folder)["files"])
        return True
    except ArchiveError:
        pass
    table = TABLES[zlib.crc32(data) % len(TABLES)]
    try:
        return bool(list(read_rows(table, data.splitlines(), "rows")))
    except ArchiveError:
        return False


def read_range_case(data: bytes, folder: Path) -> bool:
    """Answer a request for a range of a file; what is sent has the length that is announced."""
    path = folder / "sound"
    path.write_bytes(bytes(1_000))
    started, body = asyncio.run(_ask_range(path, data.replace(b"\r", b"").replace(b"\n", b"")))
    assert started["status"] in (200, 206, 400, 416)
    length = dict(started["headers"]).get(b"content-length")
    assert length is None or int(length) == body
    return bool(started["status"] == 206)


async def _ask_range(path: Path, asked: bytes) -> tuple[MutableMapping[str, Any], int]:
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        await asyncio.Event().wait()  # a client that stays
        raise AssertionError

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": "/", "headers": [(b"range", asked)], "extensions": {}}
    await FileResponse(path)(scope, receive, send)
    return sent[0], sum(len(message.get("body", b"")) for message in sent[1:])


@cache
def _rows() -> tuple[bytes, ...]:
    words = pack_words((Word("Oui", 0, 100, 0.9),))
    return tuple(row.replace(b'"WORDS"', words.encode()) for row in material.write_rows())


def _mutate_query(seeds: Seeds, dice: Random) -> bytes:
    return mutate_text(seeds, dice)[: dice.choice((60, 300, 10_000))]


TARGETS = (
    Target("feeds", "feeds (RSS, Atom; structure, values, bytes, encodings)", "29, 34, 35", 100_000,
           material.read_feeds, mutate_feed, read_feed_case),
    Target("sounds", "audio and film files of 14 kinds, decoded as a worker does", "37, 38, 42", 10_000,
           material.write_sounds, mutate_sound, read_sound_case, programs=True, limit_s=10.0),
    Target("heads", "heads and frames of sound, read by our own code", "37, 38, 41", 50_000,
           material.write_sounds, mutate_sound, read_head_case, programs=True),
    Target("texts", "transcripts: wiki, HTML, Markdown, plain, WebVTT, SubRip", "-", 30_000,
           lambda _: material.encode_all(material.TEXTS), mutate_text, read_text_case),
    Target("json", "transcripts in JSON, four kinds", "-", 10_000,
           lambda _: material.encode_all(material.JSON_TEXTS), mutate_json, read_text_case),
    Target("chapters", "chapters in JSON", "41", 20_000,
           lambda _: material.encode_all(material.CHAPTERS), mutate_json, read_chapters_case),
    Target("opml", "lists of feeds (OPML)", "34", 20_000,
           lambda _: material.encode_all(material.LISTS), mutate_feed, read_opml_case),
    Target("html", "descriptions in HTML, sanitised", "48", 20_000,
           lambda _: material.encode_all(material.TEXTS), mutate_feed, read_html_case),
    Target("answers", "answers of servers, as a feed and as a sound", "25, 43, 44", 5_000,
           lambda _: list(material.HEADS), mutate_text, read_answer_case, programs=True),
    Target("gzip", "compressed bodies", "25", 20_000,
           lambda _: material.write_compressed(), mutate_sound, read_gzip_case),
    Target("addresses", "addresses, checked before anything is asked", "23", 50_000,
           lambda _: material.encode_all(material.ADDRESSES), mutate_text, read_address_case),
    Target("queries", "search queries, read and written again", "46", 20_000,
           lambda _: material.encode_all(material.QUERIES), _mutate_query, read_query_case),
    Target("ranges", "ranges asked of a file", "47", 3_000,
           lambda _: material.encode_all(material.RANGES), _mutate_query, read_range_case, programs=True),
    Target("archives", "manifests and rows of an archive", "20, 36", 20_000,
           lambda _: [*material.write_manifests(), *_rows()], mutate_json, read_archive_case, programs=True),
)  # fmt: skip


def find_target(name: str) -> Target:
    """Find a target by its name."""
    return next(target for target in TARGETS if target.name == name)

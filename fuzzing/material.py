"""What is damaged: sound ones of every format, small, so that damage falls where it matters."""

import gzip
import json
import subprocess
import zlib
from pathlib import Path

from imageio_ffmpeg import get_ffmpeg_exe

from media.archive.exporting import FORMAT, PUBLIC, VERSION

ROOT = Path(__file__).parents[1]
CASES = ROOT / "tests" / "ingest" / "feeds" / "cases"

TEXTS = (
    "'''Titre :''' x\n\n==Transcription==\n\n<b>Ana : </b>Oui ''là'' [http://a.b b].<br/>\nB.\n\n[Rires]\n"
    "{{Modèle|a=b}}\n\n{| class=x\n|-\n| a || b\n|}\n\n<ref>note</ref> [[Fichier:x.png|b]]\n",
    "Ana : Oui.\n\n[00:12] Bob : Non ??? [32 min 50].\n\nPause musicale : X par Y.\n\nTitre\n\nAna : « F »",
    "<html lang=fr><title>t</title><main><p><strong>Ana :</strong> Oui &eacute;.<br>Non.</p><nav>x</nav>"
    "<pre>a\nb</pre><p class=event>[Jingle]</p><a href='http://a.b'>c</a></main></html>",
    "# T\n\n**Ana :** Oui *bien* [a](b).\n\n- Bob : Non\n\n> cité\n\n```\nx\n```\n\n| a | b |\n|---|---|\n",
    "WEBVTT\n\nNOTE x\n\n00:01.000 --> 00:02.000\n"
    "<v Ana>Oui &amp; <00:01.500>non\n\n00:03.000 --> 00:04.000\nb",
    "1\n00:00:01,000 --> 00:00:02,000\nAna : Oui\n\n2\n00:00:03,000 --> 00:00:04,000\n- Si\n- Non\n",
)
JSON_TEXTS = (
    '{"version": "1", "segments": [{"speaker": "Ana", "startTime": 1, "endTime": 2, "body": "Oui"}]}',
    '[{"start": "00:00:01.000", "end": "00:00:02.000", "voice": "Ana", "text": "Oui"}]',
    '{"text": "<p><span class=timestamp data-timestamp=\\"1.5\\">0:01</span>Oui</p>", "media": "x"}',
    '{"segments": [{"start": 1, "end": 2, "text": "Oui", "words": [{"word": "Oui", "start": 1, "end": 2}]}]}',
)
CHAPTERS = (
    '{"version": "1.2.0", "chapters": [{"startTime": 0, "title": "A"}, {"startTime": 61.5, "title": "B"}]}',
)
LISTS = (
    "<?xml version='1.0'?><opml version='2.0'><head><title>t</title></head><body><outline text='R'>"
    "<outline type='rss' text='a' xmlUrl='https://a.test/rss'/></outline></body></opml>",
)
QUERIES = (
    "mairie de Paris", '"logiciel libre"~5 -vente', "« l’été » OU pref* ET (a b)",
    "intervenant:Ana avant:2024-01-02",
    "émission:x après:2023 état:relu chapitre:y -z", "plate-forme d’artistes·es",
)  # fmt: skip
RANGES = (
    "bytes=0-99",
    "bytes=-5",
    "bytes=500-",
    "bytes=0-0,5-9,-1",
    "bytes=900-100",
    "items=0-1",
    "bytes=0-99999999999",
)
ADDRESSES = (
    "https://radio.test/flux.rss?a=b#c", "http://[2606:4700::1111]:8080/x", "http://93.184.215.14/a/../b",
    "HTTP://bücher.test/é%C3%A9", "http://radio.test./x",
)  # fmt: skip
HEADS = (
    b"HTTP/1.1 200 OK\r\nContent-Type: audio/ogg\r\nContent-Length: 12\r\nETag: \"a\"\r\n\r\nOggS00000000",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    b"HTTP/1.1 301 Moved\r\nLocation: /there\r\nRetry-After: 5\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 206 Partial\r\nContent-Range: bytes 0-3/12\r\nContent-Length: 4\r\n\r\nOggS",
    b"HTTP/1.1 503 Busy\r\nRetry-After: Tue, 02 Jul 2024 12:01:00 GMT\r\nLast-Modified: x\r\n\r\n",
)  # fmt: skip
FORMATS = {
    "constant.mp3": ("-c:a", "libmp3lame", "-b:a", "96k"),
    "variable.mp3": ("-c:a", "libmp3lame", "-q:a", "4", "-metadata", "title=x"),
    "sound.m4a": ("-c:a", "aac"),
    "sound.aac": ("-c:a", "aac"),
    "sound.ogg": ("-c:a", "libvorbis"),
    "sound.opus": ("-c:a", "libopus"),
    "sound.wav": (),
    "sound.flac": ("-c:a", "flac"),
    "sound.wma": ("-c:a", "wmav2"),
    "sound.aiff": (),
    "sound.ts": ("-c:a", "mp2"),
    "film.mp4": ("-f", "lavfi", "-i", "testsrc=s=64x64:r=5:d=1", "-c:a", "aac", "-shortest"),
    "film.webm": (
        "-f",
        "lavfi",
        "-i",
        "testsrc=s=64x64:r=5:d=1",
        "-c:a",
        "libopus",
        "-c:v",
        "libvpx",
        "-shortest",
    ),
    "film.avi": ("-c:a", "libmp3lame"),
}


def read_feeds(_folder: Path) -> list[bytes]:
    """The feeds of the tests' pairs."""
    return [path.read_bytes() for path in sorted(CASES.glob("*.rss"))]


def encode_all(texts: tuple[str, ...]) -> list[bytes]:
    """Texts as bytes."""
    return [text.encode() for text in texts]


def write_sounds(folder: Path) -> list[bytes]:
    """A second of sound in every format that comes in, made here."""
    made = []
    for name, options in FORMATS.items():
        path = folder / f"seed-{name}"
        tone = ("-f", "lavfi", "-i", "sine=f=220:b=4:d=1")
        command = [get_ffmpeg_exe(), "-y", "-nostdin", "-v", "error", *tone, *options, str(path)]
        subprocess.run(command, check=True, capture_output=True)
        made.append(path.read_bytes())
        path.unlink()
    return made


def write_manifests() -> list[bytes]:
    """What an archive's manifest looks like."""
    listed = {"path": "data/show.jsonl", "size": 3, "sha256": "0" * 64}
    manifest = {"format": FORMAT, "version": VERSION, "kind": PUBLIC, "audio": True, "schema": "x"}
    return [json.dumps({**manifest, "files": files}).encode() for files in ([], [listed], [listed] * 3)]


def write_rows() -> list[bytes]:
    """What an archive's rows look like; words stand where `"WORDS"` does."""
    turn = {"id": 1, "episode_id": 1, "position": 0, "words": "WORDS", "kind": "speech"}
    show = {"id": 1, "slug": "a", "title": "A", "feed_url": "https://a.test/", "description": "<p>a"}
    return [json.dumps(row).encode() for row in (turn, show)]


def write_compressed() -> list[bytes]:
    """Gzip and zlib, once, joined, and with a long run of one byte."""
    once = gzip.compress(b"<rss>" + bytes(100_000), mtime=0)
    return [once, once + gzip.compress(b"b", mtime=0), zlib.compress(b"abc" * 900)]

"""Measure clips, the page of a quote and its embed: `make bench QUOTES=1`.

Clips are cut at random places in the middle third of a ninety-minute listening copy (the demo's
sound, over and over). Beside them, in the same run: pydub alone, which decodes the whole file,
and ffmpeg's own seek (`-ss`), whose cut is then compared, sample for sample, with the same place
of the whole file decoded. Pages are timed in one process, without a network.
"""

import argparse
import logging
import random
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

import numpy as np
from imageio_ffmpeg import get_ffmpeg_exe
from starlette.testclient import TestClient

from bench.long_episode import NOW, Shape, read_words, speak
from bench.table import Row, print_rows
from ingest.sound.clips import Bounds, ClipFormat, write_clip
from ingest.sound.ffmpeg import stream_sound
from ingest.sound.listening import make_listening_copy
from ingest.sound.passages import AudioSegment, count_samples, read_passage
from media import episodes, files, progress, shows, transcripts
from media.database import open_database
from media.quotes.capturing import capture, find_span
from media.settings import Settings
from media.transcript import Edition, Transcript
from web.app import create_app

SOUND = Path(__file__).parents[1] / "media/demo/demo.mp3"
DURATION_MS = 90 * 60_000
SHAPE = Shape(words=14_000, turns=500, duration_ms=DURATION_MS)
CLIP_MS, LONGEST_MS = 15_000, 120_000
GOAL_MS, GOAL_BYTES = 1_000, 30_000
WHOLE_TIMES = 2  # a whole file is decoded twice only


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=20, help="clips cut of each kind")
    asked = parser.parse_args()
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory() as folder:
        copy = make_long_copy(Path(folder))
        rows = [*measure_clips(copy, Path(folder), asked.times)]
        rows += measure_pages(Path(folder), copy, asked.times)
    print_rows("Quotes: clips from a 90-minute file, their page, their embed", rows)


def make_long_copy(folder: Path) -> Path:
    """Make a listening copy of ninety minutes: frames of constant size, one after another."""
    short = make_listening_copy(SOUND, folder / "short.mp3")
    times = -(-DURATION_MS // short.duration_ms)
    long = folder / "long.mp3"
    long.write_bytes(short.path.read_bytes() * times)
    return long


def measure_clips(copy: Path, folder: Path, times: int) -> Iterator[Row]:
    """Time clips of each format, and the two other ways to cut."""
    dice = random.Random(4)
    places = [dice.randrange(DURATION_MS // 3, 2 * DURATION_MS // 3) for _ in range(times)]
    cuts = [Bounds(at, at + CLIP_MS) for at in places]
    whole = _time([lambda cut=cut: _cut_whole(copy, cut, folder) for cut in cuts[:WHOLE_TIMES]])
    seek = _time([lambda cut=cut: _cut_by_seeking(copy, cut, folder) for cut in cuts])
    for wanted in ClipFormat:
        ours = _time([lambda cut=cut, to=wanted: _cut(copy, cut, to, folder) for cut in cuts])
        yield _clip_row(f"{wanted} clip of 15 s, pydub alone beside", ours, whole)
        if wanted is ClipFormat.MP3:
            yield _clip_row("mp3 clip of 15 s, `ffmpeg -ss` beside", ours, seek)
    longest = [Bounds(at, at + LONGEST_MS) for at in places[:5]]
    ours = _time([lambda cut=cut: _cut(copy, cut, ClipFormat.MP3, folder) for cut in longest])
    yield Row("mp3 clip of 120 s", _spread(ours), "", None, f"< {GOAL_MS} ms")
    yield from _measure_bounds(copy, cuts[:5], folder)


def measure_pages(folder: Path, copy: Path, times: int) -> Iterator[Row]:
    """Time the page of a quote and its embed, and weigh the embed."""
    settings = Settings(data=folder / "data", site_url="http://127.0.0.1:8765", language="fr")
    quote = fill(settings, copy)
    with TestClient(create_app(settings), settings.site_url) as client:
        for what, path in (("page of a quote", f"/q/{quote}"), ("its embed", f"/embed/q/{quote}")):
            took = _time([lambda path=path: _get(client, path) for _ in range(times)])
            yield Row(f"{what}, 90-minute episode of 14,000 words", _spread(took), "", None, "")
        first = _time([lambda: _get(client, f"/q/{quote}/clip.mp3")])
        again = _time([lambda: _get(client, f"/q/{quote}/clip.mp3") for _ in range(times)])
        yield Row("clip over HTTP, made / kept", f"{first[0]:.0f} / {_middle(again):.0f} ms", "", None, "")
        yield Row(
            "card of a link, drawn",
            _spread(_time([lambda: _get(client, f"/q/{quote}/card.png")])),
            "",
            None,
            "",
        )
        began = time.perf_counter()
        while client.get(f"/q/{quote}/video-square.mp4").status_code == 202:
            time.sleep(0.05)
        length = f"{time.perf_counter() - began:.1f} s"
        yield Row("video card of 15 s, 1080 × 1080, made beside", length, "", None, "")
        weight = len(client.get(f"/embed/q/{quote}", headers={"accept-encoding": "identity"}).content)
        yield Row("embed, all that is loaded", f"{weight:,} bytes", "", None, f"< {GOAL_BYTES:,} bytes")


def fill(settings: Settings, copy: Path) -> str:
    """Make an archive with the long episode and a quote of fifteen seconds in its middle."""
    database = open_database(settings)
    content = copy.read_bytes()
    digest = sha256(content).hexdigest()
    kept = files.audio_path(settings.audio_folder, digest, ".mp3")
    kept.parent.mkdir(parents=True)
    kept.write_bytes(content)
    audio = files.AudioFile(digest, ".mp3", "audio/mpeg", len(content), DURATION_MS, bytes(range(250)) * 216)
    with database.write() as connection:
        files.add_audio(connection, audio)
        show = shows.add_show(connection, "Place du Marché", NOW)
        episode = episodes.add_episode(
            connection, show.id, "long", "Une heure et demie", NOW, published_at=NOW, listening_sha256=digest
        )
        said = Transcript(tuple(speak(read_words(), SHAPE)), "fr", "bench")
        transcripts.save_machine_transcript(connection, episode, said, "long", NOW)
        progress.record_ready(connection, episode, NOW)
        middle = DURATION_MS // 2
        span = find_span(connection, episode, Edition.SPOKEN, middle, middle + CLIP_MS)
        quote = capture(connection, episode, Edition.SPOKEN, [span], None, NOW)
    database.close()
    return quote.id


def _cut(copy: Path, bounds: Bounds, wanted: ClipFormat, folder: Path) -> None:
    with (folder / f"ours.{wanted}").open("w+b") as file:
        write_clip(copy, bounds, wanted, {"title": "bench"}, file)


def _cut_whole(copy: Path, bounds: Bounds, folder: Path) -> None:
    """Cut with pydub alone, as its documentation does."""
    AudioSegment.converter = get_ffmpeg_exe()
    wav = folder / "whole.wav"
    subprocess.run([get_ffmpeg_exe(), "-v", "error", "-y", "-i", str(copy), str(wav)], check=True)
    whole = AudioSegment.from_wav(str(wav))  # what from_mp3 does, which wants an ffprobe too
    clip = whole[bounds.start_ms : bounds.end_ms].fade_in(10).fade_out(10)
    clip.export(str(folder / "whole.mp3"), format="mp3", bitrate="96k").close()


def _cut_by_seeking(copy: Path, bounds: Bounds, folder: Path) -> None:
    _seek(copy, bounds, ["-b:a", "96k", str(folder / "sought.mp3")])


def _seek(copy: Path, bounds: Bounds, output: list[str]) -> bytes:
    begin, length = f"{bounds.start_ms / 1_000:.3f}", f"{bounds.length_ms / 1_000:.3f}"
    command = [get_ffmpeg_exe(), "-v", "error", "-y", "-ss", begin, "-t", length, "-i", str(copy), *output]
    return subprocess.run(command, check=True, capture_output=True).stdout


def _measure_bounds(copy: Path, cuts: list[Bounds], folder: Path) -> Iterator[Row]:
    """Compare cuts with the same places of the whole file decoded: how far off does each begin?"""
    decoded = np.frombuffer(b"".join(stream_sound(copy, ("-f", "s16le"))), "<i2")
    rate = read_passage(copy, 0, 1_000).frame_rate
    ours, sought = [], []
    for cut in cuts:
        begin = count_samples(cut.start_ms, rate)
        ours.append(
            _offset(
                np.frombuffer(read_passage(copy, cut.start_ms, cut.end_ms).raw_data, "<i2"), decoded, begin
            )
        )
        sought.append(_offset(np.frombuffer(_seek(copy, cut, ["-f", "s16le", "-"]), "<i2"), decoded, begin))
    said = [f"{max(map(abs, held)) * 1_000 / rate:.2f} ms" for held in (ours, sought)]
    yield Row("furthest that a cut begins from its place, `ffmpeg -ss` beside", *said, None, "< 5 ms")


def _offset(cut: np.ndarray, whole: np.ndarray, begin: int, reach: int = 4_000) -> int:
    """Find by how many samples a cut is beside its place: where half a second of it is alike the most."""
    piece = cut[8_000:24_000].astype(np.float64)
    around = whole[begin + 8_000 - reach : begin + 24_000 + reach].astype(np.float64)
    likeness = np.correlate(around, piece, "valid")
    energy = np.convolve(around**2, np.ones(len(piece)), "valid")
    return int((likeness / np.sqrt(np.maximum(energy, 1))).argmax()) - reach


def _clip_row(what: str, ours: list[float], peer: list[float]) -> Row:
    ratio = _middle(ours) / _middle(peer)
    return Row(what, _spread(ours), _spread(peer), ratio, f"< {GOAL_MS} ms")


def _time(works: list[Callable[[], object]]) -> list[float]:
    """Time each, in ms."""
    took = []
    for work in works:
        began = time.perf_counter()
        work()
        took.append((time.perf_counter() - began) * 1_000)
    return took


def _get(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code)


def _middle(took: list[float]) -> float:
    return statistics.median(took)


def _spread(took: list[float]) -> str:
    if len(took) < 5:
        return f"{_middle(took):,.0f} ms"
    return f"{_middle(took):,.0f} ms, p95 {statistics.quantiles(took, n=20)[-1]:,.0f}"


if __name__ == "__main__":
    main()

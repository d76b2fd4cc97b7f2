"""Measure the whole pipeline on a real episode, beside plain faster-whisper on the same file and weights.

    .venv/bin/python -m bench.pipeline [--long]

Ours is `entendu work --once`, as a user runs it: decode, recognise, tell voices apart, turns, save,
index. The peer is `WhisperModel.transcribe` with its defaults, in a process of its own, once with
the precision that it chooses by itself and once with ours (int8). Model loading counts on both
sides. `--long` also measures the memory of a 90-minute and a three-hour file, made by repetition.
"""

import argparse
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import threading
import time
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from bench.scores import SpokenBy, diarisation_error, start_errors_ms, word_errors
from bench.table import Row, print_rows
from ingest.feeds.subscriptions import add_file
from ingest.words.weights import find_model
from media.database import open_database
from media.episodes import Person, update_episode
from media.settings import Settings
from media.shows import update_show
from media.transcript import TurnKind
from media.transcripts import StoredTurn, list_turns

SHARED = Path(__file__).parents[2] / "shared" / "audio"
TERMS = ["April", "Malakoff", "interopérabilité", "BlueMind", "librisme"]  # what the show's people would list
SPEAKS_AT_LENGTH_MS = 12_000
LONG_MINUTES = (90, 180)
SAMPLE_S = 1.0  # weighing a gigabyte takes the kernel some milliseconds


class Cost(NamedTuple):
    """What a process and all of its children used."""

    cpu_s: float
    wall_s: float
    peak_mb: float  # of all of them together, at one moment
    output: str


def measure(command: Sequence[str], data: Path) -> Cost:
    """Run a command to its end, watching its whole tree."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.monotonic()
    environment = {**os.environ, "ENTENDU_DATA": str(data), "ENTENDU_DIARISATION": "onnx"}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    peak = _Peak(process.pid)
    output, _ = process.communicate()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if process.returncode:
        raise SystemExit(f"{command} ended with {process.returncode}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(cpu, time.monotonic() - began, peak.stop(), output)


def measure_ours(audio: Path, data: Path, names: Sequence[str]) -> tuple[Cost, list[StoredTurn]]:
    """Run the worker on one file, and return what it cost and gave."""
    settings = Settings(data=data)
    database = open_database(settings)
    about = {"show": "Libre à vous\u00a0!", "title": "Malakoff et le logiciel libre", "language": "fr"}
    episode_id = add_file(database, settings, audio, datetime.now(UTC), **about)
    with database.write() as connection:
        update_episode(connection, episode_id, {"people": [Person(name) for name in names]})
        update_show(connection, 1, {"terms": TERMS})
    cost = measure([sys.executable, "-m", "entendu", "work", "--once"], data)
    with database.read() as connection:
        turns = list_turns(connection, episode_id)
    database.close()
    return cost, turns


def measure_plain(audio: Path, data: Path, compute_type: str) -> Cost:
    """Run plain faster-whisper with its defaults."""
    model = find_model(Settings(data=data))
    script = (
        "import sys; from faster_whisper import WhisperModel; "
        "m = WhisperModel(sys.argv[2], device='cpu', compute_type=sys.argv[3]); "
        "print(' '.join(s.text for s in m.transcribe(sys.argv[1])[0]))"
    )
    return measure([sys.executable, "-c", script, str(audio), str(model), compute_type], data)


def measure_episode() -> list[Row]:
    """Compare on `emission-courte.mp3`, whose every turn is known."""
    audio = SHARED / "emission-courte.mp3"
    truth: dict[str, Any] = json.loads(audio.with_suffix(".json").read_text("utf-8"))
    spoken = " ".join(turn["text"] for turn in truth["turns"])
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        find_model(Settings(data=data))
        _export_speaker_model(data)
        ours, turns = measure_ours(audio, data, list(truth["voices"]))
        plain = {kind: measure_plain(audio, data, kind) for kind in ("default", "int8")}
    said = " ".join(stored.turn.text for stored in turns)
    wer = word_errors(plain_words(spoken), plain_words(said))
    rows = []
    for kind, cost in plain.items():
        peer = f"plain transcribe, {kind}"
        rows.append(
            Row(
                f"CPU time, of {peer}",
                f"{ours.cpu_s:.1f} s",
                f"{cost.cpu_s:.1f} s",
                ours.cpu_s / cost.cpu_s,
                "≤ 1.0",
            )
        )
        rows.append(
            Row(
                f"wall time, of {peer}",
                f"{ours.wall_s:.1f} s",
                f"{cost.wall_s:.1f} s",
                ours.wall_s / cost.wall_s,
                "≤ 0.6",
            )
        )
        theirs = word_errors(plain_words(spoken), plain_words(cost.output))
        rows.append(
            Row(f"word errors, of {peer}", f"{wer:.1%}", f"{theirs:.1%}", wer / theirs, "3 points better")
        )
        rows.append(
            Row(
                f"peak memory, of {peer}",
                f"{ours.peak_mb:.0f} MB",
                f"{cost.peak_mb:.0f} MB",
                ours.peak_mb / cost.peak_mb,
                "",
            )
        )
    return rows + score_turns(truth, turns)


def score_turns(truth: dict[str, Any], turns: Sequence[StoredTurn]) -> list[Row]:
    """Score voices and turn starts against the truth."""
    true = [SpokenBy(round(t["start"] * 1000), round(t["end"] * 1000), t["speaker"]) for t in truth["turns"]]
    speech = [s.turn for s in turns if s.turn.kind is TurnKind.SPEECH]
    found = [SpokenBy(t.start_ms or 0, t.end_ms or 0, t.voice) for t in speech]
    score = diarisation_error(true, found)
    errors = start_errors_ms([span.start_ms for span in true], [span.start_ms for span in found])
    length: dict[object, int] = {}
    for span in true:
        length[span.voice] = length.get(span.voice, 0) + span.end_ms - span.start_ms
    at_length = {voice for voice, ms in length.items() if ms >= SPEAKS_AT_LENGTH_MS}
    lost = [str(voice) for voice in at_length if voice not in score.pairs]
    return [
        Row("diarisation error (0.25 s collar)", f"{score.error:.1%}", "", None, "< 5 %"),
        Row("turn starts, median", f"{np.median(errors):.0f} ms", "", None, "≤ 100 ms"),
        Row("turn starts, 90th percentile", f"{np.percentile(errors, 90):.0f} ms", "", None, "≤ 500 ms"),
        Row("voices of 12 s or more lost", f"{len(lost)} of {len(at_length)}", "", None, "0"),
    ]


def measure_long() -> list[Row]:
    """Measure the worker's memory on long files."""
    rows = []
    for minutes in LONG_MINUTES:
        with tempfile.TemporaryDirectory() as folder:
            data = Path(folder)
            audio = data / f"{minutes}-min.mp3"
            one = (SHARED / "emission-courte.mp3").read_bytes()
            with audio.open("wb") as file:
                for _ in range(round(minutes * 60 / 398.3)):
                    file.write(one)
            ours, _ = measure_ours(audio, data, [])
        rows.append(Row(f"peak memory, {minutes} min", f"{ours.peak_mb:.0f} MB", "", None, "< 1500 MB"))
        rows.append(Row(f"wall time, {minutes} min", f"{ours.wall_s:.0f} s", "", None, ""))
    return rows


def plain_words(text: str) -> list[str]:
    """Cut a text into what is compared: folded case, no punctuation, elisions apart, accents kept."""
    folded = unicodedata.normalize("NFC", text.lower()).replace("’", "'")
    return re.findall(r"[^\W_]+", folded)


def _export_speaker_model(data: Path) -> None:
    """Export once before measuring: it is done once in the life of a machine."""
    from ingest.voices.voiceprints import find_speaker_model

    find_speaker_model(Settings(data=data).models_folder)


class _Peak:
    """Samples the resident memory of a process and its descendants."""

    def __init__(self, pid: int) -> None:
        self._pid, self._peak_kb, self._stop = pid, 0, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> float:
        """Return the peak, in MB."""
        self._stop.set()
        self._thread.join()
        return self._peak_kb / 1024

    def _watch(self) -> None:
        while not self._stop.wait(SAMPLE_S):
            self._peak_kb = max(self._peak_kb, sum(map(_rss_kb, _tree(self._pid))))


def _tree(pid: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    found = [pid]
    for each in found:
        found += children.get(each, [])
    return found


def _rss_kb(pid: int) -> int:
    """Proportional set size: pages shared by several processes count once."""
    try:
        return int(re.search(r"Pss:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text())[1])  # type: ignore[index]
    except (OSError, TypeError):
        return 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--long", action="store_true")
    print_rows("Pipeline", measure_episode() + (measure_long() if parser.parse_args().long else []))

"""A clip is cut where its words are, to the sample; what cannot be one is refused before any work."""

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from numpy.typing import NDArray

from ingest.errors import (
    AudioError,
    ClipError,
    ClipOutsideError,
    ClipReversedError,
    ClipTooLongError,
    ClipTooShortError,
)
from ingest.sound.clips import (
    FADE_MS,
    MAX_CLIP_MS,
    MIN_CLIP_MS,
    Bounds,
    ClipFormat,
    check_bounds,
    cut_clip,
    fade_ends,
    write_clip,
)
from ingest.sound.ffmpeg import describe_sound, stream_sound
from ingest.sound.passages import AudioSegment, read_passage
from tests.ingest.sounds import encode, run_ffmpeg

RATE = 32_000
CLICKS_MS = range(250, 60_000, 500)  # a click at every half second
TAGS = {"title": "« L’émission », 12:34", "artist": "Hélène", "album": "Place du Marché", "comment": "-i x"}
WITHIN_MS = 5


@pytest.fixture(scope="module")
def clicks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A minute of silence with clicks at known moments, as a listening copy of our own kind."""
    folder = tmp_path_factory.mktemp("clicks")
    samples = np.zeros(60 * RATE, "<i2")
    for at_ms in CLICKS_MS:
        samples[at_ms * RATE // 1_000 :][:64] = 20_000 * np.hanning(64)
    (folder / "clicks.raw").write_bytes(samples.tobytes())
    source = ["-f", "s16le", "-ar", str(RATE), "-ac", "1", "-i", str(folder / "clicks.raw")]
    codec = ["-af", "atrim=start_sample=1105,asetpts=PTS-STARTPTS", "-b:a", "64k"]
    run_ffmpeg(*source, *codec, "-write_xing", "0", "-id3v2_version", "0", str(folder / "clicks.mp3"))
    return folder / "clicks.mp3"


def decode(path: Path) -> NDArray[np.int16]:
    return np.frombuffer(b"".join(stream_sound(path, ("-ar", str(RATE), "-ac", "1", "-f", "s16le"))), "<i2")


def find_clicks(samples: NDArray[np.int16]) -> list[float]:
    """Say when clicks are heard, in ms: the middle of each is the loudest sample around."""
    loud = np.flatnonzero(np.abs(samples.astype(int)) > 5_000)
    groups = np.split(loud, np.flatnonzero(np.diff(loud) > RATE // 10) + 1)
    peaks = [group[np.abs(samples[group].astype(int)).argmax()] for group in groups if len(group)]
    return [(float(peak) - 32) * 1_000 / RATE for peak in peaks]


@pytest.mark.parametrize("wanted", ClipFormat)
def test_bounds_of_a_clip_are_within_5_ms_of_those_asked_for(
    wanted: ClipFormat, clicks: Path, tmp_path: Path
) -> None:
    bounds, made = Bounds(20_100, 28_700), tmp_path / f"clip.{wanted}"
    with made.open("w+b") as file:
        write_clip(clicks, bounds, wanted, TAGS, file)
    samples = decode(made)
    assert abs(len(samples) * 1_000 / RATE - bounds.length_ms) < 0.1
    asked = [at - bounds.start_ms for at in CLICKS_MS if bounds.start_ms <= at < bounds.end_ms]
    heard = find_clicks(samples)
    assert len(heard) == len(asked)
    assert max(abs(one - other) for one, other in zip(heard, asked, strict=True)) < WITHIN_MS


@pytest.mark.parametrize("wanted", ClipFormat)
def test_a_clip_says_what_it_is_and_where_it_is_from(
    wanted: ClipFormat, clicks: Path, tmp_path: Path
) -> None:
    made = tmp_path / f"clip.{wanted}"
    with made.open("w+b") as file:
        write_clip(
            clicks, Bounds(1_000, 2_500), wanted, {**TAGS, "date": "2025\x00-11\n19", "empty": ""}, file
        )
    held = ["-map_metadata", "0:s:0"] if wanted is ClipFormat.OPUS else []  # where Ogg has its tags
    run_ffmpeg("-i", str(made), *held, "-f", "ffmetadata", str(tmp_path / "tags.txt"))
    written = (tmp_path / "tags.txt").read_text(encoding="utf8")
    assert all(f"{name}={value}" in written.replace("\\", "") for name, value in TAGS.items())
    assert "2025 -11 19" in written
    assert "Audio: " in describe_sound(made)


def test_both_ends_are_faded_and_the_rest_is_as_it_was(tmp_path: Path) -> None:
    tone = "sine=f=440:d={seconds}:r=44100"
    copy = encode(
        tmp_path / "tone.mp3", "-ac", "2", "-b:a", "128k", "-write_xing", "0", sound=tone, seconds=8
    )
    whole, clip = read_passage(copy, 2_003, 5_009), cut_clip(copy, Bounds(2_003, 5_009))
    held, was = (np.frombuffer(sound.raw_data, "<i2").reshape(-1, 2) for sound in (clip, whole))
    edge = 44_100 * FADE_MS // 1_000
    assert held.shape == was.shape
    assert np.array_equal(held[edge:-edge], was[edge:-edge])
    loud = np.abs(was).max()
    for end in (held[:edge], held[::-1][:edge]):
        envelope = [int(np.abs(part).max()) for part in np.array_split(end, 4)]
        assert envelope == sorted(envelope)
        assert np.abs(end[0]).max() <= loud // 200
        assert envelope[0] < 0.4 * loud < 0.7 * loud < envelope[-1]


@settings(max_examples=25)
@given(
    frames=some.integers(1_000, 60_000),
    channels=some.sampled_from([1, 2]),
    rate=some.sampled_from([32_000, 44_100]),
)
def test_fading_never_changes_how_many_samples_there_are(frames: int, channels: int, rate: int) -> None:
    data = b"\x10\x20" * frames * channels
    sound = AudioSegment(data=data, sample_width=2, frame_rate=rate, channels=channels)
    assert int(fade_ends(sound).frame_count()) == frames


@pytest.mark.parametrize(
    ("start_ms", "end_ms", "kind"),
    [
        (9_000, 4_000, ClipReversedError),
        (-1, 4_000, ClipOutsideError),
        (50_000, 60_001, ClipOutsideError),
        (10**12, 10**12 + 5_000, ClipOutsideError),
        (4_000, 4_000, ClipTooShortError),
        (4_000, 4_000 + MIN_CLIP_MS - 1, ClipTooShortError),
    ],
)
def test_bounds_that_are_no_clip_are_refused_in_words(
    start_ms: int, end_ms: int, kind: type[ClipError]
) -> None:
    with pytest.raises(kind) as refusal:
        check_bounds(start_ms, end_ms, 60_000)
    assert refusal.value.message.msgid % refusal.value.message.values


def test_a_clip_lasts_from_one_second_to_two_minutes() -> None:
    hours = 3 * 3_600_000
    assert check_bounds(0, MAX_CLIP_MS, hours).length_ms == MAX_CLIP_MS
    assert check_bounds(0, MIN_CLIP_MS, hours).length_ms == MIN_CLIP_MS
    for length_ms in (MAX_CLIP_MS + 1, hours):
        with pytest.raises(ClipTooLongError):
            check_bounds(0, length_ms, hours)


def test_what_cannot_be_read_makes_no_clip(tmp_path: Path) -> None:

    damaged = tmp_path / "copy.mp3"
    damaged.write_bytes(b"\xff\xfb\x10\xc4" + bytes(100))
    with pytest.raises(AudioError):
        write_clip(damaged, Bounds(0, 1_000), ClipFormat.MP3, {}, BytesIO())

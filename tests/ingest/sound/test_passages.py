"""A passage is, sample for sample, what a decoder of the whole file gives there."""

import random
from pathlib import Path

import numpy as np
import pytest

from ingest.errors import AudioDecodeError
from ingest.sound.ffmpeg import stream_sound
from ingest.sound.listening import make_listening_copy
from ingest.sound.mpeg import find_frame, read_frame
from ingest.sound.passages import count_samples, read_passage
from tests.ingest.sounds import encode

# A loud half second and a faint one: bits are borrowed from frames before.
UNEVEN = "anoisesrc=d={seconds}:a=0.4:c=pink:seed=7,volume='if(gt(sin(t*9),0),1,0.02)':eval=frame"
COPIES = {
    "44 kHz, padded now and then": ("-ar", "44100", "-ac", "2", "-b:a", "128k"),
    "our own kind": ("-ar", "32000", "-ac", "1", "-b:a", "64k"),
    "little room for borrowing": ("-ar", "48000", "-ac", "1", "-b:a", "32k"),
    "frames of 24 bytes": ("-ar", "24000", "-ac", "1", "-b:a", "8k"),
    "half frames, padded": ("-ar", "22050", "-ac", "2", "-b:a", "24k"),
}


@pytest.mark.parametrize("options", COPIES.values(), ids=COPIES)
def test_a_passage_from_the_middle_equals_the_whole_file_decoded(
    options: tuple[str, ...], tmp_path: Path
) -> None:
    untagged = ("-write_xing", "0", "-id3v2_version", "0")
    copy = encode(tmp_path / "copy.mp3", *options, *untagged, sound=UNEVEN, seconds=40)
    assert_passages_equal_the_whole(copy, 5)


@pytest.mark.parametrize("name", ["emission-courte.mp3", "radio-reelle.mp3"])
def test_a_passage_of_a_real_show_equals_the_whole_file_decoded(
    name: str, shared: Path, tmp_path: Path
) -> None:
    copy = make_listening_copy(shared / "audio" / name, tmp_path / "copy.mp3").path
    assert_passages_equal_the_whole(copy, 5)


def assert_passages_equal_the_whole(copy: Path, count: int) -> None:
    first = read_passage(copy, 0, 1_000)
    rate, channels = first.frame_rate, first.channels
    whole = np.frombuffer(b"".join(stream_sound(copy, ("-f", "s16le"))), "<i2").reshape(-1, channels)
    length_ms, dice = len(whole) * 1_000 // rate, random.Random(3)
    starts = [0, 37, *(dice.randrange(length_ms - 3_000) for _ in range(count)), length_ms - 1_500]
    for start_ms in starts:
        passage = read_passage(copy, start_ms, start_ms + 1_500)
        held = np.frombuffer(passage.raw_data, "<i2").reshape(-1, channels)
        wanted = whole[count_samples(start_ms, rate) : count_samples(start_ms + 1_500, rate)]
        assert np.array_equal(held, wanted), f"from {start_ms} ms"


def test_a_passage_is_cut_at_the_end_of_the_copy(tmp_path: Path) -> None:
    copy = encode(tmp_path / "copy.mp3", "-b:a", "64k", "-ar", "32000", "-write_xing", "0", seconds=3)
    whole = b"".join(stream_sound(copy, ("-f", "s16le")))
    passage = read_passage(copy, 2_000, 9_000)
    assert passage.raw_data == whole[2 * 32_000 * 2 :]


@pytest.mark.parametrize("name", ["sound.wav", "variable.mp3", "sound.ogg"])
def test_what_is_no_listening_copy_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(AudioDecodeError):
        read_passage(encode(tmp_path / name), 2_000, 3_000)


def test_frames_are_found_by_their_own_headers_and_not_by_the_bit_rate(tmp_path: Path) -> None:
    copy = encode(tmp_path / "copy.mp3", "-b:a", "64k", "-write_xing", "0", "-id3v2_version", "0", seconds=20)
    data = copy.read_bytes()
    at, found = 0, []
    while frame := read_frame(data, at):
        found.append(at)
        at += frame.size
    assert [find_frame(data, 0, number) for number in range(len(found))] == found
    assert find_frame(data, 0, len(found) + 1) is None
    assert find_frame(data[: found[7]] + b"\0" + data[found[7] :], 0, 9) is None, "something lies between"

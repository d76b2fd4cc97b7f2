"""Facts and samples: every promised format decodes, in blocks, on time."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import AudioDecodeError, AudioTooLongError, NoSoundError
from ingest.sound.audio import (
    BLOCK_SAMPLES,
    SAMPLE_RATE,
    cut_blocks,
    decode_blocks,
    decode_samples,
    probe_audio,
)
from tests.ingest.sounds import FORMATS, encode, run_ffmpeg

SECONDS = 4


@pytest.mark.parametrize("name", FORMATS)
def test_every_promised_format_tells_its_facts_and_decodes(name: str, tmp_path: Path) -> None:
    path = encode(tmp_path / name, seconds=SECONDS)
    facts = probe_audio(path)
    assert facts.has_video == name.startswith("film")
    assert facts.sample_rate in (44_100, 48_000)
    assert facts.channels in (1, 2)
    assert facts.duration_ms
    assert abs(facts.duration_ms - SECONDS * 1000) < 200
    samples = np.concatenate(list(decode_blocks(path)))
    assert samples.dtype == np.float32
    assert abs(len(samples) / SAMPLE_RATE - SECONDS) < 0.1
    assert 0.05 < np.abs(samples).max() <= 1


def test_blocks_are_of_ten_seconds_and_a_last_one(tmp_path: Path) -> None:
    path = encode(tmp_path / "constant.mp3", seconds=25)
    blocks = list(decode_blocks(path))
    assert [len(block) for block in blocks[:2]] == [BLOCK_SAMPLES] * 2
    assert 0 < len(blocks[2]) < BLOCK_SAMPLES


def test_a_chunk_is_the_same_samples_as_the_whole_has_there(tmp_path: Path) -> None:
    path = encode(tmp_path / "untagged.mp3", "-b:a", "64k", "-ar", "32000", "-write_xing", "0", seconds=20)
    whole = np.concatenate(list(decode_blocks(path)))
    chunk = decode_samples(path, start_ms=7_130, end_ms=12_345)
    assert len(chunk) == (12_345 - 7_130) * 16
    there = whole[7_130 * 16 : 12_345 * 16]
    assert np.abs(chunk - there).max() < 0.005, "the decoder starts earlier, and is warm"
    assert not len(decode_samples(path, start_ms=60_000, end_ms=61_000))


def test_a_decode_bomb_is_stopped_at_the_cap_faults_40(tmp_path: Path) -> None:
    bomb = encode(
        tmp_path / "bomb.opus",
        "-b:a",
        "6k",
        "-compression_level",
        "0",
        sound="anullsrc=d={seconds}",
        seconds=1200,
    )
    assert bomb.stat().st_size < 1_000_000
    blocks = decode_blocks(bomb, max_hours=0.1)
    heard = 0
    with pytest.raises(AudioTooLongError):
        for block in blocks:
            heard += len(block)
            assert len(block) <= BLOCK_SAMPLES
    assert heard <= 0.1 * 3600 * SAMPLE_RATE


def test_a_video_without_sound_says_so(tmp_path: Path) -> None:
    mute = tmp_path / "mute.mp4"
    run_ffmpeg("-f", "lavfi", "-i", "testsrc=s=64x64:r=5:d=1", str(mute))
    for attempt in (probe_audio, lambda path: list(decode_blocks(path))):
        with pytest.raises(NoSoundError) as raised:
            attempt(mute)
        assert raised.value.message.values == {"name": "mute.mp4"}


def test_a_damaged_file_keeps_the_decoders_words_for_the_log(tmp_path: Path) -> None:
    headless = tmp_path / "cut.m4a"
    whole = encode(tmp_path / "sound.m4a").read_bytes()
    headless.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(AudioDecodeError, match="moov atom not found"):
        probe_audio(headless)


@given(st.binary(max_size=400), st.lists(st.integers(1, 40), max_size=20), st.integers(1, 50))
def test_blocks_hold_every_whole_sample_however_the_stream_is_torn(
    data: bytes, sizes: list[int], block: int
) -> None:
    pieces, at = [], 0
    for size in [*sizes, len(data)]:
        pieces.append(data[at : at + size])
        at += size
    blocks = list(cut_blocks(pieces, block))
    assert all(len(each) == block for each in blocks[:-1])
    samples = [round(float(value) * 32_768) for each in blocks for value in each]
    assert samples == np.frombuffer(data[: len(data) // 2 * 2], "<i2").tolist()

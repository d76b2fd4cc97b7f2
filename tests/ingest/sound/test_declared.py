"""How long a file says that it lasts."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.sound.audio import probe_audio
from ingest.sound.declared import read_declared, read_wav_ms
from tests.ingest.sounds import FORMATS, encode

PROMISING = ["constant.mp3", "variable.mp3", "sound.m4a", "sound.wav", "sound.flac", "film.mp4", "film.webm"]


@pytest.mark.parametrize("name", PROMISING)
def test_a_header_promises_what_was_encoded(name: str, tmp_path: Path) -> None:
    path = encode(tmp_path / name, *FORMATS[name], seconds=4)
    declared = read_declared(path, probe_audio(path))
    assert declared
    assert abs(declared - 4000) < 120


def test_an_untagged_mp3_promises_nothing(tmp_path: Path) -> None:
    path = encode(tmp_path / "plain.mp3", "-b:a", "64k", "-write_xing", "0")
    assert read_declared(path, probe_audio(path)) is None


@given(st.binary(max_size=80))
def test_any_wav_header_is_read_or_not(data: bytes) -> None:
    promised = read_wav_ms(b"RIFF\0\0\0\0WAVE" + data)
    assert promised is None or promised >= 0

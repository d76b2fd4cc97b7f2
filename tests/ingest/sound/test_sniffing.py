"""What a file is, whatever its name says."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import AudioError, EmptyFileError, NotAudioError, PlaylistError, WebPageError
from ingest.sound.mpeg import id3_length
from ingest.sound.sniffing import HEAD_BYTES, sniff_file, sniff_media
from tests.ingest.sounds import FORMATS, encode

FAMILIES = {
    "constant.mp3": "mp3",
    "variable.mp3": "mp3",
    "sound.m4a": "mp4",
    "sound.aac": "aac",
    "sound.ogg": "ogg",
    "sound.opus": "ogg",
    "sound.wav": "wav",
    "sound.flac": "flac",
    "film.mp4": "mp4",
    "film.webm": "matroska",
}
PLAYLISTS = {
    "hls": "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nhttp://127.0.0.1/canary.ts\n",
    "ffconcat": "ffconcat version 1.0\nfile neighbour.mp3\n",
    "dash": '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"></MPD>',
    "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nm=audio 5004 RTP/AVP 0\n",
    "pls": "[playlist]\nFile1=http://127.0.0.1/x.mp3\n",
}
OTHERS = {
    "png": b"\x89PNG\r\n\x1a\n" + bytes(200),
    "zip": b"PK\x03\x04" + bytes(200),
    "pdf": b"%PDF-1.7\n",
    "gzip": b"\x1f\x8b\x08" + bytes(50),
    "text": "Bonjour à toutes, bonjour à tous.\n".encode() * 50,
    "zeros": bytes(5000),
    "lone frame header": b"\xff\xfb\x90\x00" + bytes(60),
}


@pytest.mark.parametrize("name", FAMILIES)
def test_each_format_is_told_from_its_bytes(name: str, tmp_path: Path) -> None:
    disguised = encode(tmp_path / name, seconds=1).rename(tmp_path / "x.bin")
    assert sniff_file(disguised) == FAMILIES[name]


@pytest.mark.parametrize("kind", PLAYLISTS)
def test_a_playlist_named_mp3_is_refused_faults_39(kind: str, tmp_path: Path) -> None:
    posing = tmp_path / "episode.mp3"
    for prefix in (b"", b"\xef\xbb\xbf", b"\n\n", b"ID3\x04\0\0\0\0\0\x04abcd"):
        posing.write_bytes(prefix + PLAYLISTS[kind].encode())
        with pytest.raises(PlaylistError) as raised:
            sniff_file(posing)
    assert raised.value.message.values == {"name": "episode.mp3"}


@pytest.mark.parametrize("kind", OTHERS)
def test_what_is_not_audio_is_refused_faults_38(kind: str, tmp_path: Path) -> None:
    posing = tmp_path / "episode.mp3"
    posing.write_bytes(OTHERS[kind])
    with pytest.raises(NotAudioError):
        sniff_file(posing)


def test_nothing_at_all_and_web_pages_have_their_own_words_faults_38(tmp_path: Path) -> None:
    posing = tmp_path / "episode.mp3"
    posing.write_bytes(b"")
    with pytest.raises(EmptyFileError):
        sniff_file(posing)
    posing.write_text("  <!DOCTYPE html>\n<html><title>Log in</title></html>")
    with pytest.raises(WebPageError):
        sniff_file(posing)


def test_tags_are_passed_whatever_their_size_faults_41(tmp_path: Path) -> None:
    sound = encode(tmp_path / "constant.mp3", seconds=1).read_bytes()
    tagged = tmp_path / "tagged.mp3"
    with tagged.open("wb") as file:
        file.write(b"ID3\x04\0\0" + bytes([0x7F, 0x7F, 0x7F, 0x7F]))  # 256 MiB, never read
        file.seek(10 + (1 << 28) - 1)
        file.write(sound)
    assert sniff_file(tagged) == "mp3"
    tagged.write_bytes(b"ID3\x04\0\0\0\0\0\0" * 50 + sound)
    with pytest.raises(AudioError):
        sniff_file(tagged)


def test_every_promised_format_is_sniffed() -> None:
    assert set(FAMILIES) | {"heavy.mp3"} == set(FORMATS)


@given(st.binary(max_size=2000))
def test_any_bytes_have_an_answer(data: bytes) -> None:
    assert sniff_media(data) is None or data
    assert 0 <= id3_length(data) < 1 << 29
    assert HEAD_BYTES >= 4096

"""The decoder stays shut in: no file, no host, no end of memory or time, whatever it is fed."""

import os
import random
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

import ingest.sound.ffmpeg
from ingest.errors import AudioDecodeError, AudioError, DecodeTooSlowError
from ingest.sound.audio import decode_blocks, probe_audio
from ingest.sound.ffmpeg import DECODERS, Limits, Said, describe_sound, stream_sound
from ingest.sound.listening import hear_copy, make_listening_copy
from tests.ingest.sounds import FORMATS, encode, run_ffmpeg

MUTATED = int(os.environ.get("ENTENDU_TEST_MUTATED", "64"))  # FAULTS 42 asks for 10,000
PROMPT = Limits(wall_s=1.5, stall_s=1.0)
PCM = ("-f", "s16le")


class Canary:
    """A listener on loopback that nothing may reach."""

    def __init__(self) -> None:
        self.hits = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._count, daemon=True).start()

    def _count(self) -> None:
        with suppress(OSError):  # closed: the test is over
            while True:
                self._socket.accept()[0].close()
                self.hits += 1

    def close(self) -> None:
        """Stop listening."""
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


@pytest.fixture
def canary() -> Iterator[Canary]:
    canary = Canary()
    yield canary
    canary.close()


@pytest.mark.parametrize("demuxer", ["hls", "concat", "dash", "sdp", "image2", "lavfi"])
def test_even_if_sniffing_were_fooled_nothing_else_is_opened_faults_39(
    demuxer: str, tmp_path: Path, canary: Canary, monkeypatch: pytest.MonkeyPatch
) -> None:
    neighbour = encode(tmp_path / "neighbour.wav", seconds=1)
    here, there = neighbour.as_uri(), f"http://127.0.0.1:{canary.port}/x.mp3"
    posing = tmp_path / "posing.mp3"
    monkeypatch.setattr(ingest.sound.ffmpeg, "sniff_file", lambda path: demuxer)
    for target in (here, there, str(neighbour), neighbour.name):
        for text in (
            f"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{target}\n#EXT-X-ENDLIST\n",
            f"ffconcat version 1.0\nfile '{target}'\n",
            f'<MPD type="static"><Period><AdaptationSet mimeType="audio/mp4"><Representation id="1">'
            f"<BaseURL>{target}</BaseURL></Representation></AdaptationSet></Period></MPD>",
            f"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nm=audio {canary.port} RTP/AVP 0\n",
            f"amovie={target}",
        ):
            posing.write_text(text)
            with pytest.raises(AudioError):
                assert not b"".join(stream_sound(posing, PCM, limits=PROMPT))
                raise AudioDecodeError("nothing came out", name="posing.mp3")
    assert not canary.hits


def test_an_endless_decoder_is_killed_on_time_faults_9(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = encode(tmp_path / "constant.mp3", seconds=1)
    for body in ("exec sleep 600", "while :; do echo x; sleep 0.2; done", "exec >&- 2>&-; sleep 600"):
        stub = tmp_path / "ffmpeg"
        stub.write_text(f"#!/bin/sh\necho $$ > {tmp_path}/pid\n{body}\n")
        stub.chmod(0o755)
        monkeypatch.setattr(ingest.sound.ffmpeg, "get_ffmpeg_exe", lambda stub=stub: str(stub))
        monkeypatch.setattr(ingest.sound.ffmpeg, "CONFINE", 'exec "$@"')
        began = time.monotonic()
        with pytest.raises(DecodeTooSlowError) as raised:
            list(stream_sound(sound, PCM, limits=PROMPT))
        assert time.monotonic() - began < 10
        assert raised.value.transient
        with pytest.raises(ProcessLookupError):
            os.kill(int((tmp_path / "pid").read_text()), 0)


def test_a_consumer_that_takes_its_time_is_not_counted(tmp_path: Path) -> None:
    sound = encode(tmp_path / "sound.wav", seconds=20)
    pieces = stream_sound(sound, PCM, limits=PROMPT)
    next(pieces)
    time.sleep(2)
    assert sum(map(len, pieces)) > 1_000_000


def test_an_abandoned_stream_leaves_no_process(tmp_path: Path) -> None:
    sound = encode(tmp_path / "sound.wav", seconds=20)
    pieces = stream_sound(sound, PCM)
    next(pieces)
    pieces.close()  # type: ignore[attr-defined]
    assert not _children()


def test_it_can_write_no_file_and_take_no_more_memory_than_its_share(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = encode(tmp_path / "constant.mp3", seconds=1)
    stolen = tmp_path / "stolen.wav"
    with pytest.raises(AudioDecodeError):
        list(stream_sound(sound, ("-f", "wav", str(stolen), *PCM)))
    assert not stolen.exists() or not stolen.stat().st_size
    tight = ingest.sound.ffmpeg.CONFINE.replace(str(ingest.sound.ffmpeg.MEMORY_BYTES // 1024), "20000")
    monkeypatch.setattr(ingest.sound.ffmpeg, "CONFINE", tight)
    with pytest.raises(AudioDecodeError):
        list(stream_sound(sound, PCM))


def test_no_video_decoder_is_allowed() -> None:
    assert not {"h264", "hevc", "vp9", "mjpeg", "png", "gif"} & set(DECODERS.split(","))


def test_giant_tags_and_many_chapters_cost_little_faults_41(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        ingest.sound.ffmpeg,
        "CONFINE",
        ingest.sound.ffmpeg.CONFINE.replace("ulimit -v 786432", "ulimit -v 307200"),
    )
    sound = encode(tmp_path / "constant.mp3", seconds=1).read_bytes()
    tagged, chapters = tmp_path / "tagged.mp3", tmp_path / "chapters.txt"
    with tagged.open("wb") as file:
        file.write(b"ID3\x04\0\0" + bytes([0x77, 0x7F, 0x7F, 0x7F]) + b"APIC\x70\0\0\0\0\0" + bytes(64))
        file.seek(10 + (0x77 << 21 | (1 << 21) - 1))
        file.write(sound)
    marks = "".join(
        f"[CHAPTER]\nTIMEBASE=1/1000\nSTART={i}\nEND={i + 1}\ntitle=c{i}\n" for i in range(100_000)
    )
    chapters.write_text(";FFMETADATA1\n" + marks)
    chaptered = tmp_path / "chaptered.mp3"
    began = time.monotonic()
    assert probe_audio(tagged).duration_ms
    assert sum(map(len, decode_blocks(tagged))) > 15_000
    run_ffmpeg(
        "-i",
        str(tmp_path / "constant.mp3"),
        "-i",
        str(chapters),
        "-map_metadata",
        "1",
        "-c",
        "copy",
        str(chaptered),
    )
    assert probe_audio(chaptered).sample_rate == 44_100
    assert time.monotonic() - began < 10


@pytest.mark.slow
def test_mutated_files_are_heard_or_refused_and_nothing_else_faults_42(tmp_path: Path) -> None:
    originals = [encode(tmp_path / name, seconds=1) for name in FORMATS]
    chance = random.Random(42)
    for number in range(MUTATED):
        original = originals[number % len(originals)]
        mutated = tmp_path / f"mutated{original.suffix}"
        mutated.write_bytes(_mutate(original.read_bytes(), chance))
        copy = tmp_path / "copies" / "copy.mp3"
        copy.parent.mkdir(exist_ok=True)
        try:
            make_listening_copy(mutated, copy)
            hear_copy(copy)
        except AudioError as error:
            assert error.message.values["name"]
        copy.unlink(missing_ok=True)
        assert not list(copy.parent.iterdir()), "a half-written file was left"


def test_what_ffmpeg_says_is_kept_at_both_ends() -> None:
    said = Said()
    for number in range(100_000):
        said.add(b"line %d\n" % number)
    assert len(said.text) < 40_000
    assert said.text.startswith("line 0\n")
    assert said.text.endswith("line 99999\n")


def test_metadata_cannot_pose_as_facts(tmp_path: Path) -> None:
    lying = tmp_path / "constant.mp3"
    encode(lying, "-b:a", "96k", "-metadata", "title=x\n  Duration: 99:00:00.00, start: 0", seconds=2)
    assert probe_audio(lying).duration_ms == 2000 or probe_audio(lying).duration_ms == 2010
    assert "Duration" in describe_sound(lying)


def _mutate(data: bytes, chance: random.Random) -> bytes:
    held = bytearray(data)
    for _ in range(chance.choice((1, 10, 200))):
        held[chance.randrange(min(len(held), chance.choice((64, 2_000, len(held)))))] = chance.randrange(256)
    if chance.random() < 0.3:
        del held[chance.randrange(len(held)) :]
    return bytes(held)


def _children() -> list[str]:
    tasks = Path("/proc/self/task").glob("*/children")
    return [name for task in tasks for pid in task.read_text().split() if "ffmpeg" in (name := _name(pid))]


def _name(pid: str) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text()
    except OSError:  # it has just gone
        return ""

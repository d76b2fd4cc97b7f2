"""Sounds for tests, made by ffmpeg's own encoders when they are asked for."""

import subprocess
from pathlib import Path

from imageio_ffmpeg import get_ffmpeg_exe

VOICE_LIKE = "sine=f=220:b=4:d={seconds}"
FORMATS = {  # name: what makes it
    "constant.mp3": ["-c:a", "libmp3lame", "-b:a", "96k"],
    "variable.mp3": ["-c:a", "libmp3lame", "-q:a", "4"],
    "heavy.mp3": ["-c:a", "libmp3lame", "-b:a", "192k", "-ac", "2"],
    "sound.m4a": ["-c:a", "aac"],
    "sound.aac": ["-c:a", "aac"],
    "sound.ogg": ["-c:a", "libvorbis"],
    "sound.opus": ["-c:a", "libopus"],
    "sound.wav": [],
    "sound.flac": ["-c:a", "flac"],
    "film.mp4": ["-f", "lavfi", "-i", "testsrc=s=64x64:r=5:d=4", "-c:a", "aac", "-shortest"],
    "film.webm": [
        "-f",
        "lavfi",
        "-i",
        "testsrc=s=64x64:r=5:d=4",
        "-c:a",
        "libopus",
        "-c:v",
        "libvpx",
        "-shortest",
    ],
}


def encode(path: Path, *options: str, sound: str = VOICE_LIKE, seconds: float = 4) -> Path:
    """Encode a generated sound, as the file's name and the options say."""
    source = ["-f", "lavfi", "-i", sound.format(seconds=seconds)]
    run_ffmpeg(*source, *(options or FORMATS.get(path.name, ())), str(path))
    return path


def run_ffmpeg(*arguments: str) -> None:
    """Run ffmpeg unconfined; the test fails where it fails."""
    command = [get_ffmpeg_exe(), "-y", "-nostdin", "-v", "error", *arguments]
    subprocess.run(command, check=True, capture_output=True)

"""Make the demo episode: `emission.json`, the written script, becomes `demo.mp3` and `times.json`.

Every voice is synthetic. One French voice (SVOX Pico, inside the py-nanotts wheel) becomes three
speakers by resampling, which moves the formants; pitch and speed are asked of the synthesiser
beforehand so that they come out as the script says. Each sentence is spoken by a process of its
own: in a long-lived one Pico's sound depends on what it said before, and the episode could not
be made twice alike. In the script, `aloud` says which words are spoken for a written form
(inclusive writing), `respelled` how to spell a word so that Pico says it right, and `terms` which
names the recogniser may be told. `times.json` holds when each turn and sentence is truly heard,
and the words truly said, for tests.

    pip install py-nanotts==0.1.1 numpy==2.4.6 scipy==1.17.1 imageio-ffmpeg==0.8.1
    python media/demo/make_demo.py
"""

import json
import re
import subprocess
import sys
import tempfile
import wave
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, resample_poly, sosfilt

Samples = NDArray[np.float64]  # mono, full scale ±1

HERE = Path(__file__).parent
SCRIPT = HERE / "emission.json"
AUDIO = HERE / "demo.mp3"
TIMES = HERE / "times.json"

PICO_RATE = 16_000  # Hz, what the synthesiser gives
RATE = 24_000  # Hz, room for formants moved up by a half
BIT_RATE = "56k"  # 7 kB a second: three minutes stay under 1.3 MB

LEAD_MS = 300  # silence before the first sound and after the last
SENTENCE_PAUSE_MS = 260
TURN_PAUSES_MS = (340, 460, 290, 400, 250, 480)  # one after the other, so that no rhythm settles
MUSIC_PAUSE_MS = 500
FADE_MS = 5  # at every join: a cut in mid-wave clicks

SPEECH_RMS = 10 ** (-17 / 20)  # −17 dBFS where somebody speaks, some −20 with the silences between words
MUSIC_RMS = 10 ** (-23 / 20)  # under the voices
PEAK = 10 ** (-3 / 20)  # −3 dBFS: what is left is for the encoder's ripple
HEARD = 10 ** (-42 / 20)  # a frame louder than this is speech, not the synthesiser's padding
FRAME_MS = 10

SENTENCE_END = re.compile(r"(?<=[.!?…])\s+(?=[«A-ZÀÂÇÉÈÊÎÔ])")

BEAT_S = 0.25
# (beat, MIDI note, beats that it rings); high on purpose: lower down, Silero takes the notes for speech
TUNES: Mapping[str, Sequence[tuple[float, int, float]]] = {
    "générique": (
        *((0, 60, 4), (0, 79, 2), (1, 84, 2), (2, 88, 2), (3, 91, 3), (4, 65, 4), (4.5, 89, 2)),
        *((5.5, 93, 2), (6.5, 91, 2), (8, 67, 4), (8, 86, 2), (9, 91, 2), (10, 60, 5), (10, 96, 5)),
    ),
    "virgule musicale": (
        *((0, 65, 4), (0, 81, 2), (1, 84, 2), (2, 89, 3), (4, 67, 4), (4, 83, 2), (5, 86, 2)),
        *((6, 91, 3), (8, 60, 5), (8, 84, 5), (8.5, 88, 5), (9, 91, 5)),
    ),
    "générique de fin": (
        *((0, 65, 4), (0, 93, 2), (1, 89, 2), (2, 84, 2), (3, 81, 3), (4, 67, 4), (4, 91, 2)),
        *((5, 86, 2), (6, 83, 3), (8, 60, 6), (8, 84, 6), (8.5, 88, 6), (9, 91, 6), (9.5, 96, 6)),
    ),
}
# (multiple, strength, decay per second) of a metal bar with free ends
PARTIALS = ((1, 1.0, 2.0), (2.76, 0.4, 4.0), (5.4, 0.2, 8.0))
ATTACK_S = 0.006


@dataclass(frozen=True, slots=True)
class Voice:
    """How one speaker differs from the synthesiser's own voice; 1.0 changes nothing."""

    formants: float  # a longer or shorter throat; ≥ .12 apart to be told apart by diarisation
    pitch: float
    speed: float


def split_sentences(text: str) -> list[str]:
    """Cut a turn's text after its full stops, exclamation and question marks.

    >>> split_sentences("« Place du Marché », bonjour ! Vous êtes là ? Oui : ici.")
    ['« Place du Marché », bonjour !', 'Vous êtes là ?', 'Oui : ici.']
    """
    return SENTENCE_END.split(text)


def replace_words(text: str, replacements: Mapping[str, str]) -> str:
    """Replace each written form by the one to say, longest first.

    >>> replace_words("les habitant·es", {"habitant·es": "habitants et habitantes"})
    'les habitants et habitantes'
    """
    for written in sorted(replacements, key=len, reverse=True):
        text = text.replace(written, replacements[written])
    return text


def speak(sentence: str, voice: Voice) -> Samples:
    """Say a sentence in this voice: samples at `RATE`, cut to what is heard, loudness set."""
    plain = re.sub(r"[«»]", "", sentence).replace("’", "'")
    plain = " ".join(plain.split())
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sentence.wav"
        command = [sys.executable, "-m", "py_nanotts", plain, "-o", str(path), "-v", "fr-FR"]
        command += [f"--pitch={voice.pitch / voice.formants}", f"--speed={voice.speed / voice.formants}"]
        subprocess.run(command, check=True)
        with wave.open(str(path)) as file:
            spoken = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2") / 32_768
    ratio = Fraction(RATE, PICO_RATE) / Fraction(str(voice.formants))
    moved = resample_poly(spoken, ratio.numerator, ratio.denominator)
    return fade(set_loudness(cut_silence(moved), SPEECH_RMS))


def frame_levels(samples: Samples) -> Samples:
    """Measure the root mean square of each whole frame of `FRAME_MS`."""
    size = to_samples(FRAME_MS)
    frames = samples[: samples.size // size * size].reshape(-1, size)
    levels: Samples = np.sqrt(np.mean(frames**2, axis=1))
    return levels


def cut_silence(samples: Samples) -> Samples:
    """Drop what the synthesiser leaves before the first and after the last sound, but one frame."""
    heard = np.flatnonzero(frame_levels(samples) > HEARD)
    size = to_samples(FRAME_MS)
    return samples[max(0, heard[0] - 1) * size : (heard[-1] + 2) * size]


def set_loudness(samples: Samples, rms: float) -> Samples:
    """Scale samples so that their frames that are heard have this root mean square."""
    levels = frame_levels(samples)
    return samples * float(rms / np.sqrt(np.mean(levels[levels > HEARD] ** 2)))


def fade(samples: Samples) -> Samples:
    """Fade both ends over `FADE_MS`."""
    ramp = np.linspace(0.0, 1.0, to_samples(FADE_MS))
    faded = samples.copy()
    faded[: ramp.size] *= ramp
    faded[-ramp.size :] *= ramp[::-1]
    return faded


def play(tune: Sequence[tuple[float, int, float]]) -> Samples:
    """Play a tune on metal bars made of sines, each note struck and left to ring."""
    end_s = max((beat + length) * BEAT_S for beat, _, length in tune)
    sound = np.zeros(to_samples(end_s * 1000))
    for beat, note, length in tune:
        struck = strike(440 * 2 ** ((note - 69) / 12), length * BEAT_S)
        start = to_samples(beat * BEAT_S * 1000)
        sound[start : start + struck.size] += struck[: sound.size - start]
    warm = sosfilt(butter(2, 4_000, fs=RATE, output="sos"), sound)
    return fade(set_loudness(warm, MUSIC_RMS))


def strike(frequency: float, length_s: float) -> Samples:
    """Ring one bar: a quick attack, each partial dying at its own pace, the end faded out."""
    time_s = np.arange(int(length_s * RATE)) / RATE
    sound = np.zeros_like(time_s)
    for multiple, strength, decay in PARTIALS:
        sound += strength * np.exp(-decay * time_s) * np.sin(2 * np.pi * frequency * multiple * time_s)
    attack = np.minimum(time_s / ATTACK_S, 1.0)
    release = np.minimum((length_s - time_s) / (0.3 * length_s), 1.0)
    return sound * attack * release


def to_samples(ms: float) -> int:
    """Convert milliseconds to samples at `RATE`."""
    return round(ms * RATE / 1000)


def to_ms(samples: int) -> int:
    """Convert samples at `RATE` to whole milliseconds."""
    return round(samples * 1000 / RATE)


class Tape:
    """Sounds laid end to end, and where each lies."""

    def __init__(self) -> None:
        self._pieces: list[Samples] = []
        self._size = 0

    def add(self, samples: Samples) -> dict[str, int]:
        """Append a sound; return when it is heard."""
        start = self._size
        self._pieces.append(samples)
        self._size += samples.size
        return {"start_ms": to_ms(start), "end_ms": to_ms(self._size)}

    def pause(self, ms: int) -> None:
        """Append silence."""
        self.add(np.zeros(to_samples(ms)))

    def samples(self) -> Samples:
        """Return the whole tape."""
        return np.concatenate(self._pieces)


def record_turn(tape: Tape, turn: Mapping[str, str], script: Mapping[str, Any]) -> dict[str, Any]:
    """Lay one turn on the tape, spoken or played; return its true times, and its sentences'."""
    if "music" in turn:
        return {"music": turn["music"], **tape.add(play(TUNES[turn["music"]]))}
    voices = {s["name"]: Voice(s["formants"], s["pitch"], s["speed"]) for s in script["speakers"]}
    sentences: list[dict[str, Any]] = []
    for sentence in split_sentences(turn["text"]):
        if sentences:
            tape.pause(SENTENCE_PAUSE_MS)
        said = replace_words(sentence, script["aloud"])
        sound = speak(replace_words(said, script["respelled"]), voices[turn["speaker"]])
        sentences.append({"text": sentence, "said": said, **tape.add(sound)})
    bounds = {"start_ms": sentences[0]["start_ms"], "end_ms": sentences[-1]["end_ms"]}
    return {"speaker": turn["speaker"], **bounds, "sentences": sentences}


def pauses_ms(turns: Sequence[Mapping[str, str]]) -> Iterator[int]:
    """Yield the pause before each turn: ever changing between voices, longer around music."""
    yield LEAD_MS
    for number, (before, after) in enumerate(pairwise(turns)):
        around_music = "music" in before or "music" in after
        yield MUSIC_PAUSE_MS if around_music else TURN_PAUSES_MS[number % len(TURN_PAUSES_MS)]


def encode(samples: Samples, title: str, path: Path) -> None:
    """Write samples as a mono MP3 of constant bitrate whose only tag is its title."""
    command = [
        imageio_ffmpeg.get_ffmpeg_exe(),
        "-v",
        "error",
        "-y",
        "-f",
        "s16le",
        "-ar",
        str(RATE),
        "-ac",
        "1",
    ]
    command += ["-i", "pipe:0", "-c:a", "libmp3lame", "-b:a", BIT_RATE, "-map_metadata", "-1"]
    command += ["-fflags", "+bitexact", "-flags:a", "+bitexact", "-metadata", f"title={title}", str(path)]
    pcm = np.round(samples * 32_767).astype("<i2").tobytes()
    subprocess.run(command, input=pcm, check=True)


def main() -> None:
    """Read the script, make the episode, write its audio and its true times."""
    script = json.loads(SCRIPT.read_text("utf-8"))
    turns = script["turns"]
    tape = Tape()
    recorded: list[dict[str, Any]] = []
    for pause, turn in zip(pauses_ms(turns), turns, strict=True):
        tape.pause(pause)
        recorded.append(record_turn(tape, turn, script))
    tape.pause(LEAD_MS)
    samples = tape.samples()
    if np.abs(samples).max() > PEAK:
        raise ValueError("the episode is too loud for its encoder: lower SPEECH_RMS or MUSIC_RMS")
    encode(samples, script["episode"]["title"], AUDIO)
    chapters = [
        {"title": turn["chapter"], "start_ms": heard["start_ms"]}
        for turn, heard in zip(turns, recorded, strict=True)
        if "chapter" in turn
    ]
    times = {"duration_ms": to_ms(samples.size), "chapters": chapters, "turns": recorded}
    TIMES.write_text(json.dumps(times, ensure_ascii=False, indent=1) + "\n", "utf-8")
    print(f"{AUDIO.name}: {samples.size / RATE:.1f} s, {AUDIO.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()

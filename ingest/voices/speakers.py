"""Say who speaks when: voices, numbered in the order in which they are first heard.

Two-second prints are taken all along the speech and sorted into voices. Each twentieth of a
second then goes to the voice that the prints around it resemble, by the path that explains the
episode best when changing voice has a price, lower in pauses (Viterbi); finer prints are taken
around each change, and the path drawn again. Prints are biometric data: none outlives `diarise`,
which returns times and numbers. Whose a voice is, people say.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ingest.sound.chunks import Span
from ingest.voices.clustering import Prints, cluster_prints
from ingest.voices.spectrum import BANDS, FRAME_MS, Samples, mel_frames
from ingest.voices.voice_path import Run, VoicePath
from ingest.voices.voiceprints import VoicePrinter

WINDOW = 198  # frames that a print is taken of: 2 s of sound
WINDOW_EVERY = 180  # at 100 the score is the same, and the cost nearly double
FINE_WINDOW = 98  # and beside a change of voice: 1 s
FINE_EVERY = 50
FINE_REACH = 125  # frames on both sides of a change that are looked at again
FINE_WEIGHT = 4.0
TELLING = 80  # frames: shorter prints do not help to find which voices there are
BRIDGED_MS = 500  # shorter pauses lie inside a stretch of speech, and inside its prints
JOINED_MS = 1_500  # shorter silences of a voice are part of its talk


@dataclass(frozen=True, slots=True)
class VoiceSpan:
    """A stretch of the episode in one voice."""

    start_ms: int
    end_ms: int
    voice: int  # from 1, in the order heard


@dataclass(frozen=True, slots=True)
class Stretch:
    """Speech without a long pause, as log-mel frames in half precision: 16 kB a second."""

    start_ms: int
    frames: NDArray[np.float16]


@dataclass(frozen=True, slots=True)
class Window:
    """Some frames of one stretch, that a print is taken of."""

    stretch: int  # index in the episode's stretches
    first: int  # frame of the stretch
    count: int  # fewer than a print hears, where the stretch is short


def diarise(
    blocks: Iterable[Samples], speech: Sequence[Span], *, speakers: int | None, model: Path
) -> tuple[VoiceSpan, ...]:
    """Sort an episode's speech into voices; spans come in order and do not overlap.

    Blocks are the whole episode, float32, mono, 16 kHz; `speech` is in order. `speakers`: how many
    people speak at length, where known (see `cluster_prints`). `model`: see `find_speaker_model`.
    """
    stretches = list(hear_stretches(blocks, speech))
    if not stretches:
        return ()
    printer = VoicePrinter(model)
    windows = list(_windows(stretches))
    prints = _take_prints(printer, stretches, windows, WINDOW)
    counts = np.array([window.count for window in windows])
    voices = cluster_prints(prints[counts >= min(TELLING, counts.max())], speakers)
    path = VoicePath([stretch.frames for stretch in stretches], len(voices))
    _weigh(path, windows, prints @ voices.T)
    fine = list(_fine_windows(stretches, path.runs()))
    _weigh(path, fine, _take_prints(printer, stretches, fine, FINE_WINDOW) @ voices.T, FINE_WEIGHT)
    return number_voices(join_voices(_spans(stretches, path.runs())))


def hear_stretches(blocks: Iterable[Samples], speech: Sequence[Span]) -> Iterator[Stretch]:
    """Yield the speech as stretches, short pauses bridged; what lies between is let go."""
    wanted = ((start // FRAME_MS, end // FRAME_MS) for start, end in _bridge(speech))
    first, last = next(wanted, (0, 0))
    heard: list[NDArray[np.float16]] = []
    at = 0  # first of these frames
    for frames in mel_frames(blocks):
        after = at + len(frames)
        while first < last and first < after:
            heard.append(frames[max(0, first - at) : last - at].astype(np.float16))
            if last > after:
                break
            yield Stretch(first * FRAME_MS, np.concatenate(heard))
            heard = []
            first, last = next(wanted, (0, 0))
        at = after
    if heard:  # the sound ends before the speech does
        yield Stretch(first * FRAME_MS, np.concatenate(heard))


def join_voices(spans: Iterable[VoiceSpan]) -> Iterator[VoiceSpan]:
    """Join a voice's spans where only a short silence parts them."""
    held: VoiceSpan | None = None
    for span in spans:
        if held and span.voice == held.voice and span.start_ms - held.end_ms <= JOINED_MS:
            held = replace(held, end_ms=span.end_ms)
            continue
        if held:
            yield held
        held = span
    if held:
        yield held


def number_voices(spans: Iterable[VoiceSpan]) -> tuple[VoiceSpan, ...]:
    """Number voices from 1, in the order heard."""
    numbers: dict[int, int] = {}
    return tuple(replace(span, voice=numbers.setdefault(span.voice, len(numbers) + 1)) for span in spans)


def _bridge(speech: Sequence[Span]) -> Iterator[tuple[int, int]]:
    held: tuple[int, int] | None = None
    for span in speech:
        if held and span.start_ms - held[1] <= BRIDGED_MS:
            held = held[0], span.end_ms
            continue
        if held:
            yield held
        held = span.start_ms, span.end_ms
    if held:
        yield held


def _windows(stretches: Sequence[Stretch]) -> Iterator[Window]:
    """Spread windows over each stretch; one shorter than a window is heard whole."""
    for index, stretch in enumerate(stretches):
        length = len(stretch.frames)
        free = max(0, length - WINDOW)
        steps = round(free / WINDOW_EVERY)
        for step in range(steps + 1):
            first = free * step // steps if steps else free // 2
            yield Window(index, first, min(length, WINDOW))


def _fine_windows(stretches: Sequence[Stretch], runs: Iterable[Run]) -> Iterator[Window]:
    """Spread shorter windows around each change of voice inside a stretch."""
    for run in runs:
        if run.first == 0:
            continue
        start = max(0, run.first - FINE_REACH)
        end = min(len(stretches[run.stretch].frames), run.first + FINE_REACH)
        count = min(FINE_WINDOW, end - start)
        for first in range(start, end - count + 1, FINE_EVERY):
            yield Window(run.stretch, first, count)


def _take_prints(
    printer: VoicePrinter, stretches: Sequence[Stretch], windows: Sequence[Window], frames: int
) -> Prints:
    """Take each window's print; one shorter than `frames` is heard over and over."""
    cuts = [stretches[w.stretch].frames[w.first : w.first + w.count] for w in windows]
    return printer.take_prints(
        [cut if len(cut) == frames else np.resize(cut, (frames, BANDS)) for cut in cuts]
    )


def _weigh(path: VoicePath, windows: Sequence[Window], cosines: Prints, weight: float = 1.0) -> None:
    for window, row in zip(windows, cosines, strict=True):
        path.weigh(window.stretch, window.first, window.count, row, weight)


def _spans(stretches: Sequence[Stretch], runs: Iterable[Run]) -> Iterator[VoiceSpan]:
    for run in runs:
        stretch = stretches[run.stretch]
        last = min(run.last, len(stretch.frames))
        start_ms, end_ms = (stretch.start_ms + frame * FRAME_MS for frame in (run.first, last))
        yield VoiceSpan(start_ms, end_ms, run.voice)

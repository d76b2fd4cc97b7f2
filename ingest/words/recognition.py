"""Speech into words: faster-whisper over one chunk's windows, distrusted where it may be wrong.

Batched decoding is fast but has no fallback: it can lose a whole passage, or repeat itself,
without a word. So each window is judged by its words per second of speech and by how well its
text compresses, and heard again alone, with Whisper's own fallbacks, where either is off
(shared/SPEECH.md §1). Names are given as hotwords in batched mode only: alone, they make words
vanish. What still looks invented is marked (`ingest.words.loops`). Runs in the pool's processes.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
from ctranslate2 import get_cuda_device_count  # type: ignore[import-untyped]
from faster_whisper import BatchedInferencePipeline, WhisperModel
from faster_whisper.transcribe import Segment

from ingest.errors import MissingModelError
from ingest.sound.audio import SAMPLE_RATE, SAMPLES_PER_MS, Samples, decode_samples
from ingest.sound.chunks import Span, clip_spans, join_spans
from ingest.words.loops import find_doubts
from ingest.words.spelling import SPOKEN, Piece, spell_words
from ingest.words.windows import Window, pack_windows
from media.transcript import Doubt, Word

BATCH = 2  # windows; on processors as fast as 8, with half the memory
GPU_BATCH = 16
NO_REPEAT_NGRAM = 5  # tokens: the batched mode's only brake on loops
FEWEST_WORDS_PER_S = 1.7  # of speech; people say 3 to 4.3, and a lost passage 0.7
JUDGED_MS = 4_000  # less speech than this says nothing
DENSEST_TEXT = 2.4  # compression ratio of text that repeats itself
COMPRESSION_ALONE = 1.8
UNSPOKEN_PROBABILITY = 0.6  # Whisper's own rule for silence, with the next
UNSPOKEN_LOGPROB = -1.0
HOTWORDS_CHARACTERS = 400  # about 130 of the prompt's 223 tokens; more slows every window
SLOT_S = 30
SLOT_MS = SLOT_S * 1000
SLOT_SAMPLES = SLOT_S * SAMPLE_RATE
SLOT_FRAMES = SLOT_S * 100  # of ten milliseconds, as faster-whisper counts `seek`
BREATH_MS = 400  # silence within a word is shorter
LANGUAGE_SURE = 0.8
LANGUAGE_WINDOWS = 3


@dataclass(frozen=True, slots=True)
class Recogniser:
    """A loaded model; one for each process."""

    model: WhisperModel
    beam_size: int
    batch: int  # windows heard at once


@dataclass(frozen=True, slots=True)
class Language:
    """A language, and how sure that is."""

    code: str  # ISO 639-1
    probability: float


@dataclass(frozen=True, slots=True)
class ChunkWords:
    """What was recognised in one chunk; times count from the start of the episode."""

    words: tuple[Word, ...]
    doubts: tuple[Doubt, ...]  # indices into `words`
    language: str


@dataclass(frozen=True, slots=True)
class Heard:
    """What the model gave for a part of a window, in the window's time."""

    pieces: tuple[Piece, ...]
    compression_ratio: float


@dataclass(frozen=True, slots=True)
class ChunkTask:
    """One chunk to recognise, as it travels to a process of the pool."""

    audio: Path  # our copy
    chunk: Span
    speech: tuple[Span, ...]  # the episode's or the chunk's, in the episode's time
    language: str
    hotwords: tuple[str, ...]
    model: Path  # folder
    device: str
    beam_size: int


@lru_cache(maxsize=1)
def load_model(folder: Path, device: str, beam_size: int) -> Recogniser:
    """Load a model once for this process, on one thread: processes scale better (SPEECH.md §1)."""
    on_gpu = device == "cuda" or (device == "auto" and get_cuda_device_count() > 0)
    compute_type = "default" if on_gpu else "int8"  # on processors: four times faster, as good
    try:
        model = WhisperModel(str(folder), device=device, compute_type=compute_type, cpu_threads=1)
    except (RuntimeError, OSError, ValueError) as error:
        reason = "it cannot be loaded"
        raise MissingModelError(f"{folder}: {error}", name=str(folder), reason=reason) from error
    return Recogniser(model, beam_size, GPU_BATCH if on_gpu else BATCH)


def recognise_task(task: ChunkTask) -> ChunkWords:
    """Decode and recognise one chunk; what the pool runs."""
    recogniser = load_model(task.model, task.device, task.beam_size)
    samples = decode_samples(task.audio, start_ms=task.chunk.start_ms, end_ms=task.chunk.end_ms)
    return recognise_chunk(
        recogniser,
        samples,
        _local(task.speech, task.chunk),
        task.chunk.start_ms,
        task.language,
        task.hotwords,
    )


def detect_task(task: ChunkTask) -> Language:
    """Decode a chunk and tell its language, whatever the task says; what the pool runs."""
    recogniser = load_model(task.model, task.device, task.beam_size)
    samples = decode_samples(task.audio, start_ms=task.chunk.start_ms, end_ms=task.chunk.end_ms)
    return detect_language(recogniser, samples, _local(task.speech, task.chunk))


def recognise_chunk(
    recogniser: Recogniser,
    samples: Samples,
    speech: Sequence[Span],
    offset_ms: int,
    language: str,
    hotwords: Iterable[str] = (),
) -> ChunkWords:
    """Recognise float32 mono 16 kHz samples, whose speech is given in the chunk's own time.

    Words come in order, their times and the doubts' words counted from the episode's start and
    the chunk's first word.
    """
    windows = pack_windows(speech, len(samples) // SAMPLES_PER_MS)
    names, pieces = join_hotwords(hotwords), list[Piece]()
    for begin in range(0, len(windows), recogniser.batch):
        batch = windows[begin : begin + recogniser.batch]
        sounds = [cut_sound(samples, window) for window in batch]
        heard = _hear_together(recogniser, sounds, language, names)
        for window, sound, first in zip(batch, sounds, heard, strict=True):
            suspect = is_suspect(first, window, speech)
            pieces += _placed(_hear_alone(recogniser, sound, language) if suspect else first, window)
    words = spell_words(fit_to_speech(pieces, speech))
    return ChunkWords(_shift(words, offset_ms), find_doubts(words, speech), language)


def detect_language(recogniser: Recogniser, samples: Samples, speech: Sequence[Span]) -> Language:
    """Tell the language of a chunk from its first windows of speech: one if it is plain, else three."""
    shares: dict[str, float] = {}
    windows = pack_windows(speech, len(samples) // SAMPLES_PER_MS)[:LANGUAGE_WINDOWS]
    best = Language("en", 0.0)
    for count, window in enumerate(windows, 1):
        features = recogniser.model.feature_extractor(cut_sound(samples, window))
        _, _, found = recogniser.model.detect_language(features=features)
        for code, probability in found or ():
            shares[code] = shares.get(code, 0.0) + probability
        code = max(shares, key=lambda code: shares[code])
        best = Language(code, shares[code] / count)
        if best.probability >= LANGUAGE_SURE:
            break
    return best


def is_suspect(heard: Sequence[Heard], window: Window, speech: Sequence[Span]) -> bool:
    """Judge what one window gave: too few words for its speech, or text that repeats itself."""
    spoken_ms = sum(span.length_ms for piece in window.pieces for span in clip_spans(speech, piece))
    words = sum(1 for each in heard for piece in each.pieces if SPOKEN.search(piece.text))
    thin = spoken_ms >= JUDGED_MS and words * 1000 < FEWEST_WORDS_PER_S * spoken_ms
    return thin or any(each.compression_ratio > DENSEST_TEXT for each in heard)


def cut_sound(samples: Samples, window: Window) -> Samples:
    """Put a window's pieces end to end."""
    return np.concatenate(
        [samples[p.start_ms * SAMPLES_PER_MS : p.end_ms * SAMPLES_PER_MS] for p in window.pieces]
    )


def fit_to_speech(pieces: Iterable[Piece], speech: Sequence[Span]) -> list[Piece]:
    """Move each piece's ends out of the silence into the speech that it overlaps most.

    Whisper stretches words over pauses; a turn would then begin before its voice.
    """
    stretches = join_spans(speech, BREATH_MS)
    fitted = []
    for piece in pieces:
        near = clip_spans(stretches, Span(piece.start_ms, piece.end_ms))
        if near:
            most = max(near, key=lambda span: span.length_ms)
            piece = replace(piece, start_ms=most.start_ms, end_ms=most.end_ms)
        fitted.append(piece)
    return fitted


def join_hotwords(terms: Iterable[str]) -> str | None:
    """Join as many terms as the prompt should hold, in their order; None where there is none."""
    joined = ""
    for term in dict.fromkeys(" ".join(term.split()) for term in terms):
        longer = f"{joined}, {term}" if joined else term
        if term and len(longer) <= HOTWORDS_CHARACTERS:
            joined = longer
    return joined or None


def _hear_together(
    recogniser: Recogniser, sounds: Sequence[Samples], language: str, hotwords: str | None
) -> list[list[Heard]]:
    """Recognise a batch; each sound lies in a slot of thirty seconds, by which its segments are known."""
    slots = np.zeros((len(sounds), SLOT_SAMPLES), np.float32)
    clips = []
    for index, sound in enumerate(sounds):
        slots[index, : len(sound)] = sound
        clips.append({"start": index * SLOT_S, "end": index * SLOT_S + (len(sound) + 0.5) / SAMPLE_RATE})
    segments, _ = BatchedInferencePipeline(recogniser.model).transcribe(
        slots.reshape(-1),
        language=language,
        beam_size=recogniser.beam_size,
        no_repeat_ngram_size=NO_REPEAT_NGRAM,
        word_timestamps=True,
        clip_timestamps=clips,
        batch_size=recogniser.batch,
        hotwords=hotwords,
    )
    heard: list[list[Heard]] = [[] for _ in sounds]
    for segment in segments:
        slot = segment.seek // SLOT_FRAMES
        if not _is_unspoken(segment):
            heard[slot].append(_heard(segment, -slot * SLOT_MS))
    return heard


def _hear_alone(recogniser: Recogniser, sound: Samples, language: str) -> list[Heard]:
    segments, _ = recogniser.model.transcribe(
        sound,
        language=language,
        beam_size=recogniser.beam_size,
        condition_on_previous_text=False,
        compression_ratio_threshold=COMPRESSION_ALONE,
        word_timestamps=True,
    )
    return [_heard(segment) for segment in segments]


def _is_unspoken(segment: Segment) -> bool:
    return bool(segment.no_speech_prob > UNSPOKEN_PROBABILITY and segment.avg_logprob < UNSPOKEN_LOGPROB)


def _heard(segment: Segment, shift_ms: int = 0) -> Heard:
    pieces = tuple(
        Piece(word.word, _ms(word.start) + shift_ms, _ms(word.end) + shift_ms, float(word.probability))
        for word in segment.words or ()
    )
    return Heard(pieces, segment.compression_ratio)


def _ms(seconds: float) -> int:
    return round(float(seconds) * 1000)


def _placed(heard: Iterable[Heard], window: Window) -> Iterator[Piece]:
    """Bring pieces from their window's time into the chunk's; a middle keeps both ends together."""
    for piece in (piece for each in heard for piece in each.pieces):
        middle = (piece.start_ms + piece.end_ms) // 2
        start = window.place(piece.start_ms, toward_ms=middle)
        yield replace(piece, start_ms=start, end_ms=max(window.place(piece.end_ms, toward_ms=middle), start))


def _shift(words: Iterable[Word], offset_ms: int) -> tuple[Word, ...]:
    return tuple(
        replace(word, start_ms=(word.start_ms or 0) + offset_ms, end_ms=(word.end_ms or 0) + offset_ms)
        for word in words
    )


def _local(speech: Iterable[Span], chunk: Span) -> list[Span]:
    return [
        Span(span.start_ms - chunk.start_ms, span.end_ms - chunk.start_ms)
        for span in clip_spans(speech, chunk)
    ]

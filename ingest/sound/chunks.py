"""Where people speak, and where an episode may be cut: at silences, into pieces that spread evenly.

Speech is found by Silero (faster-whisper's copy of it), with its state carried from block to
block, so that three hours need no more memory than ten seconds. Its threshold is lower than the
usual 0.5, which loses speech over music (shared/SPEECH.md §1). The recogniser's memory grows with
what it is given at once, hence pieces of ten minutes at most.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from math import ceil

import numpy as np
from faster_whisper.vad import get_vad_model
from numpy.typing import NDArray

from ingest.sound.audio import SAMPLE_RATE, SAMPLES_PER_MS, Samples

THRESHOLD = 0.35  # probability from which speech begins
RELEASE = 0.20  # and under which it ends
WINDOW = 512  # samples, 32 ms: Silero's only choice at 16 kHz
WINDOW_MS = WINDOW * 1000 // SAMPLE_RATE
CONTEXT = 64  # samples of the previous window that Silero wants before each
STATE = (1, 1, 128)
MIN_SILENCE_MS = 160
MIN_SPEECH_MS = 96  # a click is shorter
PAD_MS = 30

MAX_CHUNK_MS = 600_000
FULL_CHUNK_MS = 112_000  # speech of four windows of 28 s; more says how far the work is too seldom
LEAST_ROUNDS = 2  # chunks for each worker, so that one who tells voices apart meanwhile has fewer
LEAST_CHUNK_MS = 30_000  # below, loading and padding cost more than a second core brings
SLACK = 0.1  # of the target, either side: where the widest silence is looked for
LAST_SLACK = 0.25  # a last chunk may be this much longer, rather than leave a crumb


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of an episode, in milliseconds from the start of our copy; the end is excluded."""

    start_ms: int
    end_ms: int

    @property
    def length_ms(self) -> int:
        """How long it lasts."""
        return self.end_ms - self.start_ms


@dataclass(slots=True)
class SpeechDetector:
    """Silero over a stream: feed it blocks of any length, then ask for the probabilities."""

    probabilities: list[NDArray[np.float32]] = field(default_factory=list)
    _context: Samples = field(default_factory=lambda: np.zeros(CONTEXT, np.float32))
    _rest: Samples = field(default_factory=lambda: np.zeros(0, np.float32))
    _h: NDArray[np.float32] = field(default_factory=lambda: np.zeros(STATE, np.float32))
    _c: NDArray[np.float32] = field(default_factory=lambda: np.zeros(STATE, np.float32))
    _samples: int = 0

    def feed(self, block: Samples) -> None:
        """Hear one more block; what does not fill a window waits for the next."""
        self._samples += len(block)
        samples = np.concatenate([self._rest, block])
        whole = len(samples) // WINDOW * WINDOW
        self._rest = samples[whole:]
        if whole:
            self._hear(samples[:whole])

    def finish(self) -> list[Span]:
        """Hear what was waiting, and return where there is speech, in order."""
        if len(self._rest):
            self._hear(np.pad(self._rest, (0, WINDOW - len(self._rest))))
            self._rest = self._rest[:0]
        heard = np.concatenate(self.probabilities) if self.probabilities else np.zeros(0, np.float32)
        return spans_of(heard, self._samples // SAMPLES_PER_MS)

    def _hear(self, samples: Samples) -> None:
        windows = samples.reshape(-1, WINDOW)
        before = np.concatenate([self._context[None], windows[:-1, -CONTEXT:]])
        self._context = windows[-1, -CONTEXT:].copy()
        inputs = {"input": np.concatenate([before, windows], axis=1), "h": self._h, "c": self._c}
        heard, self._h, self._c = get_vad_model().session.run(None, inputs)
        self.probabilities.append(np.asarray(heard, np.float32).reshape(-1))


def find_speech(blocks: Iterable[Samples]) -> list[Span]:
    """Find where people speak in a stream of float32 mono 16 kHz blocks; ordered, disjoint spans."""
    detector = SpeechDetector()
    for block in blocks:
        detector.feed(block)
    return detector.finish()


def spans_of(probabilities: NDArray[np.float32], duration_ms: int) -> list[Span]:
    """Turn one probability each 32 ms into spans: hysteresis, short silences filled, a small margin."""
    loud = join_spans(_runs(probabilities), MIN_SILENCE_MS)
    kept = [span for span in loud if span.length_ms >= MIN_SPEECH_MS]
    return pad_spans(kept, PAD_MS, duration_ms)


def pad_spans(spans: Sequence[Span], pad_ms: int, duration_ms: int) -> list[Span]:
    """Widen each span on both sides, within the episode; neighbours that meet share the gap evenly."""
    padded = []
    for index, span in enumerate(spans):
        before = spans[index - 1].end_ms if index else -pad_ms
        after = spans[index + 1].start_ms if index + 1 < len(spans) else duration_ms + pad_ms
        start = span.start_ms - min(pad_ms, (span.start_ms - before + 1) // 2)
        end = span.end_ms + min(pad_ms, (after - span.end_ms) // 2)
        padded.append(Span(max(start, 0), min(end, duration_ms)))
    return [span for span in padded if span.length_ms > 0]


def join_spans(spans: Iterable[Span], gap_ms: int) -> list[Span]:
    """Join ordered spans that less than `gap_ms` separates."""
    joined: list[Span] = []
    for span in spans:
        if joined and span.start_ms - joined[-1].end_ms < gap_ms:
            joined[-1] = Span(joined[-1].start_ms, max(span.end_ms, joined[-1].end_ms))
        else:
            joined.append(span)
    return joined


def clip_spans(spans: Iterable[Span], within: Span) -> list[Span]:
    """Keep the parts of spans that lie within another."""
    cut = (Span(max(s.start_ms, within.start_ms), min(s.end_ms, within.end_ms)) for s in spans)
    return [span for span in cut if span.length_ms > 0]


def share_speech(speech: Iterable[Span], workers: int) -> int:
    """Choose how much speech a chunk holds, in ms: the same for all, and none too long."""
    total = sum(span.length_ms for span in speech)
    rounds = max(LEAST_ROUNDS, ceil(total / (workers * FULL_CHUNK_MS)))
    return max(total // (workers * rounds), LEAST_CHUNK_MS)


def plan_chunks(speech: Sequence[Span], target_ms: int, *, most_ms: int = MAX_CHUNK_MS) -> list[Span]:
    """Cut an episode at silences into chunks of about `target_ms` of speech; none spans above `most_ms`.

    Chunks are ordered and disjoint, and hold all speech; a long stretch where nobody speaks falls
    between two. Speech that runs on without a silence is cut where it must be.
    """
    rest, chunks = [part for span in speech for part in split_span(span, most_ms)], []
    while rest:
        count = _count_for_chunk(rest, target_ms, most_ms)
        chunks.append(Span(rest[0].start_ms, rest[count - 1].end_ms))
        rest = rest[count:]
    return chunks


def split_span(span: Span, most_ms: int) -> list[Span]:
    """Split a span into equal parts, none above `most_ms`."""
    count = max(ceil(span.length_ms / most_ms), 1)
    edges = [span.start_ms + span.length_ms * index // count for index in range(count + 1)]
    return [Span(start, end) for start, end in pairwise(edges)]


def _count_for_chunk(speech: Sequence[Span], target_ms: int, most_ms: int) -> int:
    """Count the spans of the first chunk: up to the widest silence near the target."""
    spoken = list(accumulate(span.length_ms for span in speech))
    fit = bisect_right([span.end_ms - speech[0].start_ms for span in speech], most_ms)
    if fit == len(speech) and spoken[-1] <= target_ms * (1 + LAST_SLACK):
        return fit
    least, most = target_ms * (1 - SLACK), target_ms * (1 + SLACK)
    near = [count for count in range(1, min(fit, len(speech) - 1) + 1) if least <= spoken[count - 1] <= most]
    if near:
        return max(near, key=lambda count: speech[count].start_ms - speech[count - 1].end_ms)
    return max(min(fit, bisect_right(spoken, target_ms)), 1)


def _runs(probabilities: NDArray[np.float32]) -> Iterator[Span]:
    """Yield speech: from a window at THRESHOLD to the next under RELEASE."""
    begin: int | None = None
    for index, probability in enumerate(probabilities.tolist()):
        if begin is None and probability >= THRESHOLD:
            begin = index
        elif begin is not None and probability < RELEASE:
            yield Span(begin * WINDOW_MS, index * WINDOW_MS)
            begin = None
    if begin is not None:
        yield Span(begin * WINDOW_MS, len(probabilities) * WINDOW_MS)

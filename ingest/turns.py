"""Join words and voices into turns, and put music between them.

Pure: values in, values out. Each word goes to the voice that overlaps it most; where the voices'
times and the sentences disagree by a word or two, the sentences win. Every word given comes out
once, in its order, with its text; only the times at a turn's edges may move, to where speech
really starts and ends (shared/SPEECH.md §4).
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from ingest.sound.chunks import Span
from ingest.sound.music import SHORTEST_MS
from ingest.voices.speakers import VoiceSpan
from media.transcript import Doubt, Turn, TurnKind, Word, speech_turn, split_turn

SENTENCE_ENDS = (".", "?", "!", "…")
CLOSING_MARKS = "»”\"')]\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}"
FLICKER_WORDS = 2
FLICKER_MS = 600
PAUSE_MS = 300  # from here on, a silence between two words is meant
CHANGE_REACH_WORDS = 2  # how far a change of voice moves to meet a sentence's end
CHANGE_REACH_MS = 600  # of speech
EDGE_REACH_MS = 600  # how far a turn's start moves to meet a speech's start
TURN_WORDS = 60  # a long turn is cut from here on, where a sentence ends
LONGEST_TURN_WORDS = 120
SHORTEST_REST_WORDS = 20  # what a cut leaves is no shorter
LONGEST_WORD_MS = 1_500  # a word drawn out longer leaves its place to music


def build_turns(
    words: Sequence[Word],
    doubts: Iterable[Doubt],
    voices: Sequence[VoiceSpan],
    speech: Sequence[Span],
    music: Sequence[Span],
) -> tuple[Turn, ...]:
    """Make an episode's turns; all that is given comes in order of time.

    Doubts count words from the episode's first. ValueError for a word without times.
    """
    events = [
        Turn(kind=TurnKind.MUSIC, start_ms=span.start_ms, end_ms=span.end_ms)
        for span in _without_words(music, words)
    ]
    if not words:
        return tuple(events)
    owners = settle_changes(words, smooth_flickers(words, nearest_voices(words, voices)))
    starts = [_times(word)[0] for word in words]
    cuts = {at for at in range(1, len(words)) if owners[at] != owners[at - 1]}
    cuts |= {bisect_left(starts, event.start_ms or 0) for event in events}
    firsts = sorted({0} | cuts - {len(words)})
    whole = speech_turn(move_edges(words, firsts, speech), doubts=doubts)
    turns = [
        replace(piece, voice=owners[first])
        for first, turn in zip(firsts, _cut(whole, firsts[1:]), strict=True)
        for piece in split_long_turn(turn)
    ]
    return tuple(sorted((*turns, *events), key=lambda turn: turn.start_ms or 0))


def nearest_voices(words: Iterable[Word], voices: Sequence[VoiceSpan]) -> list[int | None]:
    """Tell each word's voice: the one that overlaps it most, else the nearest; None without voices."""
    ends = [span.end_ms for span in voices]
    return (
        [_nearest_voice(*_times(word), voices, ends) for word in words] if voices else [None for _ in words]
    )


def _nearest_voice(start_ms: int, end_ms: int, voices: Sequence[VoiceSpan], ends: Sequence[int]) -> int:
    shares: Counter[int] = Counter()
    next_ = bisect_right(ends, start_ms)
    for at in range(next_, len(voices)):
        if voices[at].start_ms >= end_ms:
            break
        shares[voices[at].voice] += min(end_ms, ends[at]) - max(start_ms, voices[at].start_ms)
    if shares:
        return shares.most_common(1)[0][0]
    around = voices[max(0, next_ - 1) : next_ + 1]
    return min(around, key=lambda span: max(span.start_ms - end_ms, start_ms - span.end_ms)).voice


def smooth_flickers(words: Sequence[Word], owners: Sequence[int | None]) -> list[int | None]:
    """Give back to a voice a word or two, short and without a pause, that cut into its talk."""
    smooth = list(owners)
    edges = [at for at in range(len(words) + 1) if at in (0, len(words)) or owners[at] != owners[at - 1]]
    for first, after in pairwise(edges[1:-1]):
        around = smooth[first - 1] == owners[after]
        short = _times(words[after - 1])[1] - _times(words[first])[0] < FLICKER_MS
        paused = max(_pause_ms(words, first), _pause_ms(words, after)) >= PAUSE_MS
        if around and short and not paused and after - first <= FLICKER_WORDS:
            smooth[first:after] = [smooth[first - 1]] * (after - first)
    return smooth


def settle_changes(words: Sequence[Word], owners: Sequence[int | None]) -> list[int | None]:
    """Move each change of voice to the sentence's end that is a word or two away, if there is one."""
    settled = list(owners)
    changes = [at for at in range(1, len(words)) if owners[at] != owners[at - 1]]
    before = 0
    for at, after in pairwise([*changes, len(words)]):
        to = _nearest_sentence(words, at, max(before, at - CHANGE_REACH_WORDS - 1), after)
        settled[min(at, to) : max(at, to)] = [owners[at if to < at else at - 1]] * abs(to - at)
        before = to
    return settled


def _nearest_sentence(words: Sequence[Word], at: int, before: int, after: int) -> int:
    """Where a sentence starts between two words, near `at` and after the widest pause; else `at`."""
    if _ends_sentence(words[at - 1]):
        return at
    near = [
        to
        for to in range(before + 1, min(after, at + CHANGE_REACH_WORDS + 1))
        if _ends_sentence(words[to - 1]) and _spoken_ms(words[min(at, to) : max(at, to)]) <= CHANGE_REACH_MS
    ]
    return max(near, key=lambda to: _pause_ms(words, to), default=at)


def move_edges(words: Sequence[Word], firsts: Sequence[int], speech: Sequence[Span]) -> list[Word]:
    """Move the edges of turns, given by their first words, to where speech starts and ends."""
    moved = list(words)
    starts = [span.start_ms for span in speech]
    for first, after in zip(firsts, [*firsts[1:], len(words)], strict=True):
        latest = _times(moved[first + 1])[0] if first + 1 < len(moved) else None
        moved[first] = _start_with_speech(moved[first], starts, latest)
        if first:
            moved[first - 1] = _end_before(moved[first - 1], _times(moved[first])[0])
            moved[first] = _start_after(moved[first], _times(moved[first - 1])[0])
        moved[after - 1] = _end_with_speech(moved[after - 1], speech, starts)
    return moved


def _start_with_speech(word: Word, starts: Sequence[int], latest_ms: int | None) -> Word:
    """Move a word to where speech starts, if that is near, and not after the next word starts."""
    start_ms, end_ms = _times(word)
    latest = end_ms - 1 if latest_ms is None else min(end_ms - 1, latest_ms)
    next_ = bisect_left(starts, start_ms)
    near = [
        speech_ms
        for speech_ms in starts[max(0, next_ - 1) : next_ + 1]
        if abs(speech_ms - start_ms) <= EDGE_REACH_MS and speech_ms <= latest
    ]
    return replace(word, start_ms=min(near, key=lambda ms: abs(ms - start_ms), default=start_ms))


def _end_with_speech(word: Word, speech: Sequence[Span], starts: Sequence[int]) -> Word:
    """Shorten a word that is drawn out past the speech that it starts in."""
    start_ms, end_ms = _times(word)
    held = bisect_right(starts, start_ms) - 1
    if held < 0 or not start_ms < speech[held].end_ms < end_ms:
        return word
    if held + 1 < len(starts) and starts[held + 1] < end_ms:
        return word
    return replace(word, end_ms=speech[held].end_ms)


def _end_before(word: Word, next_ms: int) -> Word:
    start_ms, end_ms = _times(word)
    return replace(word, end_ms=max(start_ms, min(end_ms, next_ms)))


def _start_after(word: Word, previous_ms: int) -> Word:
    return replace(word, start_ms=max(previous_ms, _times(word)[0]))


def split_long_turn(turn: Turn) -> tuple[Turn, ...]:
    """Cut a turn of more than `LONGEST_TURN_WORDS`, where sentences end and pauses are widest."""
    cuts = []
    first = 0
    while len(turn.words) - first > LONGEST_TURN_WORDS:
        last = min(first + LONGEST_TURN_WORDS, len(turn.words) - SHORTEST_REST_WORDS)
        first = max(
            range(first + TURN_WORDS, last + 1),
            key=lambda at: (_ends_sentence(turn.words[at - 1]), _pause_ms(turn.words, at), -at),
        )
        cuts.append(first)
    return tuple(replace(piece, voice=turn.voice) for piece in _cut(turn, cuts))


def _cut(turn: Turn, cuts: Sequence[int]) -> Iterator[Turn]:
    """Cut a turn before each of these words."""
    done = 0
    for at in cuts:
        piece, turn = split_turn(turn, at - done)
        yield piece
        done = at
    yield turn


def _without_words(music: Iterable[Span], words: Sequence[Word]) -> Iterator[Span]:
    """Leave of music what no word is heard over, where that is long enough."""
    starts = [_times(word)[0] for word in words]
    for span in music:
        at = span.start_ms
        first = max(0, bisect_left(starts, span.start_ms - LONGEST_WORD_MS))
        for word in words[first : bisect_left(starts, span.end_ms)]:
            start_ms, end_ms = _times(word)
            if start_ms - at >= SHORTEST_MS:
                yield Span(at, start_ms)
            at = max(at, min(end_ms, start_ms + LONGEST_WORD_MS))
        if span.end_ms - at >= SHORTEST_MS:
            yield Span(at, span.end_ms)


def _pause_ms(words: Sequence[Word], at: int) -> int:
    """The silence before a word; none before the first, nor after the last."""
    return _times(words[at])[0] - _times(words[at - 1])[1] if 0 < at < len(words) else 0


def _spoken_ms(words: Iterable[Word]) -> int:
    return sum(end_ms - start_ms for start_ms, end_ms in map(_times, words))


def _ends_sentence(word: Word) -> bool:
    return word.text.rstrip(CLOSING_MARKS).endswith(SENTENCE_ENDS)


def _times(word: Word) -> tuple[int, int]:
    if word.start_ms is None or word.end_ms is None:
        raise ValueError(f"a word that was heard has its times: {word!r}")
    return word.start_ms, word.end_ms

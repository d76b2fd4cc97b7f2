"""Cut a transcript into cues: what is shown together on a screen, and for how long.

Sentence ends and pauses cut first, then clauses; a cue has at most two lines of 42 characters
and stays on screen long enough to be read, where the silence after it allows. The cuts are the
cheapest path over the words of a turn (each cue that fits has a cost), not the first that fit.
Figures: the usual ones of French and English subtitling, 17 characters a second in comfort, 21 at most.
"""

import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from media.transcript import TurnKind, Word
from media.transcripts import StoredTurn
from media.writing.script import (
    MAX_SPEAKER_LENGTH,
    Labels,
    clean,
    looks_like_naming,
    plain_name,
    sound_line,
    speaker_name,
)

LINE_LENGTH = 42  # characters
MAX_LINES = 2
COMFORT_CPS = 17  # characters a second that everybody reads
MAX_CPS = 21
CUE_MS = 7_000  # nobody reads one cue for longer
MIN_CUE_MS = 1_000
GAP_MS = 80  # two frames between cues, so that a change is seen
PAUSE_MS = 700  # a silence that ends a cue
BREATH_MS = 300
SENTENCE_END = re.compile(r"[.!?…][\N{NO-BREAK SPACE}\s]*[»”\")\]]*$")
CLAUSE_END = re.compile(r"[,;:–—][»”\")\]]*$")
# What a cue costs, so that the cheapest cuts are those that a person would make.
COST_OF_CUE = 2.0
COST_OF_MID_CLAUSE = 6.0
COST_OF_BREATH = 3.0
COST_OF_CLAUSE = 2.0
COST_OF_SENTENCE_INSIDE = 1.5
COST_OF_PAUSE_INSIDE = 8.0
COST_OF_SHORT = 3.0
SHORT_WORD = 3  # letters of a word that belongs to the next one: « du », « the »
SHORT_LENGTH = 12  # characters of a cue that flashes by


@dataclass(frozen=True, slots=True)
class Cue:
    """A few words shown together, and whose they are."""

    start_ms: int
    end_ms: int
    speaker: str
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """The lines as one."""
        return " ".join(self.lines)


@dataclass(frozen=True, slots=True)
class _Token:
    """A word with times, and the name to write before it where a cue begins with it."""

    text: str
    start_ms: int
    end_ms: int
    name: str = ""


def cut_cues(
    turns: Iterable[StoredTurn], labels: Labels, *, naming: bool = False, language: str = "und"
) -> list[Cue]:
    """Cut timed turns into cues, in order; what has no time is left out.

    `naming`: write who speaks before the first words of each speaker, and before words that look
    like a name, for formats that have no other place for it. `language`: of the words.
    """
    cues: list[Cue] = []
    before = ""
    for held in turns:
        start_ms, end_ms = held.turn.start_ms, held.turn.end_ms
        if start_ms is None or end_ms is None:
            continue
        if held.turn.kind is not TurnKind.SPEECH:
            heard = _wrap(sound_line(held, labels, language).split(" "))
            cues.append(Cue(start_ms, max(end_ms, start_ms + 1), "", heard))
            continue
        name = plain_name(held, labels) if naming else speaker_name(held, labels)
        tokens = _time_words(held.turn.words, start_ms, end_ms)
        if naming:
            tokens = _write_names(tokens, name, name if name == before else None, labels)
        before = name
        cues += [_make_cue(cut, name) for cut in _cut_tokens(tokens)]
    return list(_stay_readable(cues))


def _write_names(tokens: Sequence[_Token], name: str, known: str | None, labels: Labels) -> list[_Token]:
    tag = (name or labels.nobody).replace(" ", "\N{NO-BREAK SPACE}") + ":"
    named = []
    for at, token in enumerate(tokens):
        near = " ".join(near.text for near in tokens[at : at + MAX_SPEAKER_LENGTH])
        is_first = at == 0 and bool(name) and known is None
        named.append(replace(token, name=tag) if is_first or looks_like_naming(near) else token)
    return named


def _time_words(words: Sequence[Word], start_ms: int, end_ms: int) -> list[_Token]:
    """Give each word a time: its own, else a share by length of the time between those that have one."""
    texts = [clean(word.text) for word in words]
    tokens: list[_Token] = []
    waiting: list[str] = []
    clock = start_ms
    for text, word in zip(texts, words, strict=True):
        if word.start_ms is None or word.end_ms is None:
            waiting.append(text)
            continue
        begin = max(word.start_ms, clock)
        tokens += _share(waiting, clock, begin)
        tokens.append(_Token(text, begin, max(word.end_ms, begin)))
        waiting, clock = [], max(word.end_ms, begin)
    return [token for token in [*tokens, *_share(waiting, clock, max(end_ms, clock))] if token.text]


def _share(texts: Sequence[str], start_ms: int, end_ms: int) -> Iterator[_Token]:
    total = sum(len(text) + 1 for text in texts)
    done = 0
    for text in texts:
        begin = start_ms + (end_ms - start_ms) * done // total
        done += len(text) + 1
        yield _Token(text, begin, start_ms + (end_ms - start_ms) * done // total)


def _cut_tokens(tokens: Sequence[_Token]) -> list[Sequence[_Token]]:
    """Cut along the cheapest path: `best[end]` is the cost of all cues up to a token, and the last cut."""
    best: list[tuple[float, int]] = [(0.0, 0)]
    for end in range(1, len(tokens) + 1):
        costs = [(best[begin][0] + _cost(tokens, begin, end), begin) for begin in _starts(tokens, end)]
        best.append(min(costs))
    cuts: list[Sequence[_Token]] = []
    end = len(tokens)
    while end:
        begin = best[end][1]
        cuts.append(tokens[begin:end])
        end = begin
    return cuts[::-1]


def _starts(tokens: Sequence[_Token], end: int) -> Iterator[int]:
    """Yield from where a cue that ends here may start: always its last word, then while all fits."""
    yield end - 1
    for begin in range(end - 2, -1, -1):
        texts = _texts(tokens[begin:end])
        if sum(map(len, texts)) + len(texts) - 1 > MAX_LINES * LINE_LENGTH:
            return
        if tokens[end - 1].end_ms - tokens[begin].start_ms > CUE_MS:
            return
        if len(_wrap(texts)) <= MAX_LINES:
            yield begin


def _cost(tokens: Sequence[_Token], begin: int, end: int) -> float:
    """Say how bad a cue of these tokens would be."""
    cut = tokens[begin:end]
    length = sum(len(token.text) + 1 for token in cut)
    cost = COST_OF_CUE + (COST_OF_SHORT if length < SHORT_LENGTH else 0)
    cost += _cost_of_end(tokens, end)
    for token, after in pairwise(cut):
        cost += COST_OF_PAUSE_INSIDE if after.start_ms - token.end_ms >= PAUSE_MS else 0
        cost += COST_OF_SENTENCE_INSIDE if length > LINE_LENGTH and SENTENCE_END.search(token.text) else 0
    until_ms = tokens[end].start_ms if end < len(tokens) else cut[-1].end_ms + MIN_CUE_MS
    speed = length * 1000 / max(until_ms - cut[0].start_ms, 1)
    return cost + max(0.0, min(speed, 2 * MAX_CPS) - MAX_CPS) / 4


def _cost_of_end(tokens: Sequence[_Token], end: int) -> float:
    if end == len(tokens) or SENTENCE_END.search(tokens[end - 1].text):
        return 0
    silence_ms = tokens[end].start_ms - tokens[end - 1].end_ms
    if silence_ms >= PAUSE_MS:
        return 0
    if CLAUSE_END.search(tokens[end - 1].text):
        return COST_OF_CLAUSE
    return COST_OF_BREATH if silence_ms >= BREATH_MS else COST_OF_MID_CLAUSE


def _make_cue(cut: Sequence[_Token], speaker: str) -> Cue:
    start_ms = cut[0].start_ms
    lines = _wrap(_texts(cut))
    if tag := cut[0].name:
        lines = (lines[0].replace(tag, tag.replace("\N{NO-BREAK SPACE}", " "), 1), *lines[1:])
    return Cue(start_ms, max(cut[-1].end_ms, start_ms + 1), speaker, lines)


def _texts(cut: Sequence[_Token]) -> list[str]:
    texts = [token.text for token in cut]
    return [cut[0].name, *texts] if cut[0].name else texts


def _wrap(texts: Sequence[str]) -> tuple[str, ...]:
    """Put words on as few lines as they need; of two, the first ends where a clause does, or they balance."""
    whole = " ".join(texts)
    if len(whole) <= LINE_LENGTH:
        return (whole,)
    halves = [(" ".join(texts[:at]), " ".join(texts[at:])) for at in range(1, len(texts))]
    fitting = [pair for pair in halves if max(map(len, pair)) <= LINE_LENGTH]
    if fitting:
        return min(fitting, key=_imbalance)
    return tuple(textwrap.wrap(whole, LINE_LENGTH, break_long_words=False, break_on_hyphens=False))


def _imbalance(pair: tuple[str, str]) -> float:
    ends = SENTENCE_END.search(pair[0]) or CLAUSE_END.search(pair[0])
    hangs = not ends and len(pair[0].rsplit(" ", 1)[-1]) <= SHORT_WORD
    return (
        abs(len(pair[0]) - len(pair[1]))
        - (LINE_LENGTH / 2 if ends else 0)
        + (LINE_LENGTH / 4 if hangs else 0)
    )


def _stay_readable(cues: Sequence[Cue]) -> Iterator[Cue]:
    """Let each cue stay until it can be read, where nothing follows meanwhile."""
    for at, cue in enumerate(cues):
        wanted_ms = min(max(MIN_CUE_MS, len(cue.text) * 1000 // COMFORT_CPS), CUE_MS)
        until_ms = cue.start_ms + wanted_ms
        if at + 1 < len(cues):
            until_ms = min(until_ms, cues[at + 1].start_ms - GAP_MS)
        yield replace(cue, end_ms=max(cue.end_ms, until_ms))

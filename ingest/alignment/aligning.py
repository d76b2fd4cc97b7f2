"""A human text laid on what a recogniser heard: the method, from words to times.

A human text is smoothed: hesitations go, sentences are rewritten; and the recogniser errs. So
both are matched as wholes (`matching`), then each word takes its time from what it was matched
with, or from its neighbours (`placing`), and turns begin where speech does (`starts`). Times that
the text names hold where words say nothing else (`hints`); music is a word that both know. What does
not meet is said (`gaps`). Pure; linear memory; every text gets times, and a score that says
whether to believe them.
"""

from collections.abc import Sequence

import numpy as np

from ingest.alignment.clock import SpeechClock, speech_of_words
from ingest.alignment.gaps import find_gaps, measure_confidence
from ingest.alignment.hints import read_clocks
from ingest.alignment.layout import lay_out, write_piece
from ingest.alignment.matching import Match, drop_chance, match_parts
from ingest.alignment.placing import Known, measure_pace, place_parts
from ingest.alignment.starts import find_starts
from ingest.alignment.tokens import MUSIC, Floats, HeardParts, Parts, cut_heard, cut_words, weigh_keys
from ingest.alignment.values import Alignment, Hints, Spans, TextPiece
from media.transcript import Word

LEAST_SPOKEN = 0.5  # of its pace, that a heard part takes wherever it is
HEARD_ALIKE = 0.8  # from here on, a word was heard as it is written, but for its spelling


def align(
    text: Sequence[TextPiece],
    heard: Sequence[Word],
    speech: Spans,
    duration_ms: int,
    hints: Hints | None = None,
) -> Alignment:
    """Give each word of a text a time; `speech`: where people speak, empty where nobody looked."""
    hints, keys = hints or Hints(), dict[str, int]()
    music = [Word(MUSIC, start_ms, end_ms) for start_ms, end_ms in hints.music]
    ours = cut_words((word for piece in text for word in write_piece(piece)), keys)
    theirs = cut_heard([*heard, *music], keys)
    weights = weigh_keys([ours, theirs.parts], len(keys))
    clock = SpeechClock(speech or speech_of_words(theirs))
    matches = match_parts(ours, theirs.parts, weights)
    pace = measure_pace(ours, theirs, matches, clock)
    matches = drop_chance(
        matches, weights[ours.keys], *_measure_speech(ours, theirs, clock, pace, duration_ms)
    )
    layout = lay_out(text, ours)
    known = Known(ours, theirs, matches, clock, layout.find_seams(), float(duration_ms), pace)

    clocks = read_clocks(known, [layout.find_part(dated) for dated in hints.dated], hints.dated)
    pins = find_starts(known, layout.turn_firsts, hints.voice_starts, clocks.pins)
    starts, ends = place_parts(known, pins)

    gaps = find_gaps(known)
    words = layout.join_words(starts, ends, _mark_heard(len(ours), matches))
    sure = measure_confidence(known, gaps)
    return Alignment(
        score_matches(matches, ours, theirs, weights),
        tuple(layout.place_pieces(words, sure, gaps)),
        tuple(layout.show_gap(gap) for gap in gaps),
        clocks.shift_ms,
        clocks.contradicted,
    )


def score_matches(matches: Sequence[Match], text: Parts, heard: HeardParts, weights: Floats) -> float:
    """Say how much of the side that tells less was found in the other, 0 to 1."""
    told = sum(float(weights[text.keys[match.ours]]) * (2 * match.alike - 1) for match in matches)
    whole = min(float(weights[text.keys].sum()), float(weights[heard.parts.keys].sum()))
    return min(max(told / whole, 0.0), 1.0) if whole > 0 else 0.0


def _measure_speech(
    text: Parts, heard: HeardParts, clock: SpeechClock, pace: float, duration_ms: int
) -> tuple[Floats, Floats]:
    """Say how much is spoken before each part and in all: by the text at its pace, and in fact.

    A heard part takes some time also where nobody found speech.
    """
    ours = np.concatenate(([0.0], np.cumsum(text.lengths))) * pace
    spoken = [clock.spoken(ms) for ms in [0.0, *heard.starts.tolist(), float(duration_ms)]]
    least = LEAST_SPOKEN * pace * np.concatenate(([0.0], heard.parts.lengths))
    return ours, np.cumsum(np.maximum(np.diff(spoken), least))


def _mark_heard(count: int, matches: Sequence[Match]) -> Floats:
    marked = np.zeros(count)
    marked[[match.ours for match in matches if match.alike >= HEARD_ALIKE]] = 1.0
    return marked

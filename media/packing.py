"""Pack what is kept whole: a transcript as compressed JSON, doubts as rows of it.

What is packed here is never changed again, so that its form only grows: what was packed by an
earlier version of the program is read by every later one.
"""

import json
import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from media.transcript import (
    Doubt,
    DoubtKind,
    Transcript,
    Turn,
    TurnKind,
    TurnState,
    pack_words,
    unpack_words,
)


def dump_transcript(transcript: Transcript) -> bytes:
    """Pack a whole transcript for keeping; `load_transcript` gives it back equal."""
    turns = [dump_turn(turn) for turn in transcript.turns]
    document = {"language": transcript.language, "source": transcript.source, "turns": turns}
    return zlib.compress(json.dumps(document, ensure_ascii=False).encode())


def load_transcript(content: bytes) -> Transcript:
    """Read what `dump_transcript` packed."""
    document = json.loads(zlib.decompress(content))
    turns = tuple(map(load_turn, document["turns"]))
    return Transcript(turns, document["language"], document["source"])


def open_packed_turns(content: bytes) -> Iterator[tuple[int, int, str]]:
    """Open what `dump_transcript` packed only so far: start, end and packed words of each timed turn."""
    for _kind, _label, _voice, start_ms, end_ms, _state, words, _doubts in json.loads(
        zlib.decompress(content)
    )["turns"]:
        if start_ms is not None and end_ms is not None:
            yield start_ms, end_ms, words


def dump_turn(turn: Turn) -> list[Any]:
    """Write a turn as a row of JSON; `load_turn` reads it back."""
    place = [turn.kind, turn.label, turn.voice, turn.start_ms, turn.end_ms, turn.state]
    return [*place, pack_words(turn.words), dump_doubts(turn.doubts)]


def load_turn(row: Sequence[Any]) -> Turn:
    """Read what `dump_turn` wrote."""
    kind, label, voice, start_ms, end_ms, state, words, doubts = row
    held, marked = unpack_words(words), load_doubts(doubts)
    return Turn(held, voice, TurnKind(kind), label, start_ms, end_ms, TurnState(state), marked)


def dump_doubts(doubts: Iterable[Doubt]) -> list[list[Any]]:
    """Write doubts as rows of JSON; `load_doubts` reads them back."""
    return [[doubt.kind, doubt.first_word, doubt.last_word] for doubt in doubts]


def load_doubts(held: Iterable[Sequence[Any]]) -> tuple[Doubt, ...]:
    """Read what `dump_doubts` wrote."""
    return tuple(Doubt(DoubtKind(kind), first, last) for kind, first, last in held)

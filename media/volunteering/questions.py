"""A doubt as it is put to somebody: its sentence, its eight seconds of sound, who speaks and where.

The words are looked at again when they are shown: a doubt whose words have changed since it was
found asks nothing, and is dropped.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from media.episodes import Episode, get_episodes
from media.transcript import Turn, Word
from media.transcripts import StoredTurn, Voice
from media.volunteering import tables
from media.volunteering.doubts import COSTS_S, Kind
from media.volunteering.open_turns import get_open_turns
from media.volunteering.writing import ends_sentence

LOOP_MS = 8_000
LONGEST_LOOP_MS = 20_000  # of a long run of doubtful words
BREATH_MS = 700  # heard before and after the words
WORDS_AROUND = 14
MARKS = re.compile(r"([\W_]*)(\w.*?)([\W_]*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody is asked to hear."""

    id: int
    kind: Kind
    fingerprint: str
    episode: Episode
    turn_id: int
    version: int
    voice: Voice | None
    before: str  # of the sentence, what comes first
    opening: str  # marks that hang on the words in doubt, and stay: «
    words: str  # those in doubt; of a voice, what it says
    closing: str  # a comma, a full stop
    after: str
    first_word: int
    last_word: int
    hint: str | None
    start_ms: int  # of the loop
    end_ms: int
    heard_ms: int  # where the words begin
    cost_s: int


def read_question(connection: Connection, doubt_id: int) -> Question | None:
    """Read a doubt as it is to be asked; None where it is settled, or its words have changed."""
    doubt = connection.execute(select(tables.doubt).where(tables.doubt.c.id == doubt_id)).first()
    if doubt is None:
        return None
    held = get_open_turns(connection, [doubt.turn_id]).get(doubt.turn_id)
    episode = get_episodes(connection, [doubt.episode_id]).get(doubt.episode_id)
    if (
        held is None
        or episode is None
        or episode.private
        or not _still_says(held, doubt.first_word, doubt.last_word, doubt.words)
    ):
        return None
    kind = Kind(doubt.kind)
    first, last = doubt.first_word, doubt.last_word
    begin, end = _bound_sentence(held.turn.words, first, last)
    if kind is Kind.SPEAKER:
        begin, first, last, end = 0, 0, len(held.turn.words) - 1, len(held.turn.words)
    start_ms, end_ms = bound_loop(held.turn, first, last, episode.duration_ms)
    words = held.turn.words
    opening, asked, closing = _take_marks(kind, _join(words[first : last + 1]))
    return Question(
        id=doubt.id,
        kind=kind,
        fingerprint=doubt.fingerprint,
        episode=episode,
        turn_id=held.id,
        version=held.version,
        voice=held.voice,
        before=_join(words[begin:first]),
        opening=opening,
        words=asked,
        closing=closing,
        after=_join(words[last + 1 : end]),
        first_word=first,
        last_word=last,
        hint=doubt.hint,
        start_ms=start_ms,
        end_ms=end_ms,
        heard_ms=words[first].start_ms or start_ms,
        cost_s=COSTS_S[kind],
    )


def bound_loop(turn: Turn, first: int, last: int, duration_ms: int | None) -> tuple[int, int]:
    """Choose the stretch of sound that a doubt is heard in: eight seconds around its words."""
    words = turn.words
    begin_ms = words[first].start_ms if words[first].start_ms is not None else turn.start_ms
    end_ms = words[last].end_ms if words[last].end_ms is not None else turn.end_ms
    begin_ms, end_ms = begin_ms or 0, end_ms or begin_ms or 0
    spare_ms = max(2 * BREATH_MS, LOOP_MS - (end_ms - begin_ms))
    start_ms = max(0, begin_ms - spare_ms // 2)
    stop_ms = min(start_ms + LONGEST_LOOP_MS, max(end_ms + spare_ms // 2, start_ms + LOOP_MS))
    if duration_ms is not None and stop_ms > duration_ms:
        stop_ms = max(duration_ms, start_ms + 1)
        start_ms = max(0, min(start_ms, stop_ms - LOOP_MS))
    return start_ms, stop_ms


def _take_marks(kind: Kind, words: str) -> tuple[str, str, str]:
    """Part words from the marks around them, which nobody is asked about; people's own doubts are marks."""
    match = MARKS.fullmatch(words)
    if match is None or kind in (Kind.MARKED, Kind.DISCUSSED, Kind.SPEAKER):
        return "", words, ""
    return match.group(1), match.group(2), match.group(3)


def _still_says(held: StoredTurn, first: int, last: int, words: str) -> bool:
    said = _join(held.turn.words[first : last + 1])
    return last < len(held.turn.words) and said[: len(words)] == words


def _bound_sentence(words: Sequence[Word], first: int, last: int) -> tuple[int, int]:
    """Find where the sentence around some words begins and ends, no further than can be read at once."""
    begin, end = first, last + 1
    while begin > max(0, first - WORDS_AROUND) and not ends_sentence(words[begin - 1].text):
        begin -= 1
    while end < min(len(words), last + 1 + WORDS_AROUND) and not ends_sentence(words[end - 1].text):
        end += 1
    return begin, end


def _join(words: Sequence[Word]) -> str:
    return " ".join(word.text for word in words)

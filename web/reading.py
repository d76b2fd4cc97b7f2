"""A transcript laid out for reading: chapters, turns, doubts, words found, speaker lanes. Pure.

What the episode page shows is decided here; its template only writes it down. Texts stay
plain: a turn's words are one run of text, cut only where a doubt, or what was found, begins or ends.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from media.errors import N_, Message
from media.transcript import Chapter, Doubt, DoubtKind, Edition, Turn, TurnKind, TurnState, Word
from media.transcripts import Attribution, StoredTurn, Voice

CHAPTER_SLACK_MS = 1_500  # a turn that starts this little before a chapter belongs to it
LANE_UNITS = 1_000  # width of the map of voices
LANE_HEIGHT = 10
HEARD = N_("Verified by ear")
PARTLY_HEARD = N_("Partly verified by ear")


@dataclass(frozen=True, slots=True)
class Mark:
    """Characters [begin, end) of a turn's text that a reader looked for."""

    begin: int
    end: int
    is_here: bool  # where the reader stands


NO_MARKS: Mapping[int, Sequence[Mark]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Run:
    """Part of a piece, and the mark that it lies in, if it does."""

    text: str
    mark: Mark | None
    is_begun: bool = False  # the mark began in a run before


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of a turn's text, and why it is doubtful, if it is."""

    text: str
    doubt: DoubtKind | None
    begins_paragraph: bool = False
    runs: tuple[Run, ...] = ()  # its text cut where marks begin and end; none without marks


@dataclass(frozen=True, slots=True)
class Reading:
    """One turn as it is read."""

    stored: StoredTurn
    pieces: tuple[Piece, ...]
    tells_attribution: bool  # said at a voice's first turn in a chapter, not five hundred times
    is_target: bool  # holds the moment that the address asks for
    is_found: bool = False  # the reader stands here, at a turn found as a whole

    @property
    def doubts(self) -> int:
        """How many passages of this turn are doubtful."""
        return len(self.stored.turn.doubts)


@dataclass(frozen=True, slots=True)
class Section:
    """A chapter and its turns; the chapter is None before the first."""

    chapter: Chapter | None
    turns: tuple[Reading, ...]


@dataclass(frozen=True, slots=True)
class Lane:
    """A voice, how long it speaks, and where, in units of the map's width."""

    voice: Voice
    spoken_ms: int
    share: float  # of all that is spoken
    turns: int
    first_ms: int | None
    stretches: tuple[tuple[int, int], ...]  # (start, width)


def lay_out(
    turns: Sequence[StoredTurn],
    chapters: Sequence[Chapter],
    target_ms: int | None,
    marks: Mapping[int, Sequence[Mark]] = NO_MARKS,
) -> list[Section]:
    """Put turns under their chapters, in order; marks are what was looked for, by turn."""
    target = _turn_at(turns, target_ms)
    grouped: defaultdict[int, list[Reading]] = defaultdict(list)
    told: set[tuple[int, int]] = set()
    for stored in turns:
        place = _chapter_at(chapters, stored, max(grouped, default=-1))
        voice = stored.voice
        tells = voice is not None and voice.attribution is not Attribution.HUMAN
        if voice is not None and tells:
            tells = (place, voice.number) not in told
            told.add((place, voice.number))
        pieces = mark_pieces(cut_doubts(stored.turn), marks.get(stored.id, ()))
        is_found = any(mark.is_here and mark.begin == mark.end for mark in marks.get(stored.id, ()))
        grouped[place].append(Reading(stored, pieces, tells, stored.id == target, is_found))
    places = range(-1, len(chapters))
    return [
        Section(chapters[place] if place >= 0 else None, tuple(grouped[place]))
        for place in places
        if place >= 0 or place in grouped
    ]


def read_turns(turns: Sequence[StoredTurn], marks: Mapping[int, Sequence[Mark]] = NO_MARKS) -> list[Reading]:
    """Read turns one by one, without chapters: as the text beside the one that leads."""
    return [read for section in lay_out(turns, [], None, marks) for read in section.turns]


def cut_doubts(turn: Turn) -> tuple[Piece, ...]:
    """Cut a turn's text where doubts and paragraphs begin; the pieces joined by spaces are the text."""
    marks: list[DoubtKind | None] = [None] * len(turn.words)
    for doubt in turn.doubts:
        marks[doubt.first_word : doubt.last_word + 1] = [doubt.kind] * _length(doubt, turn.words)
    pieces: list[tuple[list[str], DoubtKind | None, bool]] = []
    for word, mark in zip(turn.words, marks, strict=True):
        if pieces and pieces[-1][1] == mark and not word.paragraph:
            pieces[-1][0].append(word.text)
        else:
            pieces.append(([word.text], mark, word.paragraph and bool(pieces)))
    return tuple(Piece(" ".join(words), mark, begins) for words, mark, begins in pieces)


def mark_pieces(pieces: Sequence[Piece], marks: Sequence[Mark]) -> tuple[Piece, ...]:
    """Cut pieces into runs where marks begin and end; marks are in order and apart."""
    marked = []
    begin = 0
    for piece in pieces:
        inside = [mark for mark in marks if mark.begin < begin + len(piece.text) and mark.end > begin]
        marked.append(replace(piece, runs=tuple(_cut_runs(piece.text, begin, inside))) if inside else piece)
        begin += len(piece.text) + 1
    return tuple(marked)


def measure_lanes(turns: Iterable[StoredTurn], voices: Iterable[Voice], duration_ms: int) -> list[Lane]:
    """Say how long each voice speaks and draw where; voices that speak most come first."""
    spoken: defaultdict[int, list[Turn]] = defaultdict(list)
    for stored in turns:
        if stored.voice is not None and stored.turn.kind is TurnKind.SPEECH:
            spoken[stored.voice.number].append(stored.turn)
    lengths = {number: sum(map(_spoken_ms, held)) for number, held in spoken.items()}
    total = sum(lengths.values())
    lanes = [
        Lane(
            voice,
            lengths[voice.number],
            lengths[voice.number] / total if total else 0.0,
            len(spoken[voice.number]),
            spoken[voice.number][0].start_ms,
            tuple(_stretches(spoken[voice.number], duration_ms)),
        )
        for voice in voices
        if voice.number in spoken
    ]
    return sorted(lanes, key=lambda lane: -lane.spoken_ms)


def count_states(turns: Iterable[StoredTurn]) -> dict[TurnState, int]:
    """Count spoken turns by how far they were checked; every state is a key."""
    states = [stored.turn.state for stored in turns if stored.turn.kind is TurnKind.SPEECH]
    return {state: states.count(state) for state in TurnState}


def tell_heard(
    turns: Iterable[StoredTurn], heard: Mapping[int, Sequence[tuple[int, int]]]
) -> dict[int, Message]:
    """Say of each turn, by identity, whether its words were verified by ear; `heard` is runs of words."""
    told = {}
    for stored in turns:
        if runs := heard.get(stored.id):
            known = {at for first, last in runs for at in range(first, last + 1)}
            told[stored.id] = Message(HEARD if len(known) == len(stored.turn.words) else PARTLY_HEARD)
    return told


def pack_times(words: Sequence[Word]) -> list[int]:
    """Write words' times small: for each, the gap since the word before it, and its length (ms).

    >>> pack_times([Word("a", 1_000, 1_200), Word("b", 1_250, 1_300)])
    [1000, 200, 50, 50]
    """
    packed = []
    before = 0
    for word in words:
        start = before if word.start_ms is None else word.start_ms
        end = start if word.end_ms is None else word.end_ms
        packed += [start - before, end - start]
        before = end
    return packed


def _cut_runs(text: str, offset: int, marks: Sequence[Mark]) -> Iterator[Run]:
    done = 0
    for mark in marks:
        begin, end = max(0, mark.begin - offset), min(len(text), mark.end - offset)
        if done < begin:
            yield Run(text[done:begin], None)
        yield Run(text[begin:end], mark, mark.begin < offset)
        done = end
    if done < len(text):
        yield Run(text[done:], None)


def _length(doubt: Doubt, words: Sequence[Word]) -> int:
    return len(words[doubt.first_word : doubt.last_word + 1])


def _turn_at(turns: Sequence[StoredTurn], at_ms: int | None) -> int | None:
    if at_ms is None:
        return None
    started = [
        stored for stored in turns if stored.turn.start_ms is not None and stored.turn.start_ms <= at_ms
    ]
    return started[-1].id if started else None


def _chapter_at(chapters: Sequence[Chapter], stored: StoredTurn, before: int) -> int:
    position = stored.position if stored.edition is Edition.PUBLISHED else None  # headings are of that text
    begun = [
        place
        for place, chapter in enumerate(chapters)
        if chapter.has_begun(stored.turn.start_ms, position, CHAPTER_SLACK_MS)
    ]
    return max(begun[-1] if begun else -1, before)


def _spoken_ms(turn: Turn) -> int:
    return (turn.end_ms or 0) - (turn.start_ms or 0)


def _stretches(turns: Iterable[Turn], duration_ms: int) -> list[tuple[int, int]]:
    if duration_ms <= 0:
        return []
    drawn: list[tuple[int, int]] = []
    for turn in turns:
        start = min(LANE_UNITS - 1, LANE_UNITS * (turn.start_ms or 0) // duration_ms)
        width = max(1, min(LANE_UNITS - start, LANE_UNITS * _spoken_ms(turn) // duration_ms))
        if drawn and start <= sum(drawn[-1]):
            drawn[-1] = (drawn[-1][0], max(sum(drawn[-1]), start + width) - drawn[-1][0])
        else:
            drawn.append((start, width))
    return drawn

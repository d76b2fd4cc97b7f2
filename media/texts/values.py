"""What a document that people wrote says, as values: fields, blocks, words, and where each stands in it.

A read text is a lossless tree over the document: every block and every word knows the characters
that it comes from, so that a document can be written back with one word changed and all else
verbatim, markup that nobody here understands included. Pure; times are milliseconds on the
document's own clock, `None` where it gives none.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

from media.correction.realignment import realign
from media.correction.typed import find_doubts, find_marks
from media.episodes import Person
from media.errors import Message
from media.transcript import Turn, TurnKind, Word, speech_turn

MAX_TURN_LENGTH = (
    10_000  # characters: a longer monologue goes on in a second turn, at a paragraph or sentence
)
MS_A_WORD = 400  # how long a word lasts where a text says only when its paragraph begins
SENTENCE_END = re.compile(r"[.!?…][»”\")\]\xa0]*$")
# « SPEAKER_00 », « Voix 2 », « Voice 3 »: what machines call voices that nobody has named
NUMBERED_VOICE = re.compile(
    r"(?:speaker|voice|voix|locuteur|locutrice|intervenant·?e?)[ _\xa0-]?\d+", re.IGNORECASE
)


class TextFormat(StrEnum):
    """How a document is written."""

    WIKI = "wiki"  # MediaWiki, as the volunteers of April write it
    PLAIN = "plain"  # dialogue text, a copy of a page included
    HTML = "html"
    MARKDOWN = "markdown"
    VTT = "vtt"
    SRT = "srt"
    PODCASTING = "podcasting"  # the podcast namespace's JSON
    PODLOVE = "podlove"
    OTRANSCRIBE = "otranscribe"
    WHISPER = "whisper"  # Whisper's or WhisperX's JSON


# Their blocks are cues, cut for the eye: two of them make no paragraphs.
CUED = {TextFormat.VTT, TextFormat.SRT, TextFormat.PODCASTING, TextFormat.PODLOVE, TextFormat.WHISPER}
# Their blocks say nothing of where they stand: `begin` and `end` are 0, of words too.
UNPLACED = {TextFormat.PODCASTING, TextFormat.PODLOVE, TextFormat.OTRANSCRIBE, TextFormat.WHISPER}


class BlockKind(StrEnum):
    """What a stretch of a document is."""

    FIELD = "field"  # of the header: label and value
    HEADING = "heading"
    SPEECH = "speech"  # one paragraph, or one cue
    EVENT = "event"  # « [Jingle] »
    MUSIC = "music"  # « Pause musicale : X par Y »
    MARKUP = "markup"  # kept verbatim, shown to nobody: addresses, categories, page chrome


@dataclass(frozen=True, slots=True)
class ReadWord:
    """A word, and the characters of the document that it comes from, markup inside it included."""

    text: str  # as `media.transcript.Word.text`
    begin: int
    end: int
    start_ms: int | None = None
    end_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of a document, in its order.

    Speech that begins a turn may have no words: a name that stands alone above them. A heading
    that is only a time (« ==12’ 58== ») has no label.
    """

    kind: BlockKind
    begin: int  # characters of the document's text; blocks do not overlap
    end: int
    label: str = ""  # of a field, heading, event: what it is called
    value: str = ""  # of a field: what it says; of music: the artist
    speaker: str | None = None  # who begins to speak here; None: as before; "": somebody, not named
    words: tuple[ReadWord, ...] = ()
    start_ms: int | None = None
    end_ms: int | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """What a reader could not decide alone, and what it took meanwhile."""

    block: int  # index in `ReadText.blocks`
    text: str
    choices: tuple[BlockKind, ...]
    taken: BlockKind
    why: Message


@dataclass(frozen=True, slots=True)
class Header:
    """What a document says of its episode; empty where it says nothing."""

    title: str = ""
    show: str = ""
    place: str = ""
    published: date | None = None
    duration_ms: int | None = None
    people: tuple[Person, ...] = ()
    transcribers: tuple[str, ...] = ()
    licence: str = ""
    licence_url: str | None = None
    notes: tuple[str, ...] = ()
    audio_url: str | None = None
    page_url: str | None = None
    language: str | None = None  # ISO 639-1


@dataclass(frozen=True, slots=True)
class ReadText:
    """A document as understood."""

    format: TextFormat
    text: str  # the document, decoded, otherwise unchanged
    encoding: str
    header: Header = field(default_factory=Header)
    blocks: tuple[Block, ...] = ()
    questions: tuple[Question, ...] = ()
    warnings: tuple[Message, ...] = ()
    published_at_url: str | None = (
        None  # a stub says that the text is there ("": somewhere): never a deletion
    )


@dataclass(frozen=True, slots=True)
class TextChapter:
    """A heading, and the turn that it stands before."""

    title: str
    turn: int  # index in `TextTurns.turns`
    start_ms: int | None = None


@dataclass(frozen=True, slots=True)
class TimeHint:
    """A moment that a text gives to one of its words: a dated doubt, a heading with its clock."""

    turn: int  # index in `TextTurns.turns`
    word: int  # index in the turn's words; 0 for an event too
    at_ms: int


@dataclass(frozen=True, slots=True)
class TextTurns:
    """A read text as turns, everything parallel to `turns`.

    The words of all turns, in order, are the words of all blocks of speech, in order.
    """

    turns: tuple[Turn, ...] = ()  # voices numbered by their first words, from 1
    speakers: tuple[str | None, ...] = ()  # of each turn; None where nobody is named, and for events
    blocks: tuple[tuple[int, ...], ...] = ()  # of each turn: the blocks that it comes from
    chapters: tuple[TextChapter, ...] = ()
    hints: tuple[TimeHint, ...] = ()


def names_nobody(speaker: str) -> bool:
    """Tell a number that a machine gave to a voice from a person's name.

    >>> names_nobody("SPEAKER_01"), names_nobody("Voix 2"), names_nobody("Voix off")
    (True, True, False)
    """
    return NUMBERED_VOICE.fullmatch(speaker) is not None


def turns_of(read: ReadText) -> TextTurns:
    """Join a text's blocks into turns: one speaker's paragraphs, or one event.

    Times that the text gives to words are kept; those that it gives to a paragraph or a cue are
    shared among its words and flagged as estimated. An event or a heading ends a turn; what follows
    without a name is a turn of the same speaker.
    """
    gathered = list(_gather(read))
    ends = _next_starts(read.blocks)
    timed = [_time_words(block, end_ms) for block, end_ms in zip(read.blocks, ends, strict=True)]
    numbers: dict[str, int] = {}
    turns = []
    for speaker, pieces in gathered:
        voice = numbers.setdefault(speaker, len(numbers) + 1) if speaker else None
        turns.append(_make_turn(read, pieces, timed, voice))
    speakers = tuple(speaker or None for speaker, _ in gathered)
    blocks = tuple(tuple(piece.block for piece in pieces) for _, pieces in gathered)
    first_turns = _first_turns(read.blocks, blocks)
    chapters = [
        TextChapter(block.label, first_turns[at], block.start_ms)
        for at, block in enumerate(read.blocks)
        if block.kind is BlockKind.HEADING and block.label and first_turns[at] < len(turns)
    ]
    return TextTurns(
        tuple(turns), speakers, blocks, tuple(chapters), tuple(_find_hints(read.blocks, turns, first_turns))
    )


@dataclass(frozen=True, slots=True)
class _Piece:
    """Some words of a block, which a very long block shares among turns."""

    block: int
    first: int
    last: int  # exclusive


def _gather(read: ReadText) -> Iterator[tuple[str, list[_Piece]]]:
    """Yield each turn's speaker and pieces; a piece without words is an event."""
    speaker, held, length = "", list[_Piece](), 0
    for at, block in enumerate(read.blocks):
        sounds = block.kind in (BlockKind.EVENT, BlockKind.MUSIC)
        begins = sounds or block.kind is BlockKind.HEADING or block.speaker is not None
        if begins and held:
            yield speaker, held
            held, length = [], 0
        if sounds:
            yield "", [_Piece(at, 0, 0)]
        if block.kind is not BlockKind.SPEECH:
            continue
        speaker = speaker if block.speaker is None else block.speaker
        for piece, size in _cut_block(at, block.words):
            if held and length + size > MAX_TURN_LENGTH:
                yield speaker, held
                held, length = [], 0
            held.append(piece)
            length += size
    if held:
        yield speaker, held


def _cut_block(at: int, words: Sequence[ReadWord]) -> Iterator[tuple[_Piece, int]]:
    """Cut a block's words into pieces that a turn can hold, after a sentence where there is one."""
    first = length = 0
    for place, word in enumerate(words):
        full = length + len(word.text) > MAX_TURN_LENGTH
        ended = length > MAX_TURN_LENGTH // 2 and SENTENCE_END.search(words[place - 1].text[-8:])
        if place > first and (full or ended):
            yield _Piece(at, first, place), length
            first, length = place, 0
        length += len(word.text) + 1
    if first < len(words):
        yield _Piece(at, first, len(words)), length


def _make_turn(
    read: ReadText, pieces: Sequence[_Piece], timed: Sequence[Sequence[Word]], voice: int | None
) -> Turn:
    block = read.blocks[pieces[0].block]
    if block.kind is not BlockKind.SPEECH:
        music = block.kind is BlockKind.MUSIC
        label = " par ".join(part for part in (block.label, block.value) if part) if music else block.label
        kind = TurnKind.MUSIC if music else TurnKind.EVENT
        return Turn(
            kind=kind, label=label or None, start_ms=block.start_ms, end_ms=block.end_ms or block.start_ms
        )
    words: list[Word] = []
    for piece in pieces:
        own = timed[piece.block][piece.first : piece.last]
        if words and piece.first == 0 and read.format not in CUED:
            words.append(replace(own[0], paragraph=True))
            own = own[1:]
        words += own
    return speech_turn(_never_back(words), voice, find_doubts([word.text for word in words]))


def _time_words(block: Block, end_ms: int | None) -> list[Word]:
    """Give a block's words the times that it states, and shares of what lies between."""
    texts = [word.text for word in block.words]
    if any(word.start_ms is not None for word in block.words):
        heard = [Word(word.text, word.start_ms, word.end_ms) for word in block.words]
        start_ms = min(word.start_ms for word in heard if word.start_ms is not None)
        last_ms = max(word.end_ms for word in heard if word.end_ms is not None)
        return _fill(heard, min(start_ms, block.start_ms or start_ms), max(last_ms, block.end_ms or 0))
    if block.start_ms is None or end_ms is None:
        return [Word(text) for text in texts]
    return _share(texts, block.start_ms, end_ms)


def _fill(words: Sequence[Word], start_ms: int, end_ms: int) -> list[Word]:
    """Share what lies between two words with times among those without that stand there."""
    filled: list[Word] = []
    waiting: list[str] = []
    for word in words:
        if word.start_ms is None:
            waiting.append(word.text)
            continue
        low = (filled[-1].end_ms or 0) if filled else start_ms
        filled += [*_share(waiting, min(low, word.start_ms), word.start_ms), word]
        waiting = []
    low = (filled[-1].end_ms or 0) if filled else start_ms
    return filled + _share(waiting, low, max(low, end_ms))


def _share(texts: Sequence[str], start_ms: int, end_ms: int) -> list[Word]:
    """Share a stretch of time among words by their lengths, as estimates."""
    return list(realign(" ".join(texts), (), start_ms, end_ms)) if texts else []


def _never_back(words: Iterable[Word]) -> Iterator[Word]:
    """Make no word of a turn start before the one before it: cues of one speaker may overlap."""
    floor = 0
    for word in words:
        if word.start_ms is not None and word.end_ms is not None:
            floor = max(floor, word.start_ms)
            word = replace(word, start_ms=floor, end_ms=max(floor, word.end_ms))
        yield word


def _next_starts(blocks: Sequence[Block]) -> list[int | None]:
    """Say where each block's time ends: as stated, else at a usual rate, before the next one starts."""
    ends: list[int | None] = [None] * len(blocks)
    following: int | None = None
    for at in range(len(blocks) - 1, -1, -1):
        block = blocks[at]
        if block.start_ms is None:
            continue
        end_ms = block.end_ms
        if end_ms is None:
            end_ms = block.start_ms + MS_A_WORD * len(block.words)
            end_ms = end_ms if following is None else min(end_ms, max(following, block.start_ms))
        ends[at] = max(end_ms, block.start_ms)
        following = block.start_ms
    return ends


def _first_turns(blocks: Sequence[Block], used: Sequence[Sequence[int]]) -> list[int]:
    """Find, for each block, the turn that it begins or that comes next after it."""
    firsts = [len(used)] * len(blocks)
    for turn in range(len(used) - 1, -1, -1):
        firsts[used[turn][0]] = turn
    for at in range(len(blocks) - 2, -1, -1):
        firsts[at] = min(firsts[at], firsts[at + 1])
    return firsts


def _find_hints(
    blocks: Sequence[Block], turns: Sequence[Turn], first_turns: Sequence[int]
) -> Iterator[TimeHint]:
    """Find the moments that the text gives: of headings and lines of their own, and of dated doubts."""
    for at, block in enumerate(blocks):
        dated = block.kind not in (BlockKind.SPEECH, BlockKind.FIELD) and block.start_ms is not None
        if dated and first_turns[at] < len(turns):
            yield TimeHint(first_turns[at], 0, block.start_ms or 0)
    for at, turn in enumerate(turns):
        for mark in find_marks([word.text for word in turn.words]):
            if mark.at_ms is not None:
                yield TimeHint(at, mark.first_word, mark.at_ms)

"""What a document that people wrote says, as values: fields, blocks, words, and where each stands in it.

A read text is a lossless tree over the document: every block and every word knows the characters
that it comes from, so that a document can be written back with one word changed and all else
verbatim, markup that nobody here understands included. Pure; times are milliseconds on the
document's own clock, `None` where it gives none.
"""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from media.episodes import Person
from media.errors import Message


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
    """A stretch of a document, in its order."""

    kind: BlockKind
    begin: int  # characters of the document's text; blocks do not overlap
    end: int
    label: str = ""  # of a field, heading, event: what it is called
    value: str = ""  # of a field: what it says; of music: the artist
    speaker: str | None = None  # who begins to speak here; None: as before
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
    published_at_url: str | None = None  # a stub says that the text is there: never a deletion

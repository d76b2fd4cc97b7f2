"""Pack how a document was understood, as compressed JSON: its reading, and the turns that it gave.

What is packed here is never changed again, so that its form only grows: what was packed by an
earlier version of the program is read by every later one.
"""

import json
import zlib
from collections.abc import Sequence
from datetime import date
from typing import Any

from media.episodes import Person
from media.errors import Message
from media.packing import dump_turn, load_turn
from media.shows import dump_message, load_message
from media.texts.values import (
    Block,
    BlockKind,
    Header,
    Question,
    ReadText,
    ReadWord,
    TextChapter,
    TextFormat,
    TextTurns,
    TimeHint,
)


def pack_base(base: TextTurns) -> bytes:
    """Pack the turns that a document gave; `unpack_base` gives them back equal."""
    return _pack(
        {
            "turns": [dump_turn(turn) for turn in base.turns],
            "speakers": base.speakers,
            "blocks": base.blocks,
            "chapters": [[chapter.title, chapter.turn, chapter.start_ms] for chapter in base.chapters],
            "hints": [[hint.turn, hint.word, hint.at_ms] for hint in base.hints],
        }
    )


def unpack_base(packed: bytes) -> TextTurns:
    """Read what `pack_base` wrote."""
    held = json.loads(zlib.decompress(packed))
    return TextTurns(
        tuple(map(load_turn, held["turns"])),
        tuple(held["speakers"]),
        tuple(map(tuple, held["blocks"])),
        tuple(TextChapter(*chapter) for chapter in held["chapters"]),
        tuple(TimeHint(*hint) for hint in held["hints"]),
    )


def pack_reading(read: ReadText, *, with_text: bool = False) -> bytes:
    """Pack how a document was understood, without its text; `unpack_reading` gives it back equal.

    `with_text` packs the text too: where it is not simply the document's bytes decoded.
    """
    return _pack(
        {
            "text": read.text if with_text else None,
            "format": read.format,
            "encoding": read.encoding,
            "header": _dump_header(read.header),
            "blocks": [_dump_block(block) for block in read.blocks],
            "questions": [_dump_question(question) for question in read.questions],
            "warnings": [dump_message(warning) for warning in read.warnings],
            "published_at_url": read.published_at_url,
        }
    )


def unpack_reading(packed: bytes, content: bytes) -> ReadText:
    """Read what `pack_reading` wrote of a document of this content."""
    held = json.loads(zlib.decompress(packed))
    return ReadText(
        TextFormat(held["format"]),
        content.decode(held["encoding"]) if held["text"] is None else held["text"],
        held["encoding"],
        _load_header(held["header"]),
        tuple(map(_load_block, held["blocks"])),
        tuple(map(_load_question, held["questions"])),
        tuple(_message(warning) for warning in held["warnings"]),
        held["published_at_url"],
    )


def _dump_header(header: Header) -> dict[str, Any]:
    return {
        "title": header.title,
        "show": header.show,
        "place": header.place,
        "published": header.published and header.published.isoformat(),
        "duration_ms": header.duration_ms,
        "people": [[person.name, person.role] for person in header.people],
        "transcribers": header.transcribers,
        "licence": header.licence,
        "licence_url": header.licence_url,
        "notes": header.notes,
        "audio_url": header.audio_url,
        "page_url": header.page_url,
        "language": header.language,
    }


def _load_header(held: dict[str, Any]) -> Header:
    published = held["published"]
    return Header(
        **held
        | {
            "published": None if published is None else date.fromisoformat(published),
            "people": tuple(Person(*person) for person in held["people"]),
            "transcribers": tuple(held["transcribers"]),
            "notes": tuple(held["notes"]),
        }
    )


def _dump_block(block: Block) -> list[Any]:
    words = [[word.text, word.begin, word.end, word.start_ms, word.end_ms] for word in block.words]
    said = [block.label, block.value, block.speaker, block.start_ms, block.end_ms, block.url]
    return [block.kind, block.begin, block.end, *said, words]


def _load_block(row: Sequence[Any]) -> Block:
    kind, begin, end, label, value, speaker, start_ms, end_ms, url, words = row
    read = tuple(ReadWord(*word) for word in words)
    return Block(BlockKind(kind), begin, end, label, value, speaker, read, start_ms, end_ms, url)


def _dump_question(question: Question) -> list[Any]:
    return [question.block, question.text, question.choices, question.taken, dump_message(question.why)]


def _load_question(row: Sequence[Any]) -> Question:
    block, text, choices, taken, why = row
    return Question(block, text, tuple(map(BlockKind, choices)), BlockKind(taken), _message(why))


def _message(held: Any) -> Message:
    return load_message(held) or Message("")


def _pack(held: dict[str, Any]) -> bytes:
    return zlib.compress(json.dumps(held, ensure_ascii=False, separators=(",", ":")).encode())

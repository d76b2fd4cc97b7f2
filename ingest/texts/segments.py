"""Transcripts in JSON as lines: Podcasting 2.0, Podlove, oTranscribe, Whisper and WhisperX.

Blocks of these say nothing of where they stand in the file: it is written anew from the turns, so
nothing would be gained. Numbers and texts are believed only as far as they are such.
Podcasting 2.0: the podcast namespace's transcripts.md; oTranscribe: its README's « OTR file format ».
"""

import json
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ingest.texts.clocks import COLON_CLOCK, clock_ms, fold, read_date
from ingest.texts.errors import BrokenTextError
from ingest.texts.header import is_sound, read_language
from ingest.texts.lines import Line, Piece
from ingest.texts.pages import read_page
from media.texts.values import SENTENCE_END, Header, TextFormat

MAX_DEPTH_SHOWN = 200  # characters of what the parser says
CLOCK = re.compile(COLON_CLOCK)
LONE_WORDS = 2.0  # words a segment, on average, of a file whose segments are words
MIN_LONE_WORDS = 8  # segments of a file that says enough to be sure
JOINED_WORDS = 20  # how many of them make a line, at most
JOINED_GAP_MS = 2000

NAMES = {
    TextFormat.PODCASTING: "Podcasting 2.0 JSON",
    TextFormat.PODLOVE: "Podlove JSON",
    TextFormat.OTRANSCRIBE: "oTranscribe (.otr)",
    TextFormat.WHISPER: "Whisper JSON",
}


@dataclass(frozen=True, slots=True)
class Segments:
    """A file's lines, and what it says beside them."""

    lines: list[Line] = field(default_factory=list)
    header: Header = field(default_factory=Header)


@dataclass(frozen=True, slots=True)
class _Segment:
    """One voice's words, as a file gives them."""

    pieces: tuple[Piece, ...]
    speaker: str = ""
    start_ms: int | None = None
    end_ms: int | None = None


IN_JSON = frozenset(NAMES)


def looks_like_json(text: str, name: str) -> bool:
    """Tell whether a document is, or should be, JSON; « [Jingle] » begins a text like a list."""
    if name.lower().endswith((".json", ".otr")):
        return True
    begins = re.match(r"\ufeff?\s*(?:\{\s*(?:\"|\})|\[\s*\{)", text[:1000])
    return begins is not None


def parse_json(text: str, name: str) -> Any:
    """Parse JSON; raise `BrokenTextError` for what is none, or nests without end."""
    try:
        return json.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError) as error:
        reason = "it nests too deep" if isinstance(error, RecursionError) else str(error)[:MAX_DEPTH_SHOWN]
        raise BrokenTextError(reason, name=name, format="JSON") from error


def recognise_json(data: Any) -> TextFormat | None:
    """Tell which transcript a JSON document is, if any."""
    if isinstance(data, dict):
        if isinstance(data.get("text"), str) and ("media" in data or "media-time" in data):
            return TextFormat.OTRANSCRIBE
        if _dicts(data.get("transcripts")):
            return TextFormat.PODLOVE
        segments = _dicts(data.get("segments"))
        if any("body" in segment or "startTime" in segment for segment in segments[:50]):
            return TextFormat.PODCASTING
        if segments or _dicts(data.get("transcription")) or _dicts(data.get("words")):
            return TextFormat.WHISPER
        return TextFormat.OTRANSCRIBE if isinstance(data.get("text"), str) and "<" in data["text"] else None
    if any("text" in item or "items" in item for item in _dicts(data)[:50]):
        return TextFormat.PODLOVE
    return None


def read_segments(data: Any, form: TextFormat, name: str) -> Segments:
    """Make lines of a parsed document; raise `BrokenTextError` where it is not what it should be."""
    if form is TextFormat.OTRANSCRIBE:
        return _read_otranscribe(data, name)
    readers = {
        TextFormat.PODCASTING: _read_podcasting,
        TextFormat.PODLOVE: _read_podlove,
        TextFormat.WHISPER: _read_whisper,
    }
    segments = [segment for segment in readers[form](data) if any(p.text.strip() for p in segment.pieces)]
    if not segments:
        reason = "no segments are in it"
        raise BrokenTextError(reason, name=name, format=NAMES[form])
    return Segments(list(_make_lines(segments)), _read_header(data if isinstance(data, dict) else {}))


def _read_header(data: dict[str, Any]) -> Header:
    """Read what stands beside the segments, by the names of our own copies; `language` is Whisper's too."""
    licence = data.get("licence")
    licence = licence if isinstance(licence, dict) else {}
    day = read_date(_text(data.get("published")))
    return Header(
        title=_text(data.get("title")),
        show=_text(data.get("show")),
        published=day.day if day else None,
        licence=_text(licence.get("name")),
        licence_url=_text(licence.get("url")) or None,
        notes=tuple(filter(None, [_text(data.get("notice"))])),
        page_url=_text(data.get("url")) or None,
        language=read_language(_text(data.get("language"))),
    )


# ---- each format


def _read_podcasting(data: Any) -> Iterator[_Segment]:
    for item in _dicts(data.get("segments") if isinstance(data, dict) else data):
        start_ms, end_ms = _seconds(item.get("startTime")), _seconds(item.get("endTime"))
        yield _Segment(_whole(item.get("body")), _name(item.get("speaker")), start_ms, end_ms)


def _read_podlove(data: Any) -> Iterator[_Segment]:
    for group in _dicts(data.get("transcripts") if isinstance(data, dict) else data):
        for item in _dicts(group.get("items")) or [group]:
            who = item.get("voice") or group.get("voice") or item.get("speaker") or group.get("speaker")
            yield _Segment(
                _whole(item.get("text")),
                _name(who),
                _milliseconds(item.get("start_ms"), item.get("start")),
                _milliseconds(item.get("end_ms"), item.get("end")),
            )


def _read_whisper(data: Any) -> Iterator[_Segment]:
    if not isinstance(data, dict):
        return
    for item in _dicts(data.get("transcription")):  # whisper.cpp
        offsets = item.get("offsets")
        offsets = offsets if isinstance(offsets, dict) else {}
        times = _milliseconds(offsets.get("from")), _milliseconds(offsets.get("to"))
        yield _Segment(_whole(item.get("text")), _name(item.get("speaker")), *times)
    segments = _dicts(data.get("segments"))
    for item in segments:
        yield from _read_whisper_segment(item)
    if not segments and (words := _dicts(data.get("words"))):
        yield from _read_whisper_segment({"words": words})


def _read_whisper_segment(item: dict[str, Any]) -> Iterator[_Segment]:
    """Yield a segment's words, parted where their voices change (WhisperX)."""
    start_ms, end_ms = _seconds(item.get("start")), _seconds(item.get("end"))
    speaker = _name(item.get("speaker"))
    words = [word for word in _dicts(item.get("words")) if isinstance(_written(word), str)]
    if not words:
        yield _Segment(_whole(item.get("text")), speaker, start_ms, end_ms)
        return
    spaced = any(_written(word).startswith(" ") for word in words)
    held: list[Piece] = []
    who = speaker
    for word in words:
        now = _name(word.get("speaker")) or speaker
        if held and now != who:
            yield _Segment(tuple(held), who, held[0].start_ms, held[-1].end_ms)
            held = []
        who = now
        if held and not spaced:
            held.append(Piece(" ", 0, 0))
        held.append(_word_piece(_written(word), _seconds(word.get("start")), _seconds(word.get("end"))))
    first = held[0].start_ms if held[0].start_ms is not None else start_ms
    last = held[-1].end_ms if held[-1].end_ms is not None else end_ms
    yield _Segment(tuple(held), who, first, last)


def _read_otranscribe(data: Any, name: str) -> Segments:
    text = data.get("text") if isinstance(data, dict) else None
    if not isinstance(text, str) or not text.strip():
        reason = "it holds no text"
        raise BrokenTextError(reason, name=name, format=NAMES[TextFormat.OTRANSCRIBE])
    lines = [
        replace(line, begin=0, end=0, pieces=tuple(replace(piece, begin=0, end=0) for piece in line.pieces))
        for line in read_page(text).lines
        if not line.hidden
    ]
    source = data.get("media-source") or data.get("media")
    known = isinstance(source, str) and source.startswith(("http://", "https://")) and is_sound(source)
    return Segments(lines, Header(audio_url=source if known else None))


# ---- values as they come


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _text(value: Any) -> str:
    return " ".join(value[:2000].split())[:1000] if isinstance(value, str) else ""


def _name(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return " ".join(str(value).split())[:200] if isinstance(value, str) else f"Voice {value}"


def _whole(value: Any) -> tuple[Piece, ...]:
    return (Piece(value, 0, 0),) if isinstance(value, str) and value else ()


def _written(word: dict[str, Any]) -> Any:
    return word.get("word", word.get("text"))


def _word_piece(text: str, start_ms: int | None, end_ms: int | None) -> Piece:
    if start_ms is None or end_ms is None or end_ms < start_ms:
        return Piece(text, 0, 0)
    return Piece(text, 0, 0, start_ms=start_ms, end_ms=end_ms)


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) and abs(number) < 1e9 else None


def _seconds(value: Any) -> int | None:
    """Read seconds, or a clock."""
    number = _number(value)
    if number is not None:
        return round(number * 1000)
    found = CLOCK.fullmatch(value.strip()) if isinstance(value, str) and len(value) < 40 else None
    return clock_ms(found) if found else None


def _milliseconds(value: Any, clock: Any = None) -> int | None:
    number = _number(value)
    return round(number) if number is not None else _seconds(clock)


# ---- lines


def _make_lines(segments: Sequence[_Segment]) -> Iterator[Line]:
    """Say of each segment who begins to speak; one without a name, among named ones, is nobody's."""
    named = any(segment.speaker for segment in segments)
    last: str | None = None
    for segment in _join_words(segments):
        voice = fold(segment.speaker)
        speaker = None if voice == last or not named else segment.speaker
        last = voice
        times = segment.start_ms, segment.end_ms
        yield Line(0, 0, segment.pieces, start_ms=times[0], end_ms=times[1], speaker=speaker, settled=True)


def _join_words(segments: Sequence[_Segment]) -> Iterable[_Segment]:
    """Join segments of a word each into sentences: their times are the words'."""
    words = sum(len(piece.text.split()) for segment in segments for piece in segment.pieces)
    if words > LONE_WORDS * len(segments) or len(segments) < MIN_LONE_WORDS:
        return segments
    return _join(segments)


def _join(segments: Sequence[_Segment]) -> Iterator[_Segment]:
    held: list[_Segment] = []
    for segment in segments:
        if held and not _goes_on(held, segment):
            yield _sentence(held)
            held = []
        held.append(segment)
    yield _sentence(held)


def _goes_on(held: Sequence[_Segment], segment: _Segment) -> bool:
    last = held[-1]
    gap_ms = (segment.start_ms or 0) - (last.end_ms or segment.start_ms or 0)
    ended = SENTENCE_END.search("".join(piece.text for piece in last.pieces).rstrip()[-8:])
    same = fold(segment.speaker) == fold(last.speaker)
    return same and not ended and abs(gap_ms) < JOINED_GAP_MS and len(held) < JOINED_WORDS


def _sentence(held: Sequence[_Segment]) -> _Segment:
    pieces = []
    for segment in held:
        text = "".join(piece.text for piece in segment.pieces)
        pieces += [Piece(" ", 0, 0), _word_piece(text, segment.start_ms, segment.end_ms)]
    return _Segment(tuple(pieces[1:]), held[0].speaker, held[0].start_ms, held[-1].end_ms)

"""WebVTT and SubRip as lines, one or several a cue.

Read by hand since the readers at hand (webvtt-py, srt, pysubs2) forget where a word stands in the
file, and stop at the first cue that is wrong. This one reads on: a cue whose times make no sense
keeps its words. WebVTT: https://www.w3.org/TR/webvtt1/; SubRip has no standard, only habits:
commas in times, numbers, some tags, « - » before each of two voices.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import unescape

from ingest.texts.clocks import fold
from ingest.texts.lines import NEWLINE, Line, Piece
from media.errors import N_, Message

CLOCK = r"(?:(\d{1,4}):)?(\d{1,3}):(\d{2})[.,](\d{1,3})"
TIMING = re.compile(rf"[ \t]*{CLOCK}[ \t]*-->[ \t]*{CLOCK}")
DASH = re.compile(r"^[-–—][ \t]+", re.MULTILINE)
STAMP = re.compile(rf"<{CLOCK}>")
MARK = re.compile(
    r"<(?P<tag>[^<>\n]{0,400})>|\{\\[^{}\n]{0,100}\}|&[#\w]{1,32};|(?P<dash>^[-–—][ \t]+)|\r\n?|\n",
    re.MULTILINE,
)
VOICE = re.compile(r"v(?:\.[\w.-]{0,200})?[ \t]+(.{1,200})", re.DOTALL)
ABOUT_VTT = re.compile(r"(?:\ufeff)?WEBVTT\b|NOTE(?:[ \t\r\n]|$)|(?:STYLE|REGION)[ \t]*(?:[\r\n]|$)")
MAX_CREDITS = 40  # cues
LANGUAGE = re.compile(r"^Language:[ \t]*([\w-]{2,12})[ \t]*\r?$", re.MULTILINE)

Span = tuple[int, int]


@dataclass(slots=True)
class Cues:
    """A file's lines, and what there is to say of it."""

    lines: list[Line] = field(default_factory=list)
    warnings: list[Message] = field(default_factory=list)
    language: str = ""
    note: str = ""  # the first one: our own copies hold their particulars there


def read_cues(text: str, *, vtt: bool) -> Cues:
    """Cut subtitles into lines: a cue's words, or those of each of its voices."""
    cues = Cues()
    cue_lines: list[Line] = []
    lost = 0
    for block in _blocks(text):
        begin, end = block[0][0], block[-1][1]
        timing = _find_timing(text, block)
        if timing is None:
            if vtt or ABOUT_VTT.match(text, begin) or not cue_lines:
                cue_lines.append(Line(begin, end, hidden=True))
                cues.language = cues.language or _language(text, begin, end)
                cues.note = cues.note or _note(text, begin, end)
                continue
            lost += any("-->" in text[slice(*span)] for span in block[:2])
            cue_lines += _read_payload(text, begin, begin, end, None, None)
        else:
            at, found = timing
            start_ms, end_ms = _ms(found.groups()[:4]), _ms(found.groups()[4:])
            said = block[at + 1][0] if at + 1 < len(block) else end
            cue_lines += _read_payload(text, begin, said, end, start_ms, end_ms)
    if lost:
        said_lost = N_("The times of %(count)s cues cannot be read: their words were kept without them.")
        cues.warnings.append(Message(said_lost, {"count": lost}))
    cues.lines = list(_settle(cue_lines if vtt else _hide_credits(cue_lines, cues)))
    return cues


def _hide_credits(lines: Sequence[Line], cues: Cues) -> list[Line]:
    """Hide what our own SubRip says of itself after the last cue, in brackets, and note it."""
    held = list(lines)
    if not held or not held[-1].text.rstrip().endswith("]"):
        return held
    for at in range(len(held) - 1, max(-1, len(held) - MAX_CREDITS), -1):
        if held[at].text.lstrip().startswith("["):
            said = " ".join(line.text.strip() for line in held[at:]).strip("[] ")
            if " — " in said and " · " in said:
                cues.note = said.replace(" · ", "\n")
                held[at:] = [Line(line.begin, line.end, hidden=True) for line in held[at:]]
            break
    return held


def _blocks(text: str) -> Iterator[list[Span]]:
    """Yield the lines that stand together between blank ones."""
    block: list[Span] = []
    begin = 1 if text.startswith("\ufeff") else 0
    for found in [*NEWLINE.finditer(text, begin), None]:
        end = found.start() if found else len(text)
        if text[begin:end].strip():
            block.append((begin, end))
        elif block:
            yield block
            block = []
        begin = found.end() if found else end
    if block:
        yield block


def _find_timing(text: str, block: Sequence[Span]) -> tuple[int, re.Match[str]] | None:
    """Find the line of times: the first one, or below the cue's name or number."""
    for at, span in enumerate(block[:2]):
        if found := TIMING.match(text, *span):
            return at, found
    return None


def _language(text: str, begin: int, end: int) -> str:
    found = LANGUAGE.search(text, begin, min(end, begin + 2000))
    return found[1] if found else ""


def _note(text: str, begin: int, end: int) -> str:
    return text[begin + 4 : min(end, begin + 4000)] if text.startswith("NOTE", begin) else ""


def _ms(clock: Sequence[str | None]) -> int:
    hours, minutes, seconds = (int(part or 0) for part in clock[:3])
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + int((clock[3] or "0").ljust(3, "0"))


def _read_payload(
    text: str, begin: int, at: int, end: int, start_ms: int | None, end_ms: int | None
) -> Iterator[Line]:
    """Yield a cue's lines, one a voice; `begin` is where the cue stands, `at` where its words do."""
    dashes = len(DASH.findall(text, at, end)) > 1
    pieces: list[Piece] = []
    voice: str | None = None
    stamped: int | None = None
    for found in [*MARK.finditer(text, at, end), None]:
        until = found.start() if found else end
        if until > at:
            pieces.append(Piece(text[at:until], at, until, start_ms=stamped))
            stamped = None
        if found is None:
            break
        at = found.end()
        mark = found.group()
        if mark[0] == "&":
            pieces.append(Piece(unescape(mark), found.start(), at))
        elif mark[0] in "\r\n":
            pieces.append(Piece(" " * len(mark), found.start(), at))
        elif stamp := STAMP.fullmatch(mark):
            stamped = _ms(stamp.groups())
        elif (named := VOICE.fullmatch(found["tag"] or "")) or (found["dash"] and dashes):
            if _shows(pieces):
                yield _line(begin, found.start(), pieces, start_ms, end_ms, voice)
                begin = found.start()
            pieces = []
            voice = " ".join(unescape(named[1]).split()) if named else ""
    yield _line(begin, end, pieces, start_ms, end_ms, voice)


def _shows(pieces: Sequence[Piece]) -> bool:
    return any(piece.text.strip() for piece in pieces)


def _line(
    begin: int, end: int, pieces: Sequence[Piece], start_ms: int | None, end_ms: int | None, voice: str | None
) -> Line:
    if not _shows(pieces):
        return Line(begin, end, hidden=True)
    held = list(pieces)
    stamped = [at for at, piece in enumerate(held) if piece.start_ms is not None]
    if stamped and start_ms is not None and held[0].start_ms is None:
        held[0] = Piece(held[0].text, held[0].begin, held[0].end, start_ms=start_ms)
    return Line(begin, end, tuple(held), start_ms=start_ms, end_ms=end_ms, speaker=voice)


def _settle(lines: Sequence[Line]) -> Iterator[Line]:
    """Say of each line who begins to speak, where the file names voices by tags."""
    tagged = any(line.speaker for line in lines)
    last: str | None = None
    for line in lines:
        if line.hidden or not tagged:
            yield line
        else:
            voice = line.speaker or ""
            same = last is not None and fold(voice) == fold(last)
            yield _with_voice(line, None if same else voice, settled=True)
            last = voice


def _with_voice(line: Line, voice: str | None, *, settled: bool) -> Line:
    return Line(
        line.begin,
        line.end,
        line.pieces,
        start_ms=line.start_ms,
        end_ms=line.end_ms,
        speaker=voice,
        settled=settled,
    )

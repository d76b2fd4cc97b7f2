"""Write WebVTT and SubRip: cues for players.

WebVTT names who speaks by voice tags and holds its particulars in notes; SubRip has neither, so
that a name stands before a speaker's first words, and the particulars follow the last cue, in
brackets, as subtitles have their credits.
WebVTT: https://www.w3.org/TR/webvtt1/.
"""

import re
import textwrap
from collections.abc import Iterator, Sequence

from media.errors import N_, MediaError
from media.writing.clocks import full_clock
from media.writing.cues import CUE_MS, GAP_MS, LINE_LENGTH, MAX_LINES, Cue, cut_cues
from media.writing.script import Script, list_particulars

# SubRip has no escapes: what players take for a tag (`<b>`, `{\an8}`) is written with its likes.
SUBRIP_SAFE = str.maketrans({"<": "‹", ">": "›", "{": "(", "}": ")"})
MOMENT = re.compile(r"(\d:\d\d)[,.](?=\d)")  # two in a line, and players take it for a cue's times


class NoTimesError(MediaError):
    """A text without times cannot be written as cues."""

    msgid = N_(
        "This text has no times yet, and subtitles need them: "
        "add its audio, or take it as text, web page or wiki page."
    )


def render_vtt(script: Script) -> str:
    """Write WebVTT, with a voice tag a cue; NoTimesError where there is nothing to show when."""
    notes = [_note(line) for line in (script.title, *list_particulars(script))]
    blocks = ["WEBVTT", "NOTE\n" + "\n".join(notes)]
    for cue in _cues(script, naming=False):
        times = f"{full_clock(cue.start_ms)} --> {full_clock(cue.end_ms)}"
        text = "\n".join(_escape_vtt(line) for line in cue.lines)
        speaker = _escape_vtt(cue.speaker)
        blocks.append(f"{times}\n<v {speaker}>{text}" if speaker else f"{times}\n{text}")
    return "\n\n".join(blocks) + "\n"


def render_srt(script: Script) -> str:
    """Write SubRip; NoTimesError where there is nothing to show when."""
    blocks = []
    cues = _cues(script, naming=True)
    for number, cue in enumerate([*cues, *_credits(script, cues)], start=1):
        times = f"{full_clock(cue.start_ms, ',')} --> {full_clock(cue.end_ms, ',')}"
        text = "\n".join(map(safe_line, cue.lines))
        blocks.append(f"{number}\n{times}\n{text}")
    return "\n\n".join(blocks) + ("\n" if blocks else "")


def safe_line(line: str) -> str:
    """Write a line that no player takes for anything else.

    >>> safe_line("00:00:01,000 --> <b>")
    '00:00:01·000 → ‹b›'
    """
    return MOMENT.sub(r"\1·", line.translate(SUBRIP_SAFE).replace("--›", "→"))


def _cues(script: Script, *, naming: bool) -> list[Cue]:
    cues = cut_cues(script.turns, script.labels, naming=naming, language=script.language)
    if not cues and script.turns:
        raise NoTimesError(f"episode {script.episode.id} has no times in its {script.edition} text")
    return cues


def _credits(script: Script, cues: Sequence[Cue]) -> Iterator[Cue]:
    start_ms = max((cue.end_ms for cue in cues), default=0) + GAP_MS
    particulars = " · ".join([script.title, *list_particulars(script)])
    lines = textwrap.wrap(f"[{particulars}]", LINE_LENGTH, break_long_words=False, break_on_hyphens=False)
    for at in range(0, len(lines), MAX_LINES):
        yield Cue(start_ms, start_ms + CUE_MS, "", tuple(lines[at : at + MAX_LINES]))
        start_ms += CUE_MS + GAP_MS


def _note(line: str) -> str:
    return line.replace("-->", "→")


def _escape_vtt(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

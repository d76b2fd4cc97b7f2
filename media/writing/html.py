"""Write a standalone page: readable without network or script, in both colour schemes, by every ear.

Jinja2 escapes whatever is written; names stand in `<bdi>`, so that no direction leaks out of one.
Its own content policy forbids all but its own style.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from media.transcript import Chapter, TurnKind, Word
from media.transcripts import StoredTurn
from media.writing.clocks import clock
from media.writing.script import (
    Script,
    clean,
    lay_out,
    list_paragraphs,
    list_particulars,
    moment_url,
    sound_line,
    speaker_name,
)

RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur", "yi", "ps", "sd", "ug", "dv"})


@dataclass(frozen=True, slots=True)
class Piece:
    """Words in one language."""

    text: str
    language: str | None


@dataclass(frozen=True, slots=True)
class Part:
    """A heading, an event or a turn, as the page shows it."""

    kind: str  # "heading", "event", "speech"
    id: str
    time: str
    url: str
    name: str
    paragraphs: tuple[tuple[Piece, ...], ...]


def render_html(script: Script) -> str:
    """Write the page."""
    parts = [_part(script, part, at) for at, part in enumerate(lay_out(script))]
    context = {
        "script": script,
        "direction": "rtl" if script.language in RIGHT_TO_LEFT else "ltr",
        "language": clean(script.language),
        "particulars": list_particulars(script),
        "parts": parts,
        "headings": [part for part in parts if part.kind == "heading"],
    }
    return _template().render(context) + "\n"


@cache
def _template() -> Template:
    folder = FileSystemLoader(Path(__file__).parent)
    environment = Environment(
        loader=folder, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("page.html")


def _part(script: Script, part: Chapter | StoredTurn, at: int) -> Part:
    start_ms = part.start_ms if isinstance(part, Chapter) else part.turn.start_ms
    time = "" if start_ms is None else clock(start_ms)
    url = moment_url(script, start_ms) or f"#p{at}"
    if isinstance(part, Chapter):
        return Part("heading", f"p{at}", time, url, clean(part.title), ())
    if part.turn.kind is not TurnKind.SPEECH:
        return Part("event", f"p{at}", time, url, sound_line(part, script.labels, script.language), ())
    said = tuple(tuple(_pieces(words)) for words in list_paragraphs(part))
    return Part("speech", f"p{at}", time, url, speaker_name(part, script.labels), said)


def _pieces(words: tuple[Word, ...]) -> Iterator[Piece]:
    for language, run in groupby(words, key=lambda word: word.language):
        yield Piece(clean(" ".join(word.text for word in run)), language)

"""The formats that transcripts are written in, by the name that ends their address."""

from collections.abc import Callable
from dataclasses import dataclass

from media.errors import N_
from media.writing.html import render_html
from media.writing.podcasting import render_json
from media.writing.script import Script
from media.writing.subtitles import render_srt, render_vtt
from media.writing.text import render_markdown, render_text
from media.writing.wiki import render_wiki


@dataclass(frozen=True, slots=True)
class Format:
    """How a transcript is written, and for what."""

    media_type: str
    render: Callable[[Script], str]
    title: str
    purpose: str  # msgid: what it is good for, in a few words
    needs_times: bool = False
    needs_document: bool = False  # writes into the document that the text came from


FORMATS: dict[str, Format] = {
    "txt": Format("text/plain", render_text, N_("Text"), N_("to read, print or paste")),
    "html": Format("text/html", render_html, N_("Web page"), N_("to read without network, or put on a site")),
    "md": Format("text/markdown", render_markdown, "Markdown", N_("for notes and sites written in it")),
    "vtt": Format("text/vtt", render_vtt, "WebVTT", N_("subtitles for the web"), needs_times=True),
    "srt": Format(
        "application/x-subrip", render_srt, "SubRip", N_("subtitles for players"), needs_times=True
    ),
    "wiki": Format(
        "text/x-wiki", render_wiki, "Wiki", N_("for the volunteers’ wiki, and back"), needs_document=True
    ),
    "json": Format("application/json", render_json, "JSON", N_("for podcast apps and programs")),
}

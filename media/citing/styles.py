"""Every way of citing a passage, by name."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from html import escape, unescape

from media.citing import bibliographies, sentences, wikipedia
from media.citing.bibliographies import Reference
from media.citing.citable import Citable
from media.errors import N_

TAG = re.compile(r"</?i>")


@dataclass(frozen=True, slots=True)
class Citation:
    """A citation to paste: as text, and as HTML where a style has italics."""

    text: str
    html: str  # escaped; only <i> besides
    in_text: str = ""  # what stands for it in the sentence, where a style has that


@dataclass(frozen=True, slots=True)
class Style:
    """A way of citing; `code`: to be pasted as source, shown in fixed letters."""

    name: str  # as pages say it, a message
    write: Callable[[Citable, date], Citation]
    code: bool = False


def cite(cited: Citable, style: str, accessed: date) -> Citation:
    """Cite a passage in a style of `STYLES`; KeyError for any other."""
    return STYLES[style].write(cited, accessed)


def _from_reference(reference: Reference) -> Citation:
    text, in_text = (unescape(TAG.sub("", html)) for html in (reference.html, reference.in_text))
    return Citation(text, reference.html, in_text)


def _from_text(text: str) -> Citation:
    return Citation(text, escape(text, quote=False))


STYLES: dict[str, Style] = {
    "presse": Style(N_("French press"), lambda cited, _: _from_text(sentences.write_french(cited))),
    "press": Style(N_("English press"), lambda cited, _: _from_text(sentences.write_english(cited))),
    "apa": Style("APA 7", lambda cited, _: _from_reference(bibliographies.write_apa(cited))),
    "chicago": Style("Chicago 17", lambda cited, _: _from_reference(bibliographies.write_chicago(cited))),
    "mla": Style("MLA 9", lambda cited, _: _from_reference(bibliographies.write_mla(cited))),
    "iso690": Style("ISO 690", lambda cited, day: _from_reference(bibliographies.write_iso690(cited, day))),
    "wikipedia-fr": Style(
        N_("Wikipedia in French"), lambda cited, day: _from_text(wikipedia.write_french(cited, day)), True
    ),
    "wikipedia-en": Style(
        N_("Wikipedia in English"), lambda cited, day: _from_text(wikipedia.write_english(cited, day)), True
    ),
    "markdown": Style("Markdown", lambda cited, _: _from_text(sentences.write_markdown(cited)), True),
    "html": Style("HTML", lambda cited, _: _from_text(sentences.write_html(cited)), True),
}

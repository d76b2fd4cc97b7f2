"""Cite a passage in the styles of bibliographies: APA 7, Chicago 17, MLA 9, ISO 690.

citeproc renders our own small styles, one kind of source each. The common style files are for
every kind, and use what citeproc-py does not know: it shortens Chicago's given names and says a
title twice in MLA (tried with 0.11.1). Two rules of CSL that it leaves out are made up for here:
a sign that ends a title takes the place of the full stop after it, and American quotation marks
close after a comma.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

from citeproc import (
    Citation,
    CitationItem,
    CitationStylesBibliography,
    CitationStylesStyle,
    Locator,
    formatter,
)
from citeproc.source.json import CiteProcJSON

from media.citing.citable import Citable
from media.citing.clocks import NO_BREAK, padded_clock, spoken_clock
from media.citing.names import split_name
from media.writing.clocks import clock

STYLES = Path(__file__).with_name("styles")
KEY = "quote"
ENDED = re.compile(r"([.!?…])((?:</i>|”)*)\.(?=\s|$)")
COMMA_OUTSIDE = re.compile(r"”([,.])")
STOP_INSIDE = re.compile(r"(?<=[.!?…])\.”")
# What HTML reads as a sign, as characters that no style touches; `media.correction.typed` lets none in.
HELD = str.maketrans({"&": "\ue000", "<": "\ue001", ">": "\ue002"})
SIGNS = str.maketrans({"\ue000": "&amp;", "\ue001": "&lt;", "\ue002": "&gt;"})
_rendering = Lock()  # a style of citeproc holds what it renders


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference as its style has it, and what stands in the text for it."""

    html: str  # escaped; only <i> besides
    in_text: str = ""


def write_apa(cited: Citable) -> Reference:
    """Write an entry of APA 7."""
    item = _item(cited, publisher="; ".join(cited.publishers))
    return _render("apa", "en-US", item, _locator(cited, clock))


def write_mla(cited: Citable) -> Reference:
    """Write an entry of MLA 9."""
    item = _item(cited, publisher=" / ".join(cited.publishers))
    return _render("mla", "en-US", item, _locator(cited, padded_clock))


def write_chicago(cited: Citable) -> Reference:
    """Write a note of Chicago 17."""
    asked = [host for host in cited.hosts if host not in cited.speakers]
    item = _item(cited, publisher="".join(cited.publishers[:1]))
    item |= {"author": _names(cited.speakers or cited.hosts)}
    if cited.speakers and asked:
        item |= {"interviewer": _names(asked)}
    note = _render("chicago", "en-US", item, _locator(cited, clock))
    return Reference(f"1. {note.in_text}")


def write_iso690(cited: Citable, accessed: date) -> Reference:
    """Write a reference of ISO 690, in French."""
    item = _item(cited, publisher=f"{NO_BREAK}; ".join(cited.publishers))
    item |= {"accessed": {"date-parts": [[accessed.year, accessed.month, accessed.day]]}}
    if cited.place:
        item |= {"publisher-place": cited.place}
    reference = _render("iso690-fr", "fr-FR", item, _locator(cited, spoken_clock))
    return Reference(reference.in_text)


def describe_item(cited: Citable) -> dict[str, Any]:
    """Describe the episode as an item of CSL-JSON."""
    item: dict[str, Any] = {"type": "broadcast", "title": cited.title, "container-title": cited.show}
    people = {"author": cited.hosts, "host": cited.hosts, "guest": cited.guests}
    item |= {role: _names(names) for role, names in people.items() if names}
    if cited.publishers:
        item["publisher"] = " ; ".join(cited.publishers)
    item["medium"] = "Podcast audio"
    if cited.duration_ms:
        item["dimensions"] = clock(cited.duration_ms)
    if day := cited.published:
        item["issued"] = {"date-parts": [[day.year, day.month, day.day]]}
    return item | {"URL": cited.url}


def _item(cited: Citable, *, publisher: str) -> dict[str, Any]:
    """Describe the episode as our styles read it: `genre` says that its authors are hosts."""
    item = describe_item(cited)
    described = {name: value for name, value in item.items() if name not in ("host", "guest")}
    organisation = [{"literal": "".join(cited.publishers[:1]) or cited.show}]
    role = "Host" if len(cited.hosts) == 1 else "Hosts"
    who = {"genre": role} if cited.hosts else {"author": organisation}
    return described | who | {"id": KEY, "medium": cited.medium, "publisher": publisher}


def _names(names: Sequence[str]) -> list[dict[str, str]]:
    cut = map(split_name, names)
    return [
        {"family": name.family, "given": name.given} if name.given else {"family": name.family}
        for name in cut
    ]


def _locator(cited: Citable, write: Any) -> str:
    return "" if cited.start_ms is None else str(write(cited.start_ms))


def _render(style: str, locale: str, item: Mapping[str, Any], locator: str) -> Reference:
    known = {name: _hold(value) for name, value in item.items() if value}
    place = {"locator": Locator("timestamp", locator)} if locator else {}
    with _rendering:
        opened = _open_style(style, locale)
        works = CitationStylesBibliography(opened, CiteProcJSON([known]), formatter.html)
        citation = Citation([CitationItem(KEY, **place)])
        works.register(citation)
        in_text = str(works.cite(citation, _miss))
        html = "".join(map(str, works.bibliography())) if opened.has_bibliography() else ""
    american = locale == "en-US"
    return Reference(_mend(html, american=american), _mend(in_text, american=american))


@cache
def _open_style(name: str, locale: str) -> Any:
    return CitationStylesStyle(str(STYLES / f"{name}.csl"), locale=locale, validate=False)


def _miss(item: Any) -> None:
    raise ValueError(f"citeproc does not know {item}")


def _hold(value: Any) -> Any:
    """Keep the signs of HTML in texts and names from standing for themselves: citeproc-py escapes none."""
    if isinstance(value, str):
        return value.translate(HELD)
    if isinstance(value, list):
        return [{part: name.translate(HELD) for part, name in names.items()} for names in value]
    return value


def _mend(html: str, *, american: bool) -> str:
    if american:
        html = STOP_INSIDE.sub("”", COMMA_OUTSIDE.sub(r"\1”", html))
    return ENDED.sub(r"\1\2", html).translate(SIGNS)

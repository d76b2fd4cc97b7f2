"""Records of a passage for reference managers: CSL-JSON, BibTeX, BibLaTeX, RIS, COinS."""

import json
import re
from collections.abc import Callable
from datetime import date
from typing import Any
from urllib.parse import urlencode

import rispy
from bibtexparser.entrypoint import write_string
from bibtexparser.library import Library
from bibtexparser.model import Entry, Field
from pylatexenc.latexencode import (
    RULE_DICT,
    UnicodeToLatexConversionRule,
    UnicodeToLatexEncoder,
)

from media.citing.bibliographies import describe_item
from media.citing.citable import Citable
from media.citing.names import split_name
from media.shows import slugify
from media.writing.clocks import clock

LATEX_SIGNS = {
    "\\": r"{\textbackslash}",
    "{": r"\{",
    "}": r"\}",
    "#": r"\#",
    "$": r"\$",
    "%": r"\%",
    "&": r"\&",
    "_": r"\_",
    "^": r"{\textasciicircum}",
    "~": r"{\textasciitilde}",
}
_signs_only = UnicodeToLatexEncoder(
    conversion_rules=[
        UnicodeToLatexConversionRule(RULE_DICT, {ord(sign): text for sign, text in LATEX_SIGNS.items()})
    ],
    unknown_char_policy="keep",
    unknown_char_warning=False,
)
_all_letters = UnicodeToLatexEncoder(unknown_char_policy="keep", unknown_char_warning=False)
# What would end a field or an address written as it is.
LOOSE = re.compile(r"[\s{}\\]")


def write_csl_json(cited: Citable, accessed: date) -> str:
    """Write an item of CSL-JSON, with the moment as a note."""
    item = {"id": _key(cited), **describe_item(cited), "language": cited.language}
    item["accessed"] = {"date-parts": [[accessed.year, accessed.month, accessed.day]]}
    if cited.start_ms is not None:
        item["note"] = clock(cited.start_ms)
    return json.dumps([item], ensure_ascii=False, indent=1) + "\n"


def write_biblatex(cited: Citable, _accessed: date) -> str:
    """Write an entry of BibLaTeX, in UTF-8."""
    day = {"date": cited.published.isoformat()} if cited.published else {}
    organisation = {"organization": "".join(cited.publishers[:1])}
    return _write_entry("audio", cited, _signs_only.unicode_to_latex, organisation | day)


def write_bibtex(cited: Citable, _accessed: date) -> str:
    """Write an entry of BibTeX, its accents as LaTeX has them."""
    day = cited.published
    dated = {"year": str(day.year), "month": str(day.month)} if day else {}
    published = {"howpublished": cited.show, "organization": "".join(cited.publishers[:1])}
    return _write_entry("misc", cited, _all_letters.unicode_to_latex, published | dated)


def write_ris(cited: Citable, _accessed: date) -> str:
    """Write a record of RIS, as a sound."""
    record = {
        "type_of_reference": "SOUND",
        "first_authors": [split_name(name).sorted for name in map(_line, cited.hosts)],
        "title": _line(cited.title),
        "secondary_title": _line(cited.show),
        "publisher": _line(" ; ".join(cited.publishers[:1])),
        "date": f"{cited.published:%Y/%m/%d}" if cited.published else "",
        "urls": [_line(cited.url)],
        "notes": [clock(cited.start_ms)] if cited.start_ms is not None else [],
    }
    held = {name: value for name, value in record.items() if value}
    return str(rispy.dumps([held], skip_unknown_tags=False)).removeprefix("1.\n").strip("\n") + "\n"


def write_coins(cited: Citable) -> str:
    """Write what the title of a COinS span holds, not yet escaped for HTML."""
    fields: list[tuple[str, str]] = [
        ("ctx_ver", "Z39.88-2004"),
        ("rft_val_fmt", "info:ofi/fmt:kev:mtx:dc"),
        ("rft.type", "podcast"),
        ("rft.title", cited.title),
        ("rft.source", cited.show),
        *(("rft.creator", name) for name in cited.hosts or cited.speakers),
        ("rft.date", cited.published.isoformat() if cited.published else ""),
        ("rft.identifier", cited.url),
    ]
    return urlencode([(name, value) for name, value in fields if value])


Recorder = Callable[[Citable, date], str]
RECORDS: dict[str, tuple[str, Recorder]] = {
    "csl.json": ("application/vnd.citationstyles.csl+json", write_csl_json),
    "bib": ("application/x-bibtex", write_bibtex),
    "biblatex.bib": ("application/x-bibtex", write_biblatex),
    "ris": ("application/x-research-info-systems", write_ris),
}


def _write_entry(kind: str, cited: Citable, encode: Callable[[str], Any], given: dict[str, str]) -> str:
    people = " and ".join(split_name(name).sorted for name in cited.hosts)
    texts = {"author": people, "title": cited.title, **given}
    fields = [Field(name, encode(_line(text))) for name, text in texts.items() if text]
    fields.append(Field("url", LOOSE.sub("", cited.url)))
    if cited.start_ms is not None:
        fields.append(Field("note", clock(cited.start_ms)))
    return str(write_string(Library([Entry(kind, _key(cited), fields)])))


def _key(cited: Citable) -> str:
    """Name a record by its show's initials and its day: « Libre à vous ! » gives lav20240702."""
    initials = "".join(word[0] for word in slugify(cited.show).split("-") if word)
    return f"{initials or 'e'}{cited.published:%Y%m%d}" if cited.published else initials or "e"


def _line(text: str) -> str:
    return " ".join(text.splitlines()).strip()

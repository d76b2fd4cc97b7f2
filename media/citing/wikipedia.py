"""Cite a passage by the templates of Wikipedia, in French and in English.

Nothing that a title or a name holds may end a parameter or open a template.
https://fr.wikipedia.org/wiki/Modèle:Lien_web, https://en.wikipedia.org/wiki/Template:Cite_podcast
"""

import re
from datetime import date

from media.citing.citable import Citable
from media.citing.clocks import say_day, say_day_first, spoken_clock
from media.writing.clocks import clock

SIGNS = str.maketrans(
    {"|": "{{!}}", "{": "&#123;", "}": "&#125;", "[": "&#91;", "]": "&#93;", "<": "&lt;", ">": "&gt;"}
)
# Two apostrophes are italics, three tildes a signature, two underscores open a magic word.
DOUBLED = re.compile(r"'{2,}|~{3,}|_{2,}")
ADDRESS_SIGNS = str.maketrans(
    {
        "|": "%7C",
        "{": "%7B",
        "}": "%7D",
        "[": "%5B",
        "]": "%5D",
        "<": "%3C",
        ">": "%3E",
        " ": "%20",
        "'": "%27",
    }
)


def write_french(cited: Citable, accessed: date) -> str:
    """Fill in « Lien web »."""
    fields = {
        "langue": cited.language,
        "auteur": ", ".join(cited.hosts),
        "titre": cited.title,
        "url": cited.url,
        "format": "audio",
        "site": cited.show,
        "éditeur": "".join(cited.publishers[:1]),
        "date": say_day(cited.published, "fr") if cited.published else "",
        "description": f"à {spoken_clock(cited.start_ms)}" if cited.start_ms is not None else "",
        "citation": cited.quotation,
        "consulté le": say_day(accessed, "fr"),
    }
    return _fill("Lien web", fields) + "."


def write_english(cited: Citable, accessed: date) -> str:
    """Fill in “cite podcast”."""
    fields = {
        "url": cited.url,
        "title": cited.title,
        "website": cited.show,
        "publisher": "".join(cited.publishers[:1]),
        "host": ", ".join(cited.hosts),
        "date": say_day_first(cited.published) if cited.published else "",
        "time": clock(cited.start_ms) if cited.start_ms is not None else "",
        "language": cited.language,
        "quote": cited.quotation,
        "access-date": say_day_first(accessed),
    }
    return _fill("cite podcast", fields)


def _fill(template: str, fields: dict[str, str]) -> str:
    held = [
        f" |{name}={_line(value).translate(ADDRESS_SIGNS) if name == 'url' else _escape(value)}"
        for name, value in fields.items()
        if value
    ]
    return "{{" + template + "".join(held) + "}}"


def _escape(text: str) -> str:
    signs = _line(text).translate(SIGNS)
    return DOUBLED.sub(lambda run: "".join(f"&#{ord(sign)};" for sign in run[0]), signs)


def _line(text: str) -> str:
    """Put a text on one line, its no-break spaces kept."""
    return " ".join(text.splitlines()).strip()

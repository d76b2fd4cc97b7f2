"""Cite a passage in running text: a sentence of the press, Markdown, HTML."""

import re
from html import escape

from media.citing.citable import Citable
from media.citing.clocks import NO_BREAK, say_day, spoken_clock
from media.writing.clocks import clock

ENDS = ("?", "!", "…", "...")
MARKDOWN_SIGNS = str.maketrans({sign: f"\\{sign}" for sign in "\\`*_[]<>#|~&"})
# What opens a list, a heading or a rule where a line begins.
OPENING = re.compile(r"^(\s*\d{0,9})([-+=.)])")


def write_french(cited: Citable) -> str:
    """Write the sentence of the French press."""
    words = f"«{NO_BREAK}{_without_stop(cited.quotation)}{NO_BREAK}»"
    said = f", a déclaré {cited.speakers[0]}" if len(cited.speakers) == 1 else ", entend-on"
    return f"{words}{said} dans «{NO_BREAK}{cited.show}{NO_BREAK}»{_place(cited, 'fr', 'à')}."


def write_english(cited: Citable) -> str:
    """Write the sentence of the English press."""
    said = f"said {cited.speakers[0]}" if len(cited.speakers) == 1 else "one hears"
    words = _without_stop(cited.quotation)
    comma = "" if words.endswith(ENDS) else ","
    return f"“{words}{comma}” {said} on “{cited.show}”{_place(cited, 'en', 'at')}."


def write_markdown(cited: Citable) -> str:
    """Write a quotation in Markdown, with its source beneath."""
    words = [f"> {_escape(line)}".rstrip() for line in cited.quotation.splitlines()]
    source = _escape(", ".join(" ".join(part.split()) for part in _source(cited)))
    # An address between angle brackets ends at the bracket alone.
    address = cited.url.replace("<", "%3C").replace(">", "%3E")
    return "\n".join([*words, ">", f"> — [{source}](<{address}>)"])


def write_html(cited: Citable) -> str:
    """Write a quotation in HTML, with its source beneath."""
    words = "<br>".join(map(escape, cited.quotation.splitlines()))
    source = escape(", ".join(_source(cited)))
    return (
        f'<figure><blockquote cite="{escape(cited.url)}" lang="{escape(cited.language)}"><p>{words}</p>'
        f'</blockquote><figcaption>— <a href="{escape(cited.url)}">{source}</a></figcaption></figure>'
    )


def _escape(line: str) -> str:
    return OPENING.sub(r"\1\\\2", line.translate(MARKDOWN_SIGNS))


def _without_stop(words: str) -> str:
    """Leave out the full stop of words that a sentence goes on after."""
    return words.removesuffix(".") if not words.endswith("..") else words


def _place(cited: Citable, language: str, at: str) -> str:
    """Say in brackets who broadcast it, when, and at which moment."""
    day = say_day(cited.published, language) if cited.published else ""
    moment = f"{at} {spoken_clock(cited.start_ms)}" if cited.start_ms is not None else ""
    known = [part for part in (cited.station, day, moment) if part]
    return f" ({', '.join(known)})" if known else ""


def _source(cited: Citable) -> list[str]:
    day = say_day(cited.published, cited.language) if cited.published else ""
    moment = clock(cited.start_ms) if cited.start_ms is not None else ""
    return [part for part in (*cited.speakers, cited.show, cited.title, day, moment) if part]

"""The citations of a quote: on its page, one by one as text, and as records to take away."""

from dataclasses import dataclass
from datetime import date

from media.citing import RECORDS, STYLES, Citable, Citation, cite
from media.errors import Message

RECORD_NAMES = {
    "csl.json": "CSL-JSON",
    "bib": "BibTeX",
    "biblatex.bib": "BibLaTeX",
    "ris": "RIS",
}
FIRST = {"fr": ("presse", "iso690"), "en": ("press", "apa")}  # what readers of a language look for


@dataclass(frozen=True, slots=True)
class Way:
    """A way of citing this quote, for its page."""

    key: str
    name: Message
    citation: Citation
    code: bool


def describe_citations(cited: Citable, accessed: date, language: str) -> dict[str, object]:
    """Say what `quotes/cite.html` needs, the ways that readers of this language look for first."""
    keys = sorted(STYLES, key=lambda key: key not in FIRST.get(language, ()))
    ways = [Way(key, Message(STYLES[key].name), cite(cited, key, accessed), STYLES[key].code) for key in keys]
    return {"citations": ways, "records": [(form, RECORD_NAMES[form]) for form in RECORDS]}

"""The citations of a quote: on its page, one by one as text, and as records to take away.

What may no longer be read is cited nowhere: those addresses answer 410, as the page does.
"""

import json
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection
from starlette.responses import PlainTextResponse, Response

from media.citing import RECORDS, STYLES, Citable, Citation, cite
from media.citing.quoted import describe_quote
from media.episodes import get_episode
from media.errors import N_, Message, NotFoundError
from media.quotes.showing import show_quote
from media.quotes.values import ShownQuote
from web.errors import WebError
from web.metadata.head import Head
from web.metadata.quotes import describe_annotation, describe_quote_head
from web.visits import Visit

RECORD_NAMES = {
    "csl.json": "CSL-JSON",
    "bib": "BibTeX",
    "biblatex.bib": "BibLaTeX",
    "ris": "RIS",
}
FIRST = {"fr": ("presse", "iso690"), "en": ("press", "apa")}  # what readers of a language look for
ANNOTATION_TYPE = 'application/ld+json; profile="http://www.w3.org/ns/anno.jsonld"'


class QuoteGoneError(WebError):
    """A quote's words may no longer be given."""

    status = 410
    msgid = N_("What this quote held was withdrawn: it can be cited no more.")


@dataclass(frozen=True, slots=True)
class Way:
    """A way of citing this quote, for its page."""

    key: str
    name: Message
    citation: Citation
    code: bool


def describe_citing(visit: Visit, connection: Connection, shown: ShownQuote) -> dict[str, object]:
    """Say what `quotes/cite.html` and `metadata.html` need; nothing where the words may not be shown."""
    cited = _citable(visit, connection, shown)
    if cited is None:
        return {"citations": [], "metadata": None}
    episode = get_episode(connection, shown.quote.episode_id)
    head: Head = describe_quote_head(shown.quote, cited, episode, _site_url(visit))
    return {
        "citations": _list_ways(cited, visit.now.date(), visit.language),
        "records": [(form, RECORD_NAMES[form]) for form in RECORDS],
        "metadata": head,
    }


def send_citation(visit: Visit) -> Response:
    """Send a quote cited in one style, as text."""
    style = visit.request.path_params["style"]
    if style not in STYLES:
        raise NotFoundError(f"no style {style!r}", kind="style", name=style)
    return PlainTextResponse(cite(_read_citable(visit)[1], style, visit.now.date()).text + "\n")


def send_record(visit: Visit) -> Response:
    """Send a quote's record for reference managers."""
    form = visit.request.path_params["form"]
    if form not in RECORDS:
        raise NotFoundError(f"no record {form!r}", kind="record", name=form)
    shown, cited = _read_citable(visit)
    media_type, write = RECORDS[form]
    name = f"quote-{shown.quote.id}.{form}"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(write(cited, visit.now.date()), media_type=media_type, headers=headers)


def send_annotation(visit: Visit) -> Response:
    """Send a quote as a Web Annotation."""
    shown, cited = _read_citable(visit)
    with visit.site.database.read() as connection:
        episode = get_episode(connection, shown.quote.episode_id)
    document = describe_annotation(shown.quote, cited, episode, _site_url(visit))
    text = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
    return Response(text, headers={"content-type": ANNOTATION_TYPE})


def _read_citable(visit: Visit) -> tuple[ShownQuote, Citable]:
    with visit.site.database.read() as connection:
        shown = show_quote(connection, visit.request.path_params["id"])
        cited = _citable(visit, connection, shown)
    if cited is None:
        raise QuoteGoneError(f"quote {shown.quote.id} may not be shown")
    return shown, cited


def _citable(visit: Visit, connection: Connection, shown: ShownQuote) -> Citable | None:
    if not shown.standing.is_shown or not shown.quote.words:
        return None
    return describe_quote(connection, shown.quote, f"{_site_url(visit)}/q/{shown.quote.id}")


def _list_ways(cited: Citable, accessed: date, language: str) -> list[Way]:
    keys = sorted(STYLES, key=lambda key: key not in FIRST.get(language, ()))
    return [Way(key, Message(STYLES[key].name), cite(cited, key, accessed), STYLES[key].code) for key in keys]


def _site_url(visit: Visit) -> str:
    return visit.site.settings.site_url.rstrip("/")

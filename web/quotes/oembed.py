"""oEmbed: the address of a quote, or of a moment of an episode, turned into a frame to paste.

https://oembed.com: type `rich`, as JSON or XML, no larger than asked for. Only our own addresses
are answered; whatever else is asked is a clear refusal (400 what cannot be read, 404 what is not
ours or not there, 501 another format), and nothing is ever fetched.
"""

import re
from collections.abc import Callable, Mapping
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

from sqlalchemy import Connection
from starlette.responses import JSONResponse, Response

from media.errors import N_, NotFoundError
from media.language import load_translations
from media.quotes.showing import show_quote
from web.episodes import read_seconds
from web.errors import WebError
from web.metadata.head import CARD_SIZE
from web.quotes.cards import Moment, find_moment, moment_at
from web.quotes.embed import HEADERS as EMBEDDED
from web.quotes.embedding import MAX_HEIGHT, WIDTH, estimate_height, frame_code
from web.quotes.sounding import refuse_withdrawn
from web.visits import Visit

MOMENT_MS = 30_000  # of an episode from a moment on, where no end is named
CACHE_AGE_S = 3_600
MAX_ADDRESS = 2_000
QUOTE = re.compile(r"(?:/embed)?/q/([a-z0-9]{1,40})/?")
MOMENT = re.compile(r"(?:/embed)?/c/(\d{1,9})/(\d{1,9})-(\d{1,9})/?", re.ASCII)
EPISODE = re.compile(r"/episode/(\d{1,9})(?:/[^/]*)?/?", re.ASCII)
FRAGMENT = re.compile(r"t=(?:npt:)?(\d{1,6}(?:\.\d{1,3})?)(?:,(\d{1,6}(?:\.\d{1,3})?))?", re.ASCII)
SIZE = re.compile(r"\d{1,5}", re.ASCII)


class BadOembedError(WebError):
    """A request for an embed cannot be read."""

    status = 400
    msgid = N_("Give the address of a quote or of a moment in `url`, and sizes as whole numbers of pixels.")


class OembedFormatError(WebError):
    """Another format than the two of the standard is asked for."""

    status = 501
    msgid = N_("Embeds are described as json or xml only.")


def send_oembed(visit: Visit) -> Response:
    """Describe how to embed what is at an address."""
    params = visit.request.query_params
    form = params.get("format", "json")
    if form not in WRITERS:
        raise OembedFormatError(f"format {form!r}")
    most = [_read_size(params.get(name)) for name in ("maxwidth", "maxheight")]
    address = params.get("url", "")
    if not address or len(address) > MAX_ADDRESS:
        raise BadOembedError(f"an address of {len(address)} letters")
    with visit.site.database.read() as connection:
        found = _describe(visit, connection, address)
    headers = {name: EMBEDDED[name] for name in ("cache-control", "cross-origin-resource-policy", "vary")}
    headers["access-control-allow-origin"] = "*"  # the same for everybody: scripts may read it
    return WRITERS[form](_size(found, *most), headers)


def _describe(visit: Visit, connection: Connection, address: str) -> dict[str, str | int]:
    try:
        parts = urlsplit(address)
    except ValueError as error:
        raise NotFoundError(f"{address!r} is no address", kind="page", name="url") from error
    site_url = visit.site.settings.site_url.rstrip("/")
    base = urlsplit(site_url)
    if (parts.scheme, parts.netloc) != (base.scheme, base.netloc) or not parts.path.startswith(base.path):
        raise NotFoundError(f"{address!r} is not ours", kind="page", name="url")
    path = parts.path[len(base.path) :]
    if match := QUOTE.fullmatch(path):
        return _describe_quote(visit, connection, match[1])
    if match := MOMENT.fullmatch(path):
        moment = find_moment(connection, int(match[1]), int(match[2]), int(match[3]))
        return _describe_moment(visit, moment)
    start_ms, end_ms = _read_moment(parts.query, parts.fragment)
    if (match := EPISODE.fullmatch(path)) and start_ms is not None:
        if end_ms is not None:
            return _describe_moment(visit, find_moment(connection, int(match[1]), start_ms, end_ms))
        return _describe_moment(visit, moment_at(connection, int(match[1]), start_ms, MOMENT_MS))
    raise NotFoundError(f"nothing to embed at {address!r}", kind="page", name="url")


def _describe_quote(visit: Visit, connection: Connection, quote_id: str) -> dict[str, str | int]:
    shown = show_quote(connection, quote_id)
    refuse_withdrawn(shown)
    quote = shown.quote
    names = ", ".join(quote.speakers) or load_translations(visit.language).gettext("Unknown voice")
    title = f"{names} — {quote.show}, {quote.episode}"
    return _embed(visit, f"/q/{quote.id}", title, names, quote.text, f"/q/{quote.id}/card.png")


def _describe_moment(visit: Visit, moment: Moment) -> dict[str, str | int]:
    names = ", ".join(moment.name_speakers(visit.language))
    about = f"{moment.episode.show_title}, {moment.episode.title}"
    title = f"{names} — {about}" if names else about
    author = names or moment.episode.show_title
    return _embed(visit, moment.path, title, author, moment.text, f"{moment.path}.png")


def _embed(visit: Visit, path: str, title: str, author: str, text: str, picture: str) -> dict[str, str | int]:
    site_url = visit.site.settings.site_url.rstrip("/")
    width, height = CARD_SIZE
    return {
        "version": "1.0",
        "type": "rich",
        "title": title,
        "author_name": author,
        "author_url": site_url + path,
        "provider_name": "Entendu",
        "provider_url": site_url + "/",
        "cache_age": CACHE_AGE_S,
        "thumbnail_url": site_url + picture,
        "thumbnail_width": width,
        "thumbnail_height": height,
        "html": f"{site_url}/embed{path}",  # the frame's address, until its size is known
        "text": text,
    }


def _size(
    found: Mapping[str, str | int], most_width: int | None, most_height: int | None
) -> dict[str, str | int]:
    """Write the frame no larger than asked for; a picture that is larger is left out."""
    kept = {name: value for name, value in found.items() if name not in {"html", "text"}}
    width = min(WIDTH, most_width or WIDTH)
    height = min(estimate_height(str(found["text"]), width), most_height or MAX_HEIGHT)
    picture = (most_width or CARD_SIZE[0]) >= CARD_SIZE[0] and (most_height or CARD_SIZE[1]) >= CARD_SIZE[1]
    if not picture:
        kept = {name: value for name, value in kept.items() if not name.startswith("thumbnail")}
    html = frame_code(str(found["html"]), str(found["title"]), width, height)
    return {**kept, "html": html, "width": width, "height": height}


def _read_size(text: str | None) -> int | None:
    if text is None:
        return None
    if not SIZE.fullmatch(text) or not int(text):
        raise BadOembedError(f"a size of {text[:20]!r}")
    return int(text)


def _read_moment(query: str, fragment: str) -> tuple[int | None, int | None]:
    """Read a moment of an episode's address: `?at=754.3`, or the fragment `#t=754.3,761`."""
    if match := FRAGMENT.fullmatch(fragment):
        return read_seconds(match[1]), read_seconds(match[2])
    return read_seconds(parse_qs(query).get("at", [None])[0]), None


def _write_json(found: Mapping[str, str | int], headers: Mapping[str, str]) -> Response:
    return JSONResponse(dict(found), headers=dict(headers))


def _write_xml(found: Mapping[str, str | int], headers: Mapping[str, str]) -> Response:
    root = ElementTree.Element("oembed")
    for name, value in found.items():
        ElementTree.SubElement(root, name).text = "".join(
            char for char in str(value) if char.isprintable() or char in "\n\t"
        )
    text = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return Response(text, headers=dict(headers), media_type="text/xml")


Writer = Callable[[Mapping[str, str | int], Mapping[str, str]], Response]
WRITERS: dict[str, Writer] = {"json": _write_json, "xml": _write_xml}

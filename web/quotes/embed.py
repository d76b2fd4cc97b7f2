"""A quote, or a moment, inside of somebody else's page: whole without script, and true as long as it lasts.

It asks nothing of any other host, keeps no cookie and looks at none; its style is in the page
itself, named by its hash in the policy, so that it also stands in a sandboxed frame, whose
origin is nobody's. These are the only pages that may be framed. When the words are corrected or
withdrawn, the frames that were pasted long ago say so.
"""

import base64
import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from media.episodes import episode_path
from media.errors import EntenduError, Message
from media.language import translate
from media.quotes.showing import show_quote
from media.quotes.values import ShownQuote
from media.transcript import TurnKind
from media.writing.script import make_labels, speaker_name
from web.clock import format_fragment
from web.failures import name_status
from web.quotes.cards import find_moment
from web.quotes.saying import CHECK_NAMES, EDITION_NAMES, say_moment, tell_fates
from web.quotes.sounding import find_sound
from web.security import FRAMED_ANYWHERE
from web.site import site_of
from web.visits import Visit

STYLE = (Path(__file__).parents[1] / "static" / "embed.css").read_text(encoding="utf-8")
STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY = "; ".join(
    [
        "default-src 'none'",
        f"style-src 'sha256-{STYLE_HASH}'",
        "media-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        FRAMED_ANYWHERE,
    ]
)
HEADERS = {
    "content-security-policy": POLICY,
    "cross-origin-opener-policy": "unsafe-none",
    "cross-origin-resource-policy": "cross-origin",
    "referrer-policy": "no-referrer",
    "cache-control": "public, no-cache",
    "vary": "Accept-Language",
}


def unknown_visitor(answer: Callable[[Visit], Response]) -> Callable[[Request], Response]:
    """Make an endpoint that is the same for everybody: it reads no cookie, and sets none."""

    def endpoint(request: Request) -> Response:
        visit = Visit(request, site_of(request), None, None)
        try:
            return answer(visit)
        except EntenduError as error:
            return _refuse(visit, error)

    return endpoint


def show_quote_embed(visit: Visit) -> Response:
    """Show a quote for a frame, with what became of it."""
    with visit.site.database.read() as connection:
        shown = show_quote(connection, visit.request.path_params["id"])
        audio = _find_audio(visit, connection, shown)
    return _render(visit, "quotes/embedded.html", describe_quote(visit, shown, audio))


def show_moment_embed(visit: Visit) -> Response:
    """Show a moment of an episode for a frame."""
    params = visit.request.path_params
    with visit.site.database.read() as connection:
        moment = find_moment(connection, params["episode"], params["start"], params["end"])
    episode, bounds, labels = moment.episode, moment.bounds, make_labels(visit.language)
    fragment = format_fragment(bounds.start_ms, bounds.end_ms)
    said = [held for held in moment.turns if held.turn.kind is TurnKind.SPEECH]
    context = {
        "language_said": episode.spoken_language or episode.language,
        "told": [],
        "since": None,
        "lines": [(speaker_name(held, labels), held.turn.text, False) for held in said],
        "by_several": len(moment.name_speakers(visit.language)) > 1,
        "names": moment.name_speakers(visit.language),
        "today": None,
        "show": episode.show_title,
        "title": episode.title,
        "published_at": episode.published_at,
        "times": f"{say_moment(bounds.start_ms, visit.language)}–{say_moment(bounds.end_ms, visit.language)}",
        "check": None,
        "edition": None,
        "audio": f"/episode/{episode.id}/audio.mp3#{fragment}" if episode.listening_sha256 else None,
        "link": episode_path(episode.id, episode.title, bounds.start_ms),
        "is_shown": True,
    }
    return _render(visit, "quotes/embedded.html", context)


def describe_quote(visit: Visit, shown: ShownQuote, audio: str | None) -> dict[str, Any]:
    """Say what the page of a frame needs of a quote."""
    quote, standing = shown.quote, shown.standing
    labels = make_labels(visit.language)
    lines = []
    for number, span in enumerate(quote.spans):
        for at, piece in enumerate(span):
            voice = labels.voice % piece.voice if piece.voice is not None else labels.nobody
            lines.append((piece.speaker or voice, piece.text, bool(number) and not at))
    names = list(dict.fromkeys(name for name, _, _ in lines))
    starts, ends = say_moment(quote.start_ms, visit.language), say_moment(quote.end_ms, visit.language)
    return {
        "language_said": quote.language,
        "told": tell_fates(standing),
        "since": standing.since,
        "lines": lines,
        "by_several": len(names) > 1,
        "names": names,
        "today": standing.text if standing.is_shown and not standing.says_the_same else None,
        "show": quote.show,
        "title": quote.episode,
        "published_at": quote.published_at,
        "times": f"{starts}–{ends}" if starts and standing.is_shown else "",
        "check": Message(CHECK_NAMES[shown.check]),
        "edition": Message(EDITION_NAMES[quote.edition]),
        "audio": audio,
        "link": f"/q/{quote.id}",
        "is_shown": standing.is_shown,
    }


def _find_audio(visit: Visit, connection: Any, shown: ShownQuote) -> str | None:
    """Find what a frame may play of a quote: its clip, where one may be made."""
    try:
        find_sound(connection, shown, visit.language)
    except EntenduError:
        return None
    return f"/q/{shown.quote.id}/clip.mp3"


def _refuse(visit: Visit, error: EntenduError) -> Response:
    """Say in the frame what is wrong, instead of a page that cannot be framed."""
    status = name_status(error)
    return _render(
        visit, "quotes/embed_failure.html", {"said": translate(error.message, visit.language)}, status
    )


def _render(visit: Visit, template: str, context: Mapping[str, Any], status: int = 200) -> Response:
    everywhere = {"style": Markup(STYLE), "site_url": visit.site.settings.site_url.rstrip("/")}  # noqa: S704
    text = visit.site.templates.render(template, visit.language, {**everywhere, **context})
    return HTMLResponse(text, status, HEADERS)

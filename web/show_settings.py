"""What an administrator says of a show: its name, language, licence and notice, what may be done with it."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection
from starlette.responses import Response

from media.changes import log_change
from media.episodes import list_announced
from media.errors import N_, Message, NotFoundError
from media.licences import find_licence, get_licence, list_choices
from media.shows import Show, find_show, update_show
from web.visits import Visit, field, redirect

MAX_TITLE_LENGTH = 300
MAX_NOTICE_LENGTH = 4_000
MAX_TERMS = 100
OTHER = "other"  # a licence in one's own words
BAD_URL = N_("The address of a licence begins with https:// or http://.")
BAD_LANGUAGE = N_("A language is written as two letters, such as fr.")


def show_settings(visit: Visit) -> Response:
    """Show what is said of a show, to change it."""
    with visit.site.database.read() as connection:
        return _show(visit, _find(visit, connection))


def save_settings(visit: Visit, fields: Mapping[str, str]) -> Response:
    """Keep what was said; nothing where something of it cannot be."""
    with visit.site.database.write() as connection:
        show = _find(visit, connection)
        values = _read(fields)
        failure = _find_fault(values)
        if failure is not None:
            return _show(visit, show, values, failure, 422)
        update_show(connection, show.id, values)
        if values["title"] != show.title:  # the index holds it
            for episode in list_announced(connection, show.id):
                log_change(connection, episode.id, visit.now)
    return redirect(f"/show/{show.slug}/settings?saved=1")


def _find(visit: Visit, connection: Connection) -> Show:
    slug = visit.request.path_params["slug"]
    show = find_show(connection, slug)
    if show is None or show.slug != slug:
        raise NotFoundError(f"no show {slug!r}", kind="show", name=slug)
    return show


def _read(fields: Mapping[str, str]) -> dict[str, Any]:
    chosen = get_licence(fields.get("licence", ""))
    words = fields.get("licence_words", "").strip()[:MAX_TITLE_LENGTH]
    own = fields.get("licence") == OTHER
    terms = [" ".join(line.split()) for line in fields.get("terms", "").splitlines()]
    return {
        "title": " ".join(field(fields, "title", MAX_TITLE_LENGTH).split()),
        "language": fields.get("language", "").strip().lower() or None,
        "licence": (words or None) if own else chosen and chosen.id,
        "licence_url": (fields.get("licence_url", "").strip() or None) if own else None,
        "notice": fields.get("notice", "").strip()[:MAX_NOTICE_LENGTH] or None,
        "clips": "clips" in fields,
        "prefer_offered": "prefer_offered" in fields,
        "terms": list(dict.fromkeys(filter(None, terms)))[:MAX_TERMS],
    }


def _find_fault(values: Mapping[str, Any]) -> Message | None:
    url, language = values["licence_url"], values["language"]
    if url is not None and not url.startswith(("https://", "http://")):
        return Message(BAD_URL)
    if language is not None and not (len(language) == 2 and language.isascii() and language.isalpha()):
        return Message(BAD_LANGUAGE)
    return None


def _show(
    visit: Visit,
    show: Show,
    values: Mapping[str, Any] | None = None,
    failure: Message | None = None,
    status: int = 200,
) -> Response:
    held = values or {name: getattr(show, name) for name in _read({"title": show.title})}
    known = find_licence(held["licence"]) if held["licence"] else None
    listed = {licence.id for licence in list_choices()}
    context = {
        "show": show,
        "held": held,
        "choices": [(licence.id, licence.name(visit.language)) for licence in list_choices()],
        "chosen": known.id if known and known.id in listed else OTHER if held["licence"] else "",
        "other": OTHER,
        "failure": failure,
        "saved": "saved" in visit.request.query_params,
    }
    return visit.render("feeds/show_settings.html", context, status)

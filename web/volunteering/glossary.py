"""The glossary of each show: what is to be written so, what corrections suggest, and who changed it."""

from collections.abc import Callable, Mapping

from sqlalchemy import Connection
from starlette.responses import Response

from media.correction.authors import Author
from media.errors import N_, Message, NotFoundError
from media.shows import Show, find_show, list_shows
from media.volunteering.glossary import (
    GlossaryError,
    add_term,
    edit_term,
    list_changes,
    list_proposed,
    list_terms,
    remove_term,
)
from web.errors import ForbiddenError
from web.visits import Visit, field, redirect

Change = Callable[[Connection, Show, Author], object]
CHANGES_SHOWN = 20
MAX_TYPED = 4_000  # characters of forms heard
ACT_NAMES = {"added": N_("added"), "edited": N_("changed"), "removed": N_("removed")}


def show_glossaries(visit: Visit) -> Response:
    """Show every show's glossary in short, and the terms that corrections suggest."""
    with visit.site.database.read() as connection:
        shows = list_shows(connection)
        counts = {show.id: len(list_terms(connection, show.id)) for show in shows}
        proposed = list_proposed(connection)
    by_id = {show.id: show for show in shows}
    context = {
        "shows": [(show, counts[show.id]) for show in shows],
        "proposed": [(term, by_id[term.show_id]) for term in proposed if term.show_id in by_id],
    }
    return visit.render("volunteering/glossaries.html", context)


def show_glossary(visit: Visit) -> Response:
    """Show a show's terms, to be added to, edited and removed."""
    with visit.site.database.read() as connection:
        show = _find(connection, visit)
    return _show(visit, show)


def add(visit: Visit, fields: Mapping[str, str]) -> Response:
    """Add a term, or forms heard to the one there is."""
    spelling, forms = fields.get("spelling", ""), _read_forms(fields)
    return _change(
        visit,
        fields,
        lambda connection, show, author: add_term(connection, show.id, spelling, author, visit.now, forms),
    )


def edit(visit: Visit, fields: Mapping[str, str]) -> Response:
    """Give a term another spelling, and other forms heard."""
    known, spelling, forms = field(fields, "known"), fields.get("spelling", ""), _read_forms(fields)
    return _change(
        visit,
        fields,
        lambda connection, show, author: edit_term(
            connection, show.id, known, spelling, forms, author, visit.now
        ),
    )


def remove(visit: Visit, fields: Mapping[str, str]) -> Response:
    """Take a term out."""
    known = field(fields, "known")
    return _change(
        visit,
        fields,
        lambda connection, show, author: remove_term(connection, show.id, known, author, visit.now),
    )


def _change(visit: Visit, fields: Mapping[str, str], change: Change) -> Response:
    """Change a glossary, and show it; what was typed stays on the page where it cannot be."""
    if visit.account is None:
        raise ForbiddenError("nobody is signed in")
    author = Author(visit.account.id, visit.account.name)
    try:
        with visit.site.database.write() as connection:
            show = _find(connection, visit)
            change(connection, show, author)
    except GlossaryError as error:
        return _show(visit, show, error.message, fields)
    return redirect(f"/glossary/{show.slug}")


def _show(
    visit: Visit, show: Show, refusal: Message | None = None, typed: Mapping[str, str] | None = None
) -> Response:
    with visit.site.database.read() as connection:
        context = {
            "show": show,
            "terms": list_terms(connection, show.id),
            "proposed": list_proposed(connection, show.id),
            "changes": list_changes(connection, show.id, CHANGES_SHOWN),
            "act_names": {act: Message(msgid) for act, msgid in ACT_NAMES.items()},
            "refusal": refusal,
            "typed": typed or {},
        }
    return visit.render("volunteering/glossary.html", context, 422 if refusal else 200)


def _find(connection: Connection, visit: Visit) -> Show:
    slug = visit.request.path_params["slug"]
    show = find_show(connection, slug)
    if show is None or show.slug != slug:
        raise NotFoundError(f"no show {slug!r}", kind="show", name=slug)
    return show


def _read_forms(fields: Mapping[str, str]) -> list[str]:
    return fields.get("forms", "")[:MAX_TYPED].replace("\n", ",").split(",")

"""The quotes that somebody made, newest first, each as it stands today; to take away, or out of the list."""

from collections.abc import Mapping

from starlette.responses import Response

from media.errors import Message
from media.quotes.showing import hide_quote, list_own_quotes
from web.errors import SignedOutError
from web.quotes.saying import CHECK_NAMES, say_moment, tell_fates
from web.visits import Visit, field, number, redirect

PER_PAGE = 30
MAX_PAGE = 10_000


def show_mine(visit: Visit) -> Response:
    """Show one's own quotes."""
    account_id, page = _own(visit), max(1, number(visit.request.query_params.get("page"), 1, MAX_PAGE))
    with visit.site.database.read() as connection:
        quotes = list_own_quotes(connection, account_id)
    wanted = quotes[(page - 1) * PER_PAGE : page * PER_PAGE]
    context = {
        "total": len(quotes),
        "rows": [
            (
                shown,
                say_moment(shown.quote.start_ms, visit.language),
                Message(CHECK_NAMES[shown.check]),
                tell_fates(shown.standing),
            )
            for shown in wanted
        ],
        "page": page,
        "has_next": len(quotes) > page * PER_PAGE,
    }
    return visit.render("quotes/mine.html", context)


def drop_quote(visit: Visit, fields: Mapping[str, str]) -> Response:
    """Take a quote out of one's list; its address holds."""
    with visit.site.database.write() as connection:
        hide_quote(connection, field(fields, "quote"), _own(visit), visit.now)
    return redirect("/quotes/mine")


def _own(visit: Visit) -> int:
    if visit.account is None:
        raise SignedOutError("quotes of nobody")
    return visit.account.id

"""The home page: one labelled field, three real examples, what the archive covers, what is new in it."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match

from media.episodes import EpisodeStatus, count_episodes
from media.news import find_transcribed, read_news
from media.people.accounts import count_accounts
from web.examples import write_lessons
from web.visits import Visit

LATEST = 5
UNHEARD_YET = (EpisodeStatus.WAITING, EpisodeStatus.WORKING, EpisodeStatus.FAILED)
VOLUNTEERING = "/correct"  # "five minutes of reading"


def show_home(visit: Visit) -> Response:
    """Show where a search begins."""
    with visit.site.database.read() as connection:
        counts = count_episodes(connection)
        examples = visit.site.examples.read(connection)
        context = {
            "total": counts[EpisodeStatus.READY] + _count_unheard(counts),
            "unheard": _count_unheard(counts),
            "examples": examples.queries,
            "lessons": write_lessons(examples, visit.language),
            "transcribed": read_news(connection, find_transcribed(connection, LATEST)),
            "validated": read_news(connection, visit.site.validated.read(connection)[:LATEST]),
            "volunteering": VOLUNTEERING if _has_page(visit.request, VOLUNTEERING) else None,
            "is_first_run": count_accounts(connection) == 0,
        }
    return visit.render("home.html", context)


def _count_unheard(counts: dict[EpisodeStatus, int]) -> int:
    return sum(counts[status] for status in UNHEARD_YET)


def _has_page(request: Request, path: str) -> bool:
    asked = {"type": "http", "method": "GET", "path": path, "root_path": "", "headers": []}
    return any(route.matches(asked)[0] is Match.FULL for route in request.app.routes)

"""The home page: one labelled field, three real examples, and what the archive covers."""

from starlette.responses import Response

from media.episodes import EpisodeStatus, count_episodes, list_episodes
from media.people.accounts import count_accounts
from web.visits import Visit

LATEST = 5
UNHEARD_YET = (EpisodeStatus.WAITING, EpisodeStatus.WORKING, EpisodeStatus.FAILED)


def show_home(visit: Visit) -> Response:
    """Show where a search begins."""
    with visit.site.database.read() as connection:
        counts = count_episodes(connection)
        context = {
            "total": counts[EpisodeStatus.READY] + _count_unheard(counts),
            "unheard": _count_unheard(counts),
            "examples": visit.site.examples.read(connection),
            "latest": list_episodes(connection, statuses=[EpisodeStatus.READY], limit=LATEST),
            "is_first_run": count_accounts(connection) == 0,
        }
    return visit.render("home.html", context)


def _count_unheard(counts: dict[EpisodeStatus, int]) -> int:
    return sum(counts[status] for status in UNHEARD_YET)

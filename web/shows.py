"""The shows of the archive, and the episodes of each."""

from starlette.responses import Response

from media.episodes import PAGE_LENGTH, EpisodeStatus, count_by_show, count_episodes, list_episodes
from media.errors import N_, Message, NotFoundError
from media.shows import find_show, list_shows
from web.visits import Visit, number

MAX_PAGE = 1_000
STATUS_NAMES = {
    EpisodeStatus.WAITING: N_("Waiting to be transcribed"),
    EpisodeStatus.WORKING: N_("Being transcribed"),
    EpisodeStatus.READY: N_("Transcribed"),
    EpisodeStatus.FAILED: N_("Not transcribed: something failed"),
    EpisodeStatus.SKIPPED: N_("Not asked for"),
}


def show_shows(visit: Visit) -> Response:
    """List every show with how much of it can be searched."""
    with visit.site.database.read() as connection:
        of_show = count_by_show(connection)
        shows = [(show, of_show[show.id]) for show in list_shows(connection)]
    rows = [(show, counts[EpisodeStatus.READY], sum(counts.values())) for show, counts in shows]
    return visit.render("shows.html", {"rows": rows})


def show_show(visit: Visit) -> Response:
    """List the episodes of a show, newest first."""
    slug = visit.request.path_params["slug"]
    page = max(1, number(visit.request.query_params.get("page"), 1, MAX_PAGE))
    with visit.site.database.read() as connection:
        show = find_show(connection, slug)
        if show is None or show.slug != slug:
            raise NotFoundError(f"no show {slug!r}", kind="show", name=slug)
        counts = count_episodes(connection, show.id)
        first = (page - 1) * PAGE_LENGTH
        episodes = list_episodes(connection, show_id=show.id, limit=PAGE_LENGTH, offset=first)
    context = {
        "show": show,
        "episodes": episodes,
        "ready": counts[EpisodeStatus.READY],
        "total": sum(counts.values()),
        "page": page,
        "has_next": page * PAGE_LENGTH < sum(counts.values()),
        "status_names": {status: Message(msgid) for status, msgid in STATUS_NAMES.items()},
    }
    return visit.render("show.html", context)

"""That an episode is played: counted when a reader's browser says so, for the order of the doubt queue.

The page sends it once, when somebody presses play; no cookie is read, nothing of the reader is kept.
"""

from datetime import UTC, datetime

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from media.volunteering.listening import count_play
from web.security import check_origin
from web.site import Site, site_of


async def count(request: Request) -> Response:
    """Count a play of an episode."""
    site = site_of(request)
    check_origin(request, site)
    await run_in_threadpool(_count, site, request.path_params["id"])
    return Response(status_code=204)


def _count(site: Site, episode_id: int) -> None:
    with site.database.write() as connection:
        count_play(connection, episode_id, datetime.now(UTC))

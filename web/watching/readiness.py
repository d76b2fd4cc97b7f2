"""Whether this process is alive, and whether readers are to be sent to it.

Alive: it answers; nothing else is asked, so that a catalogue that is down has nobody kill what
would serve again with it. Ready: it can read the catalogue and has an index, which has caught up
once since the process started. From then on an index that lags says so on its own page and in an
alert: were every machine taken out that is behind after a great import, none would be left.
"""

import logging
import threading
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from media.database import Database
from media.errors import DatabaseError
from media.settings import Settings
from search.standing import read_standing
from web.site import site_of

LOG = logging.getLogger(__name__)

CAUGHT_UP_S = 2.0  # a change that waits for less is on its way
NO_STORE = {"cache-control": "no-store"}


class Readiness:
    """Whether this process has joined those that serve; safe to share by threads."""

    def __init__(self) -> None:
        self._joined = threading.Event()

    def find_obstacles(self, settings: Settings, database: Database) -> dict[str, str]:
        """Say of what is needed what is not there yet; nothing: ready."""
        try:
            standing = read_standing(settings, database)
        except DatabaseError as error:
            LOG.warning("not ready: %s", error)
            return {"catalogue": "unreachable"}
        if self._joined.is_set():
            return {}
        if not standing.is_searchable:
            return {"index": f"being built, {standing.percent or 0} %"}
        if standing.late_s(datetime.now(UTC)) > CAUGHT_UP_S:
            return {"index": f"{standing.lag.changes} changes behind"}
        self._joined.set()
        return {}


async def send_health(_request: Request) -> Response:
    """Say that this process answers."""
    return JSONResponse({"alive": True}, headers=NO_STORE)


def send_readiness(request: Request) -> Response:
    """Say whether readers are to be sent here, and if not, what is missing."""
    site = site_of(request)
    readiness: Readiness = request.app.state.readiness
    obstacles = readiness.find_obstacles(site.settings, site.database)
    status = 503 if obstacles else 200
    return JSONResponse({"ready": not obstacles, **obstacles}, status, headers=NO_STORE)

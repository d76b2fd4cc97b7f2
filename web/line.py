"""The line of episodes to be transcribed: a reader waits for one, an administrator stops one.

The web only asks; workers look at what was asked within seconds (`media.wishes`, `media.progress`).
"""

from collections.abc import Mapping

from starlette.responses import Response
from starlette.routing import Route

from media.episodes import episode_path
from media.people.accounts import Role
from media.progress import cancel
from media.wishes import ask_first
from web.episodes import public_episode
from web.visits import Visit, form, redirect


def list_routes() -> list[Route]:
    """List the routes of this part, for the application to mount."""
    return [
        Route("/episode/{id:int}/first", form(put_first), methods=["POST"]),
        Route("/admin/cancel/{id:int}", form(stop, Role.ADMINISTRATOR), methods=["POST"]),
    ]


def put_first(visit: Visit, _fields: Mapping[str, str]) -> Response:
    """Put an episode before others: its reader waits; what readers may ask for is bounded."""
    reader = None if visit.is_administrator else visit.address
    if visit.account is not None and reader is not None:
        reader = f"account {visit.account.id}"
    with visit.site.database.write() as connection:
        episode = public_episode(connection, visit.request.path_params["id"], visit.account)
        ask_first(connection, episode.id, visit.now, reader)
    return redirect(episode_path(episode.id, episode.title))


def stop(visit: Visit, _fields: Mapping[str, str]) -> Response:
    """Stop the work on an episode until somebody asks again."""
    with visit.site.database.write() as connection:
        cancel(connection, visit.request.path_params["id"])
    return redirect("/admin#queue")

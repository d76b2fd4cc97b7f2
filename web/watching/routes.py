"""Where the site is watched from."""

from starlette.routing import Route

from media.people.accounts import Role
from web.visits import page
from web.watching.figures import send_metrics
from web.watching.readiness import send_health, send_readiness
from web.watching.state import show_state


def list_routes() -> list[Route]:
    """List this alcove's routes."""
    return [
        Route("/health", send_health),
        Route("/ready", send_readiness),
        Route("/metrics", page(send_metrics)),
        Route("/admin/state", page(show_state, Role.ADMINISTRATOR)),
    ]

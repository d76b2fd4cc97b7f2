"""Addresses of quotes."""

from starlette.routing import Route

from web.quotes import choosing
from web.visits import page


def list_routes() -> list[Route]:
    """List the routes of quotes, for the application to mount."""
    return [
        Route("/quote/choose", page(choosing.show_chooser)),
    ]

"""Addresses of what leaves for other programs."""

from starlette.routing import Route

from web.feeds import exporting
from web.visits import page


def list_routes() -> list[Route]:
    """List the alcove's routes."""
    return [Route("/episode/{id:int}/export.{format}", page(exporting.send_export))]

"""Addresses of what leaves for other programs."""

from starlette.routing import Route

from media.people.accounts import Role
from web import show_settings as settings
from web.feeds import exporting, shows, subscriptions
from web.visits import form, page

ADMIN = Role.ADMINISTRATOR


def list_routes() -> list[Route]:
    """List the alcove's routes."""
    return [
        Route("/episode/{id:int}/export.{format}", page(exporting.send_export)),
        Route("/episode/{id:int}/chapters.json", page(shows.send_chapters)),
        Route("/show/{slug}/feed.xml", page(shows.send_show)),
        Route("/show/{slug}/settings", page(settings.show_settings, ADMIN)),
        Route("/show/{slug}/settings", form(settings.save_settings, ADMIN), methods=["POST"]),
        Route("/shows.opml", page(shows.send_shows)),
        Route("/admin/opml", page(subscriptions.show_list, ADMIN)),
        Route("/admin/opml", form(subscriptions.read_list, ADMIN), methods=["POST"]),
        Route("/admin/opml/add", form(subscriptions.add_chosen, ADMIN), methods=["POST"]),
    ]

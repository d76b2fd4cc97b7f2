"""Where people come in and look after their account."""

from starlette.routing import Route

from web.people import signing_in
from web.visits import form, page


def list_routes() -> list[Route]:
    """List this alcove's routes."""
    return [
        Route("/setup", page(signing_in.show_setup)),
        Route("/setup", form(signing_in.make_administrator), methods=["POST"]),
        Route("/login", page(signing_in.show_login)),
        Route("/login", form(signing_in.sign_in), methods=["POST"]),
        Route("/logout", form(signing_in.sign_out), methods=["POST"]),
    ]

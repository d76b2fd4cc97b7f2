"""What an address may hold: numbers that a row, or a moment of an episode, can have; no NUL.

Starlette's own `int` takes any number of digits, of which no catalogue can keep twenty:
such an address leads nowhere, as any other that is wrong.
"""

from starlette.convertors import IntegerConvertor, register_url_convertor
from starlette.types import Scope

from web.forms import show_nul

NUL, SHOWN_NUL = b"%00", b"%EF%BF%BD"


class RowNumber(IntegerConvertor):
    """A whole number of at most nine digits: what `{id:int}` of a route means here."""

    regex = "[0-9]{1,9}"


def register_numbers() -> None:
    """Have the routes that are made from now on take such numbers only."""
    register_url_convertor("int", RowNumber())


def replace_nul(scope: Scope) -> None:
    """Take NUL, which PostgreSQL keeps in no text, out of the address that is asked for."""
    scope["path"] = show_nul(scope["path"])
    scope["query_string"] = scope["query_string"].replace(NUL, SHOWN_NUL)

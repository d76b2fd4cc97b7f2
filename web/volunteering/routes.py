"""Where volunteers spend ten minutes: the doubt queue, the glossary, one correction everywhere, effort."""

from starlette.routing import Route

from media.people.accounts import Role
from web.visits import form, page
from web.volunteering import doubts, effort, everywhere, glossary, plays

HELPER = Role.VOLUNTEER


def list_routes() -> list[Route]:
    """List this alcove's routes."""
    return [
        Route("/doubts", page(doubts.show_start, HELPER)),
        Route("/doubts", form(doubts.begin, HELPER), methods=["POST"]),
        Route("/doubts/{sitting:int}", page(doubts.show_sitting, HELPER)),
        Route("/doubts/{sitting:int}/answer", form(doubts.answer, HELPER), methods=["POST"]),
        Route("/doubts/{sitting:int}/undo", form(doubts.undo_last, HELPER), methods=["POST"]),
        Route("/doubts/{sitting:int}/end", form(doubts.end, HELPER), methods=["POST"]),
        Route("/glossary", page(glossary.show_glossaries, HELPER)),
        Route("/glossary/{slug}", page(glossary.show_glossary, HELPER)),
        Route("/glossary/{slug}/add", form(glossary.add, HELPER), methods=["POST"]),
        Route("/glossary/{slug}/edit", form(glossary.edit, HELPER), methods=["POST"]),
        Route("/glossary/{slug}/remove", form(glossary.remove, HELPER), methods=["POST"]),
        Route("/everywhere", page(everywhere.show_places, HELPER)),
        Route("/everywhere", form(everywhere.apply, HELPER), methods=["POST"]),
        Route("/everywhere/{sweep:int}", page(everywhere.show_sweep, HELPER)),
        Route("/everywhere/{sweep:int}/undo", form(everywhere.undo, HELPER), methods=["POST"]),
        Route("/effort", page(effort.show_effort, HELPER)),
        Route("/episode/{id:int}/plays", plays.count, methods=["POST"]),
    ]

"""What the glossary offers for a passage: words that may be one of its terms, misheard."""

from starlette.responses import JSONResponse, Response

from web.correction.editor import read_turns
from web.correction.passages import find_passage
from web.visits import Visit
from web.volunteering.hints import describe_hints


def send_hints(visit: Visit) -> Response:
    """Send, for each turn of a passage, words that may be a term, and the term."""
    params = visit.request.path_params
    with visit.site.database.read() as connection:
        episode, passage = find_passage(connection, params["episode"], params["passage"], visit)
        turns = [edited.stored for edited in read_turns(connection, passage.turn_ids) if not edited.locked]
        offered = describe_hints(visit.site, connection, episode.show_id, turns)
    return JSONResponse({"turns": offered})

"""What the glossary offers for a passage: words that may be one of its terms, misheard."""

from starlette.responses import JSONResponse, Response

from media.volunteering.near import find_near_misses
from media.volunteering.survey import read_lexicon
from web.correction.editor import read_turns
from web.correction.passages import find_passage
from web.visits import Visit


def send_hints(visit: Visit) -> Response:
    """Send, for each turn of a passage, words that may be a term, and the term."""
    params = visit.request.path_params
    with visit.site.database.read() as connection:
        episode, passage = find_passage(connection, params["episode"], params["passage"], visit)
        turns = [edited.stored for edited in read_turns(connection, passage.turn_ids) if not edited.locked]
        lexicon = read_lexicon(connection, episode.show_id, turns)
    offered = {
        held.id: [
            {
                "wrong": " ".join(
                    word.text for word in held.turn.words[miss.first_word : miss.last_word + 1]
                ),
                "right": miss.spelling,
            }
            for miss in find_near_misses(held.turn.words, lexicon.terms, lexicon.rarity)
        ]
        for held in turns
    }
    return JSONResponse({"turns": {turn: found for turn, found in offered.items() if found}})

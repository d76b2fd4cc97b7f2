"""What the glossary offers for some turns: words that may be a term, and how often they are elsewhere."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import Connection

from media.transcripts import StoredTurn
from media.volunteering.findings import read_lexicon
from media.volunteering.near import NearMiss, find_near_misses
from media.volunteering.writing import take_apart
from web.site import Site
from web.volunteering.finding import AT_A_GLANCE, find_everywhere

COUNTED = 6  # different corrections of which the places elsewhere are counted


def describe_hints(
    site: Site, connection: Connection, show_id: int, turns: Iterable[StoredTurn]
) -> dict[int, list[dict[str, Any]]]:
    """Describe, by turn, what the glossary offers.

    Each offer has the words as written (`wrong`, without what hangs on them), the term (`right`),
    their place (`first_word`, `last_word`), how many more places say them (`others`, None where
    it was not counted), in how many episodes, and the page that shows these (`link`).
    """
    held = list(turns)
    lexicon = read_lexicon(connection, show_id, held)
    counted: dict[tuple[str, str], tuple[int, int]] = {}
    offers: dict[int, list[dict[str, Any]]] = {}
    for turn in held:
        for miss in find_near_misses(turn.turn.words, lexicon.terms, lexicon.rarity):
            wrong = _cut_out(turn, miss)
            key = (wrong.casefold(), miss.spelling)
            if key not in counted and len(counted) < COUNTED:
                found = find_everywhere(site, connection, wrong, miss.spelling, AT_A_GLANCE)
                counted[key] = (len(found.occurrences), found.episodes)
            places, episodes = counted.get(key, (None, None))
            offers.setdefault(turn.id, []).append(
                {
                    "wrong": wrong,
                    "right": miss.spelling,
                    "first_word": miss.first_word,
                    "last_word": miss.last_word,
                    "others": None if places is None else max(0, places - 1),
                    "episodes": episodes,
                    "link": "/everywhere?" + urlencode({"heard": wrong, "written": miss.spelling}),
                }
            )
    return offers


def _cut_out(held: StoredTurn, miss: NearMiss) -> str:
    """Write the words of a near-miss as they stand, without the article and the comma that hang on them."""
    words = [word.text for word in held.turn.words[miss.first_word : miss.last_word + 1]]
    first, last = take_apart(words[0]), take_apart(words[-1])
    whole = " ".join(words)
    return whole[len(first.before) : len(whole) - len(last.after)]

"""Where a correction could be made: the index names the turns that may say it, their words decide.

The index folds accents and plurals, so that it finds every turn that says the words and others;
which of them do is read from the words themselves. It is asked for so many turns and no more: the
latest episodes first, and whoever asks is told when there are more.
"""

from dataclasses import dataclass

from sqlalchemy import Connection

from media.volunteering.everywhere import Occurrence, find_occurrences
from media.volunteering.open_turns import get_open_turns
from search.answers import MAX_LIMIT, SearchRequest
from web.site import Site

MAX_TURNS = 500  # that the index is asked for
AT_A_GLANCE = MAX_LIMIT  # turns, where only a count is to be given


@dataclass(frozen=True, slots=True)
class Found:
    """Where a correction could be made, of the turns that were looked at."""

    occurrences: tuple[Occurrence, ...]
    is_complete: bool  # no more turns may say it
    is_unready: bool = False  # there is no index to ask yet

    @property
    def episodes(self) -> int:
        """In how many episodes they are."""
        return len({occurrence.held.episode_id for occurrence in self.occurrences})


def find_everywhere(
    site: Site, connection: Connection, heard: str, written: str, most: int = MAX_TURNS
) -> Found:
    """Find where words could be corrected, in the turns that the index names."""
    phrase = '"' + heard.replace('"', " ") + '"'
    turn_ids: list[int] = []
    total = looked_at = 0
    for offset in range(0, most, MAX_LIMIT):
        request = SearchRequest(
            phrase, sort="newest", limit=min(MAX_LIMIT, most), offset=offset, per_episode=None
        )
        result = site.index.search(request)
        if result.rebuilding is not None:
            return Found((), False, is_unready=True)
        total, looked_at = result.total, offset + MAX_LIMIT
        turn_ids += [excerpt.turn_id for excerpt in result.excerpts]
        if looked_at >= total or not result.excerpts:
            break
    held = get_open_turns(connection, turn_ids)
    turns = [held[turn_id] for turn_id in dict.fromkeys(turn_ids) if turn_id in held]
    return Found(tuple(find_occurrences(turns, heard, written)), looked_at >= total)

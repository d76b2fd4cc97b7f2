"""What a volunteer is told of their readings: accepted, adjusted, returned; and what waits for their ears."""

from dataclasses import dataclass

from sqlalchemy import Connection

from media.correction.authors import Author
from media.correction.reception import Reception, count_reception, find_reason
from media.correction.review import count_to_review, list_returned
from media.episodes import get_episodes
from media.people.withdrawn import read_withdrawn
from media.transcripts import StoredTurn, get_turns

RETURNED_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Received:
    """How others received a person's readings."""

    counts: Reception
    returned: tuple[tuple[StoredTurn, str, str], ...]  # with who returned it, and why
    to_review: int


def read_received(connection: Connection, author: Author) -> Received:
    """Read what others did with what this person read, without what was withdrawn."""
    held = list_returned(connection, author, RETURNED_SHOWN)
    shown = get_turns(connection, [turn.id for turn in held])
    withdrawn = read_withdrawn(connection, {turn.episode_id for turn in held})
    episodes = get_episodes(connection, {turn.episode_id for turn in held})
    returned = []
    for turn in (turn for turn in held if not episodes[turn.episode_id].private):
        name, reason = find_reason(connection, turn.id) or ("", "")
        returned.append((shown[turn.id], name, withdrawn.hide_names(reason)))
    counts = count_reception(connection, author)
    return Received(counts, tuple(returned), count_to_review(connection, author))

"""The turns that volunteers may be asked about: all but those in which words were withdrawn.

What was withdrawn is read by nobody, and the words of such a turn are not where they are shown.
Names of speakers come as the public reads them.
"""

from collections.abc import Iterable

from sqlalchemy import Connection

from media.transcript import Edition
from media.transcripts import StoredTurn, get_turns, list_turns


def list_open_turns(
    connection: Connection, episode_id: int, edition: Edition | None = None
) -> list[StoredTurn]:
    """List the turns of an edition in order, without those that hold withdrawn words; None: that leads."""
    kept = {held.id: held.turn.words for held in list_turns(connection, episode_id, edition, public=False)}
    shown = list_turns(connection, episode_id, edition)
    return [held for held in shown if kept.get(held.id) == held.turn.words]


def get_open_turns(connection: Connection, turn_ids: Iterable[int]) -> dict[int, StoredTurn]:
    """Read turns by identity; those that are gone, or hold withdrawn words, are left out."""
    wanted = set(turn_ids)
    kept = {key: held.turn.words for key, held in get_turns(connection, wanted, public=False).items()}
    shown = get_turns(connection, wanted)
    return {key: held for key, held in shown.items() if kept.get(key) == held.turn.words}

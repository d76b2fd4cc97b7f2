"""What waits for another person: visitors' proposals, what one person read, what a machine heard anew.

Visitors come first, as somebody waits for an answer; then what was read once, of the episodes that
are played most, the most doubtful first; then machines. Volunteers are asked about readings only.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from sqlalchemy import Connection

from media.correction.authors import Author
from media.correction.proposals import Source, list_proposals
from media.correction.review import list_to_review
from media.episodes import Episode, get_episodes
from media.people.accounts import Account, Role
from media.transcripts import StoredTurn, get_turns
from media.volunteering.listening import count_plays
from web.visits import may

MOST = 100  # of each kind: nobody reads further before some of it is done
MAX_SKIPPED = 40


class Kind(StrEnum):
    """What is asked about."""

    PROPOSAL = "proposal"
    READING = "turn"
    MACHINE = "machine"


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to decide."""

    kind: Kind
    id: int  # of the proposal, or of the turn
    episode: Episode
    turn: StoredTurn  # without what was withdrawn
    by: str  # who proposes it; empty for a reading

    @property
    def key(self) -> str:
        """How an address names it among those that were skipped."""
        return f"{'t' if self.kind is Kind.READING else 'p'}{self.id}"

    @property
    def path(self) -> str:
        """Where it is decided."""
        return f"/review/{'turn' if self.kind is Kind.READING else 'proposal'}/{self.id}"


def list_waiting(connection: Connection, account: Account) -> list[Item]:
    """List what this person may decide, in the order in which it is asked."""

    @cache
    def weigh(episode_id: int) -> float:
        return float(count_plays(connection, episode_id))

    author = Author(account.id, account.name)
    readings = list_to_review(connection, author, order=weigh, limit=MOST)
    rows = [(Kind.READING, held.id, held.episode_id, held.id, "") for held in readings]
    if may(account, Role.REVIEWER):
        found = {source: list_proposals(connection, source=source, limit=MOST) for source in (*Source,)}
        people, machines = (
            [
                (kind, held.id, held.episode_id, held.turn_id, held.author.name)
                for held in sorted(found[source], key=lambda held: (-weigh(held.episode_id), held.id))
            ]
            for kind, source in ((Kind.PROPOSAL, Source.PERSON), (Kind.MACHINE, Source.MACHINE))
        )
        rows = [*people, *rows, *machines]
    episodes = get_episodes(connection, {row[2] for row in rows})
    turns = get_turns(connection, {row[3] for row in rows})
    return [
        Item(kind, identity, episodes[episode_id], turns[turn_id], by)
        for kind, identity, episode_id, turn_id, by in rows
        if episode_id in episodes and not episodes[episode_id].private and turn_id in turns
    ]


def find_next(connection: Connection, account: Account, skipped: Collection[str]) -> Item | None:
    """Find what to decide next, without what this person skipped."""
    waiting = list_waiting(connection, account)
    return next((item for item in waiting if item.key not in skipped), None)


def read_skipped(text: str | None) -> list[str]:
    """Read which items an address says were skipped, the latest of them.

    >>> read_skipped("t12,p3,<x>"), read_skipped(None)
    (['t12', 'p3'], [])
    """
    keys = [key for key in (text or "").split(",") if key[:1] in {"t", "p"} and key[1:].isdecimal()]
    return list(dict.fromkeys(keys))[-MAX_SKIPPED:]

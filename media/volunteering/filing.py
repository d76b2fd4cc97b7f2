"""Put the doubts that were found in the queue, by what they gain where the episode is listened to.

What somebody has settled does not come back; what people could not tell comes behind the rest.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from media.volunteering import tables
from media.volunteering.doubts import FoundDoubt, Kind, name_place
from media.volunteering.listening import weigh_listening

MIN_GAIN = 4.0  # a doubt from which less is to be gained is not kept
IS_VOICE = tables.doubt.c.kind == str(Kind.SPEAKER)


def file_doubts(
    connection: Connection, episode_id: int, found: Sequence[FoundDoubt], among: ColumnElement[bool]
) -> None:
    """Put these doubts in place of those of the episode that are `among` some.

    Those that stay keep their row: a doubt that somebody holds keeps its identity, so that
    the page that shows it can answer.
    """
    doubt = tables.doubt
    here = (doubt.c.episode_id == episode_id) & among
    held = {row.fingerprint: row for row in connection.execute(select(doubt).where(here))}
    settled = _settled(connection, episode_id)
    worth = {
        each.fingerprint: each for each in found if each.gain >= MIN_GAIN and each.fingerprint not in settled
    }
    gone = [row.id for name, row in held.items() if name not in worth]
    if gone:
        connection.execute(delete(doubt).where(doubt.c.id.in_(gone)))
    weight, untold = weigh_listening(connection, episode_id), _count_untold(connection, episode_id)
    for name, each in worth.items():
        values = _doubt_values(each, weight / (1 + untold[name_place(name)]))
        if name in held:
            if any(getattr(held[name], column) != value for column, value in values.items()):
                connection.execute(update(doubt).where(doubt.c.id == held[name].id).values(**values))
        else:
            connection.execute(insert(doubt).values(episode_id=episode_id, fingerprint=name, **values))


def _doubt_values(each: FoundDoubt, weight: float) -> dict[str, Any]:
    return {
        "turn_id": each.turn_id,
        "place": name_place(each.fingerprint),
        "kind": str(each.kind),
        "first_word": each.first_word,
        "last_word": each.last_word,
        "words": each.words,
        "hint": each.hint,
        "gain": each.gain,
        "priority": each.gain * weight,
    }


def _count_untold(connection: Connection, episode_id: int) -> Counter[str]:
    """Count, by place, the people who heard an episode's doubts and could not tell."""
    verdict = tables.verdict
    here = (verdict.c.episode_id == episode_id) & (verdict.c.answer == "cannot tell")
    return Counter(connection.execute(select(verdict.c.place).where(here)).scalars())


def _settled(connection: Connection, episode_id: int) -> set[str]:
    verdict = tables.verdict
    here = (verdict.c.episode_id == episode_id) & verdict.c.settles.is_(True)
    query = select(verdict.c.fingerprint).where(here)
    return set(connection.execute(query).scalars())

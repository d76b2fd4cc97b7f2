"""Write what a survey found, in one short transaction, and only the rows that change.

Doubts go into the queue by what they gain where the episode is listened to. What somebody has
settled does not come back; what people could not tell comes behind the rest.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Table, bindparam, delete, insert, select, update

from media import schema
from media.volunteering import tables
from media.volunteering.accuracy import Compared
from media.volunteering.doubts import FoundDoubt, Kind, name_place
from media.volunteering.findings import Findings, Material, Minutes, read_surveyed
from media.volunteering.glossary import read_terms
from media.volunteering.listening import weigh_listening
from media.volunteering.rarity import move_counts

MIN_GAIN = 4.0  # a doubt from which less is to be gained is not kept
IS_VOICE = tables.doubt.c.kind == str(Kind.SPEAKER)


def file_findings(connection: Connection, material: Material, findings: Findings, now: datetime) -> bool:
    """Write what was found in an episode; False, and nothing, if that is not what it is any more."""
    episode_id = material.before.episode_id
    episode = read_surveyed(connection, episode_id, lock=True)
    if not _is_as_read(connection, material, episode):
        return False
    move_counts(connection, findings.came, findings.went)
    if episode is None:
        _forget(connection, episode_id)
        return True
    _write_compared(connection, episode_id, findings.source, findings.compared)
    minutes = findings.minutes
    values = {
        "revision": episode.revision,
        "stale": False,
        "words": findings.packed_words,
        "machine_ms": minutes.machine_ms,
        "read_ms": minutes.read_ms,
        "validated_ms": minutes.validated_ms,
        "doubtful_ms": minutes.doubtful_ms,
    }
    connection.execute(update(tables.survey).where(tables.survey.c.episode_id == episode_id).values(**values))
    _count_month(connection, material.before, minutes, now)
    file_doubts(connection, episode_id, findings.doubts, tables.doubt.c.episode_id == episode_id)
    return True


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
    fresh = list[dict[str, Any]]()
    for name, each in worth.items():
        values = _doubt_values(each, weight / (1 + untold[name_place(name)]))
        if name not in held:
            fresh.append({"episode_id": episode_id, "fingerprint": name, **values})
        elif any(getattr(held[name], column) != value for column, value in values.items()):
            connection.execute(update(doubt).where(doubt.c.id == held[name].id).values(**values))
    if fresh:
        connection.execute(insert(doubt), fresh)


def _is_as_read(connection: Connection, material: Material, episode: Row[Any] | None) -> bool:
    """Tell whether an episode, its words' counts and its show's terms are still those that were read."""
    survey, change, before = tables.survey, schema.change.c, material.before
    held = connection.execute(
        select(survey).where(survey.c.episode_id == before.episode_id).with_for_update()
    ).first()
    if held is None or not held.stale or held.words != before.words or episode != material.episode:
        return False  # another worker surveyed it, or somebody changed it
    newer = select(change.id).where(change.id > material.change_id, change.episode_id == before.episode_id)
    if connection.execute(newer.limit(1)).first():
        return False
    return episode is None or read_terms(connection, episode.show_id) == material.terms


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


def _count_month(connection: Connection, before: Row[Any], after: Minutes, now: datetime) -> None:
    """Add what people did since the last survey to this month; what was undone is taken off again.

    The first survey of an episode counts nothing: what people did before it has no date.
    """
    if before.revision < 0:
        return
    done, month = tables.month_done, f"{now:%Y-%m}"
    steps = {
        "read_ms": after.read_ms + after.validated_ms - before.read_ms - before.validated_ms,
        "validated_ms": after.validated_ms - before.validated_ms,
    }
    if not any(steps.values()):
        return
    added = {name: done.c[name] + step for name, step in steps.items()}
    if not connection.execute(update(done).where(done.c.month == month).values(**added)).rowcount:
        connection.execute(insert(done).values(month=month, **steps))


def _write_compared(connection: Connection, episode_id: int, source: str, compared: Compared) -> None:
    tallies = [
        (source[:200], name[:200], words, errors) for name, (words, errors) in compared.tallies.items()
    ]
    _replace_rows(connection, tables.accuracy, episode_id, tallies)
    pairs = [(heard, written, count) for (heard, written), count in compared.replaced.items()]
    _replace_rows(connection, tables.replacement, episode_id, pairs)


def _replace_rows(
    connection: Connection, table: Table, episode_id: int, wanted: Collection[tuple[Any, ...]]
) -> None:
    """Put these rows, less the episode, in place of an episode's; those that stay are not written."""
    here = table.c.episode_id == episode_id
    names = [column.name for column in table.c if column is not table.c.episode_id]
    keys = [name for name in names if table.c[name].primary_key]
    held = {tuple(row) for row in connection.execute(select(*(table.c[name] for name in names)).where(here))}
    if gone := held.difference(wanted):
        this = [table.c[name] == bindparam(f"old_{name}") for name in keys]
        olds = [{f"old_{name}": value for name, value in zip(names, row, strict=True)} for row in gone]
        connection.execute(delete(table).where(here, *this), olds)
    if fresh := set(wanted) - held:
        rows = [{"episode_id": episode_id, **dict(zip(names, row, strict=True))} for row in fresh]
        connection.execute(insert(table), rows)


def _forget(connection: Connection, episode_id: int) -> None:
    """Keep nothing of an episode that is gone, or that nobody may read."""
    for table in (tables.survey, tables.doubt, tables.accuracy, tables.replacement):
        connection.execute(delete(table).where(table.c.episode_id == episode_id))

"""When, and by whom, what is quoted was changed: the acts that a quote's page tells."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from sqlalchemy import Connection, select

from media import schema
from media.correction import tables as correction
from media.correction.journal import ActKind
from media.people.withdrawn import Withdrawn
from media.quotes.following import Look, Reading
from media.quotes.values import CUT, Change, Fate, Quote

NAMING = ("voice named", str(ActKind.SPEAKER))


def tell_shape(frozen: Sequence[Sequence[int]], now: Sequence[Sequence[int]]) -> Fate:
    """Say what became of the turns that hold the same words; both are turns of each span, in order."""
    before, after = (sum(map(len, turns)) for turns in (frozen, now))
    if after != before:
        return Fate.CUT if after > before else Fate.JOINED
    return Fate.SAME if list(map(tuple, now)) == list(map(tuple, frozen)) else Fate.MOVED


def list_turn_ids(quote: Quote) -> list[tuple[int, ...]]:
    """List the turns of each span, in order."""
    return [tuple(dict.fromkeys(piece.turn_id for piece in span)) for span in quote.spans]


def tell_readings(quote: Quote, readings: Iterable[Reading]) -> Iterator[Change]:
    """Tell what each act made of a quote since it was frozen, compared with what it was just before."""
    frozen = tuple(tuple(word.text for piece in span for word in piece.words) for span in quote.spans)
    for reading in readings:
        made = reading.made_at, reading.author
        text = f" {CUT} ".join(" ".join(words) for words in reading.now.spans if words)
        fate = _tell_words(frozen, reading.before, reading.now)
        if fate is not None:
            yield Change(fate, *made, text or None, reading.reason)
        if _is_renamed(reading.before, reading.now):
            yield Change(Fate.RENAMED, *made, reason=reading.reason)


def hide_readings(changes: Iterable[Change], episode_id: int, withdrawn: Withdrawn) -> tuple[Change, ...]:
    """Take out of old readings whatever may be withdrawn: all of them, where words of the episode are.

    An old reading has no times, so that nobody can say which of its words a withdrawal is of.
    """
    language = withdrawn.languages.get(episode_id)
    if withdrawn.passages.get(episode_id):
        return tuple(replace(change, text=None, reason=None) for change in changes)
    return tuple(
        replace(
            change,
            text=change.text and withdrawn.hide_names(change.text, language),
            reason=change.reason and withdrawn.hide_names(change.reason, language),
        )
        for change in changes
    )


def _tell_words(frozen: tuple[tuple[str, ...], ...], before: Look, now: Look) -> Fate | None:
    """Say what an act did to the words or to their turns; `SAME` put back the words that were quoted."""
    if now.spans != before.spans:
        if not any(now.spans):
            return Fate.LOST
        return Fate.SAME if now.spans == frozen else Fate.CORRECTED
    shape = tell_shape(before.turns, now.turns)
    return None if shape is Fate.SAME else shape


def _is_renamed(before: Look, now: Look) -> bool:
    if not any(before.spans) or now.voices == before.voices:
        return False
    if now.spans == before.spans:
        return True
    then, today = ({voice for span in look.voices for voice in span} for look in (before, now))
    return not today <= then  # words that went may have taken a voice with them


def find_naming(connection: Connection, quote: Quote, turn_ids: Iterable[int]) -> Change | None:
    """Find who last said, since a quote was frozen, whose voice it is."""
    turn, revision, act = schema.turn.c, schema.revision.c, correction.act.c
    wanted = set(turn_ids)
    speaking = select(turn.voice_id).where(turn.id.in_(wanted))
    query = select(schema.voice.c.id, schema.voice.c.number).where(schema.voice.c.id.in_(speaking))
    voices = {row.id: row.number for row in connection.execute(query)}
    touched = select(correction.turn_version.c.act_id).where(correction.turn_version.c.turn_id.in_(wanted))
    own = set(connection.execute(touched).scalars())
    acts = (
        select(*revision, act.author, act.reason, act.detail.label("facts"), schema.account.c.name)
        .outerjoin(correction.act, act.id == revision.act_id)
        .outerjoin(schema.account, schema.account.c.id == revision.account_id)
        .where(revision.episode_id == quote.episode_id, revision.number > quote.revision)
        .where(revision.act.in_(NAMING))
        .order_by(revision.number.desc())
    )
    for row in connection.execute(acts):
        named = {voice[0] for voice in (row.facts or {}).get("voices", [])}
        if row.act_id in own or named & voices.keys() or row.detail.get("voice") in voices.values():
            return Change(Fate.RENAMED, row.made_at, row.author or row.name or "", reason=row.reason)
    return None


def find_transcription(connection: Connection, quote: Quote) -> Change | None:
    """Find when another transcript last took the place of the one that was quoted."""
    revision = schema.revision.c
    query = (
        select(revision.made_at)
        .where(revision.episode_id == quote.episode_id, revision.number > quote.revision)
        .where(revision.act == "transcribed")
        .order_by(revision.number.desc())
        .limit(1)
    )
    made_at = connection.execute(query).scalar()
    return None if made_at is None else Change(Fate.RETRANSCRIBED, made_at, "")

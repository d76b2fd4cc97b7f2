"""What is kept of an episode's words: the machine's first version, the turns, the voices, the acts.

The machine's transcript is stored whole and never changed. The turns beside it are what is
read, searched and corrected. A machine never overwrites a turn that a person has touched or a
voice that a person has named: a later transcript of such an episode is only kept.

An episode may have two editions of its words: what was said, which machines make, and what people
published, which no machine touches. Each has its own turns, counted from 0; the voices are shared.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, exists, func, insert, select, update

from media import schema
from media.changes import log_change
from media.correction import tables
from media.errors import NotFoundError
from media.packing import dump_doubts, dump_transcript, load_doubts, load_transcript
from media.people.withdrawn import Withdrawn, read_names, read_withdrawn
from media.transcript import (
    Edition,
    Transcript,
    Turn,
    TurnKind,
    TurnState,
    pack_words,
    unpack_words,
)


class Attribution(StrEnum):
    """How a voice came by its name."""

    NONE = "none"  # a voice found in the audio, not named
    HUMAN = "human"
    IMPORTED = "imported"


@dataclass(frozen=True, slots=True)
class Voice:
    """One voice of an episode, and who it is, where somebody said so."""

    id: int
    number: int  # in its episode, from 1, by first words
    name: str | None
    attribution: Attribution


@dataclass(frozen=True, slots=True)
class StoredTurn:
    """A turn with its identity, place and voice."""

    id: int
    episode_id: int
    position: int  # from 0 in its edition, in the order of speech
    turn: Turn
    voice: Voice | None
    version: int = 0  # grows with each change of this turn; 0: as the machine made it
    read_by: int | None = None  # the account of who read it last
    edition: Edition = Edition.SPOKEN


def save_machine_transcript(
    connection: Connection, episode_id: int, transcript: Transcript, run: str, now: datetime
) -> bool:
    """Keep a machine's transcript, and make it what was said where no person has worked on that.

    The published text, and the voices that speak in it, stay as they are: the machine's voices are
    numbered after them. `run` names the work that made it: saving the same run twice changes nothing,
    so that a step cut down after its commit can be taken again. Returns whether the turns are now these.
    """
    if connection.execute(_kept_runs(run)).first():
        return False
    installed = not is_touched(connection, episode_id)
    kept = insert(schema.machine_transcript).values(
        episode_id=episode_id,
        run=run,
        source=transcript.source,
        language=transcript.language,
        made_at=now,
        content=dump_transcript(transcript),
        installed=installed,
    )
    connection.execute(kept)
    if not installed:
        return False
    voices = _replace_heard_voices(connection, episode_id, transcript.turns)
    replace_turns(connection, episode_id, Edition.SPOKEN, transcript.turns, voices)
    record_act(connection, episode_id, "transcribed", {"source": transcript.source}, now)
    log_change(connection, episode_id, now)
    return True


def read_machine_transcript(connection: Connection, episode_id: int) -> Transcript | None:
    """Read the first transcript that a machine made of this episode."""
    query = (
        select(schema.machine_transcript.c.content)
        .where(schema.machine_transcript.c.episode_id == episode_id)
        .order_by(schema.machine_transcript.c.id)
        .limit(1)
    )
    content = connection.execute(query).scalar()
    return None if content is None else load_transcript(content)


def is_touched(connection: Connection, episode_id: int) -> bool:
    """Tell whether people have worked on what was said: no machine may then replace its turns.

    A voice of the published text alone, however named, is no work on what was said; nor is a name that
    came with that text.
    """
    turn, voice, version = schema.turn.c, schema.voice.c, tables.turn_version.c
    by_people = (turn.version > 0) | (turn.state != TurnState.MACHINE)
    said = (turn.episode_id == episode_id) & (turn.edition == Edition.SPOKEN)
    is_heard = exists(select(turn.id).where(said, turn.voice_id == voice.id))
    queries = (
        select(turn.id).where(said, by_people),
        select(voice.id).where(
            voice.episode_id == episode_id,
            voice.attribution == Attribution.HUMAN,
            is_heard | ~_is_published(),
        ),
        select(version.id).where(version.episode_id == episode_id, version.edition == Edition.SPOKEN),
    )
    return any(connection.execute(query.limit(1)).first() for query in queries)


def list_turns(
    connection: Connection, episode_id: int, edition: Edition | None = None, *, public: bool = True
) -> list[StoredTurn]:
    """List the turns of one edition of an episode in order; None is the one that leads.

    Public: without what was withdrawn.
    """
    query = _select_turns().where(in_edition(episode_id, edition)).order_by(schema.turn.c.position)
    return _read_turns(connection, query, public=public)


def in_edition(episode_id: int, edition: Edition | None = None) -> ColumnElement[bool]:
    """Tell the turns of one edition of an episode, in a query; None is the one that leads."""
    here = schema.turn.c.episode_id == episode_id
    if edition is not None:
        return here & (schema.turn.c.edition == edition)
    leading = select(schema.episode.c.edition).where(schema.episode.c.id == episode_id)
    return here & (schema.turn.c.edition == leading.scalar_subquery())


def beside(turn: StoredTurn) -> ColumnElement[bool]:
    """Tell the turns of the episode and edition of a turn, in a query."""
    return in_edition(turn.episode_id, turn.edition)


def is_leading() -> ColumnElement[bool]:
    """Tell the turns of the edition that leads in their episode, in a query that joins `schema.episode`."""
    return schema.turn.c.edition == schema.episode.c.edition


def find_leading(connection: Connection, episode_id: int) -> Edition:
    """Tell which edition of an episode leads: what was said, where there is no such episode."""
    query = select(schema.episode.c.edition).where(schema.episode.c.id == episode_id)
    return Edition(connection.execute(query).scalar() or Edition.SPOKEN)


def list_editions(connection: Connection, episode_id: int) -> tuple[Edition, ...]:
    """List the editions of an episode that have turns, the one that leads first."""
    first = find_leading(connection, episode_id)
    query = select(schema.turn.c.edition).where(schema.turn.c.episode_id == episode_id).distinct()
    held = {Edition(edition) for edition in connection.execute(query).scalars()}
    return tuple(sorted(held, key=lambda edition: (edition != first, edition)))


def get_turns(
    connection: Connection, turn_ids: Iterable[int], *, public: bool = True
) -> dict[int, StoredTurn]:
    """Read turns by identity, those that are gone left out; public: without what was withdrawn."""
    query = _select_turns().where(schema.turn.c.id.in_(set(turn_ids)))
    return {turn.id: turn for turn in _read_turns(connection, query, public=public)}


def list_turns_around(connection: Connection, turn: StoredTurn, reach: int) -> list[StoredTurn]:
    """List a turn with up to `reach` turns of its edition before it and after it, in order."""
    near = schema.turn.c.position.between(turn.position - reach, turn.position + reach)
    query = _select_turns().where(beside(turn), near)
    return _read_turns(connection, query.order_by(schema.turn.c.position), public=True)


def hide_withdrawn(held: StoredTurn, withdrawn: Withdrawn) -> StoredTurn:
    """Put notices in place of what was withdrawn of a turn, and of its voice's name."""
    turn, voice = withdrawn.hide_turn(held.turn, held.episode_id, held.id, held.edition), held.voice
    if voice is not None and turn.voice is None and held.turn.voice is not None:
        voice = None  # all of it is withdrawn: nor is it said who spoke
    elif voice is not None:
        voice = replace(voice, name=withdrawn.hide_speaker(voice.name, held.episode_id))
    return replace(held, turn=turn, voice=voice)


def list_voices(connection: Connection, episode_id: int) -> list[Voice]:
    """List the voices that speak in an episode, in either edition, by number."""
    query = (
        select(schema.voice.c.id, schema.voice.c.number, schema.speaker.c.name, schema.voice.c.attribution)
        .outerjoin(schema.speaker, schema.speaker.c.id == schema.voice.c.speaker_id)
        .where(schema.voice.c.episode_id == episode_id, _speaks())
        .order_by(schema.voice.c.number)
    )
    withdrawn = read_withdrawn(connection, [episode_id])
    return [
        Voice(voice_id, number, withdrawn.hide_speaker(name, episode_id), Attribution(attribution))
        for voice_id, number, name, attribution in connection.execute(query)
    ]


def list_speakers(connection: Connection, show_id: int | None = None) -> list[str]:
    """List the names that people have given to voices, of one show or of all."""
    query = (
        select(schema.speaker.c.name)
        .join(schema.voice)
        .where(_speaks())
        .distinct()
        .order_by(schema.speaker.c.name)
    )
    if show_id is not None:
        query = query.where(schema.speaker.c.show_id == show_id)
    withdrawn = read_names(connection)
    return [name for name in connection.execute(query).scalars() if withdrawn.hide_names(name) == name]


def name_voice(
    connection: Connection,
    episode_id: int,
    number: int,
    name: str | None,
    now: datetime,
    account_id: int | None = None,
) -> None:
    """Say who a voice of an episode is, or with None that nobody knows; NotFoundError without the voice."""
    voice = (schema.voice.c.episode_id == episode_id) & (schema.voice.c.number == number)
    speaker_id = None if name is None else find_speaker(connection, episode_id, name)
    attribution = Attribution.NONE if name is None else Attribution.HUMAN
    named = connection.execute(
        update(schema.voice).where(voice).values(speaker_id=speaker_id, attribution=attribution)
    )
    if not named.rowcount:
        raise NotFoundError(f"episode {episode_id} has no voice {number}", kind="voice", name=str(number))
    record_act(connection, episode_id, "voice named", {"voice": number, "name": name}, now, account_id)
    log_change(connection, episode_id, now)


def find_speaker(connection: Connection, episode_id: int, name: str) -> int:
    """Find the speaker of this name in an episode's show, or add one; return the identity."""
    show_id = select(schema.episode.c.show_id).where(schema.episode.c.id == episode_id).scalar_subquery()
    query = select(schema.speaker.c.id).where(
        schema.speaker.c.show_id == show_id, schema.speaker.c.name == name
    )
    held = connection.execute(query).scalar()
    if held is not None:
        return int(held)
    statement = insert(schema.speaker).values(show_id=show_id, name=name)
    return int(connection.execute(statement.returning(schema.speaker.c.id)).scalar_one())


def record_act(
    connection: Connection,
    episode_id: int,
    act: str,
    detail: Mapping[str, Any],
    now: datetime,
    account_id: int | None = None,
    act_id: int | None = None,
) -> int:
    """Write what somebody, or the machine, did to an episode, and return its new revision number."""
    this = schema.episode.c.id == episode_id
    number: int = connection.execute(
        update(schema.episode)
        .where(this)
        .values(revision=schema.episode.c.revision + 1)
        .returning(schema.episode.c.revision)
    ).scalar_one()
    connection.execute(
        insert(schema.revision).values(
            episode_id=episode_id,
            number=number,
            made_at=now,
            account_id=account_id,
            act=act,
            detail=dict(detail),
            act_id=act_id,
        )
    )
    return number


def _kept_runs(run: str) -> Any:
    return select(schema.machine_transcript.c.id).where(schema.machine_transcript.c.run == run)


def _replace_heard_voices(connection: Connection, episode_id: int, turns: Iterable[Turn]) -> dict[int, int]:
    """Give what was said the voices that a machine told apart, beside those of the published text.

    Returns the identity of each voice by its number in these turns.
    """
    voice = schema.voice.c
    connection.execute(delete(schema.turn).where(in_edition(episode_id, Edition.SPOKEN)))
    connection.execute(delete(schema.voice).where(voice.episode_id == episode_id, ~_is_published()))
    kept = select(func.max(voice.number)).where(voice.episode_id == episode_id)
    taken = connection.execute(kept).scalar() or 0
    return {
        number: connection.execute(
            insert(schema.voice)
            .values(episode_id=episode_id, number=taken + number, attribution=Attribution.NONE)
            .returning(voice.id)
        ).scalar_one()
        for number in sorted({turn.voice for turn in turns if turn.voice is not None})
    }


def _is_published() -> ColumnElement[bool]:
    """Tell a voice that speaks in a published text, or did in its history, from one heard by a machine."""
    turn, version = schema.turn.c, tables.turn_version.c
    speaks = select(turn.id).where(turn.voice_id == schema.voice.c.id, turn.edition == Edition.PUBLISHED)
    spoke = select(version.id).where(
        version.episode_id == schema.voice.c.episode_id,
        version.voice_id == schema.voice.c.id,
        version.edition == Edition.PUBLISHED,
    )
    return exists(speaks) | exists(spoke)


def replace_turns(
    connection: Connection,
    episode_id: int,
    edition: Edition,
    turns: Iterable[Turn],
    voices: Mapping[int, int],
) -> None:
    """Give one edition of an episode these turns in place of those that it had, without any history.

    `voices` gives the identity of each voice by its number in these turns. The caller records the
    act and logs the change; what people made right is changed by `media.correction` only.
    """
    connection.execute(delete(schema.turn).where(in_edition(episode_id, edition)))
    rows = [
        {
            "episode_id": episode_id,
            "edition": edition,
            "position": position,
            "kind": turn.kind,
            "label": turn.label,
            "voice_id": None if turn.voice is None else voices[turn.voice],
            "start_ms": turn.start_ms,
            "end_ms": turn.end_ms,
            "words": pack_words(turn.words),
            "doubts": dump_doubts(turn.doubts),
            "state": turn.state,
        }
        for position, turn in enumerate(turns)
    ]
    if rows:
        connection.execute(insert(schema.turn), rows)


def _speaks() -> ColumnElement[bool]:
    """Tell a voice that has turns from one whose turns were all given to another."""
    return exists(select(schema.turn.c.id).where(schema.turn.c.voice_id == schema.voice.c.id))


def _select_turns() -> Any:
    return (
        select(
            schema.turn,
            schema.voice.c.number.label("voice_number"),
            schema.voice.c.attribution,
            schema.speaker.c.name.label("speaker_name"),
        )
        .outerjoin(schema.voice, schema.voice.c.id == schema.turn.c.voice_id)
        .outerjoin(schema.speaker, schema.speaker.c.id == schema.voice.c.speaker_id)
    )


def _read_turns(connection: Connection, query: Any, *, public: bool) -> list[StoredTurn]:
    turns = [_stored_turn(row) for row in connection.execute(query)]
    if not public:
        return turns
    withdrawn = read_withdrawn(connection, {held.episode_id for held in turns})
    return [hide_withdrawn(held, withdrawn) for held in turns]


def _stored_turn(row: Row[Any]) -> StoredTurn:
    voice = None
    if row.voice_id is not None:
        voice = Voice(row.voice_id, row.voice_number, row.speaker_name, Attribution(row.attribution))
    turn = Turn(
        words=unpack_words(row.words),
        voice=row.voice_number,
        kind=TurnKind(row.kind),
        label=row.label,
        start_ms=row.start_ms,
        end_ms=row.end_ms,
        state=TurnState(row.state),
        doubts=load_doubts(row.doubts),
    )
    edition = Edition(row.edition)
    return StoredTurn(row.id, row.episode_id, row.position, turn, voice, row.version, row.read_by, edition)

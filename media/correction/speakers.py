"""Say who speaks: in one turn, from there on, in the episode, or wherever the name was given.

A voice is what a machine told apart within one episode; nobody's voice is looked for in another
(DOMAIN.md, 5). “Everywhere” therefore follows a name that people gave, not a sound. Naming a whole
voice changes no turn, and so disturbs nobody who is typing.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, select

from media import schema
from media.correction.authors import Author
from media.correction.errors import NotSpeechError, SpeakerNameError
from media.correction.journal import (
    ActKind,
    OpenAct,
    Outcome,
    add_voice,
    at_version,
    find_repeated,
    find_voice,
    read_turns,
    read_voices,
    reading_order,
    take_episodes,
    take_turns,
)
from media.correction.typed import clean_line
from media.errors import NotFoundError
from media.transcript import TurnKind, TurnState
from media.transcripts import Attribution, StoredTurn, Voice, beside

MAX_NAME_LENGTH = 120


class Scope(StrEnum):
    """How far a name goes."""

    TURN = "turn"
    FROM_HERE = "from here"  # this turn, and those of this voice after it
    EPISODE = "episode"
    EVERYWHERE = "everywhere"  # every voice of the show that bears this voice's present name


@dataclass(frozen=True, slots=True)
class Place:
    """An episode in which a name would change, and in how many turns."""

    episode_id: int
    title: str
    turns: int


def count_scopes(connection: Connection, turn_id: int) -> dict[Scope, int]:
    """Count the turns that each scope would name, from a turn; 0 everywhere for a voice without a name."""
    held = read_turns(connection, [turn_id]).get(turn_id)
    if held is None or held.turn.kind is not TurnKind.SPEECH:
        return dict.fromkeys(Scope, 0)
    after = schema.turn.c.position >= held.position
    everywhere = sum(place.turns for place in list_places(connection, turn_id))
    return {
        Scope.TURN: 1,
        Scope.FROM_HERE: _count(connection, _same_voice(held) & after),
        Scope.EPISODE: _count(connection, _same_voice(held)),
        Scope.EVERYWHERE: everywhere,
    }


def list_places(connection: Connection, turn_id: int) -> list[Place]:
    """List the episodes where EVERYWHERE would name voices, to be looked at before."""
    held = read_turns(connection, [turn_id]).get(turn_id)
    if held is None or held.voice is None or held.voice.name is None:
        return []
    voices = read_voices(connection, _named_alike(connection, held.episode_id, held.voice.name))
    query = (
        select(schema.episode.c.id, schema.episode.c.title, func.count())
        .join(schema.turn, schema.turn.c.episode_id == schema.episode.c.id)
        .where(schema.turn.c.voice_id.in_([voice.id for voice in voices]))
        .group_by(schema.episode.c.id, schema.episode.c.title)
        .order_by(schema.episode.c.id)
    )
    return [Place(*row) for row in connection.execute(query)]


def assign_speaker(
    connection: Connection,
    turn_id: int,
    version: int,
    name: str | None,
    scope: Scope,
    author: Author,
    now: datetime,
    *,
    voice: int | None = None,
    episodes: Collection[int] | None = None,
    token: str | None = None,
) -> Outcome:
    """Say who speaks in a turn, as far as the scope goes; returns all turns that read otherwise now.

    The name None says that nobody knows. `voice` gives the turns to another voice of the episode,
    by its number, instead of a name. `episodes` keeps EVERYWHERE to these, and the turn's own.
    """
    if scope is Scope.EVERYWHERE:  # all at once, so that two such acts wait for each other in one order
        take_episodes(connection, [place.episode_id for place in list_places(connection, turn_id)])
    held = take_turns(connection, [turn_id])
    if repeated := find_repeated(connection, author, token):
        return repeated
    here = at_version(connection, held, turn_id, version)
    if here.turn.kind is not TurnKind.SPEECH:
        raise NotSpeechError(f"turn {turn_id} is {here.turn.kind}")
    clean = None if name is None else _clean_name(name)
    if scope in (Scope.TURN, Scope.FROM_HERE) or voice is not None or here.voice is None:
        return _give_turns(connection, here, clean, scope, author, now, voice=voice, token=token)
    where = schema.voice.c.id == here.voice.id
    if scope is Scope.EVERYWHERE and here.voice.name is not None:
        where = _named_alike(connection, here.episode_id, here.voice.name)
    rows = read_voices(connection, where)
    if episodes is not None:
        rows = [row for row in rows if row.episode_id in {*episodes, here.episode_id}]
    facts = {"scope": scope, "name": clean}
    return _name_voices(connection, rows, clean, author, now, token=token, facts=facts)


def _give_turns(
    connection: Connection,
    here: StoredTurn,
    name: str | None,
    scope: Scope,
    author: Author,
    now: datetime,
    *,
    voice: int | None,
    token: str | None,
) -> Outcome:
    """Give turns to the voice of this name or number, which is added where the episode lacks the name."""
    given = _given_voice(connection, here.episode_id, name, voice)
    where = schema.turn.c.id == here.id
    if scope is not Scope.TURN:
        where = _same_voice(here)
    if scope is Scope.FROM_HERE:
        where &= schema.turn.c.position >= here.position
    identities = connection.execute(select(schema.turn.c.id).where(where)).scalars().all()
    turns = [held for held in read_turns(connection, identities).values() if held.voice != given]
    if not turns:
        return Outcome((here,), None)
    named = name if given is None else given.name or f"{given.number}"
    act = OpenAct(connection, ActKind.SPEAKER, author, now, token=token, scope=scope, name=named)
    for held in turns:
        state = TurnState.READ if held.turn.state is TurnState.VALIDATED else held.turn.state
        turn = replace(held.turn, voice=None if given is None else given.number, state=state)
        act.change(held, turn, voice=given, read_by=held.read_by)
    return act.close()


def _given_voice(
    connection: Connection, episode_id: int, name: str | None, voice: int | None
) -> Voice | None:
    if voice is not None:
        found = find_voice(connection, episode_id, number=voice)
        if found is None:
            raise NotFoundError(f"episode {episode_id} has no voice {voice}", kind="voice", name=str(voice))
        return found
    if name is None:
        return None
    return find_voice(connection, episode_id, name=name) or add_voice(connection, episode_id, name)


def _name_voices(
    connection: Connection,
    rows: Sequence[Row[Any]],
    name: str | None,
    author: Author,
    now: datetime,
    *,
    token: str | None,
    facts: Mapping[str, Any],
) -> Outcome:
    take_episodes(connection, [row.episode_id for row in rows])
    attribution = Attribution.NONE if name is None else Attribution.HUMAN
    changed = [row for row in rows if (row.name, row.attribution) != (name, attribution)]
    act_id = None
    if changed:
        act = OpenAct(connection, ActKind.SPEAKER, author, now, token=token, **facts)
        for row in changed:
            act.name_voice(row, name, attribution)
        act_id = act.close().act_id
    query = select(schema.turn.c.id).where(schema.turn.c.voice_id.in_([row.id for row in rows]))
    turns = read_turns(connection, connection.execute(query).scalars().all())
    ordered = sorted(turns.values(), key=reading_order)
    return Outcome(tuple(ordered), act_id)


def _clean_name(name: str) -> str:
    clean = clean_line(name)
    if not 1 <= len(clean) <= MAX_NAME_LENGTH:
        raise SpeakerNameError(f"a name of {len(clean)} characters", most=MAX_NAME_LENGTH)
    return clean


def _same_voice(held: StoredTurn) -> ColumnElement[bool]:
    here = beside(held) & (schema.turn.c.kind == TurnKind.SPEECH)
    voice = schema.turn.c.voice_id
    return here & (voice.is_(None) if held.voice is None else voice == held.voice.id)


def _named_alike(connection: Connection, episode_id: int, name: str) -> ColumnElement[bool]:
    query = select(schema.episode.c.show_id).where(schema.episode.c.id == episode_id)
    show_id: int = connection.execute(query).scalar_one()
    return (schema.speaker.c.show_id == show_id) & (schema.speaker.c.name == name)


def _count(connection: Connection, where: ColumnElement[bool]) -> int:
    return connection.execute(select(func.count()).select_from(schema.turn).where(where)).scalar_one()

"""What a survey finds in an episode: read in one transaction, then worked out in none.

Working out the doubts of ninety minutes takes half a second. Meanwhile somebody saves, and nobody
waits: `read_material` reads all that is needed, `find` is pure, and `media.volunteering.filing`
writes what was found, if the episode is still the one that was read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, or_, select

from media import schema
from media.changes import last_change
from media.episodes import EpisodeStatus
from media.transcript import Edition, Transcript, TurnKind, TurnState
from media.transcripts import StoredTurn, read_machine_transcript
from media.volunteering import tables
from media.volunteering.accuracy import Compared, compare_episode
from media.volunteering.doubts import FoundDoubt, Lexicon, find_doubts
from media.volunteering.glossary import read_terms
from media.volunteering.near import Terms
from media.volunteering.open_turns import list_open_turns
from media.volunteering.rarity import count_surveyed, list_words, pack_set, read_spread, unpack_set


@dataclass(frozen=True, slots=True)
class Minutes:
    """An episode's speech by state, in milliseconds."""

    machine_ms: int = 0
    read_ms: int = 0
    validated_ms: int = 0
    doubtful_ms: int = 0  # in turns with a marked doubt, whatever their state


@dataclass(frozen=True, slots=True)
class Material:
    """An episode as it was read, and what was then known of its words."""

    change_id: int  # the newest change of the log, before anything was read
    episode: Row[Any] | None  # None: gone, or nobody may read it
    before: Row[Any]  # its survey
    turns: Sequence[StoredTurn]  # of the edition that leads
    said: Sequence[StoredTurn]  # what was said: the same turns, unless a published text leads
    machine: Transcript | None
    terms: Terms
    words: frozenset[str]
    spread: dict[str, int]
    surveyed: int  # episodes


@dataclass(frozen=True, slots=True)
class Findings:
    """What is to be written of an episode."""

    doubts: Sequence[FoundDoubt]
    minutes: Minutes
    compared: Compared
    source: str  # the model that was compared
    came: Sequence[str]  # words that were not counted for this episode
    went: Sequence[str]
    packed_words: bytes


def read_material(connection: Connection, episode_id: int) -> Material | None:
    """Read what a survey of an episode needs; None of one that has none to come.

    On PostgreSQL each statement sees what was committed until then: the log is read first, so that
    what changes between two of them is seen by whoever writes the findings.
    """
    change_id = last_change(connection)
    before = connection.execute(
        select(tables.survey).where(tables.survey.c.episode_id == episode_id, tables.survey.c.stale.is_(True))
    ).first()
    if before is None:
        return None
    episode = read_surveyed(connection, episode_id)
    if episode is None:
        return Material(change_id, None, before, (), (), None, Terms((), ()), frozenset(), {}, 0)
    turns = list_open_turns(connection, episode_id, Edition(episode.edition))
    said = turns  # a published text is smoothed: what it writes otherwise is no error of the machine
    if episode.edition != Edition.SPOKEN:
        said = list_open_turns(connection, episode_id, Edition.SPOKEN)
    has_been_read = any(held.turn.state is not TurnState.MACHINE for held in said)
    words = list_words(turns)
    return Material(
        change_id,
        episode,
        before,
        turns,
        said,
        read_machine_transcript(connection, episode_id) if has_been_read else None,
        read_terms(connection, episode.show_id),
        frozenset(words),
        read_spread(connection, sorted(words)),
        count_surveyed(connection),
    )


def read_surveyed(connection: Connection, episode_id: int, *, lock: bool = False) -> Row[Any] | None:
    """Read an episode that the queue may ask about: it is ready, and public; None of any other."""
    query = select(
        schema.episode.c.id,
        schema.episode.c.show_id,
        schema.episode.c.revision,
        schema.episode.c.edition,
        schema.episode.c.listening_sha256.is_not(None).label("has_audio"),
    ).where(
        schema.episode.c.id == episode_id,
        schema.episode.c.private.is_(False),
        or_(schema.episode.c.status == EpisodeStatus.READY, schema.episode.c.transcribed_at.is_not(None)),
    )
    return connection.execute(query.with_for_update() if lock else query).first()


def find(material: Material) -> Findings:
    """Work out what there is in an episode."""
    counted = unpack_set(material.before.words)
    came, went = sorted(material.words - counted), sorted(counted - material.words)
    has_audio = material.episode is not None and material.episode.has_audio
    is_new = material.before.revision < 0
    spread = material.spread | {word: material.spread.get(word, 0) + 1 for word in came}
    lexicon = Lexicon(material.terms, spread, material.surveyed + is_new)
    return Findings(
        find_doubts(material.turns, lexicon) if has_audio else (),
        measure_minutes(material.turns),
        compare_episode(material.machine, material.said),
        material.machine.source if material.machine else "",
        came,
        went,
        pack_set(material.words) if came or went else material.before.words,
    )


def measure_minutes(turns: Sequence[StoredTurn]) -> Minutes:
    """Add up the speech of an episode's turns by state."""
    by_state = dict.fromkeys(TurnState, 0)
    doubtful = 0
    for held in turns:
        turn = held.turn
        if turn.kind is TurnKind.SPEECH and turn.start_ms is not None and turn.end_ms is not None:
            by_state[turn.state] += turn.end_ms - turn.start_ms
            doubtful += (turn.end_ms - turn.start_ms) if turn.doubts else 0
    return Minutes(
        by_state[TurnState.MACHINE], by_state[TurnState.READ], by_state[TurnState.VALIDATED], doubtful
    )


def read_lexicon(connection: Connection, show_id: int, turns: Sequence[StoredTurn]) -> Lexicon:
    """Read what is known of the words of these turns."""
    spread = read_spread(connection, sorted(list_words(turns)))
    return Lexicon(read_terms(connection, show_id), spread, count_surveyed(connection))

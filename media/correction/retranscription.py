"""A machine heard an episode again in which people worked: its words beside theirs, never over them.

Both texts are compared in stretches of some minutes that begin where a turn begins; what differs,
capitals and punctuation aside, becomes one proposal a place. What people returned once is not
proposed again. Only what was said is compared: a published text is not word for word.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from media import schema
from media.correction import tables
from media.correction.alignment import align_words, word_key
from media.correction.comparing import Difference, compare_words
from media.correction.proposals import Fate, Source
from media.packing import load_transcript
from media.transcript import Edition, TurnKind, Word
from media.transcripts import StoredTurn, list_turns

STRETCH_WORDS = 1_500


@dataclass(frozen=True, slots=True)
class _Offer:
    """What a machine would write in a turn: words from first to before end are replaced."""

    held: StoredTurn
    first: int
    end: int
    text: str

    @property
    def replaced(self) -> str:
        return " ".join(word.text for word in self.held.turn.words[self.first : self.end])


def propose_retranscription(connection: Connection, episode_id: int, run: str, now: datetime) -> int:
    """Propose what the machine transcript of this run heard otherwise; returns at how many places.

    Nothing where its turns became the episode's. Taking a run twice proposes nothing twice; what
    earlier machines proposed and nobody decided is overtaken.
    """
    kept = schema.machine_transcript
    query = select(kept).where(kept.c.episode_id == episode_id, kept.c.run == run)
    row = connection.execute(query).first()
    held = tables.proposal.c
    if row is None or row.installed:
        return 0
    if connection.execute(select(held.id).where(held.transcript_id == row.id).limit(1)).first():
        return 0
    waiting = (
        (held.episode_id == episode_id) & (held.source == Source.MACHINE) & (held.outcome == Fate.WAITING)
    )
    connection.execute(update(tables.proposal).where(waiting).values(outcome=Fate.OVERTAKEN, decided_at=now))
    transcript = load_transcript(row.content)
    heard = [word for turn in transcript.turns for word in turn.words if word.start_ms is not None]
    turns = [
        turn
        for turn in list_turns(connection, episode_id, Edition.SPOKEN, public=False)
        if turn.turn.kind is TurnKind.SPEECH and turn.turn.start_ms is not None
    ]
    refused = _list_refused(connection, episode_id)
    rows = [
        _row(offer, row.id, transcript.source, now)
        for offer in _compare(turns, heard)
        if (offer.held.id, offer.replaced, offer.text) not in refused
    ]
    if rows:
        connection.execute(insert(tables.proposal), rows)
    return len(rows)


def _compare(turns: Sequence[StoredTurn], heard: Sequence[Word]) -> Iterator[_Offer]:
    stretches = list(_cut_stretches(turns))
    upto = 0
    for stretch, after in zip(stretches, [*stretches[1:], None], strict=True):
        start = upto
        ends_ms = None if after is None else after[0].turn.start_ms
        while upto < len(heard) and (ends_ms is None or _middle(heard[upto]) < ends_ms):
            upto += 1
        yield from _compare_stretch(stretch, heard[start:upto])


def _cut_stretches(turns: Sequence[StoredTurn]) -> Iterator[list[StoredTurn]]:
    stretch: list[StoredTurn] = []
    length = 0
    for held in turns:
        if stretch and length + len(held.turn.words) > STRETCH_WORDS:
            yield stretch
            stretch, length = [], 0
        stretch.append(held)
        length += len(held.turn.words)
    if stretch:
        yield stretch


def _compare_stretch(turns: Sequence[StoredTurn], heard: Sequence[Word]) -> Iterator[_Offer]:
    places = [(held, at) for held in turns for at in range(len(held.turn.words))]
    written = [held.turn.words[at].text for held, at in places]
    other = [word.text for word in heard]
    pairs = align_words([word_key(text) for text in written], [word_key(text) for text in other])
    paired = set(pairs)
    for difference in compare_words(written, other, pairs):
        same = (difference.first_before, difference.first_after) in paired
        if not same:
            yield from _offer(turns, places, heard, difference)


def _offer(
    turns: Sequence[StoredTurn],
    places: Sequence[tuple[StoredTurn, int]],
    heard: Sequence[Word],
    difference: Difference,
) -> Iterator[_Offer]:
    """Give each turn that a difference touches its part of it, by the times of the words heard."""
    replaced = places[difference.first_before : difference.first_before + len(difference.before)]
    said = heard[difference.first_after : difference.first_after + len(difference.after)]
    concerned = list(dict.fromkeys(held for held, _ in replaced)) or [
        _turn_of_addition(turns, places, difference.first_before, said)
    ]
    given = 0
    for held, after in zip(concerned, [*concerned[1:], None], strict=True):
        upto = len(said)
        if after is not None:
            ends_ms = after.turn.start_ms or 0
            upto = next((at for at, word in enumerate(said) if _middle(word) >= ends_ms), len(said))
        own = [at for turn, at in replaced if turn is held]
        first = own[0] if own else _place_in(held, places, difference.first_before)
        text = " ".join(word.text for word in said[given:upto])
        given = max(given, upto)
        yield _Offer(held, first, own[-1] + 1 if own else first, text)


def _turn_of_addition(
    turns: Sequence[StoredTurn], places: Sequence[tuple[StoredTurn, int]], at: int, said: Sequence[Word]
) -> StoredTurn:
    """Find the turn that words between two others belong to: the one that was not over yet."""
    before = places[at - 1][0] if at > 0 else turns[0]
    after = places[at][0] if at < len(places) else before
    return before if before is after or _middle(said[0]) <= (before.turn.end_ms or 0) else after


def _place_in(held: StoredTurn, places: Sequence[tuple[StoredTurn, int]], at: int) -> int:
    if at < len(places) and places[at][0] is held:
        return places[at][1]
    return len(held.turn.words)


def _middle(word: Word) -> float:
    return ((word.start_ms or 0) + (word.end_ms or 0)) / 2


def _list_refused(connection: Connection, episode_id: int) -> set[tuple[int, str, str]]:
    held = tables.proposal.c
    query = select(held.turn_id, held.replaced, held.text).where(
        held.episode_id == episode_id, held.source == Source.MACHINE, held.outcome == Fate.RETURNED
    )
    return {(turn_id, replaced, text) for turn_id, replaced, text in connection.execute(query)}


def _row(offer: _Offer, transcript_id: int, source: str, now: datetime) -> dict[str, Any]:
    return {
        "episode_id": offer.held.episode_id,
        "turn_id": offer.held.id,
        "version": offer.held.version,
        "source": Source.MACHINE,
        "text": offer.text,
        "first_word": offer.first,
        "last_word": offer.end - 1,
        "replaced": offer.replaced,
        "made_at": now,
        "author": source,
        "transcript_id": transcript_id,
        "outcome": Fate.WAITING,
    }

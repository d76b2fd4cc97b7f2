"""Turns as readers see them, by the words that they count: a notice is one word there, not those it hides.

Pages show notices in place of withdrawn words, so that the eighth word of a page may be the
twelfth of the turn. Quotes hold the turn's own places; `ReadTurn` turns one into the other.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from sqlalchemy import Connection, select

from media import schema
from media.people.withdrawn import HiddenRun, Withdrawn
from media.quotes.values import Piece
from media.transcript import TurnKind, Word
from media.transcripts import Attribution, StoredTurn, get_turns


@dataclass(frozen=True)
class ReadTurn:
    """A turn with all its words, and which of them may not be read."""

    held: StoredTurn
    hidden: tuple[HiddenRun, ...]

    @property
    def words(self) -> tuple[Word, ...]:
        """All its words, withdrawn ones too."""
        return self.held.turn.words

    @cached_property
    def shown(self) -> tuple[tuple[int, int], ...]:
        """The words as they are shown: first and last of the turn's own, more than one under a notice."""
        starts = {run.first: run.last for run in self.hidden}
        places, at = [], 0
        while at < len(self.words):
            last = starts.get(at, at)
            places.append((at, last))
            at = last + 1
        return tuple(places)

    def hidden_since(self, first: int, last: int) -> HiddenRun | None:
        """Find a withdrawn passage among these words of the turn."""
        return next(
            (run for run in self.hidden if run.since and run.first <= last and first <= run.last), None
        )

    def shown_place(self, word: int) -> int:
        """Say which of the words shown holds this word of the turn."""
        return next(at for at, (_first, last) in enumerate(self.shown) if word <= last)

    def cut(self, first: int, last: int) -> Piece:
        """Take some words, as kept: what hides withdrawn ones is put on when a quote is shown."""
        held, voice = self.held, self.held.voice
        return Piece(
            held.id,
            held.version,
            first,
            self.words[first : last + 1],
            None if voice is None else voice.name,
            None if voice is None else voice.number,
            Attribution.NONE if voice is None else voice.attribution,
            held.turn.state,
        )


def read_turns(connection: Connection, turn_ids: Iterable[int], withdrawn: Withdrawn) -> dict[int, ReadTurn]:
    """Read turns of speech by identity, with what of them may not be read."""
    held = get_turns(connection, turn_ids, public=False)
    return {
        turn_id: ReadTurn(
            turn, tuple(withdrawn.list_hidden(turn.turn, turn.episode_id, turn_id, turn.edition))
        )
        for turn_id, turn in held.items()
        if turn.turn.kind is TurnKind.SPEECH
    }


def list_between(
    connection: Connection, first: StoredTurn, last: StoredTurn, reach: int = 0
) -> Sequence[int]:
    """List the turns of speech from one to another, and up to `reach` turns around, in order."""
    turn = schema.turn.c
    query = (
        select(turn.id)
        .where(turn.episode_id == first.episode_id, turn.edition == first.edition)
        .where(turn.kind == TurnKind.SPEECH)
        .where(turn.position.between(first.position - reach, last.position + reach))
        .order_by(turn.position)
    )
    return connection.execute(query).scalars().all()


def hide_words(piece: Piece, hidden: Iterable[HiddenRun]) -> Piece:
    """Put notices in place of words of a piece; runs count from its own first word."""
    words: list[Word] = []
    upto = 0
    for run in sorted(hidden, key=lambda run: run.first):
        words += piece.words[upto : run.first]
        start, end = piece.words[run.first].start_ms, piece.words[run.last].end_ms
        text = "[" + run.notice.replace(" ", "\N{NO-BREAK SPACE}") + "]"
        words.append(Word(text, start, end, heard=False))
        upto = run.last + 1
    return replace(piece, words=(*words, *piece.words[upto:]))

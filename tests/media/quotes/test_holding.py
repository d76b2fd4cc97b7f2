"""No sequence of acts loses a quote or moves it in silence: properties, on a real catalogue."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count

from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from media.correction import acts, restoring, undoing
from media.correction.errors import CorrectionError
from media.correction.speakers import Scope, assign_speaker
from media.errors import NotFoundError
from media.people import withdrawals
from media.quotes.capturing import capture
from media.quotes.showing import read_quote_whole, show_quote
from media.quotes.tracking import locate
from media.quotes.values import Fate, Place, Quote, Span, Standing
from media.transcript import Edition, Transcript, TurnKind, TurnState, speech_turn
from media.transcripts import StoredTurn, list_turns, save_machine_transcript
from tests.media.conftest import NOW
from tests.media.correction.conftest import Desk, add_episode, say

LENGTHS = (5, 4, 6, 1, 3)  # words of each turn
WORDS = ("oui", "non", "mais", "Oui,")


@dataclass
class Table:
    """An episode under many hands, within one transaction."""

    connection: Connection
    desk: Desk
    words: Iterator[str]  # for what is typed
    done: list[int] = field(default_factory=list)
    clock: Iterator[int] = field(default_factory=lambda: count(1))

    @property
    def turns(self) -> list[StoredTurn]:
        return list_turns(self.connection, self.desk.episode_id, public=False)

    @property
    def speech(self) -> list[StoredTurn]:
        return [held for held in self.turns if held.turn.kind is TurnKind.SPEECH]

    @property
    def now(self) -> list[str]:
        return [word.text for held in self.turns for word in held.turn.words]

    def content(self) -> list[StoredTurn]:
        return [replace(held, version=0) for held in self.turns]

    def act(self, act: Callable[..., acts.Outcome], *arguments: object, **values: object) -> None:
        moment = NOW + timedelta(minutes=next(self.clock))
        try:
            outcome = act(self.connection, *arguments, self.desk.zoe, moment, **values)
        except (CorrectionError, NotFoundError):
            return
        if outcome.act_id is not None:
            self.done.append(outcome.act_id)


Act = Callable[[Table, int, int], None]


def type_text(table: Table, one: int, two: int) -> None:
    held = table.speech[one % len(table.speech)]
    texts = [word.text for word in held.turn.words]
    first = two % len(texts)
    last = first + one % 3
    fresh = [next(table.words) for _ in range(two % 4)]
    text = " ".join([*texts[:first], *fresh, *texts[last:]]) or next(table.words)
    table.act(acts.save_text, held.id, held.version, text)


def split(table: Table, one: int, two: int) -> None:
    held = table.speech[one % len(table.speech)]
    if len(held.turn.words) > 1:
        table.act(acts.split_turn, held.id, held.version, 1 + two % (len(held.turn.words) - 1))


def merge(table: Table, one: int, two: int) -> None:
    turns = table.speech
    at = one % len(turns)
    if at + 1 < len(turns):
        first, second = turns[at], turns[at + 1]
        pair = (first.id, first.version), (second.id, second.version)
        table.act(acts.merge_turns, *pair, keep_voice_of_second=bool(two % 2))


def move_boundary(table: Table, one: int, two: int) -> None:
    turns = table.speech
    at = one % len(turns)
    if at + 1 < len(turns):
        first, second = turns[at], turns[at + 1]
        both = len(first.turn.words) + len(second.turn.words)
        pair = (first.id, first.version), (second.id, second.version)
        table.act(acts.move_boundary, *pair, 1 + two % (both - 1))


def name(table: Table, one: int, two: int) -> None:
    held = table.speech[one % len(table.speech)]
    scope = (Scope.TURN, Scope.EPISODE, Scope.FROM_HERE)[two % 3]
    table.act(assign_speaker, held.id, held.version, ("Zoé", "Luk", None)[one % 3], scope)


def read(table: Table, one: int, two: int) -> None:
    held = table.speech[one % len(table.speech)]
    table.act(acts.set_state, held.id, held.version, (TurnState.READ, TurnState.MACHINE)[two % 2])


def undo(table: Table, one: int, two: int) -> None:
    if table.done:
        table.act(undoing.undo, table.done[-1 - one % len(table.done)])


def redo(table: Table, one: int, two: int) -> None:
    if table.done:
        table.act(undoing.redo, table.done[-1 - one % len(table.done)])


def restore(table: Table, one: int, two: int) -> None:
    held = table.speech[one % len(table.speech)]
    if held.version:
        table.act(restoring.restore, held.id, two % held.version, held.version)


def hear_again(table: Table, one: int, two: int) -> None:
    """Let a machine transcribe again: it replaces all where nobody worked, and nothing else."""
    heard = table.now
    heard[one % len(heard)] = next(table.words)
    turns = (speech_turn(say(" ".join(heard[:6])), 1), speech_turn(say(" ".join(heard[6:]), 1_300), 2))
    run = f"again-{table.desk.episode_id}-{next(table.clock)}"
    save_machine_transcript(table.connection, table.desk.episode_id, Transcript(turns, "fr", "b"), run, NOW)


ACTS: list[Act] = [
    type_text, type_text, type_text, split, split, merge, merge, move_boundary, move_boundary,
    name, read, undo, undo, redo, restore, hear_again,
]  # fmt: skip
DONE = st.lists(
    st.tuples(st.sampled_from(ACTS), st.integers(0, 60), st.integers(0, 60)), min_size=1, max_size=12
)
QUOTED = st.tuples(st.integers(0, 18), st.integers(0, 18), st.booleans())


def open_table(connection: Connection, desk: Desk, words: Iterator[str]) -> Table:
    number = connection.exec_driver_sql("SELECT count(*) FROM episode").scalar()
    turns, clock = [], 0
    for place, length in enumerate(LENGTHS):
        text = " ".join(next(words) for _ in range(length))
        turns.append(speech_turn(say(text, clock), 1 + place % 2))
        clock = (turns[-1].end_ms or 0) + 100
    episode_id = add_episode(connection, f"q{number}", tuple(turns))
    return Table(connection, replace(desk, episode_id=episode_id), words)


def quote_words(table: Table, one: int, two: int, cut: bool) -> Quote:
    places = [Place(held.id, at) for held in table.turns for at in range(len(held.turn.words))]
    first, last = min(one, two), max(one, two)
    spans = [Span(places[first], places[last])]
    if cut and last - first > 3:
        spans = [Span(places[first], places[first + 1]), Span(places[last - 1], places[last])]
    return capture(table.connection, table.desk.episode_id, Edition.SPOKEN, spans, None, NOW)


def texts_of(spans: Sequence[Sequence[object]]) -> list[list[str]]:
    return [[word.text for piece in span for word in piece.words] for span in spans]  # type: ignore[attr-defined]


def is_within(span: Sequence[str], words: Sequence[str]) -> bool:
    return any(list(words[at : at + len(span)]) == list(span) for at in range(len(words)))


def check_places(table: Table, standing: Standing) -> None:
    """What is said to stand there now does."""
    held = {turn.id: turn.turn.words for turn in table.turns}
    for span in standing.spans:
        for piece in span:
            assert held[piece.turn_id][piece.first_word : piece.last_word + 1] == piece.words


@settings(max_examples=30)
@given(QUOTED, DONE)
@example((0, 15, False), [(type_text, 43, 0), (merge, 47, 0)])
def test_whenever_words_differ_it_is_said_and_when_all_is_undone_they_are_the_same(
    lasting_desk: Desk, quoted: tuple[int, int, bool], done: list[tuple[Act, int, int]]
):
    """Every word is written once, so that where each went is known without looking at history."""
    with lasting_desk.database.write() as connection:
        table = open_table(connection, lasting_desk, (f"mot{number}" for number in count()))
        quote = quote_words(table, *quoted)
        frozen, first = texts_of(quote.spans), table.content()
        assert locate(connection, quote).fates == ()
        for act, one, two in done:
            act(table, one, two)
            standing = locate(connection, quote)
            check_places(table, standing)
            now = table.now
            if all(is_within(span, now) for span in frozen) and len(set(now)) == len(now):
                assert standing.says_the_same and texts_of(standing.spans) == frozen
            elif not all(is_within(span, now) for span in frozen):
                assert not standing.says_the_same
                assert set(standing.fates) & {Fate.CORRECTED, Fate.LOST, Fate.RETRANSCRIBED}
            if any(set(span) & set(now) for span in frozen) and Fate.RETRANSCRIBED not in standing.fates:
                assert Fate.LOST not in standing.fates
            assert read_quote_whole(connection, quote.id).spans == quote.spans
        for act_id in reversed(list(table.done)):
            table.act(undoing.undo, act_id)
            if table.content() == first:
                assert locate(connection, quote).fates == ()


@settings(max_examples=20)
@given(QUOTED, DONE, st.lists(st.sampled_from(WORDS), min_size=60, max_size=60))
def test_few_words_said_again_and_again_are_never_told_to_be_what_they_are_not(
    lasting_desk: Desk, quoted: tuple[int, int, bool], done: list[tuple[Act, int, int]], said: list[str]
):
    with lasting_desk.database.write() as connection:
        table = open_table(connection, lasting_desk, iter([*said, *(WORDS * 100)]))
        quote = quote_words(table, *quoted)
        first = table.content()
        for act, one, two in done:
            act(table, one, two)
            standing = locate(connection, quote)
            check_places(table, standing)
            assert standing.says_the_same == (texts_of(standing.spans) == texts_of(quote.spans))
            if table.content() == first:
                assert standing.fates == ()


@settings(max_examples=20)
@given(QUOTED, DONE, st.integers(0, 60), st.integers(0, 60))
def test_withdrawn_words_come_back_by_no_quote_whatever_was_done_before(
    lasting_desk: Desk,
    quoted: tuple[int, int, bool],
    done: list[tuple[Act, int, int]],
    one: int,
    two: int,
):
    with lasting_desk.database.write() as connection:
        table = open_table(connection, lasting_desk, (f"mot{number}" for number in count()))
        quote = quote_words(table, *quoted)
        for act, first, second in done:
            act(table, first, second)
        held = table.speech[one % len(table.speech)]
        start = two % len(held.turn.words)
        end = min(len(held.turn.words) - 1, start + one % 4)
        withdrawn = {word.text for word in held.turn.words[start : end + 1]}
        act_id = withdrawals.withdraw_words(connection, held.id, (start, end), "asked", None, NOW)
        shown = show_quote(connection, quote.id)
        quoted_now = {word.text for piece in shown.quote.pieces for word in piece.words}
        assert not withdrawn & quoted_now
        assert not any(word in withdrawn for word in repr(shown).replace("'", " ").split())
        withdrawals.lift_withdrawal(connection, act_id, "agreed", None, NOW)
        assert show_quote(connection, quote.id).quote.text == quote.text

"""Follow a quote's words through the history of their turns, act by act.

Only the acts that touched a turn holding one of these words are read. A cut, a joint or a moved
boundary moves words from turn to turn; everything else changes words within a turn. None is
returned where history has no answer: the turns were replaced whole, or something changed them
that left no trace; then `finding` looks for the text itself.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import groupby, permutations
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Select, select

from media.correction import tables
from media.quotes.tokens import (
    FOREIGN,
    Kept,
    Token,
    count_from,
    cut_tokens,
    foreign,
    lay_out,
    read_range,
    retype,
    send_home,
)
from media.quotes.values import Quote
from media.transcripts import StoredTurn, get_turns

REMEMBERED_TEXTS = 4_096  # packed words, opened: versions of a turn differ by little
MAX_LISTED_IDS = 500

Range = tuple[int, int]  # numbers of the first and last word of a span


class Whole(NamedTuple):
    """All the words of a quoted turn, and whose voice it was."""

    texts: tuple[str, ...]
    voice_id: int | None


class Look(NamedTuple):
    """What each span of a quote read as at one time, in which turns, in whose voices, in order."""

    spans: tuple[tuple[str, ...], ...]
    turns: tuple[tuple[int, ...], ...]
    voices: tuple[tuple[int | None, ...], ...]  # whoever goes on speaking once


@dataclass(frozen=True, slots=True)
class Reading:
    """What an act made of a quote, and what it was just before."""

    made_at: datetime
    author: str
    reason: str | None
    before: Look
    now: Look


@dataclass(frozen=True, slots=True)
class Followed:
    """Where a quote's words are now, and each reading of them since they were frozen."""

    kept: tuple[Kept, ...]  # all words of the turns followed
    ranges: tuple[Range, ...]
    readings: tuple[Reading, ...]

    @property
    def spans(self) -> list[list[Kept]]:
        """What stands today in the place of each span; its words are counted from its first."""
        return [count_from(read_range(self.kept, first, last), first) for first, last in self.ranges]


def follow(connection: Connection, quote: Quote) -> Followed | None:
    """Find where a quote's words are now; None where history cannot tell."""
    whole = _read_whole(connection, quote)
    if whole is None:
        return None
    tokens, ranges = _number(quote, whole)
    voices = {turn_id: held.voice_id for turn_id, held in whole.items()}
    history = _History(connection, quote.mark, tokens, voices)
    readings = tuple(_read_along(history, ranges))
    kept = history.lay_out()
    now = get_turns(connection, {word.spot.turn_id for word in kept}, public=False)
    texts = {turn_id: [word.text for word in turn.turn.words] for turn_id, turn in now.items()}
    for turn_id, held in history.tokens.items():
        if [token.text for token in held if token.is_there] != texts.get(turn_id, []):
            return None  # changed, and no act says how
    return Followed(tuple(kept), ranges, readings)


def _read_whole(connection: Connection, quote: Quote) -> dict[int, Whole] | None:
    """Read the quoted turns, as they were then."""
    wanted = {piece.turn_id: piece.version for piece in quote.pieces}
    held = tables.turn_version.c
    query = select(held.turn_id, held.version, held.voice_id, held.words).where(held.turn_id.in_(wanted))
    found = {
        row.turn_id: Whole(_texts(row.words), row.voice_id)
        for row in connection.execute(query.where(held.version.in_(set(wanted.values()))))
        if row.version == wanted[row.turn_id]
    }
    now = get_turns(connection, wanted.keys() - found.keys(), public=False)
    found |= {
        turn_id: Whole(
            tuple(word.text for word in turn.turn.words), None if turn.voice is None else turn.voice.id
        )
        for turn_id, turn in now.items()
        if turn.version == wanted[turn_id]  # nobody changed it
    }
    for piece in quote.pieces:
        texts = found[piece.turn_id].texts if piece.turn_id in found else ()
        if texts[piece.first_word : piece.last_word + 1] != tuple(word.text for word in piece.words):
            return None
    return found


def _number(quote: Quote, whole: Mapping[int, Whole]) -> tuple[dict[int, list[Token]], tuple[Range, ...]]:
    """Number the words of the quoted turns in order, and find the spans among the numbers."""
    tokens: dict[int, list[Token]] = {}
    starts: dict[int, int] = {}
    ranges, number = [], 0
    for span in quote.spans:
        if tokens and span[0].turn_id not in tokens:
            number += 1  # turns were left out between
        for piece in span:
            if piece.turn_id not in tokens:
                starts[piece.turn_id] = number
                texts = whole[piece.turn_id].texts
                tokens[piece.turn_id] = [Token(number + at, text) for at, text in enumerate(texts)]
                number += len(texts)
        opening, closing = span[0], span[-1]
        ranges.append(
            (starts[opening.turn_id] + opening.first_word, starts[closing.turn_id] + closing.last_word)
        )
    return tokens, tuple(ranges)


def _read_along(history: "_History", ranges: Sequence[Range]) -> Iterator[Reading]:
    before = _look(history, ranges)
    for act in history.play():
        now = _look(history, ranges)
        if now != before:
            yield Reading(act.made_at, act.author, act.reason, before, now)
        before = now


def _look(history: "_History", ranges: Sequence[Range]) -> Look:
    kept = history.lay_out()
    spans = [read_range(kept, *own) for own in ranges]
    texts = tuple(tuple(word.spot.text for word in span) for span in spans)
    turns = tuple(tuple(dict.fromkeys(word.spot.turn_id for word in span)) for span in spans)
    speaking = ([history.voices.get(turn_id) for turn_id in own] for own in turns)
    return Look(texts, turns, tuple(tuple(voice for voice, _ in groupby(own)) for own in speaking))


class _History:
    """The turns that hold numbered words, played forward from when these were frozen."""

    def __init__(
        self,
        connection: Connection,
        mark: int,
        tokens: dict[int, list[Token]],
        voices: dict[int, int | None],
    ) -> None:
        self._connection = connection
        self.tokens = tokens
        self.voices = voices
        self._homes: dict[int, int] = {}  # the turn in which each word that went was last
        self._waiting: dict[int, dict[int, Row[Any]]] = {}  # rows of acts to come, by act and turn
        self._load(tokens, tables.turn_version.c.id > mark)

    def lay_out(self) -> list[Kept]:
        """Say what each word of these turns stands for, as they are by now."""
        order = sorted(self.tokens.items(), key=lambda item: _least(item[1]))
        return lay_out(order)

    def play(self) -> Iterator[Row[Any]]:
        """Play each act in turn; what is yielded is a row of one that changed words, turns or voices."""
        while self._waiting:
            act_id = min(self._waiting)
            rows = self._waiting.pop(act_id)
            if any(map(_is_structural, rows.values())):
                rows = self._read_act(act_id)
            before = {turn_id: list(tokens) for turn_id, tokens in self.tokens.items()}, dict(self.voices)
            for group in _group(rows.values()):
                if any(row.turn_id in self.tokens for row in group):
                    self._apply(group, act_id)
            if (self.tokens, self.voices) != before:
                yield next(iter(rows.values()))

    def _apply(self, rows: Sequence[Row[Any]], act_id: int) -> None:
        ordered = self._put_in_order(rows)
        tokens = [token for row in ordered for token in self._before(row)]
        left = [row for row in ordered if not row.gone]
        self.voices |= {row.turn_id: row.voice_id for row in left}
        texts = [_texts(row.words) for row in left]
        known = set(self.tokens)
        self._note_homes(row.turn_id for row in ordered)
        if not left:  # taken away, and nobody has its words: marks stay
            ghosts = retype(tokens, [])
            self.tokens[ordered[0].turn_id] = ghosts
            return
        after = retype(tokens, [text for part in texts for text in part])
        for row in ordered:
            self.tokens.pop(row.turn_id, None)
        parts = list(cut_tokens(after, list(map(len, texts))))
        send_home(parts, [row.turn_id for row in left], self._homes)
        for row, part in zip(left, parts, strict=True):
            if any(token.number >= 0 for token in part):
                self.tokens[row.turn_id] = part
        self._load(self.tokens.keys() - known, tables.turn_version.c.act_id > act_id)

    def _note_homes(self, turn_ids: Iterable[int]) -> None:
        for turn_id in turn_ids:
            for token in self.tokens.get(turn_id, ()):
                if token.is_there:
                    self._homes.pop(token.number, None)
                else:
                    self._homes.setdefault(token.number, turn_id)

    def _before(self, row: Row[Any]) -> list[Token]:
        """Give the tokens of a turn before an act."""
        if row.turn_id in self.tokens:
            return self.tokens[row.turn_id]
        if row.before is None:
            return []
        found = self._connection.execute(
            _select_rows().where(
                tables.turn_version.c.turn_id == row.turn_id, tables.turn_version.c.version == row.before
            )
        ).first()
        return [] if found is None or found.gone else foreign(_texts(found.words))

    def _put_in_order(self, rows: Sequence[Row[Any]]) -> Sequence[Row[Any]]:
        """Put turns that exchange words in the order in which their words, put together, stay the same."""
        likely = sorted(rows, key=lambda row: (row.start_ms or 0, row.kin is not None, row.id))
        if len(rows) != 2:
            return likely
        for ordered in permutations(likely):
            then = [token.text for row in ordered for token in self._before(row) if token.is_there]
            now = [text for row in ordered if not row.gone for text in _texts(row.words)]
            if then == now:
                return ordered
        return likely

    def _load(self, turn_ids: Iterable[int], since: Any) -> None:
        wanted = list(turn_ids)
        for at in range(0, len(wanted), MAX_LISTED_IDS):
            some = tables.turn_version.c.turn_id.in_(wanted[at : at + MAX_LISTED_IDS])
            for row in self._connection.execute(_select_rows().where(some, since)):
                if row.act_id is not None:
                    self._waiting.setdefault(row.act_id, {})[row.turn_id] = row

    def _read_act(self, act_id: int) -> dict[int, Row[Any]]:
        query = _select_rows().where(tables.turn_version.c.act_id == act_id)
        return {row.turn_id: row for row in self._connection.execute(query)}


def _group(rows: Iterable[Row[Any]]) -> list[list[Row[Any]]]:
    """Put together the turns of an act that exchange words."""
    held = list(rows)
    if held and held[0].detail.get("linked"):
        return [held]
    groups: dict[int, list[Row[Any]]] = {row.turn_id: [row] for row in held}
    for row in held:
        if row.kin in groups and groups[row.kin] is not groups[row.turn_id]:
            joined = groups[row.kin] + groups[row.turn_id]
            groups |= {other.turn_id: joined for other in joined}
    return list({id(group): group for group in groups.values()}.values())


def _is_structural(row: Row[Any]) -> bool:
    return bool(row.detail.get("linked") or row.gone or row.kin or row.before is None)


def _least(tokens: Sequence[Token]) -> int:
    return min((token.number for token in tokens if token.number > FOREIGN), default=2**31)


@lru_cache(maxsize=REMEMBERED_TEXTS)
def _texts(packed: str) -> tuple[str, ...]:
    return tuple(row[0] for row in json.loads(packed))


def _select_rows() -> Select[Any]:
    held, act = tables.turn_version.c, tables.act.c
    return (
        select(
            held.id,
            held.turn_id,
            held.act_id,
            held.version,
            held.before,
            held.gone,
            held.kin,
            held.start_ms,
            held.voice_id,
            held.words,
            act.detail,
            act.made_at,
            act.author,
            act.reason,
        )
        .outerjoin(tables.act, act.id == held.act_id)
        .order_by(held.id)
    )


def is_unchanged(quote: Quote, now: Mapping[int, StoredTurn]) -> bool:
    """Tell that every quoted turn still is at the version that was quoted."""
    return all(piece.turn_id in now and now[piece.turn_id].version == piece.version for piece in quote.pieces)

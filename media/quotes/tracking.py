"""How a quote stands today: its words looked for, compared, and told as they are.

History is followed first (`following`), then the text itself is looked for (`finding`). A quote
is never lost without saying so and never moved in silence: whatever stands in its place is
compared word by word with what was frozen. Only rows of the turns concerned are read; where
nobody changed them, those turns alone.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, select

from media import schema
from media.correction.comparing import Difference, compare_words
from media.episodes import get_episode
from media.people.withdrawals import withdrawn_since
from media.people.withdrawn import Withdrawn, read_withdrawn
from media.quotes.dating import (
    find_naming,
    find_transcription,
    hide_readings,
    list_turn_ids,
    tell_readings,
    tell_shape,
)
from media.quotes.finding import REACH_MS, find_again
from media.quotes.following import Reading, follow, is_unchanged
from media.quotes.hiding import (
    Hidden,
    find_hidden,
    first_withdrawal,
    hide_frozen,
    show_today,
    tell_withdrawal,
)
from media.quotes.reading import ReadTurn, read_turns
from media.quotes.tokens import Kept, Spot
from media.quotes.values import Change, Fate, Passage, Quote, Standing, find_bounds
from media.transcript import TurnKind
from media.transcripts import StoredTurn, get_turns

GRAVITY = list(Fate)


@dataclass(frozen=True, slots=True)
class Tracked:
    """How a quote stands, and which of its frozen words may not be read now."""

    standing: Standing
    withdrawn: Withdrawn
    hidden: tuple[Hidden, ...] = ()  # of each span


@dataclass(frozen=True, slots=True)
class _Located:
    """Where the words of each span are now; no spans: nobody knows."""

    spans: list[list[Kept]]
    readings: tuple[Reading, ...] = ()
    is_replaced: bool = False  # by another transcript

    @property
    def texts(self) -> list[list[str]]:
        """The words of each span."""
        return [[word.spot.text for word in span] for span in self.spans]


def locate(connection: Connection, quote: Quote) -> Standing:
    """Say how a quote stands now; `quote` is as `capture` returned it, or as `storing` reads it."""
    return track(connection, quote).standing


def track(connection: Connection, quote: Quote) -> Tracked:
    """Say how a quote stands now, and what of its own words may not be read any more."""
    episode = get_episode(connection, quote.episode_id)
    withdrawn = read_withdrawn(connection, [quote.episode_id])
    if episode.private:
        since = withdrawn_since(connection, quote.episode_id)
        fate = Fate.UNPUBLISHED if since is None else Fate.WITHDRAWN
        return Tracked(Standing(fate, episode.revision, (fate,), withdrawn_at=since), withdrawn)
    located = _locate(connection, quote)
    concerned = {word.spot.turn_id for span in located.spans for word in span}
    turns = read_turns(connection, concerned, withdrawn)
    spans = [_pieces(span, turns) for span in located.spans]
    hidden = find_hidden(quote.spans, located.spans, turns, withdrawn, quote.episode_id)
    counts = [sum(len(piece.words) for piece in span) for span in quote.spans]
    withdrawals = tell_withdrawal(zip(hidden, counts, strict=True))
    fates = _compare(quote, located, spans) | withdrawals
    changes = hide_readings(
        _list_changes(connection, quote, located, fates, concerned), quote.episode_id, withdrawn
    )
    standing = Standing(
        fate=max(fates, key=GRAVITY.index, default=Fate.SAME),
        revision=episode.revision,
        fates=tuple(sorted(fates, key=GRAVITY.index, reverse=True)),
        changes=changes,
        withdrawn_at=first_withdrawal(hidden),
    )
    if Fate.LOST in fates:
        standing = replace(standing, nearby=_read_nearby(connection, quote, withdrawn))
    elif Fate.WITHDRAWN not in fates:
        shown = tuple(show_today(span, turns, quote.episode_id, withdrawn) for span in spans)
        standing = replace(standing, spans=shown)
        if not withdrawals:
            frozen = [
                hide_frozen(span, own, quote.episode_id, withdrawn)
                for span, own in zip(quote.spans, hidden, strict=True)
            ]
            standing = replace(standing, differences=_differences(frozen, shown))
    return Tracked(standing, withdrawn, tuple(hidden))


def _locate(connection: Connection, quote: Quote) -> _Located:
    now = get_turns(connection, {piece.turn_id for piece in quote.pieces}, public=False)
    if is_unchanged(quote, now) and _holds(quote, now):
        return _Located([_as_frozen(span) for span in quote.spans])
    followed = follow(connection, quote)
    if followed is not None and any(followed.spans):
        return _Located(followed.spans, followed.readings)
    found = find_again(quote, _list_candidates(connection, quote)) or []
    if followed is None:
        return _Located(found, is_replaced=True)
    pasted = _Located(found, followed.readings)  # cut here and put back there by hand
    return pasted if pasted.texts == _texts(quote.spans) else _Located([], followed.readings)


def _holds(quote: Quote, now: dict[int, StoredTurn]) -> bool:
    """Tell that the words are there; should something change them that keeps no history."""
    for piece in quote.pieces:
        words = now[piece.turn_id].turn.words[piece.first_word : piece.last_word + 1]
        if [word.text for word in words] != [word.text for word in piece.words]:
            return False
    return True


def _as_frozen(span: Passage) -> list[Kept]:
    spots = [
        Spot(piece.turn_id, piece.first_word + at, word.text)
        for piece in span
        for at, word in enumerate(piece.words)
    ]
    return [Kept(spot, at, (at,)) for at, spot in enumerate(spots)]


def _list_candidates(connection: Connection, quote: Quote) -> list[StoredTurn]:
    """List the turns where a quote's words may be: those around its times, or else all of its text."""
    turn = schema.turn.c
    query = select(turn.id).where(turn.episode_id == quote.episode_id, turn.edition == quote.edition)
    query = query.where(turn.kind == TurnKind.SPEECH)
    start, end = find_bounds(quote.spans)
    if start is not None and end is not None:
        near = (turn.start_ms < end.ms + REACH_MS) & (turn.end_ms > start.ms - REACH_MS)
        query = query.where(near | turn.start_ms.is_(None))
    ids = connection.execute(query.order_by(turn.position)).scalars().all()
    held = get_turns(connection, ids, public=False)
    return [held[turn_id] for turn_id in ids]


def _pieces(span: Iterable[Kept], turns: dict[int, ReadTurn]) -> Passage:
    """Make pieces of what stands there now, with all its words."""
    ranges: list[tuple[int, int, int]] = []
    for word in span:
        turn_id, at, _ = word.spot
        if ranges and ranges[-1][0] == turn_id:
            ranges[-1] = (turn_id, ranges[-1][1], at)
        else:
            ranges.append((turn_id, at, at))
    return tuple(turns[turn_id].cut(first, last) for turn_id, first, last in ranges)


def _texts(spans: Iterable[Passage]) -> list[list[str]]:
    return [[word.text for piece in span for word in piece.words] for span in spans]


def _compare(quote: Quote, located: _Located, spans: Sequence[Passage]) -> set[Fate]:
    """Say all that became of a quote, but for what was withdrawn."""
    replaced = {Fate.RETRANSCRIBED} if located.is_replaced else set()
    if not any(spans):
        return {Fate.LOST, *replaced}
    renamed = {Fate.RENAMED} if _names(quote.spans) != _names(spans) else set()
    if located.texts != _texts(quote.spans):
        return {*renamed, *(replaced or {Fate.CORRECTED})}
    turns = [tuple(dict.fromkeys(piece.turn_id for piece in span)) for span in spans]
    shape = tell_shape(list_turn_ids(quote), turns)
    if shape is Fate.SAME and _times(quote.spans) != _times(spans):
        shape = Fate.MOVED
    return {*renamed, *(replaced or {shape} - {Fate.SAME})}


def _names(spans: Iterable[Passage]) -> list[list[str | None]]:
    """List who speaks in each span, in order: whoever goes on speaking once."""
    return [
        [
            piece.speaker
            for at, piece in enumerate(span)
            if at == 0 or (span[at - 1].speaker, span[at - 1].voice) != (piece.speaker, piece.voice)
        ]
        for span in spans
    ]


def _times(spans: Iterable[Passage]) -> list[tuple[int | None, int | None]]:
    return [(span[0].words[0].start_ms, span[-1].words[-1].end_ms) for span in spans]


def _differences(frozen: Sequence[Passage], now: Sequence[Passage]) -> tuple[tuple[Difference, ...], ...]:
    pairs = zip(_texts(frozen), _texts(now), strict=True)
    return tuple(tuple(compare_words(before, after)) for before, after in pairs)


def _list_changes(
    connection: Connection,
    quote: Quote,
    located: _Located,
    fates: set[Fate],
    concerned: set[int],
) -> list[Change]:
    changes = list(tell_readings(quote, located.readings))
    if Fate.RENAMED in fates and (naming := find_naming(connection, quote, concerned)):
        changes += [naming] if naming not in changes else []
    if Fate.RETRANSCRIBED in fates and (other := find_transcription(connection, quote)):
        changes.append(other)
    return sorted(changes, key=lambda change: change.made_at)


def _read_nearby(connection: Connection, quote: Quote, withdrawn: Withdrawn) -> Passage:
    """Read what is said now at the times of words that are not there any more."""
    start, end = find_bounds(quote.spans)
    if start is None or end is None:
        return ()
    turn = schema.turn.c
    query = select(turn.id).where(turn.episode_id == quote.episode_id, turn.edition == quote.edition)
    query = query.where(turn.start_ms < end.ms, turn.end_ms > start.ms, turn.kind == TurnKind.SPEECH)
    ids = connection.execute(query.order_by(turn.position)).scalars().all()
    turns = read_turns(connection, ids, withdrawn)
    found = []
    for turn_id in ids:
        inside = [
            at
            for at, word in enumerate(turns[turn_id].words)
            if (word.start_ms or 0) < end.ms and (word.end_ms or 0) > start.ms
        ]
        if inside:
            found.append(turns[turn_id].cut(inside[0], inside[-1]))
    return show_today(tuple(found), turns, quote.episode_id, withdrawn)

"""Freeze words of an episode as a quote.

What is asked for is places, by turn and word as readers see them, or a stretch of time. All is
read and written in one transaction that holds the episode, so that a quote is of one revision.
Limits are those of a short quotation (France, CPI L.122-5), named here.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from media import schema
from media.correction import tables as correction
from media.correction.authors import Author
from media.correction.journal import take_episodes
from media.episodes import Episode, get_episode
from media.errors import NotFoundError
from media.people.attempts import Budget
from media.people.withdrawals import withdrawn_since
from media.people.withdrawn import Withdrawn, read_withdrawn
from media.quotes.errors import (
    NoTimesError,
    NoWordsError,
    QuoteTooLongError,
    RangeOutsideError,
    RangeReversedError,
    TooManyCutsError,
    WordsGoneError,
    WordsWithdrawnError,
)
from media.quotes.reading import ReadTurn, list_between, read_turns
from media.quotes.storing import make_id, save_quote
from media.quotes.values import Passage, Place, Quote, Span
from media.shows import get_show
from media.transcript import Edition, TurnKind

MAX_QUOTE_WORDS = 1_000
MAX_QUOTE_MINUTES = 5
MAX_QUOTE_MS = MAX_QUOTE_MINUTES * 60_000
ROUNDED_MS = 1_000  # people give the end of an episode in seconds
MAX_SPANS = 20
MAX_CONTEXT_WORDS = 60  # on each side
CONTEXT_TURNS = 2  # on each side, events included
QUOTES_FROM_ADDRESS = Budget("quotes", 120, timedelta(hours=1))

Places = list[tuple[ReadTurn, int, int]]  # of one span: the turn, its first and last word quoted


def capture(
    connection: Connection,
    episode_id: int,
    edition: Edition,
    spans: Sequence[Span],
    author: Author | None,
    now: datetime,
) -> Quote:
    """Freeze spans of words; the same words at the same revision by the same person are one quote.

    Places count words as readers see them. Spans that touch become one: a cut leaves something out.
    What is returned holds withdrawn names: readers are given what `showing.show_quote` returns.
    QuoteError or NotFoundError where it cannot be, and nothing is made.
    """
    take_episodes(connection, [episode_id])
    return save_quote(connection, read_quote(connection, episode_id, edition, spans, author, now))


def read_quote(
    connection: Connection,
    episode_id: int,
    edition: Edition,
    spans: Sequence[Span],
    author: Author | None,
    now: datetime,
) -> Quote:
    """Read what `capture` would freeze, and write nothing down."""
    episode = read_public_episode(connection, episode_id)
    withdrawn = read_withdrawn(connection, [episode_id])
    places = _read_spans(connection, episode, edition, spans, withdrawn)
    _check_length(places)
    passages = tuple(tuple(turn.cut(first, last) for turn, first, last in span) for span in places)
    before, after = _read_context(connection, places, withdrawn)
    show = get_show(connection, episode.show_id)
    own = episode.licence is not None
    return Quote(
        id=make_id(),
        episode_id=episode_id,
        edition=edition,
        spans=passages,
        before=before,
        after=after,
        show=episode.show_title,
        show_slug=episode.show_slug,
        episode=episode.title,
        published_at=episode.published_at,
        language=episode.spoken_language or episode.language,
        licence=episode.licence if own else show.licence,
        licence_url=episode.licence_url if own else show.licence_url,
        notice=episode.notice or show.notice,
        revision=episode.revision,
        original_sha256=episode.original_sha256,
        copy_sha256=episode.listening_sha256,
        captured_at=now,
        account_id=None if author is None else author.account_id,
        author="" if author is None else author.name,
        mark=connection.execute(select(func.max(correction.turn_version.c.id))).scalar() or 0,
    )


def find_span(connection: Connection, episode_id: int, edition: Edition, start_ms: int, end_ms: int) -> Span:
    """Find the words of a text whose middle lies in a stretch of our copy; QuoteError where none can be.

    The places are for `capture`, which refuses what is withdrawn.
    """
    episode = read_public_episode(connection, episode_id)
    if end_ms <= start_ms:
        raise RangeReversedError(f"from {start_ms} to {end_ms}")
    duration_ms = episode.duration_ms
    if start_ms < 0 or (duration_ms is not None and end_ms > duration_ms + ROUNDED_MS):
        raise RangeOutsideError(f"{start_ms} to {end_ms} of {duration_ms}", length=_clock(duration_ms or 0))
    if end_ms - start_ms > MAX_QUOTE_MS:
        raise _too_long(f"{end_ms - start_ms} ms")
    turn = schema.turn.c
    here = (turn.episode_id == episode_id) & (turn.edition == edition) & (turn.kind == TurnKind.SPEECH)
    query = select(turn.id).where(here, turn.start_ms < end_ms, turn.end_ms > start_ms)
    found = connection.execute(query.order_by(turn.position)).scalars().all()
    if not found:
        timed = connection.execute(select(turn.id).where(here, turn.start_ms.is_not(None)).limit(1)).first()
        raise (NoWordsError if timed else NoTimesError)(f"{start_ms} to {end_ms} of episode {episode_id}")
    read = read_turns(connection, found, read_withdrawn(connection, [episode_id]))
    places = [
        Place(turn_id, read[turn_id].shown_place(at))
        for turn_id in found
        for at, word in enumerate(read[turn_id].words)
        if word.start_ms is not None and start_ms <= (word.start_ms + (word.end_ms or 0)) / 2 < end_ms
    ]
    if not places:
        raise NoWordsError(f"{start_ms} to {end_ms} of episode {episode_id}")
    return Span(places[0], places[-1])


def read_public_episode(connection: Connection, episode_id: int) -> Episode:
    """Read an episode of which anybody may quote; NotFoundError or WordsWithdrawnError for another."""
    episode = get_episode(connection, episode_id)
    if episode.private:
        if since := withdrawn_since(connection, episode_id):
            raise WordsWithdrawnError(f"episode {episode_id} is withdrawn", day=since.date().isoformat())
        raise NotFoundError(f"episode {episode_id} is private", kind="episode", name=str(episode_id))
    return episode


def _read_spans(
    connection: Connection,
    episode: Episode,
    edition: Edition,
    spans: Sequence[Span],
    withdrawn: Withdrawn,
) -> list[Places]:
    if not spans:
        raise NoWordsError("no span")
    if len(spans) > MAX_SPANS:
        raise TooManyCutsError(f"{len(spans)} spans", most=MAX_SPANS - 1)
    ends = read_turns(connection, {place.turn for span in spans for place in span}, withdrawn)
    for place in (place for span in spans for place in span):
        turn = ends.get(place.turn)
        if turn is None or (turn.held.episode_id, turn.held.edition) != (episode.id, edition):
            raise WordsGoneError(f"no turn {place.turn} in episode {episode.id}, {edition}")
        if not 0 <= place.word < len(turn.shown):
            raise WordsGoneError(f"turn {place.turn} has no word {place.word}")
    found = [_read_span(connection, span, ends, withdrawn) for span in spans]
    return _join_touching(connection, found)


def _read_span(connection: Connection, span: Span, ends: dict[int, ReadTurn], withdrawn: Withdrawn) -> Places:
    opening, closing = ends[span.first.turn], ends[span.last.turn]
    begins = (opening.held.position, opening.shown[span.first.word][0])
    stops = (closing.held.position, closing.shown[span.last.word][1])
    if begins > stops:
        raise RangeReversedError(f"span {span}")
    if stops[0] - begins[0] >= MAX_QUOTE_WORDS:  # turns are not empty
        raise _too_long(f"span {span}")
    between = list_between(connection, opening.held, closing.held)
    read = {**read_turns(connection, set(between) - ends.keys(), withdrawn), **ends}
    places = []
    for turn_id in between:
        turn = read[turn_id]
        first = begins[1] if turn_id == span.first.turn else 0
        last = stops[1] if turn_id == span.last.turn else len(turn.words) - 1
        if run := turn.hidden_since(first, last):
            day = "" if run.since is None else run.since.date().isoformat()
            raise WordsWithdrawnError(f"turn {turn_id}, words {first} to {last}", day=day)
        places.append((turn, first, last))
    return places


def _join_touching(connection: Connection, spans: list[Places]) -> list[Places]:
    """Make one of spans between which nothing is left out; RangeReversedError unless they are in order."""
    joined = [spans[0]]
    for span in spans[1:]:
        (turn, begin, last), (follows, first, end) = joined[-1][-1], span[0]
        if (follows.held.position, first) <= (turn.held.position, last):
            raise RangeReversedError(f"word {first} of turn {follows.held.id} after word {last}")
        if turn.held.id == follows.held.id and first == last + 1:
            joined[-1] = [*joined[-1][:-1], (turn, begin, end), *span[1:]]
        elif (
            first == 0
            and last == len(turn.words) - 1
            and len(list_between(connection, turn.held, follows.held)) == 2
        ):
            joined[-1] = [*joined[-1], *span]
        else:
            joined.append(span)
    return joined


def _check_length(spans: Sequence[Places]) -> None:
    count = sum(last + 1 - first for span in spans for _, first, last in span)
    if count > MAX_QUOTE_WORDS:
        raise _too_long(f"{count} words")
    lasting = 0
    for span in spans:
        (opening, first, _), (closing, _, last) = span[0], span[-1]
        start_ms, end_ms = opening.words[first].start_ms, closing.words[last].end_ms
        lasting += 0 if start_ms is None or end_ms is None else end_ms - start_ms
    if lasting > MAX_QUOTE_MS:
        raise _too_long(f"{lasting} ms")


def _read_context(
    connection: Connection, spans: Sequence[Places], withdrawn: Withdrawn
) -> tuple[Passage, Passage]:
    """Read the words before and after, through turns of speech, the nearest only."""
    (opening, first, _), (closing, _, last) = spans[0][0], spans[-1][-1]
    around = list_between(connection, opening.held, closing.held, CONTEXT_TURNS)
    read = read_turns(connection, around, withdrawn)
    at, upto = around.index(opening.held.id), around.index(closing.held.id)
    room, before = MAX_CONTEXT_WORDS, []
    for turn_id, end in [(opening.held.id, first), *((known, None) for known in reversed(around[:at]))]:
        stop = len(read[turn_id].words) if end is None else end
        begin = max(0, stop - room)
        if stop > begin:
            before.append(read[turn_id].cut(begin, stop - 1))
            room -= stop - begin
    room, after = MAX_CONTEXT_WORDS, []
    for turn_id, begin in [(closing.held.id, last + 1), *((known, 0) for known in around[upto + 1 :])]:
        stop = min(len(read[turn_id].words), begin + room)
        if stop > begin:
            after.append(read[turn_id].cut(begin, stop - 1))
            room -= stop - begin
    return tuple(reversed(before)), tuple(after)


def _too_long(detail: str) -> QuoteTooLongError:
    return QuoteTooLongError(detail, words=MAX_QUOTE_WORDS, minutes=MAX_QUOTE_MINUTES)


def _clock(ms: int) -> str:
    """Write a length as on a clock.

    >>> _clock(3_723_000)
    '1:02:03'
    """
    return str(timedelta(seconds=ms // 1000))

"""Who listened to a quote, and says that these are the words.

A hearing is of the text that stood there then. When other words come to stand there, it is a
thing of the past: « vérifié à l’oreille avant la correction du … ». When they come back, it holds.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, insert, select

from media.correction.authors import Author
from media.errors import NotFoundError
from media.quotes import tables
from media.quotes.errors import NothingToHearError
from media.quotes.storing import load_spans, read_frozen
from media.quotes.tracking import track
from media.quotes.values import Fate, Hearing, Piece, Quote, Standing, write_spans
from media.transcript import Word
from media.transcripts import StoredTurn

OTHER_WORDS = {Fate.SAME, Fate.CORRECTED, Fate.LOST, Fate.RETRANSCRIBED}  # SAME put words back
UNHEARABLE = {Fate.LOST, Fate.PARTLY_WITHDRAWN, Fate.UNPUBLISHED, Fate.WITHDRAWN}


def record_hearing(connection: Connection, quote_id: str, author: Author, now: datetime) -> Hearing:
    """Write down that somebody heard a quote and confirms its words; the same twice is one.

    NothingToHearError where its words are withdrawn or lost, or have no audio.
    """
    found = read_frozen(connection, tables.quote.c.id == quote_id)
    if not found:
        raise NotFoundError(f"no quote {quote_id!r}", kind="quote", name=quote_id)
    quote = found[0]
    standing = track(connection, quote).standing
    if UNHEARABLE & set(standing.fates) or quote.copy_sha256 is None or quote.start_ms is None:
        raise NothingToHearError(f"quote {quote_id} is {standing.fate}")
    words = _digest(standing.text)
    held = tables.hearing.c
    own = (held.quote_id == quote_id) & (held.account_id == author.account_id) & (held.words == words)
    before = connection.execute(select(held.made_at, held.revision).where(own)).first()
    if before is not None:
        return Hearing(author.name, author.account_id, before.made_at, before.revision)
    row = insert(tables.hearing).values(
        quote_id=quote_id,
        account_id=author.account_id,
        author=author.name,
        made_at=now,
        revision=standing.revision,
        words=words,
    )
    connection.execute(row)
    return Hearing(author.name, author.account_id, now, standing.revision)


def list_hearings(connection: Connection, quote: Quote, standing: Standing) -> Iterator[Hearing]:
    """List who heard a quote, in order, and since when other words stand there than they heard."""
    held = tables.hearing.c
    query = select(tables.hearing).where(held.quote_id == quote.id).order_by(held.made_at, held.id)
    words = _digest(standing.text)
    for row in connection.execute(query):
        overtaken_at = None if row.words == words else _find_overtaking(standing, row.made_at)
        yield Hearing(row.author, row.account_id, row.made_at, row.revision, overtaken_at)


def list_heard_words(
    connection: Connection, episode_id: int, turns: Iterable[StoredTurn]
) -> dict[int, list[tuple[int, int]]]:
    """List the words of these turns that somebody heard in a quote and confirmed: first and last, by turn.

    Only those that stand there as they were heard, by one query: « vérifié à l’oreille ».
    """
    query = (
        select(tables.quote.c.content, tables.hearing.c.words)
        .join(tables.hearing, tables.hearing.c.quote_id == tables.quote.c.id)
        .where(tables.quote.c.episode_id == episode_id)
        .order_by(tables.hearing.c.id)
    )
    rows = connection.execute(query).all()
    now = {held.id: held.turn.words for held in turns} if rows else {}
    heard: dict[int, set[tuple[int, int]]] = {}
    for row in rows:
        spans = tuple(
            tuple(_find_piece(piece, now.get(piece.turn_id, ())) for piece in span)
            for span in load_spans(row.content)
        )
        if _digest(write_spans(spans)) == row.words:
            for piece in (piece for span in spans for piece in span):
                heard.setdefault(piece.turn_id, set()).add((piece.first_word, piece.last_word))
    return {turn_id: sorted(runs) for turn_id, runs in heard.items()}


def _find_piece(piece: Piece, words: Sequence[Word]) -> Piece:
    """Find a piece in its turn as it is today: the nearest place that says the same, or else its own."""
    wanted, count = [word.text for word in piece.words], len(piece.words)
    texts = [word.text for word in words]
    first = min(
        (at for at in range(len(texts) - count + 1) if texts[at : at + count] == wanted),
        key=lambda at: abs(at - piece.first_word),
        default=piece.first_word,
    )
    return replace(piece, first_word=first, words=tuple(words[first : first + count]))


def _find_overtaking(standing: Standing, heard_at: datetime) -> datetime:
    """Say when other words came: by the first change after a hearing, or else a withdrawal."""
    later = [
        change.made_at
        for change in standing.changes
        if change.made_at >= heard_at and change.fate in OTHER_WORDS
    ]
    return next(iter(later), standing.withdrawn_at or heard_at)


def _digest(text: str | None) -> str:
    return hashlib.sha256((text or "").encode()).hexdigest()

"""Write quotes down and read them back, whole: withdrawn words are still in what is read here.

Nothing outside of this alcove reads from here: `showing` gives quotes to readers.
"""

import hashlib
import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, insert, select
from sqlalchemy.exc import IntegrityError

from media import schema
from media.quotes import tables
from media.quotes.values import Passage, Piece, Quote
from media.transcript import Edition, TurnState, pack_words, unpack_words
from media.transcripts import Attribution

ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"  # no l, o, 0 or 1: addresses are read aloud and copied
ID_LENGTH = 12  # 60 bits


def make_id() -> str:
    """Draw the identity of a new quote."""
    return "".join(secrets.choice(ALPHABET) for _ in range(ID_LENGTH))


def save_quote(connection: Connection, quote: Quote) -> Quote:
    """Write a quote down, or find the one that the same person made of the same words before."""
    fingerprint = _fingerprint(quote)
    known = read_frozen(connection, tables.quote.c.fingerprint == fingerprint)
    if known:
        return known[0]
    values = {
        "id": quote.id,
        "fingerprint": fingerprint,
        "episode_id": quote.episode_id,
        "edition": quote.edition,
        "content": {
            "spans": [_dump(span) for span in quote.spans],
            "before": _dump(quote.before),
            "after": _dump(quote.after),
        },
        "show": quote.show,
        "episode": quote.episode,
        "published_at": quote.published_at,
        "language": quote.language,
        "licence": quote.licence,
        "licence_url": quote.licence_url,
        "notice": quote.notice,
        "revision": quote.revision,
        "mark": quote.mark,
        "original_sha256": quote.original_sha256,
        "copy_sha256": quote.copy_sha256,
        "captured_at": quote.captured_at,
        "account_id": quote.account_id,
        "author": quote.author,
    }
    try:
        with connection.begin_nested():
            connection.execute(insert(tables.quote).values(values))
    except IntegrityError:  # somebody wrote the same at the same time
        return read_frozen(connection, tables.quote.c.fingerprint == fingerprint)[0]
    return quote


def read_frozen(connection: Connection, where: ColumnElement[bool]) -> list[Quote]:
    """Read quotes as they were frozen, oldest first."""
    query = (
        select(tables.quote, schema.show.c.slug.label("show_slug"))
        .join(schema.episode, schema.episode.c.id == tables.quote.c.episode_id)
        .join(schema.show, schema.show.c.id == schema.episode.c.show_id)
        .where(where)
        .order_by(tables.quote.c.captured_at, tables.quote.c.id)
    )
    return [_quote(row) for row in connection.execute(query)]


def load_spans(content: Mapping[str, Any]) -> tuple[Passage, ...]:
    """Read what is quoted out of a row's content."""
    return tuple(map(_load, content["spans"]))


def _fingerprint(quote: Quote) -> str:
    places = [[(piece.turn_id, piece.first_word, piece.last_word) for piece in span] for span in quote.spans]
    own = [quote.episode_id, quote.edition, quote.revision, places, quote.account_id]
    return hashlib.sha256(json.dumps(own).encode()).hexdigest()


def _dump(pieces: Iterable[Piece]) -> list[list[Any]]:
    return [
        [
            piece.turn_id,
            piece.version,
            piece.first_word,
            pack_words(piece.words),
            piece.speaker,
            piece.voice,
            piece.attribution,
            piece.state,
        ]
        for piece in pieces
    ]


def _load(rows: Iterable[Sequence[Any]]) -> Passage:
    return tuple(
        Piece(
            turn_id,
            version,
            first_word,
            unpack_words(words),
            speaker,
            voice,
            Attribution(attribution),
            TurnState(state),
        )
        for turn_id, version, first_word, words, speaker, voice, attribution, state in rows
    )


def _quote(row: Row[Any]) -> Quote:
    content = row.content
    return Quote(
        id=row.id,
        episode_id=row.episode_id,
        edition=Edition(row.edition),
        spans=load_spans(content),
        before=_load(content["before"]),
        after=_load(content["after"]),
        show=row.show,
        show_slug=row.show_slug,
        episode=row.episode,
        published_at=row.published_at,
        language=row.language,
        licence=row.licence,
        licence_url=row.licence_url,
        notice=row.notice,
        revision=row.revision,
        original_sha256=row.original_sha256,
        copy_sha256=row.copy_sha256,
        captured_at=row.captured_at,
        account_id=row.account_id,
        author=row.author,
        hidden_at=row.hidden_at,
        mark=row.mark,
    )

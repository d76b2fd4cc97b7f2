"""Give quotes to readers: without what was withdrawn since, with how they stand and who heard them.

Whatever leaves the house goes through here: pages, the API, exports, embeds, clips.
A quote is never deleted, for others cite it: its author may take it out of lists.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, update

from media.errors import NotFoundError
from media.people.withdrawn import Withdrawn
from media.quotes import tables
from media.quotes.hearings import list_hearings
from media.quotes.hiding import hide_frozen, list_frozen_hidden
from media.quotes.storing import read_frozen
from media.quotes.tracking import Tracked, track
from media.quotes.values import Passage, Quote, ShownQuote
from media.transcript import Word


def show_quote(connection: Connection, quote_id: str) -> ShownQuote:
    """Read a quote as it may be shown now; NotFoundError without it."""
    return show_frozen(connection, read_quote_whole(connection, quote_id))


def list_quotes(connection: Connection, episode_id: int) -> list[ShownQuote]:
    """List the quotes of an episode, oldest first, without those that their authors took out of lists."""
    held = tables.quote.c
    quotes = read_frozen(connection, (held.episode_id == episode_id) & held.hidden_at.is_(None))
    return [show_frozen(connection, quote) for quote in quotes]


def list_own_quotes(connection: Connection, account_id: int, *, hidden: bool = False) -> list[ShownQuote]:
    """List the quotes that somebody made, newest first; with `hidden`, those taken out of lists too."""
    held = tables.quote.c
    own = held.account_id == account_id
    quotes = read_frozen(connection, own if hidden else own & held.hidden_at.is_(None))
    return [show_frozen(connection, quote) for quote in reversed(quotes)]


def hide_quote(connection: Connection, quote_id: str, account_id: int, now: datetime | None) -> None:
    """Take one's own quote out of lists, or with None put it back; its address holds.

    NotFoundError where it is another's.
    """
    held = tables.quote.c
    own = (held.id == quote_id) & (held.account_id == account_id)
    if not connection.execute(update(tables.quote).where(own).values(hidden_at=now)).rowcount:
        raise NotFoundError(f"account {account_id} has no quote {quote_id!r}", kind="quote", name=quote_id)


def read_quote_whole(connection: Connection, quote_id: str) -> Quote:
    """Read a quote as it was frozen, withdrawn words in it: not for readers. NotFoundError without it."""
    found = read_frozen(connection, tables.quote.c.id == quote_id)
    if not found:
        raise NotFoundError(f"no quote {quote_id!r}", kind="quote", name=quote_id)
    return found[0]


def show_frozen(connection: Connection, quote: Quote) -> ShownQuote:
    """Show a quote that was frozen, or only read (`capturing.read_quote`), as it may be shown now."""
    tracked = track(connection, quote)
    hearings = tuple(list_hearings(connection, quote, tracked.standing))
    return ShownQuote(_hide(quote, tracked), tracked.standing, hearings)


def _hide(quote: Quote, tracked: Tracked) -> Quote:
    withdrawn, language = tracked.withdrawn, quote.language
    if not tracked.standing.is_shown:
        quote = replace(quote, spans=(), before=(), after=())
        if not tracked.hidden:  # the whole episode
            return replace(quote, episode="", show="", published_at=None, notice=None)
    else:
        spans = zip(quote.spans, tracked.hidden, strict=True)
        quote = replace(
            quote,
            spans=tuple(hide_frozen(span, own, quote.episode_id, withdrawn) for span, own in spans),
            before=_hide_context(quote.before, quote, withdrawn),
            after=_hide_context(quote.after, quote, withdrawn),
        )
    return replace(
        quote,
        show=withdrawn.hide_names(quote.show, language),
        episode=withdrawn.hide_names(quote.episode, language),
    )


def _hide_context(context: Passage, quote: Quote, withdrawn: Withdrawn) -> Passage:
    """Hide words around a quote; all of them where their times are too rough to say which."""
    if withdrawn.passages.get(quote.episode_id) and not all(
        word.start_ms is not None and word.heard for word in _words((context, quote.pieces))
    ):
        return ()
    hidden = list_frozen_hidden(context, quote.episode_id, withdrawn)
    return hide_frozen(context, hidden, quote.episode_id, withdrawn)


def _words(passages: Iterable[Passage]) -> Iterable[Word]:
    return (word for passage in passages for piece in passage for word in piece.words)

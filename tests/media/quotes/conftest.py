"""An episode to quote from, and people who correct it meanwhile."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from media.correction.authors import Author
from media.database import Database
from media.quotes.capturing import capture
from media.quotes.showing import show_quote
from media.quotes.values import Fate, Place, Quote, ShownQuote, Span
from media.transcript import Edition
from tests.media.conftest import NOW
from tests.media.correction.conftest import Desk, desk, lasting_desk

__all__ = ["Desk", "Quoting", "desk", "lasting_desk", "quoting"]

on_both = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """SQLite alone, which is quick; the tests that are marked `on_both` hold what engines may do apart."""
    if getattr(request, "param", "sqlite") == "sqlite":
        catalogue = Database(f"sqlite:///{tmp_path / 'catalogue.sqlite'}")
    else:
        catalogue = Database(request.getfixturevalue("fresh_postgres"))
    catalogue.upgrade()
    yield catalogue
    catalogue.close()


@dataclass(frozen=True)
class Quoting:
    """Quotes of an episode at work."""

    desk: Desk

    def quote(
        self,
        *words: tuple[int, int, int, int],
        author: Author | None = None,
        edition: Edition = Edition.SPOKEN,
    ) -> Quote:
        """Quote spans: place of the first turn among all, word; place of the last, word."""
        turns = self.desk.read()
        spans = [
            Span(Place(turns[first].id, word), Place(turns[last].id, end)) for first, word, last, end in words
        ]
        with self.desk.database.write() as connection:
            return capture(connection, self.desk.episode_id, edition, spans, author, NOW)

    def show(self, quote: Quote) -> ShownQuote:
        """Read a quote as readers see it."""
        with self.desk.database.read() as connection:
            return show_quote(connection, quote.id)

    def fates(self, quote: Quote) -> tuple[Fate, ...]:
        """Say all that became of a quote."""
        return self.show(quote).standing.fates

    def act(self, act: Callable[..., object], *arguments: object, **values: object) -> object:
        """Do something to the transcript."""
        with self.desk.database.write() as connection:
            return act(connection, *arguments, **values)


@pytest.fixture
def quoting(desk: Desk) -> Quoting:
    return Quoting(desk)

"""What every request shares: settings, catalogue, index, templates.

Built once when the application starts and closed when it stops; nothing in it is global.
"""

import threading
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from media.database import Database
from media.news import Moments, find_validated
from media.settings import Settings
from media.store.values import AudioStore
from search.answers import SearchRequest, SearchResult
from web.examples import Examples, find_examples
from web.kept import KeptUntilChange
from web.pulse import Pulse
from web.quotes.studio import Studio
from web.rendering import Templates
from web.shelf import Shelf


class Searcher(Protocol):
    """What pages ask of the index: answers from any thread, never an exception for a query's text."""

    def search(self, request: SearchRequest) -> SearchResult:
        """Answer a search."""
        ...


CONCURRENT_HASHES = 4  # of 19 MiB each: what guesses of passwords may take of memory


@dataclass(frozen=True, slots=True)
class Site:
    """The open archive, as pages use it; safe to share by threads."""

    settings: Settings
    database: Database
    index: Searcher
    templates: Templates
    store: AudioStore
    examples: KeptUntilChange[Examples] = field(default_factory=lambda: KeptUntilChange(find_examples))
    validated: KeptUntilChange[Moments] = field(default_factory=lambda: KeptUntilChange(find_validated))
    pulse: Pulse = field(default_factory=Pulse)
    shelf: Shelf = field(default_factory=Shelf)
    studio: Studio = field(default_factory=Studio)
    hashing: threading.BoundedSemaphore = field(
        default_factory=lambda: threading.BoundedSemaphore(CONCURRENT_HASHES)
    )

    @property
    def is_https(self) -> bool:
        """Whether readers reach the site over TLS."""
        return self.settings.site_url.startswith("https:")

    @property
    def origin(self) -> str:
        """Scheme and host under which readers reach the site."""
        parts = urlsplit(self.settings.site_url)
        return f"{parts.scheme}://{parts.netloc}"


def site_of(connection: HTTPConnection) -> Site:
    """Return the site that a request came to."""
    site: Site = connection.app.state.site
    return site

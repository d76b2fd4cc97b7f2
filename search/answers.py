"""What a search asks and what it answers, as values, and the JSON document of an answer.

The document is the contract of `entendu search --json` and of `GET /api/search`: keys are added
to it, none changes. An excerpt carries more, for pages.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from media.episodes import episode_path
from media.transcript import Edition, TurnState
from media.transcripts import Attribution

Sort = Literal["relevance", "newest", "oldest", "place", "transcribed"]
ORDERS: tuple[Sort, ...] = ("relevance", "newest", "oldest", "place", "transcribed")
DEFAULT_LIMIT = 10
MAX_LIMIT = 100
EXCERPTS_PER_EPISODE = 3


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """What is looked for, and where."""

    text: str
    shows: tuple[str, ...] = ()  # slugs, any of them; none: every show
    speakers: tuple[str, ...] = ()  # names; case and accents aside
    years: tuple[int, ...] = ()
    states: tuple[TurnState, ...] = ()
    since: date | None = None  # first day, UTC
    until: date | None = None  # last day, included
    episode_id: int | None = None
    edition: Edition | None = None  # only words of this text of an episode; None: of both, found as one
    newer_than: datetime | None = None  # only episodes transcribed after this moment
    after_change: int = 0  # of the catalogue's log: waited for a little, so that who saved finds it
    # "place": an episode's turns in the order of speech; "transcribed": what was transcribed last first.
    sort: Sort = "relevance"
    limit: int = DEFAULT_LIMIT  # excerpts; at most MAX_LIMIT
    offset: int = 0
    per_episode: int | None = EXCERPTS_PER_EPISODE  # None: every one


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Words that answer a search, cut from their turn, with their place and their time."""

    show: str
    show_slug: str
    episode: str
    episode_id: int
    published: datetime | None
    chapter: str | None
    speaker: str | None
    voice: int | None
    attribution: Attribution
    start_ms: int | None  # of the excerpt's first word; None without audio
    end_ms: int | None
    match_ms: int | None  # of the first matched word; of the first word where none was looked for
    text: str
    highlights: tuple[tuple[int, int], ...]  # [begin, end) of whole matched words in `text`
    turn_id: int
    turn_text: str
    state: TurnState
    doubtful: bool  # some of these words are marked as not sure
    language: str | None = None  # of the words, ISO 639-1
    has_audio: bool = False  # its episode can be listened to
    transcribed_at: datetime | None = None
    revision: int = 0  # of its episode
    edition: Edition = Edition.SPOKEN  # of its text
    leads: bool = True  # that text is the one that readers of the episode see first


@dataclass(frozen=True, slots=True)
class Facet:
    """A value that narrows a search, and how many turns it would leave."""

    value: str  # as a request takes it
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A likelier spelling of what was typed, offered and never put in its place."""

    text: str  # the whole query with it
    count: int  # turns that it finds


@dataclass(frozen=True, slots=True)
class Dropped:
    """A part of the query, or a filter, without which something is found."""

    part: str  # as typed; of a filter, its value, or "" where it has several
    text: str  # the query without it; of a filter, the query as it is
    count: int  # turns
    filter: str | None = None  # the field of the request that is left empty


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What a search found: turns are counted, excerpts are shown."""

    total: int  # turns that match
    query: str
    took_ms: int
    excerpts: tuple[Excerpt, ...] = ()
    # "show", "speaker", "year", "state": each counted with the other filters applied, not its own;
    # values that the request asks for are there even at 0.
    facets: Mapping[str, list[Facet]] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()  # parts of the query that were left out
    partial: bool = False  # stopped at the time limit: more may match
    rebuilding: int | None = None  # percent, while there is no index to search
    more: Mapping[int, int] = field(default_factory=dict)  # episode: its matches beyond `per_episode`
    corrected: str | None = None  # nothing matches as typed: this nearest spelling was searched
    suggestions: tuple[Suggestion, ...] = ()
    dropped: tuple[Dropped, ...] = ()  # where nothing was found as typed
    unsaid: tuple[str, ...] = ()  # there, parts of the query that nothing says even without the others
    untranscribed: int = 0  # there too: episodes within the filters whose words are not there yet
    late: bool = False  # `after_change` was waited for in vain: it is saved, and not found yet
    listed: int = 0  # turns that the pages show, one after the other: `total` less those of `more`


def describe_result(result: SearchResult, site_url: str) -> dict[str, Any]:
    """Describe a result as the JSON document of the contract."""
    return {
        "total": result.total,
        "query": result.query,
        "took_ms": result.took_ms,
        "excerpts": [_describe_excerpt(excerpt, site_url) for excerpt in result.excerpts],
        "corrected": result.corrected,
        "suggestions": [{"text": other.text, "count": other.count} for other in result.suggestions],
        "ignored": list(result.ignored),
        "partial": result.partial,
        "rebuilding": result.rebuilding,
    }


def excerpt_path(excerpt: Excerpt) -> str:
    """Write the address, on the site, at which an excerpt is heard and read, in its own text."""
    edition = None if excerpt.leads else excerpt.edition
    return episode_path(excerpt.episode_id, excerpt.episode, excerpt.start_ms, edition)


def _describe_excerpt(excerpt: Excerpt, site_url: str) -> dict[str, Any]:
    return {
        "show": excerpt.show,
        "episode": excerpt.episode,
        "episode_id": excerpt.episode_id,
        "published": None if excerpt.published is None else excerpt.published.isoformat(),
        "speaker": excerpt.speaker,
        "start_ms": excerpt.start_ms,
        "end_ms": excerpt.end_ms,
        "text": excerpt.text,
        "highlights": [[begin, end] for begin, end in excerpt.highlights],
        "turn_id": excerpt.turn_id,
        "turn_text": excerpt.turn_text,
        "state": str(excerpt.state),
        "edition": str(excerpt.edition),
        "url": site_url.rstrip("/") + excerpt_path(excerpt),
    }

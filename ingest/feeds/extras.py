"""What feedparser drops: repeated tags of the podcast namespace, and what itunes tags say today.

feedparser keeps the last `podcast:transcript` or `podcast:person` of an entry and forgets the text
of a person; it reads `itunes:explicit` as of 2010 ("true" is None). This second pass, by expat over
the same bytes, collects those few tags and nothing else. The bytes carry no DOCTYPE any more
(`ingest.feeds.feed` removes it), so there is no entity to expand. It stops where XML is ill-formed and
keeps what came before; entries then go on without these tags.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

PODCAST_NAMESPACES = (
    "https://podcastindex.org/namespace/1.0",
    "https://github.com/podcastindex-org/podcast-namespace/blob/main/docs/1.0.md",
)
MAX_DEPTH = 200
MAX_REPEATS = 200  # of one tag in one entry
MAX_TEXT_LETTERS = 2_000


@dataclass(frozen=True, slots=True)
class Tag:
    """One tag of interest: its attributes and its text."""

    name: str  # "podcast:person", whatever the feed's prefix
    attributes: Mapping[str, str]
    text: str


@dataclass(slots=True)
class Extras:
    """The tags of a channel, and of each of its entries, in the order of the feed."""

    channel: list[Tag] = field(default_factory=list)
    entries: list[list[Tag]] = field(default_factory=list)
    too_deep: bool = False
    complete: bool = False  # False: the XML is ill-formed, and the rest was not read

    def of_entry(self, number: int, entries: int) -> list[Tag]:
        """Return an entry's tags, if both passes counted the same entries (`entries` in all)."""
        if number >= len(self.entries) or (self.complete and len(self.entries) != entries):
            return []
        return self.entries[number]


WANTED = frozenset(
    {
        "podcast:transcript",
        "podcast:person",
        "podcast:chapters",
        "podcast:guid",
        "podcast:locked",
        "podcast:season",
        "podcast:episode",
        "itunes:explicit",
        "itunes:season",
        "itunes:episode",
        "itunes:new-feed-url",
    }
)
ENTRIES = frozenset({"item", "entry"})


def collect_extras(data: bytes) -> Extras:
    """Collect the wanted tags of UTF-8 XML without DOCTYPE; never raises for what XML can hold."""
    reader = _Reader()
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.add_text
    parser.EntityDeclHandler = reader.refuse_entity
    try:
        parser.Parse(data, True)
        reader.extras.complete = True
    except expat.ExpatError:
        pass  # what came before the error stands
    except _StopError as stop:
        reader.extras.too_deep = stop.too_deep
    return reader.extras


class _StopError(Exception):
    def __init__(self, *, too_deep: bool) -> None:
        super().__init__()
        self.too_deep = too_deep


class _Reader:
    def __init__(self) -> None:
        self.extras = Extras()
        self.depth = 0
        self.entry_depth: int | None = None
        self.prefixes = {"podcast": "podcast", "itunes": "itunes"}
        self.open: tuple[int, str, dict[str, str], list[str]] | None = None

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise _StopError(too_deep=True)
        if self.depth <= 2:
            self._note_prefixes(attributes)
        if self.entry_depth is None and name.rpartition(":")[2] in ENTRIES:
            self.entry_depth = self.depth
            self.extras.entries.append([])
        prefix, colon, local = name.partition(":")
        known = f"{self.prefixes[prefix]}:{local.lower()}" if colon and prefix in self.prefixes else ""
        if self.open is None and known in WANTED:
            self.open = (self.depth, known, attributes, [])

    def end(self, name: str) -> None:
        if self.open is not None and self.open[0] == self.depth:
            _, known, attributes, texts = self.open
            self._keep(Tag(known, attributes, "".join(texts)[:MAX_TEXT_LETTERS]))
            self.open = None
        if self.entry_depth == self.depth:
            self.entry_depth = None
        self.depth -= 1

    def add_text(self, text: str) -> None:
        if self.open is not None and len(self.open[3]) < MAX_REPEATS:
            self.open[3].append(text[:MAX_TEXT_LETTERS])

    def refuse_entity(self, *_: object) -> None:
        raise _StopError(too_deep=False)

    def _note_prefixes(self, attributes: dict[str, str]) -> None:
        for name, value in attributes.items():
            if name.startswith("xmlns:") and value.strip().lower() in PODCAST_NAMESPACES:
                self.prefixes[name[6:]] = "podcast"

    def _keep(self, tag: Tag) -> None:
        # Outside an entry a tag counts only directly below the channel: not in podcast:liveItem.
        if self.entry_depth is not None:
            tags = self.extras.entries[-1]
        elif self.depth <= 3:
            tags = self.extras.channel
        else:
            return
        if sum(kept.name == tag.name for kept in tags) < MAX_REPEATS:
            tags.append(tag)

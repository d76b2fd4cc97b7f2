"""Read a list of feeds from OPML, as podcast apps write it: titles and addresses, nothing else.

Expat with a handler that refuses any document type, so that no entity is ever expanded; only
addresses of the web are kept. Each is read and followed later, by the guarded client.
"""

from dataclasses import dataclass
from pathlib import Path
from xml.parsers import expat

from ingest.errors import IngestError
from media.errors import N_, StorageError

MAX_BYTES = 2 << 20
MAX_FEEDS = 1_000
MAX_DEPTH = 50
MAX_URL_LENGTH = 2_000
MAX_TITLE_LENGTH = 300
MAX_NAME_LENGTH = 120  # of the file, in a sentence


REASONS = {
    "large": N_("%(name)s cannot be read as a list of feeds (OPML): it is too large."),
    "xml": N_("%(name)s cannot be read as a list of feeds (OPML): its XML is broken at line %(line)s."),
    "encoding": N_("%(name)s cannot be read as a list of feeds (OPML): its encoding is unknown."),
    "nothing": N_("%(name)s cannot be read as a list of feeds (OPML): no feed is named in it."),
    "root": N_("%(name)s is not a list of feeds (OPML): it is XML of another kind."),
    "deep": N_("%(name)s cannot be read as a list of feeds (OPML): it is nested too deep."),
    "doctype": N_("%(name)s cannot be read as a list of feeds (OPML): it declares a document type."),
    "many": N_("%(name)s cannot be read as a list of feeds (OPML): it names more than %(limit)s feeds."),
}


class NotOpmlError(IngestError):
    """It cannot be read as a list of feeds; `reason` is one of `REASONS`."""

    def __init__(self, reason: str, *, name: str, **values: int) -> None:
        self.msgid = REASONS[reason]
        super().__init__(f"{name}: {reason}", name=name[:MAX_NAME_LENGTH], **values)


@dataclass(frozen=True, slots=True)
class ListedFeed:
    """A feed that a list names."""

    title: str
    url: str


def read_opml(content: bytes, name: str) -> tuple[ListedFeed, ...]:
    """Read a list; each address once, in its order. NotOpmlError where there is none in it."""
    if len(content) > MAX_BYTES:
        raise NotOpmlError("large", name=name)
    reader = _Reader(name)
    parser = expat.ParserCreate()
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.StartDoctypeDeclHandler = reader.refuse_doctype
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        raise NotOpmlError("xml", name=name, line=error.lineno) from error
    except (ValueError, LookupError) as error:  # an encoding that Python lacks
        raise NotOpmlError("encoding", name=name) from error
    if not reader.feeds:
        raise NotOpmlError("nothing", name=name)
    return tuple(ListedFeed(title, url) for url, title in reader.feeds.items())


def read_opml_file(path: Path) -> tuple[ListedFeed, ...]:
    """Read a list from a file."""
    try:
        with path.open("rb") as file:
            return read_opml(file.read(MAX_BYTES + 1), path.name)
    except OSError as error:
        raise StorageError(f"{path}: {error}", path=str(path), reason=str(error.strerror)) from error


class _Reader:
    """What the parser calls; holds the feeds found so far, by address."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.feeds: dict[str, str] = {}
        self.depth = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if self.depth == 0 and tag.lower() != "opml":
            raise NotOpmlError("root", name=self.name)
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise NotOpmlError("deep", name=self.name)
        held = {key.lower(): value for key, value in attributes.items()}
        url = held.get("xmlurl", "").strip()
        if tag.lower() == "outline" and url.lower().startswith(("http://", "https://")):
            self._keep(url, held.get("title") or held.get("text") or url)

    def end(self, _tag: str) -> None:
        self.depth -= 1

    def refuse_doctype(self, *_declared: object) -> None:
        raise NotOpmlError("doctype", name=self.name)

    def _keep(self, url: str, title: str) -> None:
        if len(url) > MAX_URL_LENGTH or not url.isprintable():
            return
        if len(self.feeds) >= MAX_FEEDS:
            raise NotOpmlError("many", name=self.name, limit=MAX_FEEDS)
        self.feeds.setdefault(url, " ".join(title.split())[:MAX_TITLE_LENGTH])

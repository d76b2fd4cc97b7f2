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


class NotOpmlError(IngestError):
    """It cannot be read as a list of feeds."""

    msgid = N_("%(name)s is not a list of feeds (OPML) that can be read: %(reason)s.")


@dataclass(frozen=True, slots=True)
class ListedFeed:
    """A feed that a list names."""

    title: str
    url: str


def read_opml(content: bytes, name: str) -> tuple[ListedFeed, ...]:
    """Read a list; each address once, in its order. NotOpmlError where there is none in it."""
    if len(content) > MAX_BYTES:
        raise _refusal(name, "it is too large")
    reader = _Reader(name)
    parser = expat.ParserCreate()
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.StartDoctypeDeclHandler = reader.refuse_doctype
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        raise _refusal(name, expat.ErrorString(error.code) or "broken XML") from error
    except (ValueError, LookupError) as error:  # an encoding that Python lacks
        raise _refusal(name, "unknown encoding") from error
    if not reader.feeds:
        raise _refusal(name, "no feed is named in it")
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
            raise _refusal(self.name, "its root is not opml")
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise _refusal(self.name, "it is nested too deep")
        held = {key.lower(): value for key, value in attributes.items()}
        url = held.get("xmlurl", "").strip()
        if tag.lower() == "outline" and url.lower().startswith(("http://", "https://")):
            self._keep(url, held.get("title") or held.get("text") or url)

    def end(self, _tag: str) -> None:
        self.depth -= 1

    def refuse_doctype(self, *_declared: object) -> None:
        raise _refusal(self.name, "it declares a document type")

    def _keep(self, url: str, title: str) -> None:
        if len(url) > MAX_URL_LENGTH or not url.isprintable():
            return
        if len(self.feeds) >= MAX_FEEDS:
            raise _refusal(self.name, f"it names more than {MAX_FEEDS} feeds")
        self.feeds.setdefault(url, " ".join(title.split())[:MAX_TITLE_LENGTH])


def _refusal(name: str, reason: str) -> NotOpmlError:
    return NotOpmlError(f"{name}: {reason}", name=name[:120], reason=reason)

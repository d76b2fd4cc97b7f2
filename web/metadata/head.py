"""The tags of a page's head that machines read, as values for `metadata.html` to write.

JSON-LD is a block of data, not a script: no policy of ours lets it run, and nothing in it may end
the element that holds it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

CARD_SIZE = (1200, 630)  # pixels of the image of a link, as networks show it
LOCALES = {"fr": "fr_FR", "en": "en_GB"}  # as Open Graph writes the languages of most pages
DATA_SIGNS = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})


@dataclass(frozen=True, slots=True)
class Tag:
    """A meta element; `attribute` is "name" or "property"."""

    attribute: str
    name: str
    content: str


@dataclass(frozen=True, slots=True)
class Head:
    """What the head of a page says to machines."""

    tags: tuple[Tag, ...]
    data: str  # JSON-LD, safe inside its element
    coins: str = ""  # what the title of a COinS span holds


def pack_data(document: Mapping[str, Any]) -> str:
    """Write JSON-LD so that nothing in it is markup.

    >>> pack_data({"name": "</script>"})
    '{"@context": "https://schema.org", "name": "\\\\u003c/script\\\\u003e"}'
    """
    held = {"@context": "https://schema.org", **document}
    return json.dumps(held, ensure_ascii=False).translate(DATA_SIGNS)


def open_graph(**fields: str) -> list[Tag]:
    """List tags of Open Graph, the empty ones left out: `audio__type` is og:audio:type."""
    fields |= {"locale": LOCALES.get(fields.get("locale", "")[:2], "")}
    return [
        Tag("property", "og:" + name.replace("__", ":"), content)
        for name, content in fields.items()
        if content
    ]


def highwire(fields: Mapping[str, str | tuple[str, ...]]) -> list[Tag]:
    """List tags that reference managers read, the empty ones left out."""
    several = ((name, (held,) if isinstance(held, str) else held) for name, held in fields.items())
    return [Tag("name", f"citation_{name}", content) for name, held in several for content in held if content]

"""Feeds are valid Atom, whatever is said in them."""

from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import feedparser
from hypothesis import given
from hypothesis import strategies as st

from web.atom import ATOM, FORBIDDEN, Enclosure, Entry, Feed, write_feed

WHEN = datetime(2026, 3, 1, 12, 0, 5, 999, tzinfo=UTC)
SITE = "https://archive.example"
anything = st.text(max_size=60)


def make_feed(*entries: Entry, title: str = "Recherche") -> Feed:
    return Feed("tag:x,2026:f", title, "sous-titre", WHEN, f"{SITE}/f.atom?q=a&b", f"{SITE}/f", "fr", entries)


def make_entry(title: str = "Titre", content: str = "<p>a</p>", author: str = "Awa") -> Entry:
    sound = Enclosure(f"{SITE}/episode/1/audio.mp3#t=1.000,2.500", "audio/mpeg", 1234)
    return Entry("tag:x,2026:f/1", title, WHEN, f"{SITE}/episode/1?at=1#t=1", author, content, "fr", sound)


@given(title=anything, content=anything, author=anything)
def test_every_text_comes_out_as_it_went_in(title: str, content: str, author: str) -> None:
    document = write_feed(make_feed(make_entry(title, content, author), title=title), "/feed.css")
    root = ET.fromstring(document)
    entry = root.find(f"{{{ATOM}}}entry")
    assert entry is not None
    said = {name: entry.findtext(f".//{{{ATOM}}}{name}") or "" for name in ("title", "content", "name")}
    for name, text in {"title": title, "content": content, "name": author}.items():
        assert said[name].replace("\r\n", "\n") == FORBIDDEN.sub("", text).replace("\r\n", "\n").replace(
            "\r", "\n"
        )
    assert b"<script" not in document.lower()


def test_a_reader_of_feeds_understands_it() -> None:
    read = feedparser.parse(
        write_feed(make_feed(make_entry(content="<p>un <mark>mot</mark></p>")), "/feed.css")
    )
    assert not read.bozo
    assert read.version == "atom10"
    assert read.feed.updated == "2026-03-01T12:00:05Z"
    assert {link.rel: link.href for link in read.feed.links} == {
        "self": f"{SITE}/f.atom?q=a&b",
        "alternate": f"{SITE}/f",
    }
    entry = read.entries[0]
    assert (entry.id, entry.author, entry.updated) == ("tag:x,2026:f/1", "Awa", "2026-03-01T12:00:05Z")
    assert entry.link == f"{SITE}/episode/1?at=1#t=1"
    assert "<mark>mot</mark>" in entry.content[0].value or "mot" in entry.content[0].value
    sound = entry.enclosures[0]
    assert (sound.href, sound.type, sound.length) == (
        f"{SITE}/episode/1/audio.mp3#t=1.000,2.500",
        "audio/mpeg",
        "1234",
    )


def test_a_feed_without_entries_is_a_feed() -> None:
    read = feedparser.parse(write_feed(make_feed(), "/feed.css"))
    assert not read.bozo
    assert read.entries == []

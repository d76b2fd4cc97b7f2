"""Lists of feeds are read, whoever wrote them; hostile ones are refused in a sentence."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.feeds.opml import (
    MAX_BYTES,
    MAX_FEEDS,
    REASONS,
    ListedFeed,
    NotOpmlError,
    read_opml,
    read_opml_file,
)
from media.errors import StorageError
from media.writing.opml import write_opml

LAUGHS = (
    b'<!DOCTYPE o [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><opml><body><outline text="&b;"/></body></opml>'
)
FILES = b'<!DOCTYPE o [<!ENTITY f SYSTEM "file:///etc/passwd">]><opml><body>&f;</body></opml>'
OUTLINE = '<outline xmlUrl="http://a.test/%d"/>'


def opml(body: str) -> bytes:
    return f"<opml version='2.0'><body>{body}</body></opml>".encode()


def test_nested_outlines_are_read_each_address_once():
    body = """<outline text="Radios"><outline type="rss" title="Un" xmlUrl="https://a.test/rss"/>
    <outline text="Un autre" XMLURL="https://a.test/rss"/><outline text="sans adresse"/>
    <outline xmlUrl="https://b.test/rss"/></outline>"""
    assert read_opml(opml(body), "x.opml") == (
        ListedFeed("Un", "https://a.test/rss"),
        ListedFeed("https://b.test/rss", "https://b.test/rss"),
    )


@pytest.mark.parametrize(
    "content",
    [
        LAUGHS,
        FILES,
        b"",
        b"<rss/>",
        b"\x00\x01",
        opml(""),
        opml('<outline xmlUrl="file:///etc/passwd"/><outline xmlUrl="javascript:alert(1)"/>'),
        opml("<outline>" * 60 + "</outline>" * 60),
        opml("".join(OUTLINE % at for at in range(MAX_FEEDS + 1))),
        b" " * (MAX_BYTES + 1),
        LAUGHS.decode().encode("utf-16"),
    ],
    ids=[
        "laughs",
        "files",
        "empty",
        "rss",
        "binary",
        "nothing",
        "schemes",
        "deep",
        "many",
        "large",
        "utf-16",
    ],
)
def test_what_is_no_list_is_refused_in_a_sentence(content: bytes):
    with pytest.raises(NotOpmlError) as raised:
        read_opml(content, "liste.opml")
    sentence = raised.value.message
    assert sentence.values["name"] == "liste.opml"
    assert "reason" not in sentence.values, "no English inside another language's sentence"
    assert sentence.msgid in REASONS.values()
    assert sentence.msgid % sentence.values


def test_a_file_that_is_not_there_is_named(tmp_path: Path):
    with pytest.raises(StorageError):
        read_opml_file(tmp_path / "rien.opml")


@settings(max_examples=50)
@given(st.lists(st.tuples(st.text(max_size=30), st.integers(0, 99)), min_size=1, max_size=5))
def test_what_is_written_is_read_back(feeds: list[tuple[str, int]]):
    rows = [(title, f"https://a.test/{number}") for title, number in feeds]
    read = read_opml(write_opml("Entendu", rows), "x.opml")
    assert [feed.url for feed in read] == list(dict.fromkeys(url for _, url in rows))


@settings(max_examples=50)
@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(content: bytes):
    with pytest.raises(NotOpmlError):
        read_opml(content, "x.opml")

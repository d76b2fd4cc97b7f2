"""Chapters are read as they come, and what is no chapter is left out."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.feeds.chapters import LONGEST_S, MAX_CHAPTERS, fetch_chapters, parse_chapters
from media.transcript import Chapter
from tests.ingest.evil_server import evil_server, network_of

JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["startTime", "title", "toc"]), inner),
    max_leaves=12,
)


def document(*rows: Any) -> bytes:
    return json.dumps({"version": "1.2.0", "chapters": rows}).encode()


def test_chapters_come_in_order_of_time_in_milliseconds() -> None:
    rows = [{"startTime": 61.5004, "title": "Fin"}, {"startTime": 0, "title": "<b>Début</b> &amp; suite"}]
    assert parse_chapters(document(*rows)) == [Chapter(0, "Début & suite"), Chapter(61_500, "Fin")]


@pytest.mark.parametrize(
    "row",
    [
        {"startTime": -1, "title": "a"},
        {"startTime": LONGEST_S + 1, "title": "a"},
        {"startTime": True, "title": "a"},
        {"startTime": "12", "title": "a"},
        {"startTime": float("nan"), "title": "a"},
        {"startTime": float("inf"), "title": "a"},
        {"startTime": 1, "title": ""},
        {"startTime": 1, "title": "\u202e"},
        {"startTime": 1},
        {"title": "a"},
        {"startTime": 1, "title": "a", "toc": False},
        "a",
        None,
    ],
)
def test_what_is_no_chapter_is_left_out(row: Any) -> None:
    assert parse_chapters(document(row, {"startTime": 1, "title": "ok"})) == [Chapter(1000, "ok")]


def test_a_hundred_thousand_chapters_are_cut() -> None:
    """FAULTS 41."""
    rows = [{"startTime": number, "title": "a"} for number in range(100_000)]
    assert len(parse_chapters(document(*rows))) == MAX_CHAPTERS


@pytest.mark.parametrize("data", [b"", b"<html>", b"[]", b"[" * 100_000, b"\xff\xfe", b'{"chapters": {}}'])
def test_what_is_not_chapters_is_none(data: bytes) -> None:
    assert parse_chapters(data) == []


@given(st.lists(JSON, max_size=5))
def test_any_rows_give_ordered_chapters_or_none(rows: list[Any]) -> None:
    chapters = parse_chapters(json.dumps({"chapters": rows}).encode())
    assert chapters == sorted(chapters, key=lambda chapter: chapter.start_ms)
    assert all(chapter.title and 0 <= chapter.start_ms <= LONGEST_S * 1000 for chapter in chapters)


def test_chapters_that_cannot_be_had_are_none() -> None:
    with evil_server() as server:
        server("/good")(lambda exchange: exchange.send("200 OK", document({"startTime": 1, "title": "a"})))
        server("/gone")(lambda exchange: exchange.send("410 Gone"))
        network = network_of()
        assert fetch_chapters(server.url("/good"), network) == [Chapter(1000, "a")]
        for url in (server.url("/gone"), "http://nowhere.test/", "file:///etc/passwd", "http://10.0.0.1/"):
            assert fetch_chapters(url, network) == []

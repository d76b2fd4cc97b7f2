"""Whatever an address asks, there is an answer, and what it holds is only ever text."""

import json
import re
from typing import Any
from urllib.parse import urlencode

import feedparser
from hypothesis import example, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

# A script of the page itself; data for machines is none, and runs nowhere.
OWN_SCRIPT = r'<script(?![^>]*\s(?:src=|type="application/ld\+json"))'

NAMES = [
    "show",
    "speaker",
    "year",
    "state",
    "since",
    "until",
    "episode",
    "sort",
    "page",
    "after",
    "find",
    "match",
]
PIECES = [
    "logiciel",
    "Hélène",
    '"',
    "«",
    "»",
    "(",
    ")",
    " OU ",
    " ET ",
    " SAUF ",
    " -",
    "*",
    "~5",
    "intervenant:",
    " ",
]
PIECES += [
    "émission:",
    "avant:2024",
    "après:",
    "état:relu",
    "chapitre:",
    "<script>",
    "&amp;",
    "\0",
    "\ud7ff",
    "😀",
    "%s",
]
queries = st.lists(st.sampled_from(PIECES) | st.text(max_size=8), max_size=8).map("".join)
others = st.sampled_from(["1", "2024", "read", "newest", "place", "2024-07-02", "la-riviere", "9" * 30, "-1"])
addresses = st.lists(st.tuples(st.sampled_from(NAMES), others | queries), max_size=6)


@settings(max_examples=60)
@given(query=queries, pairs=addresses)
@example(query="<script>alert(1)</script>", pairs=[("speaker", "<script>"), ("show", '"><script>')])
@example(query="(" * 300, pairs=[("page", "200")])
@example(query='"' + "a " * 200, pairs=[("since", "0001-01-01"), ("until", "9999-12-31"), ("year", "9999")])
def test_every_address_is_answered(
    client: TestClient, archive: Any, query: str, pairs: list[tuple[str, str]]
) -> None:
    asked = urlencode([("q", query), *pairs])
    page = client.get(f"/search?{asked}", follow_redirects=True)
    assert page.status_code == 200, asked
    assert (page.url.path == "/search") is bool(query.strip()), asked
    assert not re.search(OWN_SCRIPT, page.text), asked
    if query.strip() and 'class="card"' not in page.text:
        assert 'id="empty"' in page.text, asked  # never empty without a reason
    document = client.get(f"/api/search?{asked}")
    assert document.status_code == 200, asked
    assert isinstance(json.loads(document.text)["total"], int)
    feed = client.get(f"/search.atom?{asked}")
    assert feed.status_code == 200, asked
    assert not feedparser.parse(feed.content).bozo, asked
    episode = client.get(
        f"/episode/{archive.talk}/valbrune-passe-au-logiciel-libre?{urlencode({'find': query})}"
    )
    assert episode.status_code == 200, asked
    assert not re.search(OWN_SCRIPT, episode.text), asked
    found = client.get(f"/episode/{archive.talk}/find.json?{urlencode({'find': query})}")
    assert found.status_code == 200, asked
